"""Clients that do not wait, a server that answers as it likes. (DEALER, ROUTER, DEALER, DEALER)

    client  DEALER ───▶ ROUTER  server  DEALER inproc ◀─── DEALER  worker
    client  DEALER ───▶                               ◀─── DEALER  worker

python examples/guide/asyncsrv.py [CLIENTS [REQUESTS]]      default: 3 6

A client sends all its requests at once and takes replies as they come: to its second request two, to its third three.
REQ and REP could do neither. A worker sends [client, reply], as often as it likes, as long as it keeps the client's id.
"""

import random
import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq

WORKERS = 4


def main(clients: str = "3", requests: str = "6") -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        address: list[str] = []
        listening = threading.Event()
        threading.Thread(target=serve, args=(context, address, listening)).start()
        listening.wait()
        asking = [
            threading.Thread(target=ask, args=(context, address[0], number, int(requests)))
            for number in range(1, int(clients) + 1)
        ]
        for client in asking:
            client.start()
        for client in asking:
            client.join()
    finally:
        context.term()  # ends all threads, and waits until they have closed their sockets


def ask(context: zmq.Context, server: str, number: int, requests: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.DEALER) as client:
        client.connect(server)
        for request in range(1, requests + 1):
            client.send_string(str(request))
        missing = sum(range(1, requests + 1))
        while missing:
            say(f"Client {number}: {client.recv_string()}")
            missing -= 1


def serve(context: zmq.Context, address: list[str], listening: threading.Event) -> None:
    with (
        suppress(zmq.ContextTerminated),
        context.socket(zmq.ROUTER) as frontend,
        context.socket(zmq.DEALER) as backend,
    ):
        address.append(f"tcp://127.0.0.1:{frontend.bind_to_random_port('tcp://127.0.0.1')}")
        backend.bind("inproc://workers")
        listening.set()
        for _ in range(WORKERS):
            threading.Thread(target=work, args=(context,)).start()
        zmq.proxy(frontend, backend)


def work(context: zmq.Context) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.DEALER) as worker:
        worker.connect("inproc://workers")
        while True:
            client, request = worker.recv_multipart()
            for reply in range(1, int(request) + 1):
                time.sleep(random.uniform(0, 0.01))  # stands for real work
                worker.send_multipart([client, b"reply %d to request %b" % (reply, request)])


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")  # one write: threads do not mix their lines


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
