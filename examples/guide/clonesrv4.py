"""Clone 4, the server: give each client the part of the table that it wants. (PULL, PUB, ROUTER)

    clonesrv4  PULL   :5558 ◀────── changes ───────── PUSH    clonecli4, any number of them
               PUB    :5557 ─── numbered changes ───▶ SUB
               ROUTER :5556 ◀── "ICANHAZ?", subtree ─ DEALER
                            ─ subtree, "KTHXBAI" ───▶

python examples/guide/clonesrv4.py [SNAPSHOT UPDATES COLLECTOR]
                        default: tcp://*:5556 tcp://*:5557 tcp://*:5558

The fourth of six steps. New here: a client names a subtree, such as "/b/", and gets only the keys in it: of the
snapshot by asking for it, of the changes by its subscription.
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
                client, request, subtree = router.recv_multipart()
                if request == b"ICANHAZ?":
                    for key, entry in table.items():
                        if key.startswith(subtree.decode()):
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
