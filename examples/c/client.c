// Say "Hello" ten times, and show what the server answers: the C twin of ../hello_client.py, on libzmq.
//
// ./client [ENDPOINT]      default: tcp://localhost:5555

#include <stdio.h>
#include <zmq.h>

int main(int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://localhost:5555";
    setvbuf(stdout, NULL, _IOLBF, 0);

    void *context = zmq_ctx_new();
    void *client = zmq_socket(context, ZMQ_REQ);
    if (zmq_connect(client, endpoint) != 0) {
        fprintf(stderr, "cannot connect to %s: %s\n", endpoint, zmq_strerror(zmq_errno()));
        return 1;
    }
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("Connecting to %s with libzmq %d.%d.%d\n", endpoint, major, minor, patch);

    for (int number = 1; number <= 10; number++) {
        char reply[16];
        zmq_send(client, "Hello", 5, 0);
        int length = zmq_recv(client, reply, sizeof reply, 0);
        if (length < 0 || length > (int) sizeof reply) {
            fprintf(stderr, "no reply that fits: %s\n", zmq_strerror(zmq_errno()));
            return 1;
        }
        printf("%2d. Hello -> %.*s\n", number, length, reply);
    }

    zmq_close(client);
    zmq_ctx_term(context);
    return 0;
}
