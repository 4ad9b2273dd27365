"""Freelance, a server for flclient2: reply OK, with the number of the request. (REP)

    flclient2  DEALER ───▶ REP  flserver2, several of them, each at its own endpoint

python examples/guide/flserver2.py [ENDPOINT]      default: tcp://*:5555

Several servers get the same request. So the reply repeats its number: the client can tell a late one from a new one.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555") -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.linger = 0
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")
        while True:
            number, *_ = server.recv_multipart()
            server.send_multipart([number, b"OK"])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
