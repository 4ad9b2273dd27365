"""Freelance, model one: ask one server after the other until somebody replies. (REQ)

    flclient1  REQ ───▶ REP  flserver1, several of them, each at its own endpoint

python examples/guide/flclient1.py [SERVER…]      default: tcp://localhost:5555 tcp://localhost:5556

Start one of them: "flserver1.py tcp://*:5556". Simple, and slow when the first servers are not there.
"""

import sys

import purezmq as zmq

PATIENCE = 500  # ms for each server


def main(*servers: str) -> None:
    with zmq.Context() as context:
        for server in servers or ("tcp://localhost:5555", "tcp://localhost:5556"):
            print(f"Asking {server}")
            with context.socket(zmq.REQ) as client:
                client.linger = 0  # close() forgets a request that nobody took
                client.connect(server)
                client.send(b"Hello")
                if client.poll(PATIENCE):
                    print(f"Received {client.recv_string()}")
                    return
        print("Nobody is there: giving up")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
