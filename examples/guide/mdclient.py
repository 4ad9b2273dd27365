"""Majordomo, a client: ask for a service by name, one request after the other. (DEALER)

    mdclient  DEALER ───▶ ROUTER :5555  mdbroker
    mdworker  DEALER ───▶

python examples/guide/mdclient.py [SERVICE [REQUESTS [BROKER]]]      default: echo 10 tcp://localhost:5555

Start mdbroker.py and mdworker.py. mdclient2.py does not wait for each reply.
"""

import sys

import mdp

import purezmq as zmq


def main(service: str = "echo", requests: str = "10", broker: str = "tcp://localhost:5555") -> None:
    with zmq.Context() as context, mdp.Client(context, broker) as client:
        print(f"Asking for {service} at {broker}")
        for number in range(1, int(requests) + 1):
            reply = client.ask(service.encode(), b"Hello %d" % number)
            if reply is None:
                print(f"No reply: is there a broker at {broker}, and a worker for {service}?")
                break
            print(f"Received {b' '.join(reply).decode()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
