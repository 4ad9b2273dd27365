"""Majordomo, asking the broker itself: is there anybody who offers this service? (DEALER)

    mmiecho  DEALER ───▶ ROUTER :5555  mdbroker

python examples/guide/mmiecho.py [SERVICE [BROKER]]      default: echo tcp://localhost:5555

Start mdbroker.py, and mdworker.py or not.
"""

import sys

import mdp

import purezmq as zmq

MEANING = {b"200": "is offered", b"404": "is not offered by any worker"}


def main(service: str = "echo", broker: str = "tcp://localhost:5555") -> None:
    with zmq.Context() as context, mdp.Client(context, broker) as client:
        print(f"Asking {broker} about {service}")
        reply = client.ask(b"mmi.service", service.encode())
        if reply is None:
            print(f"No reply: is there a broker at {broker}?")
        else:
            print(f"{service} {MEANING.get(reply[0], reply[0].decode())}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
