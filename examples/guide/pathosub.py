"""Many topics, seldom news: a subscriber to one of them. (SUB)

    pathopub  XPUB :5556 ───▶ SUB  lvcache  XPUB :5557 ───▶ SUB  pathosub

python examples/guide/pathosub.py [TOPIC [ENDPOINT]]      default: a random one of 000 to 999, tcp://localhost:5557

Start pathopub.py, lvcache.py, then this. With "pathosub.py 042 tcp://localhost:5556" there is no cache in between.
"""

import random
import sys

import purezmq as zmq


def main(topic: str = "", endpoint: str = "tcp://localhost:5557") -> None:
    topic = topic or f"{random.randrange(1000):03}"
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.subscribe(topic)
        subscriber.connect(endpoint)
        print(f"Subscribed to {topic} at {endpoint}")
        while True:
            subject, news = subscriber.recv_multipart()
            print(f"{subject.decode()}: {news.decode()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
