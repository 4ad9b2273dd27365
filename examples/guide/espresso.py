"""Espresso: listen in on what a proxy passes on. (PUB, XSUB, XPUB, SUB; PAIR)

    publisher  PUB ───▶ XSUB  proxy  XPUB ───▶ SUB  subscriber
                              │
                              └ PAIR ───▶ PAIR  listener

python examples/guide/espresso.py [LETTERS]      default: 5, how many letters the subscriber waits for

The third socket of proxy() gets a copy of everything, in both directions: also the subscriptions, and at the end of
the subscriber the cancellations. Start it, and see them among the letters.
"""

import random
import string
import sys
import threading
import time
from contextlib import suppress

import purezmq as zmq


def main(letters: str = "5") -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        with context.socket(zmq.PAIR) as listener:
            listener.bind("inproc://listener")
            threading.Thread(target=publish, args=(context,)).start()
            threading.Thread(target=pass_on, args=(context,)).start()
            threading.Thread(target=subscribe, args=(context, int(letters))).start()
            listen(listener)
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


def listen(listener: zmq.Socket) -> None:
    """Show all that passes, until both subscriptions are cancelled."""
    subscriptions = 0
    while True:
        message = listener.recv()
        if message[:1] == b"\1":
            subscriptions += 1
            say(f"Listener: a subscription to {message[1:].decode()}")
        elif message[:1] == b"\0":
            subscriptions -= 1
            say(f"Listener: nobody is subscribed to {message[1:].decode()} any more")
            if not subscriptions:
                return
        else:
            say(f"Listener: {message.decode()}")


def publish(context: zmq.Context) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.PUB) as publisher:
        publisher.bind("inproc://letters")
        while True:
            publisher.send_string(
                f"{random.choice(string.ascii_uppercase[:10])}-{random.randint(10000, 99999)}"
            )
            time.sleep(0.01)


def pass_on(context: zmq.Context) -> None:
    with (
        suppress(zmq.ContextTerminated),
        context.socket(zmq.XSUB) as publisher,
        context.socket(zmq.XPUB) as subscriber,
        context.socket(zmq.PAIR) as listener,
    ):
        publisher.connect("inproc://letters")
        subscriber.bind("inproc://subscribers")
        listener.connect("inproc://listener")
        zmq.proxy(publisher, subscriber, listener)


def subscribe(context: zmq.Context, letters: int) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.SUB) as subscriber:
        subscriber.connect("inproc://subscribers")
        for letter in "AB":
            subscriber.subscribe(letter)
        for _ in range(letters):
            say(f"Subscriber: {subscriber.recv_string()}")
        say("Subscriber: that is enough")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")  # one write: threads do not mix their lines


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
