"""A broker for requests and replies in one call: proxy. (ROUTER, DEALER)

    rrclient  REQ ───▶ ROUTER :5559  msgqueue  DEALER :5560 ───▶ REP  rrworker, any number of them

python examples/guide/msgqueue.py [FRONTEND [BACKEND]]      default: tcp://*:5559 tcp://*:5560

Start rrclient.py and rrworker.py. See rrbroker.py for what proxy does.
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
        zmq.proxy(clients, workers)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
