"""Clone 1, the server: publish every change of a table. (PUB)

    clonesrv1  PUB :5556 ─── changes ───▶ SUB  clonecli1, any number of them

python examples/guide/clonesrv1.py [ENDPOINT]      default: tcp://*:5556

The first of six steps to a table that many clients share. What is missing: who comes late has only what changed since.
"""

import itertools
import random
import sys
import time

from kvmsg import KVMsg

import purezmq as zmq


def main(endpoint: str = "tcp://*:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.bind(endpoint)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")

        for sequence in itertools.count(1):
            value = str(random.randint(0, 999)).encode()
            KVMsg(f"key {random.randint(0, 99)}", value, sequence).send(publisher)
            time.sleep(0.002)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
