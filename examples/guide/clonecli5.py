"""Clone 5, a client: set values that live for a while only. (PUSH, SUB, DEALER)

    clonesrv5  PULL   :5558 ◀─ changes, with ttl ──── PUSH    clonecli5, any number of them
               PUB    :5557 ─── numbered changes ───▶ SUB
               ROUTER :5556 ◀── "ICANHAZ?", subtree ─ DEALER
                            ─ subtree, "KTHXBAI" ───▶

python examples/guide/clonecli5.py [SUBTREE [UPDATES [TTL [SNAPSHOT UPDATES COLLECTOR]]]]
                        default: /a/ 50 0.5 tcp://localhost:5556 tcp://localhost:5557 tcp://localhost:5558

Start clonesrv5.py, and several of these: "clonecli5.py /b/". A value that is not set anew is deleted after TTL seconds.
"""

import random
import sys
import time

from kvmsg import KVMsg

import purezmq as zmq

PACE = 0.1  # seconds from one change of ours to the next


def main(
    subtree: str = "/a/",
    updates: str = "50",
    ttl: str = "0.5",
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
        subscriber.subscribe(subtree)
        subscriber.subscribe("HUGZ")
        subscriber.connect(publisher)
        print(f"Following {publisher}")
        subscriber.poll()  # HUGZ, or an update: our subscription has arrived

        dealer.linger = 0
        dealer.connect(snapshot)
        dealer.send_multipart([b"ICANHAZ?", subtree.encode()])
        table: dict[str, KVMsg] = {}
        while (entry := KVMsg.receive(dealer)).key != "KTHXBAI":
            entry.store(table)
        sequence = entry.sequence
        print(f"{subtree} as of update {sequence} has {len(table)} keys")

        changes.linger = 0
        changes.connect(collector)
        received = 0
        due = time.monotonic()
        while received < int(updates):
            if subscriber.poll(max(0, int(1000 * (due - time.monotonic())))):
                update = KVMsg.receive(subscriber)
                if update.key != "HUGZ" and update.sequence > sequence:
                    sequence = update.sequence
                    update.store(table)
                    received += 1
                    print(update)
            else:
                due += PACE
                value = str(random.randint(0, 999)).encode()
                KVMsg(f"{subtree}{random.randint(0, 99)}", value, properties={"ttl": ttl}).send(changes)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
