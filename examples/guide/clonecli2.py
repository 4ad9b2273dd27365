"""Clone 2, a client: take the whole table, then follow its changes. (SUB, DEALER)

    clonesrv2  PUB    :5557 ─────── changes ────────▶ SUB     clonecli2, any number of them
               ROUTER :5556 ◀── "ICANHAZ?" ────────── DEALER
                            ─── table, "KTHXBAI" ───▶

python examples/guide/clonecli2.py [UPDATES [SERVER_SNAPSHOT SERVER_UPDATES]]
                        default: 50 tcp://localhost:5556 tcp://localhost:5557

Start clonesrv2.py. The order matters: first hear the publisher, so that the subscription is known to have arrived; then
ask for the table; then drop of the updates, which were gathering, those that the table has already.
"""

import sys

from kvmsg import KVMsg

import purezmq as zmq


def main(
    updates: str = "50", snapshot: str = "tcp://localhost:5556", publisher: str = "tcp://localhost:5557"
) -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.SUB) as subscriber,
        context.socket(zmq.DEALER) as dealer,
    ):
        subscriber.subscribe("")
        subscriber.connect(publisher)
        print(f"Following {publisher}")
        subscriber.poll()

        dealer.connect(snapshot)
        dealer.send(b"ICANHAZ?")
        table: dict[str, KVMsg] = {}
        while (entry := KVMsg.receive(dealer)).key != "KTHXBAI":
            entry.store(table)
        sequence = entry.sequence
        print(f"The table as of update {sequence} has {len(table)} keys")

        for _ in range(int(updates)):
            while (update := KVMsg.receive(subscriber)).sequence <= sequence:
                pass  # the table has it
            if update.sequence > sequence + 1:
                print(f"Missed {update.sequence - sequence - 1} updates")
            sequence = update.sequence
            update.store(table)
            print(update)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
