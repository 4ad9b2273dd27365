"""A ROUTER that gives work to whoever asks for it, when workers are DEALER. (ROUTER, DEALER; inproc)

    worker  DEALER ─── ["", "done 3"] ──▶ ROUTER  broker
                   ◀── ["", "work"] ─────

python examples/guide/rtdealer.py [TASKS [WORKERS]]      default: 50 5

The broker is that of rtreq.py. A DEALER need not wait for each reply, and sends what it is told: to look like a REQ it
writes the empty delimiter itself. Here a worker has two tasks at once, one to do and one in stock.
"""

import random
import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq

STOCK = 2


def main(tasks: str = "50", workers: str = "5") -> None:
    context = zmq.Context()
    try:
        with context.socket(zmq.ROUTER) as broker:
            broker.bind("inproc://broker")
            threads = [threading.Thread(target=work, args=(context, n)) for n in range(1, int(workers) + 1)]
            for thread in threads:
                thread.start()

            for _ in range(int(tasks)):
                worker, delimiter, _ = broker.recv_multipart()
                broker.send_multipart([worker, delimiter, b"work"])
            for _ in range(STOCK * len(threads)):
                worker, delimiter, _ = broker.recv_multipart()
                broker.send_multipart([worker, delimiter, b"no more"])
            for thread in threads:
                thread.join()
    finally:
        context.term()  # ends the threads that still wait, after Ctrl-C


def work(context: zmq.Context, number: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.DEALER) as worker:
        worker.connect("inproc://broker")
        for _ in range(STOCK):
            worker.send_multipart([b"", b"ready"])
        done = refused = 0
        while refused < STOCK:
            _, order = worker.recv_multipart()
            if order == b"no more":
                refused += 1
                continue
            time.sleep(random.uniform(0.001, 0.02))  # stands for real work
            done += 1
            worker.send_multipart([b"", b"done"])
        sys.stdout.write(f"Worker {number} did {done} tasks\n")  # one write: threads do not mix their lines


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
