"""Coordinated publishing, a subscriber: report that you hear the publisher, then miss nothing. (SUB, REQ)

    syncpub  PUB :5561 ─── "hello", updates, "end" ───▶ SUB  syncsub
             REP :5562 ◀────────── "I hear you" ─────── REQ

python examples/guide/syncsub.py [PUBLISHER [SYNC]]      default: tcp://localhost:5561 tcp://localhost:5562

Start syncpub.py, before or after.
"""

import sys

import purezmq as zmq


def main(publisher: str = "tcp://localhost:5561", sync: str = "tcp://localhost:5562") -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber, context.socket(zmq.REQ) as report:
        subscriber.rcvhwm = 0  # no limit, as at the publisher
        subscriber.subscribe("")
        subscriber.connect(publisher)
        print(f"Waiting to hear {publisher}")
        subscriber.recv()  # hello: our subscription has arrived

        report.connect(sync)
        report.send(b"I hear you")
        report.recv()

        updates = 0
        while (message := subscriber.recv()) != b"end":
            updates += message != b"hello"  # others may not have been ready yet
        print(f"Received {updates} updates")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
