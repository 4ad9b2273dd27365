"""Request and reply through a broker, the client: it cannot tell a broker from a server. (REQ)

    rrclient  REQ ───▶ ROUTER :5559  rrbroker  DEALER :5560 ───▶ REP  rrworker, any number of them

python examples/guide/rrclient.py [BROKER]      default: tcp://localhost:5559

Start rrbroker.py (or msgqueue.py) and one or more rrworker.py.
"""

import sys

import purezmq as zmq


def main(broker: str = "tcp://localhost:5559") -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a broker to take the last request
        client.connect(broker)
        print(f"Asking {broker}")

        for number in range(1, 11):
            client.send_string(f"Hello {number}")
            print(f"Received {client.recv_string()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
