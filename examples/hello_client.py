"""Say "Hello" ten times, and show what the server answers.

python examples/hello_client.py [ENDPOINT]      default: tcp://localhost:5555

The client may start first: it waits for hello_server.py to appear.
"""

import sys

import purezmq as zmq


def main() -> None:
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "tcp://localhost:5555"
    with zmq.Context() as context, context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a server to take the last request
        client.connect(endpoint)
        print(f"Connecting to {endpoint}")

        for number in range(1, 11):
            client.send_string("Hello")
            print(f"{number:2}. Hello -> {client.recv_string()}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
