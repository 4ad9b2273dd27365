// Encrypted hello world, any client may come: the C twin of the server in ../security/stonehouse.py, on libzmq.
//
// ./curve_server DIRECTORY [ENDPOINT]      default: tcp://*:5555
//
// DIRECTORY has the server's certificate, server.key_secret, as stonehouse.py makes it. "Bye" ends the server.

#include "certificate.h"
#include <zmq.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [ENDPOINT]\n", argv[0]);
        return 2;
    }
    const char *endpoint = argc > 2 ? argv[2] : "tcp://*:5555";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!zmq_has("curve")) {
        fprintf(stderr, "this libzmq is built without CURVE\n");
        return 1;
    }
    char secret_key[KEY_SIZE];
    read_key(argv[1], "server.key_secret", "secret-key", secret_key);

    void *context = zmq_ctx_new();
    void *server = zmq_socket(context, ZMQ_REP);
    int yes = 1;
    zmq_setsockopt(server, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(server, ZMQ_CURVE_SECRETKEY, secret_key, KEY_SIZE);
    if (zmq_bind(server, endpoint) != 0) {
        fprintf(stderr, "cannot bind %s: %s\n", endpoint, zmq_strerror(zmq_errno()));
        return 1;
    }
    char bound[256];
    size_t size = sizeof bound;
    zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, bound, &size);
    printf("Listening on %s\n", bound);

    for (int bye = 0; !bye;) {
        char request[16], reply[32];
        int length = zmq_recv(server, request, sizeof request - 1, 0);
        if (length < 0 || length > (int) sizeof request - 1) {
            fprintf(stderr, "no request that fits: %s\n", zmq_strerror(zmq_errno()));
            return 1;
        }
        request[length] = 0;
        printf("Received %s, encrypted\n", request);
        bye = strcmp(request, "Bye") == 0;
        length = snprintf(reply, sizeof reply, bye ? "%s" : "%s back", request);
        zmq_send(server, reply, length, 0);
    }

    zmq_close(server);
    zmq_ctx_term(context);
    return 0;
}
