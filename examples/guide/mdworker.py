"""Majordomo, a worker: offer a service, by default one that echoes. (DEALER)

    mdclient  DEALER ───▶ ROUTER :5555  mdbroker
    mdworker  DEALER ───▶

python examples/guide/mdworker.py [SERVICE [BROKER [INTERVAL]]]      default: echo tcp://localhost:5555 1

Start mdbroker.py and mdclient.py. The protocol is in mdp.py: READY, heartbeats every INTERVAL seconds, reconnection.
"""

import sys

import mdp

import purezmq as zmq


def main(service: str = "echo", broker: str = "tcp://localhost:5555", interval: str = "1") -> None:
    with zmq.Context() as context, mdp.Worker(context, broker, service.encode(), float(interval)) as worker:
        print(f"Offering {service} at {broker}")
        while True:
            request = worker.receive()
            print(f"Echoing {b' '.join(request).decode()}")
            worker.reply(*request)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
