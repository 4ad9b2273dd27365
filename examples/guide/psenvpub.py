"""Publish with an envelope: the topic in a part of its own. (PUB)

    psenvpub  PUB :5563 ─── ["B", "We would like to see this"] ───▶ SUB  psenvsub

python examples/guide/psenvpub.py [ENDPOINT]      default: tcp://*:5563

Start psenvsub.py in other terminals. Subscriptions are matched with the first part only, so nothing in the content
can be mistaken for a topic.
"""

import sys
import time

import purezmq as zmq


def main(endpoint: str = "tcp://*:5563") -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.bind(endpoint)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")

        while True:
            publisher.send_multipart([b"A", b"We do not want to see this"])
            publisher.send_multipart([b"B", b"We would like to see this"])
            time.sleep(0.2)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
