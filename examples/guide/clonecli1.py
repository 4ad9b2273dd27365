"""Clone 1, a client: follow the changes of a table. (SUB)

    clonesrv1  PUB :5556 ─── changes ───▶ SUB  clonecli1, any number of them

python examples/guide/clonecli1.py [UPDATES [SERVER]]      default: 500 tcp://localhost:5556

Start clonesrv1.py. Of its 100 keys, this client knows those that have changed while it listened.
"""

import sys

from kvmsg import KVMsg

import purezmq as zmq


def main(updates: str = "500", server: str = "tcp://localhost:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(server)
        print(f"Following {server}")

        table: dict[str, KVMsg] = {}
        for number in range(1, int(updates) + 1):
            KVMsg.receive(subscriber).store(table)
            if number % 100 == 0 or number == int(updates):
                print(f"{number} updates: I know {len(table)} keys")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
