"""Clone 3, the server: take changes from clients, put them in an order, and publish them. (PULL, PUB, ROUTER)

    clonesrv3  PULL   :5558 ◀────── changes ───────── PUSH    clonecli3, any number of them
               PUB    :5557 ─── numbered changes ───▶ SUB
               ROUTER :5556 ◀── "ICANHAZ?" ────────── DEALER
                            ─── table, "KTHXBAI" ───▶

python examples/guide/clonesrv3.py [SNAPSHOT UPDATES COLLECTOR]
                        default: tcp://*:5556 tcp://*:5557 tcp://*:5558

The third of six steps. New here: clients make the changes. All go through the server, so all clients see all changes
in the same order, also their own. "HUGZ", sent every now and then, tells newcomers that their subscription works.
"""

import sys
import time

from kvmsg import KVMsg

import purezmq as zmq

INTERVAL = 0.2  # seconds from one HUGZ to the next


def main(
    snapshot: str = "tcp://*:5556", updates: str = "tcp://*:5557", collector: str = "tcp://*:5558"
) -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.PUB) as publisher,
        context.socket(zmq.PULL) as changes,
    ):
        for socket, endpoint in ((router, snapshot), (publisher, updates), (changes, collector)):
            socket.linger = 0
            socket.bind(endpoint)
            print(f"Listening on {socket.get_string(zmq.LAST_ENDPOINT)}")

        table: dict[str, KVMsg] = {}
        sequence = 0
        hug_at = time.monotonic()
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        poller.register(changes, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(max(0, int(1000 * (hug_at - time.monotonic())))))
            if changes in ready:
                change = KVMsg.receive(changes)
                sequence += 1
                change.sequence = sequence
                change.store(table)
                change.send(publisher)
                print(change)
            if router in ready:
                client, request = router.recv_multipart()
                if request == b"ICANHAZ?":
                    for entry in table.values():
                        entry.send(router, client)
                    KVMsg("KTHXBAI", sequence=sequence).send(router, client)
            if time.monotonic() >= hug_at:
                hug_at = time.monotonic() + INTERVAL
                KVMsg("HUGZ", sequence=sequence).send(publisher)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
