"""Hello World, the client: ask ten times, one question after the other. (REQ)

    hwclient  REQ ──── "Hello" ───▶ REP :5555  hwserver
                  ◀─── "World" ────

python examples/guide/hwclient.py [ENDPOINT]      default: tcp://localhost:5555

Start hwserver.py in another terminal, before or after: connect() does not need a server to be there yet.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://localhost:5555") -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a server to take the last request
        client.connect(endpoint)
        print(f"Asking {endpoint}")

        for number in range(1, 11):
            client.send_string("Hello")
            print(f"{number:2}. Hello {client.recv_string()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
