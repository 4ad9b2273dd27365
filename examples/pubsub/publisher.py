"""Publish news on two topics, as soon as each of them has a subscriber.

python examples/pubsub/publisher.py [ENDPOINT]      default: tcp://*:5556

A PUB socket drops what nobody has subscribed to. An XPUB socket does the same, and also receives the
subscriptions: so this publisher knows when to begin, and nobody misses the first news.
"""

import sys
import time

import purezmq as zmq

NEWS = {
    "weather": ["sunny", "clouds", "rain", "thunder", "sunny again"],
    "sport": ["kick-off", "1:0", "1:1", "2:1", "final whistle"],
}


def main() -> None:
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "tcp://*:5556"
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        publisher.bind(endpoint)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")

        silent = list(NEWS)
        while silent:
            print(f"Waiting for a subscriber to {' and '.join(silent)}")
            event = (
                publisher.recv()
            )  # b"\x01weather" when somebody subscribes, b"\x00weather" when nobody is left
            if event.startswith(b"\x01"):
                prefix = event[1:].decode()
                silent = [topic for topic in silent if not topic.startswith(prefix)]

        for headlines in zip(*NEWS.values(), strict=True):
            for topic, headline in zip(NEWS, headlines, strict=True):
                publisher.send_multipart([topic.encode(), headline.encode()])
            time.sleep(0.1)
        for topic in NEWS:
            publisher.send_multipart([topic.encode(), b""])  # our own sign for "that was all"
        print("Published everything")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
