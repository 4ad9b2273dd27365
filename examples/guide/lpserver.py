"""Lazy Pirate, a server with bad days: sometimes slow, in the end it crashes. (REP)

    lpclient  REQ ───▶ REP :5555  lpserver

python examples/guide/lpserver.py [ENDPOINT [SECONDS]]      default: tcp://*:5555 1.5

Start lpclient.py in another terminal. Every fifth request finds the server overloaded, for SECONDS; at the twelfth it
crashes. Start it again within three seconds, and the client goes on as if nothing had happened.
"""

import itertools
import sys
import time

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555", seconds: str = "1.5") -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.linger = 0
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")

        for number in itertools.count(1):
            request = server.recv()
            if number == 12:
                print("Pretending to crash")
                return
            if number % 5 == 0:
                print("Pretending to be overloaded")
                time.sleep(float(seconds))
            print(f"Answering {request.decode()}")
            server.send(request)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
