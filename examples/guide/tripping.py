"""What a round trip costs: wait for each reply, or send all requests first. (DEALER, ROUTER, DEALER)

    client  DEALER ───▶ ROUTER  broker  DEALER ───▶ DEALER  worker

python examples/guide/tripping.py [REQUESTS]      default: 500

Most of the time of a request goes by on its way. Where the next one need not wait for the last reply, many can be on
their way at once.
"""

import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq


def main(requests: str = "500") -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        ports: list[int] = []
        bound = threading.Event()
        threading.Thread(target=pass_on, args=(context, ports, bound)).start()
        bound.wait()
        threading.Thread(target=work, args=(context, f"tcp://127.0.0.1:{ports[1]}")).start()
        with context.socket(zmq.DEALER) as client:
            client.connect(f"tcp://127.0.0.1:{ports[0]}")
            client.send(b"warm up")
            client.recv()
            measure("one after the other", client, int(requests), at_once=1)
            measure("all at once", client, int(requests), at_once=int(requests))
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


def measure(how: str, client: zmq.Socket, requests: int, at_once: int) -> None:
    begin = time.monotonic()
    for _ in range(requests // at_once):
        for _ in range(at_once):
            client.send(b"hello")
        for _ in range(at_once):
            client.recv()
    print(f"{requests} requests {how}: {requests / (time.monotonic() - begin):,.0f} a second")


def pass_on(context: zmq.Context, ports: list[int], bound: threading.Event) -> None:
    with (
        suppress(zmq.ContextTerminated),
        context.socket(zmq.ROUTER) as clients,
        context.socket(zmq.DEALER) as workers,
    ):
        ports.append(clients.bind_to_random_port("tcp://127.0.0.1"))
        ports.append(workers.bind_to_random_port("tcp://127.0.0.1"))
        bound.set()
        zmq.proxy(clients, workers)


def work(context: zmq.Context, broker: str) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.DEALER) as worker:
        worker.connect(broker)
        while True:
            worker.send_multipart(worker.recv_multipart())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
