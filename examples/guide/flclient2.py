"""Freelance, model two: ask all servers at once, and take the first reply. (DEALER)

    flclient2  DEALER ───▶ REP  flserver2, several of them, each at its own endpoint

python examples/guide/flclient2.py [SERVER…]      default: tcp://localhost:5555 tcp://localhost:5556

Start flserver2.py, one or some: "flserver2.py tcp://*:5556". As fast as the fastest server; but all work for one reply.
A DEALER deals in turn: as many sends as servers give each of them the request.
"""

import sys
import time

import purezmq as zmq

REQUESTS = 100
PATIENCE = 2.0  # seconds for each request


def main(*servers: str) -> None:
    servers = servers or ("tcp://localhost:5555", "tcp://localhost:5556")
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.linger = 0  # what was sent to servers that are not there is forgotten at the end
        for server in servers:
            client.connect(server)
        print(f"Asking {' and '.join(servers)}")

        begin = time.monotonic()
        for number in range(1, REQUESTS + 1):
            for _ in servers:
                client.send_multipart([b"", str(number).encode(), b"Hello"])
            if not replied(client, number):
                print(f"Nobody replied to request {number}: giving up")
                return
        print(f"{REQUESTS} requests took {(time.monotonic() - begin) * 1000:.0f} ms")


def replied(client: zmq.Socket, number: int) -> bool:
    """Wait for a reply to this request, and drop late ones to others."""
    deadline = time.monotonic() + PATIENCE
    while client.poll(max(0, int(1000 * (deadline - time.monotonic())))):
        _, reply, _ = client.recv_multipart()
        if int(reply) == number:
            return True
    return False


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
