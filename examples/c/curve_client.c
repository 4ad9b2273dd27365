// Encrypted hello world: the C twin of the clients in ../security, on libzmq.
//
// ./curve_client DIRECTORY [ENDPOINT]      default: tcp://localhost:5555
//
// DIRECTORY has the server's public certificate, server.key. Where a certificate of the client's own is there too,
// client.key_secret, as ironhouse.py makes it, it says who this is; else it makes a key pair for this one time.

#include "certificate.h"
#include <zmq.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [ENDPOINT]\n", argv[0]);
        return 2;
    }
    const char *directory = argv[1], *endpoint = argc > 2 ? argv[2] : "tcp://localhost:5555";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!zmq_has("curve")) {
        fprintf(stderr, "this libzmq is built without CURVE\n");
        return 1;
    }
    char server_key[KEY_SIZE], public_key[KEY_SIZE], secret_key[KEY_SIZE];
    read_key(directory, "server.key", "public-key", server_key);
    if (find_key(directory, "client.key_secret", "secret-key", secret_key)) {
        read_key(directory, "client.key_secret", "public-key", public_key);
    } else {
        zmq_curve_keypair(public_key, secret_key);
    }

    void *context = zmq_ctx_new();
    void *client = zmq_socket(context, ZMQ_REQ);
    zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, server_key, KEY_SIZE);
    zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, public_key, KEY_SIZE);
    zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, secret_key, KEY_SIZE);
    if (zmq_connect(client, endpoint) != 0) {
        fprintf(stderr, "cannot connect to %s: %s\n", endpoint, zmq_strerror(zmq_errno()));
        return 1;
    }

    const char *requests[] = {"Hello", "Bye"};
    for (int number = 0; number < 2; number++) {
        char reply[32];
        zmq_send(client, requests[number], strlen(requests[number]), 0);
        int length = zmq_recv(client, reply, sizeof reply, 0);
        if (length < 0 || length > (int) sizeof reply) {
            fprintf(stderr, "no reply that fits: %s\n", zmq_strerror(zmq_errno()));
            return 1;
        }
        printf("%s -> %.*s, encrypted\n", requests[number], length, reply);
    }

    zmq_close(client);
    zmq_ctx_term(context);
    return 0;
}
