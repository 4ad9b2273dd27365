"""A ROUTER that gives work to whoever asks for it, when workers are REQ. (ROUTER, REQ; inproc)

    worker  REQ ─── "done 3" ──▶ ROUTER  broker
                ◀── "work" ─────

python examples/guide/rtreq.py [TASKS [WORKERS]]      default: 50 5

A REQ worker asks, and what it is given is the reply: so the broker always knows who is free, and a slow worker gets
less. PUSH would deal to all alike. rtdealer.py does it with DEALER workers.
"""

import random
import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq


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
            for _ in threads:
                worker, delimiter, report = broker.recv_multipart()
                print(report.decode())
                broker.send_multipart([worker, delimiter, b"go home"])
            for thread in threads:
                thread.join()
    finally:
        context.term()  # ends the threads that still wait, after Ctrl-C


def work(context: zmq.Context, number: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as worker:
        worker.connect("inproc://broker")
        done = 0
        while True:
            worker.send_string(f"Worker {number} did {done} tasks")
            if worker.recv() == b"go home":
                break
            time.sleep(random.uniform(0.001, 0.02))  # stands for real work
            done += 1


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
