"""Request and reply through a broker, the broker: pass requests one way and replies the other. (ROUTER, DEALER)

    rrclient  REQ ───▶ ROUTER :5559  rrbroker  DEALER :5560 ───▶ REP  rrworker, any number of them

python examples/guide/rrbroker.py [FRONTEND [BACKEND]]      default: tcp://*:5559 tcp://*:5560

ROUTER puts the client's routing id in front of a request, DEALER deals requests to workers in turn, and REP sends
the id back with its reply, by which ROUTER finds the client. The broker only carries messages, all parts of them.
msgqueue.py is the same in one call.
"""

import sys

import purezmq as zmq


def main(frontend: str = "tcp://*:5559", backend: str = "tcp://*:5560") -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as clients,
        context.socket(zmq.DEALER) as workers,
    ):
        clients.bind(frontend)
        workers.bind(backend)
        print(f"Listening on {clients.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {workers.get_string(zmq.LAST_ENDPOINT)}")

        poller = zmq.Poller()
        poller.register(clients, zmq.POLLIN)
        poller.register(workers, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if clients in ready:
                workers.send_multipart(clients.recv_multipart())
            if workers in ready:
                clients.send_multipart(workers.recv_multipart())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
