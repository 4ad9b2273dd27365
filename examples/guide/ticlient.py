"""Titanic, a client: hand in a request, come back for the reply, and tidy up. (DEALER)

    ticlient  DEALER ───▶ ROUTER :5555  mdbroker  ◀─── DEALER  titanic
                                                  ◀─── DEALER  mdworker

python examples/guide/ticlient.py [SERVICE [BROKER]]      default: echo tcp://localhost:5555

Start mdbroker.py and titanic.py, and mdworker.py now or later.
"""

import sys
import time

import mdp

import purezmq as zmq


def main(service: str = "echo", broker: str = "tcp://localhost:5555") -> None:
    with zmq.Context() as context, mdp.Client(context, broker) as client:
        print(f"Asking for titanic at {broker}")
        request = ask(client, b"titanic.request", service.encode(), b"Hello")[1]
        print(f"Handed in request {request.decode()}")
        while (reply := ask(client, b"titanic.reply", request))[0] == b"300":
            print("No reply yet")
            time.sleep(0.3)
        print(f"Received {b' '.join(reply[1:]).decode()}")
        ask(client, b"titanic.close", request)
        print("Closed the request")


def ask(client: mdp.Client, service: bytes, *body: bytes) -> list[bytes]:
    """Return what Titanic replies: 200 and what was asked for, or 300, not yet."""
    reply = client.ask(service, *body)
    if reply is None:
        sys.exit("No reply: are mdbroker.py and titanic.py there?")
    if reply[0] not in (b"200", b"300"):
        sys.exit(f"Titanic says {reply[0].decode()}")
    return reply


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
