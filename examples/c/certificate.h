// Read a key from a certificate, as purezmq.auth.create_certificates or CZMQ's zcert writes it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 41 };  // in Z85, with the closing NUL

// Put the key of this name, "public-key" or "secret-key", of DIRECTORY/FILE into `key`.
static inline int find_key(const char *directory, const char *file, const char *name, char key[KEY_SIZE])
{
    char path[4096], line[256], format[64];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    snprintf(format, sizeof format, " %s = \"%%40[^\"]\"", name);
    FILE *certificate = fopen(path, "r");
    if (certificate == NULL) {
        return 0;
    }
    int found = 0;
    while (!found && fgets(line, sizeof line, certificate) != NULL) {
        found = sscanf(line, format, key) == 1 && strlen(key) == KEY_SIZE - 1;
    }
    fclose(certificate);
    return found;
}

// The same, or the end of the program.
static inline void read_key(const char *directory, const char *file, const char *name, char key[KEY_SIZE])
{
    if (!find_key(directory, file, name, key)) {
        fprintf(stderr, "no %s in %s/%s\n", name, directory, file);
        exit(1);
    }
}
