"""Start publishing when everybody is there, and see that nothing was lost: no sleep, no extra sockets.

python examples/pubsub/starts_when_ready.py [SUBSCRIBERS [MESSAGES]]      default: 3 1000

A PUB socket drops what nobody has subscribed to yet, so a publisher that starts at once loses its first messages. This
one waits until as many subscribers as it expects have subscribed to its topic, and tells how many there were if they do
not come. Each subscriber is a thread; they could be other programs, on libzmq too.
"""

import sys
from threading import Thread

import purezmq as zmq

PATIENCE = 5000  # ms


def main(subscribers: int = 3, messages: int = 1000) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.sndhwm = 0
        publisher.bind("tcp://127.0.0.1:*")
        endpoint = publisher.get_string(zmq.LAST_ENDPOINT)
        threads = [Thread(target=subscribe, args=(context, endpoint, messages)) for _ in range(subscribers)]
        for thread in threads:
            thread.start()
        try:
            publisher.wait_for_subscribers("news", count=subscribers, timeout=PATIENCE)
        except zmq.Again as reason:
            sys.exit(f"Nobody to publish for: {reason}")
        for number in range(messages):
            publisher.send_string(f"news {number}")
        for thread in threads:
            thread.join()
        stats = publisher.stats()
        print(f"Sent {stats['messages_out']}, dropped {sum(stats['dropped'].values())}")


def subscribe(context: zmq.Context, endpoint: str, messages: int) -> None:
    with context.socket(zmq.SUB) as socket:
        socket.rcvtimeo = PATIENCE
        socket.rcvhwm = 0
        socket.subscribe("news")
        socket.connect(endpoint)
        first = socket.recv_string()
        for _ in range(messages - 1):
            socket.recv_string()
        print(f"Read {messages} messages, the first is {first!r}\n", end="")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
