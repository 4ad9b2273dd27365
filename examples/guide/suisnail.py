"""Suicidal Snail: a subscriber that is too slow notices, and gives up before it does harm. (PUB, SUB)

    publisher  PUB ─── "12.345" (when it was sent) ───▶ SUB  subscriber

python examples/guide/suisnail.py [MILLISECONDS]      default: 1000, the delay that is too much

Messages for a subscriber that cannot keep up gather in queues, at last the publisher drops them: both go unseen. A
time in each message shows the delay, to the one who can say what it means. This subscriber takes twice as long for a
message as the publisher does.
"""

import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq

PACE = 0.001  # seconds from one message to the next


def main(milliseconds: str = "1000") -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: what the snail has not eaten is thrown away
    try:
        with context.socket(zmq.SUB) as subscriber:
            port = subscriber.bind_to_random_port("tcp://127.0.0.1")
            subscriber.subscribe("")
            threading.Thread(target=publish, args=(context, f"tcp://127.0.0.1:{port}")).start()
            crawl(subscriber, limit=int(milliseconds) / 1000)
    finally:
        context.term()  # ends the publisher


def crawl(subscriber: zmq.Socket, limit: float) -> None:
    """Take messages until they are too old."""
    warn_at = limit / 4
    while True:
        delay = time.monotonic() - float(subscriber.recv_string())
        if delay > limit:
            print(f"{delay * 1000:.0f} ms behind: what I would say now is wrong, so I say nothing and leave")
            return
        if delay > warn_at:
            print(f"{delay * 1000:.0f} ms behind")
            warn_at += limit / 4
        time.sleep(2 * PACE)  # stands for work that takes too long


def publish(context: zmq.Context, subscriber: str) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.PUB) as publisher:
        publisher.connect(subscriber)
        while True:
            publisher.send_string(str(time.monotonic()))
            time.sleep(PACE)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
