"""Hello World, the server: answer every request. (REP)

    hwclient  REQ ──── "Hello" ───▶ REP :5555  hwserver
                  ◀─── "World" ────

python examples/guide/hwserver.py [ENDPOINT]      default: tcp://*:5555

Start hwclient.py in another terminal, before or after; as many as you like.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555") -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")

        while True:
            request = server.recv_string()
            print(f"Received {request}")
            server.send_string("World")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
