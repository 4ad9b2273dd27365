"""Freelance, a server for flclient1: echo every request. (REP)

    flclient1  REQ ───▶ REP  flserver1, several of them, each at its own endpoint

python examples/guide/flserver1.py [ENDPOINT]      default: tcp://*:5555

Freelance does without a broker: clients know several servers, and manage by themselves when some are not there.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555") -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.linger = 0
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")
        while True:
            server.send_multipart(server.recv_multipart())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
