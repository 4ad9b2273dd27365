"""Simple Pirate, the queue: clients that try again, workers that may die. (ROUTER, ROUTER)

    lpclient  REQ ───▶ ROUTER :5555  spqueue  ROUTER :5556 ◀─── REQ  spworker, any number of them

python examples/guide/spqueue.py [FRONTEND [BACKEND]]      default: tcp://*:5555 tcp://*:5556

Start spworker.py, some, and lpclient.py. A request goes to the worker that has been free for longest. If that one dies
with it, the client asks again, and another worker answers. The queue notices nothing, which is its weakness: it may
hold the names of workers that are long dead. ppqueue.py does better.
"""

import sys
from collections import deque

import purezmq as zmq


def main(frontend: str = "tcp://*:5555", backend: str = "tcp://*:5556") -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as clients,
        context.socket(zmq.ROUTER) as workers,
    ):
        clients.linger = workers.linger = 0
        clients.bind(frontend)
        workers.bind(backend)
        print(f"Listening on {clients.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {workers.get_string(zmq.LAST_ENDPOINT)}")

        free: deque[bytes] = deque()
        poller = zmq.Poller()
        poller.register(workers, zmq.POLLIN)
        while True:
            poller.register(clients, zmq.POLLIN if free else 0)  # 0: not now
            ready = dict(poller.poll())
            if workers in ready:
                worker, _, *message = workers.recv_multipart()
                free.append(worker)
                if message != [b"READY"]:  # [client, "", reply]
                    clients.send_multipart(message)
            if clients in ready:
                workers.send_multipart([free.popleft(), b"", *clients.recv_multipart()])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
