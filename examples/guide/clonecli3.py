"""Clone 3, a client: change the table, and follow everybody's changes. (PUSH, SUB, DEALER)

    clonesrv3  PULL   :5558 ◀────── changes ───────── PUSH    clonecli3, any number of them
               PUB    :5557 ─── numbered changes ───▶ SUB
               ROUTER :5556 ◀── "ICANHAZ?" ────────── DEALER
                            ─── table, "KTHXBAI" ───▶

python examples/guide/clonecli3.py [UPDATES [SNAPSHOT UPDATES COLLECTOR]]
                        default: 50 tcp://localhost:5556 tcp://localhost:5557 tcp://localhost:5558

Start clonesrv3.py, and several of these.
"""

import random
import sys
import time

from kvmsg import KVMsg

import purezmq as zmq

PACE = 0.1  # seconds from one change of ours to the next


def main(
    updates: str = "50",
    snapshot: str = "tcp://localhost:5556",
    publisher: str = "tcp://localhost:5557",
    collector: str = "tcp://localhost:5558",
) -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.SUB) as subscriber,
        context.socket(zmq.DEALER) as dealer,
        context.socket(zmq.PUSH) as changes,
    ):
        subscriber.subscribe("")
        subscriber.connect(publisher)
        print(f"Following {publisher}")
        subscriber.poll()  # HUGZ, or an update: our subscription has arrived

        dealer.linger = 0
        dealer.connect(snapshot)
        dealer.send(b"ICANHAZ?")
        table: dict[str, KVMsg] = {}
        while (entry := KVMsg.receive(dealer)).key != "KTHXBAI":
            entry.store(table)
        sequence = entry.sequence
        print(f"The table as of update {sequence} has {len(table)} keys")

        changes.linger = 0
        changes.connect(collector)
        received = 0
        due = time.monotonic()
        while received < int(updates):
            if subscriber.poll(max(0, int(1000 * (due - time.monotonic())))):
                update = KVMsg.receive(subscriber)
                if update.sequence > sequence:
                    sequence = update.sequence
                    update.store(table)
                    received += 1
                    print(update)
            else:
                due += PACE
                KVMsg(f"key {random.randint(0, 99)}", str(random.randint(0, 999)).encode()).send(changes)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
