"""Freelance, a server for flclient3: answer pings and requests, under its endpoint as its name. (ROUTER)

    flclient3  ROUTER ───▶ ROUTER  flserver3, several of them, each at its own endpoint

python examples/guide/flserver3.py [ENDPOINT [NAME]]      default: tcp://*:5555 tcp://localhost:5555

NAME is the endpoint that clients connect to. It is the server's routing id: so a client's ROUTER can choose a server.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555", name: str = "") -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as server:
        server.linger = 0
        server.routing_id = (name or endpoint.replace("*", "localhost")).encode()
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")
        while True:
            client, kind, *number = server.recv_multipart()
            if kind == b"PING":
                server.send_multipart([client, b"PONG"])
            else:
                server.send_multipart([client, b"OK", *number])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
