"""Coordinated publishing, the publisher: begin when all the subscribers are listening. (PUB, REP)

    syncpub  PUB :5561 ─── "hello", updates, "end" ───▶ SUB  syncsub
             REP :5562 ◀────────── "I hear you" ─────── REQ

python examples/guide/syncpub.py [SUBSCRIBERS [UPDATES [ENDPOINT [SYNC]]]]
                        default: 2 10000 tcp://*:5561 tcp://*:5562

Start that many syncsub.py. A connection alone does not say that the subscription has arrived, too; a "hello" that
was heard does. So the publisher repeats it until every subscriber has reported.
"""

import sys

import purezmq as zmq


def main(
    subscribers: str = "2",
    updates: str = "10000",
    endpoint: str = "tcp://*:5561",
    sync: str = "tcp://*:5562",
) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher, context.socket(zmq.REP) as reports:
        publisher.sndhwm = 0  # no limit: at its limit a PUB drops, and nobody is to miss anything here
        publisher.bind(endpoint)
        reports.bind(sync)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {reports.get_string(zmq.LAST_ENDPOINT)}")

        missing = int(subscribers)
        while missing:
            publisher.send(b"hello")
            if reports.poll(20):  # ms
                reports.recv()
                reports.send(b"")
                missing -= 1
                print(f"A subscriber is ready, {missing} to come")

        for number in range(int(updates)):
            publisher.send_string(f"update {number}")
        publisher.send(b"end")
        print(f"Published {updates} updates")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
