"""Lazy Pirate, a client that does not trust its server: wait a while, try again, at last give up. (REQ)

    lpclient  REQ ───▶ REP :5555  lpserver, or spqueue, or ppqueue

python examples/guide/lpclient.py [SERVER [MILLISECONDS [REQUESTS]]]      default: tcp://localhost:5555 1000 20

Start one of these servers. A REQ socket that waits for a reply can send nothing: so the client throws it away and
takes a new one. A reply to the old request that still comes then goes nowhere, and cannot be taken for the new one's.
"""

import sys

import purezmq as zmq

TRIES = 3


def main(server: str = "tcp://localhost:5555", milliseconds: str = "1000", requests: str = "20") -> None:
    with zmq.Context() as context:
        print(f"Asking {server}")
        client = connected(context, server)
        try:
            for number in range(1, int(requests) + 1):
                for _ in range(TRIES):
                    client.send_string(str(number))
                    if client.poll(int(milliseconds)):
                        print(f"Request {number}: reply {client.recv_string()}")
                        break
                    print(f"Request {number}: no reply, trying again")
                    client.close()
                    client = connected(context, server)
                else:
                    print("The server seems to be gone: giving up")
                    break
        finally:
            client.close()


def connected(context: zmq.Context, server: str) -> zmq.Socket:
    client = context.socket(zmq.REQ)
    client.linger = 0  # close() forgets a request that nobody took
    client.connect(server)
    return client


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
