"""A server with several threads, each a REP socket of its own. (ROUTER, DEALER, REP; inproc)

    hwclient  REQ ───▶ ROUTER :5555  mtserver  DEALER inproc ───▶ REP  thread 1
                                                             ───▶ REP  thread 2 …

python examples/guide/mtserver.py [ENDPOINT [THREADS]]      default: tcp://*:5555 3

Start several hwclient.py. The threads share the context and nothing else: no locks, no queues. Each makes its own
socket; a context that is terminated ends them all.
"""

import sys
import threading
from contextlib import suppress

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555", threads: str = "3") -> None:
    context = zmq.Context()
    try:
        with context.socket(zmq.ROUTER) as clients, context.socket(zmq.DEALER) as workers:
            clients.bind(endpoint)
            workers.bind("inproc://workers")
            for number in range(1, int(threads) + 1):
                threading.Thread(target=work, args=(context, number)).start()
            print(f"Listening on {clients.get_string(zmq.LAST_ENDPOINT)}")
            zmq.proxy(clients, workers)
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


def work(context: zmq.Context, number: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REP) as worker:
        worker.connect("inproc://workers")
        while True:
            request = worker.recv_string()
            say(f"Thread {number} received {request}")
            worker.send_string("World")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")  # print() writes the end of the line apart: threads would mix theirs


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
