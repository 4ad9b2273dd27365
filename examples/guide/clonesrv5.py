"""Clone 5, the server: values that live for a while only. (PULL, PUB, ROUTER)

    clonesrv5  PULL   :5558 ◀─ changes, with ttl ──── PUSH    clonecli5, any number of them
               PUB    :5557 ─── numbered changes ───▶ SUB
               ROUTER :5556 ◀── "ICANHAZ?", subtree ─ DEALER
                            ─ subtree, "KTHXBAI" ───▶

python examples/guide/clonesrv5.py [SNAPSHOT UPDATES COLLECTOR]
                        default: tcp://*:5556 tcp://*:5557 tcp://*:5558

The fifth of six steps. New here: a change may have the property ttl, in seconds, after which the server deletes the
key, and tells everybody. So who is there can be kept in the table, too: a client says it anew from time to time.
"""

import sys
import time

from kvmsg import KVMsg

import purezmq as zmq

INTERVAL = 0.2  # seconds from one HUGZ to the next, and from one look at what has expired to the next


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

        shared = SharedTable(router, publisher)
        tick_at = time.monotonic()
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        poller.register(changes, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(max(0, int(1000 * (tick_at - time.monotonic())))))
            if changes in ready:
                shared.change(KVMsg.receive(changes))
            if router in ready:
                shared.answer(*router.recv_multipart())
            if time.monotonic() >= tick_at:
                tick_at = time.monotonic() + INTERVAL
                shared.expire()
                shared.hug()


class SharedTable:
    """A table, and the sockets by which clients share it."""

    def __init__(self, router: zmq.Socket, publisher: zmq.Socket) -> None:
        self.entries: dict[str, KVMsg] = {}
        self.sequence = 0
        self._router = router
        self._publisher = publisher
        self._deadlines: dict[str, float] = {}  # of the keys that have a ttl

    def change(self, change: KVMsg) -> None:
        """Number a change, make it, and publish it."""
        change.sequence = self.sequence + 1
        self.replay(change)
        change.send(self._publisher)
        print(change)

    def replay(self, change: KVMsg) -> None:
        """Make a change that has its number already."""
        self.sequence = change.sequence
        change.store(self.entries)
        ttl = float(change.properties.get("ttl", 0))
        if ttl and change.value:
            self._deadlines[change.key] = time.monotonic() + ttl
        else:
            self._deadlines.pop(change.key, None)

    def answer(self, client: bytes, request: bytes, subtree: bytes) -> None:
        """Give a client its part of the table."""
        if request == b"ICANHAZ?":
            for key, entry in self.entries.items():
                if key.startswith(subtree.decode()):
                    entry.send(self._router, client)
            KVMsg("KTHXBAI", sequence=self.sequence).send(self._router, client)

    def expire(self) -> None:
        """Delete what has lived long enough."""
        now = time.monotonic()
        for key in [key for key, deadline in self._deadlines.items() if deadline <= now]:
            self.change(KVMsg(key))

    def hug(self) -> None:
        KVMsg("HUGZ", sequence=self.sequence).send(self._publisher)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
