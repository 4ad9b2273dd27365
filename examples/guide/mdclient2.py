"""Majordomo, a client in a hurry: send all requests, then take the replies. (DEALER)

    mdclient2  DEALER ───▶ ROUTER :5555  mdbroker
    mdworker   DEALER ───▶

python examples/guide/mdclient2.py [SERVICE [REQUESTS [BROKER]]]      default: echo 1000 tcp://localhost:5555

Start mdbroker.py and mdworker.py, some. mdclient.py takes a round trip for each request; this one takes one for all,
and keeps several workers busy.
"""

import sys
import time

import mdp

import purezmq as zmq


def main(service: str = "echo", requests: str = "1000", broker: str = "tcp://localhost:5555") -> None:
    with zmq.Context() as context, mdp.Client(context, broker) as client:
        print(f"Asking for {service} at {broker}, {requests} times")
        begin = time.monotonic()
        for number in range(int(requests)):
            client.send(service.encode(), b"Hello %d" % number)
        received = 0
        while received < int(requests) and client.receive() is not None:
            received += 1
        print(f"Received {received} replies in {(time.monotonic() - begin) * 1000:.0f} ms")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
