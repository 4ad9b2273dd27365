"""Threads that signal one another: each step wakes the next one. (PAIR; inproc)

    step 1  PAIR ── "ready" ──▶ PAIR  step 2  PAIR ── "ready" ──▶ PAIR  step 3

python examples/guide/mtrelay.py

PAIR sockets over inproc are for this: one peer each, both ways, between two threads of one context. What binds
here is made before the thread that connects to it; but connecting first would be just as well.
"""

import threading

import purezmq as zmq


def main() -> None:
    with zmq.Context() as context, context.socket(zmq.PAIR) as receiver:
        receiver.bind("inproc://step3")
        threading.Thread(target=step2, args=(context,)).start()
        receiver.recv()
        print("Step 3: everything is ready")


def step2(context: zmq.Context) -> None:
    with context.socket(zmq.PAIR) as receiver, context.socket(zmq.PAIR) as sender:
        receiver.bind("inproc://step2")
        threading.Thread(target=step1, args=(context,)).start()
        receiver.recv()
        print("Step 2: ready, on to step 3")
        sender.connect("inproc://step3")
        sender.send(b"ready")


def step1(context: zmq.Context) -> None:
    with context.socket(zmq.PAIR) as sender:
        print("Step 1: ready, on to step 2")
        sender.connect("inproc://step2")
        sender.send(b"ready")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
