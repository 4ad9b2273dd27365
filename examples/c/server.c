// Answer every request with "World": the C twin of ../hello_server.py, on libzmq.
//
// ./server [ENDPOINT]      default: tcp://*:5555

#include <stdio.h>
#include <zmq.h>

int main(int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    setvbuf(stdout, NULL, _IOLBF, 0);

    void *context = zmq_ctx_new();
    void *server = zmq_socket(context, ZMQ_REP);
    if (zmq_bind(server, endpoint) != 0) {
        fprintf(stderr, "cannot bind %s: %s\n", endpoint, zmq_strerror(zmq_errno()));
        return 1;
    }
    char bound[256];
    size_t size = sizeof bound;
    zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, bound, &size);
    printf("Listening on %s\n", bound);

    for (;;) {
        char request[16];
        int length = zmq_recv(server, request, sizeof request, 0);
        if (length < 0 || length > (int) sizeof request) {
            fprintf(stderr, "no request that fits: %s\n", zmq_strerror(zmq_errno()));
            return 1;
        }
        printf("Received %.*s\n", length, request);
        zmq_send(server, "World", 5, 0);
    }
}
