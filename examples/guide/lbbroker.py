"""A load-balancing broker: a request goes to the worker that has been free for longest. (ROUTER, ROUTER, Poller)

    client  REQ ───▶ ROUTER  broker  ROUTER ◀─── REQ  worker
    client  REQ ───▶                        ◀─── REQ  worker

python examples/guide/lbbroker.py [CLIENTS [WORKERS]]      default: 10 3

Workers ask for work, as in rtreq.py; clients ask for replies. The broker matches the two. While no worker is free it
does not read from the clients, so that their requests wait where they are: in the sockets.
"""

import sys
import threading
from collections import deque
from contextlib import suppress

import purezmq as zmq

READY = b"READY"


def main(clients: str = "10", workers: str = "3") -> None:
    context = zmq.Context()
    try:
        with context.socket(zmq.ROUTER) as frontend, context.socket(zmq.ROUTER) as backend:
            frontend.bind("inproc://frontend")
            backend.bind("inproc://backend")
            for number in range(1, int(workers) + 1):
                threading.Thread(target=work, args=(context, number)).start()
            asking = [threading.Thread(target=ask, args=(context, n)) for n in range(1, int(clients) + 1)]
            for client in asking:
                client.start()
            balance(frontend, backend, replies=int(clients))
            for client in asking:
                client.join()  # a context that is terminated takes what is not yet received with it
            say(f"Served {clients} clients")
    finally:
        context.term()  # ends the workers, and waits until all have closed their sockets


def balance(frontend: zmq.Socket, backend: zmq.Socket, replies: int) -> None:
    """Pass requests to free workers, and replies to clients, until there were so many."""
    free: deque[bytes] = deque()
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    while replies:
        ready = dict(poller.poll())
        if backend in ready:
            # From a worker: [worker, "", READY] or [worker, "", client, "", reply]
            worker, _, *message = backend.recv_multipart()
            free.append(worker)
            if message != [READY]:
                frontend.send_multipart(message)
                replies -= 1
        if frontend in ready:
            # From a client: [client, "", request]. To a worker: [worker, "", client, "", request]
            backend.send_multipart([free.popleft(), b"", *frontend.recv_multipart()])
        poller.register(frontend, zmq.POLLIN if free else 0)  # 0: not now


def work(context: zmq.Context, number: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as worker:
        worker.connect("inproc://backend")
        worker.send(READY)
        while True:
            client, _, request = worker.recv_multipart()
            say(f"Worker {number}: {request.decode()}")
            worker.send_multipart([client, b"", f"done by worker {number}".encode()])


def ask(context: zmq.Context, number: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as client:
        client.connect("inproc://frontend")
        client.send_string(f"a job for client {number}")
        say(f"Client {number}: {client.recv_string()}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")  # one write: threads do not mix their lines


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
