"""Subscribe to a topic that comes in an envelope. (SUB)

    psenvpub  PUB :5563 ─── ["B", "We would like to see this"] ───▶ SUB  psenvsub

python examples/guide/psenvsub.py [TOPIC [ENDPOINT]]      default: B tcp://localhost:5563

Start psenvpub.py; it has the topics A and B.
"""

import sys

import purezmq as zmq


def main(topic: str = "B", endpoint: str = "tcp://localhost:5563") -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.subscribe(topic)
        subscriber.connect(endpoint)
        print(f"Subscribed to {topic!r} at {endpoint}")

        while True:
            envelope, content = subscriber.recv_multipart()
            print(f"[{envelope.decode()}] {content.decode()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
