"""Show the news on one topic.

python examples/pubsub/subscriber.py [TOPIC [ENDPOINT]]      default: weather tcp://localhost:5556

The topics of publisher.py are weather and sport. A subscription is a prefix: "" stands for everything.
"""

import sys

import purezmq as zmq


def main() -> None:
    topic = sys.argv[1] if len(sys.argv) > 1 else "weather"
    endpoint = sys.argv[2] if len(sys.argv) > 2 else "tcp://localhost:5556"
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.subscribe(topic)
        subscriber.connect(endpoint)
        print(f"Subscribed to {topic!r} at {endpoint}")

        while True:
            subject, headline = subscriber.recv_multipart()
            if not headline:  # publisher.py's sign for "that was all"
                break
            print(f"{subject.decode()}: {headline.decode()}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
