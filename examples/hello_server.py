"""Answer every request with "World".

python examples/hello_server.py [ENDPOINT]      default: tcp://*:5555

Start hello_client.py before or after, in another terminal. Ctrl-C stops the server.
"""

import sys

import purezmq as zmq


def main() -> None:
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "tcp://*:5555"
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        try:
            server.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or not endpoint.startswith("tcp:"):
                raise
            print(f"{endpoint} is taken: taking another free port")
            server.bind(endpoint.rpartition(":")[0] + ":*")
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")

        while True:
            request = server.recv_string()
            print(f"Received {request}")
            server.send_string("World")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
