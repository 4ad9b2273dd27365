"""Clone 2, the server: publish changes, and give newcomers the whole table. (PUB, ROUTER)

    clonesrv2  PUB    :5557 ─────── changes ────────▶ SUB     clonecli2, any number of them
               ROUTER :5556 ◀── "ICANHAZ?" ────────── DEALER
                            ─── table, "KTHXBAI" ───▶

python examples/guide/clonesrv2.py [SNAPSHOT [UPDATES]]      default: tcp://*:5556 tcp://*:5557

The second of six steps. Updates are numbered, and a snapshot says which update it is as of. New here: late clients
have everything. Still missing: clients cannot change anything.
"""

import random
import sys
import time

from kvmsg import KVMsg

import purezmq as zmq

PACE = 0.01  # seconds from one change to the next


def main(snapshot: str = "tcp://*:5556", updates: str = "tcp://*:5557") -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router, context.socket(zmq.PUB) as publisher:
        router.bind(snapshot)
        publisher.bind(updates)
        print(f"Listening on {router.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")

        table: dict[str, KVMsg] = {}
        sequence = 0
        due = time.monotonic()
        while True:
            if router.poll(max(0, int(1000 * (due - time.monotonic())))):
                client, request = router.recv_multipart()
                if request == b"ICANHAZ?":
                    print(f"Sending {len(table)} keys as of update {sequence}")
                    for entry in table.values():
                        entry.send(router, client)
                    KVMsg("KTHXBAI", sequence=sequence).send(router, client)
            if time.monotonic() >= due:
                due += PACE
                sequence += 1
                change = KVMsg(f"key {random.randint(0, 99)}", str(random.randint(0, 999)).encode(), sequence)
                change.store(table)
                change.send(publisher)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
