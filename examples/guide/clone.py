"""A client of clonesrv6 as a class: a table that is shared, and survives its server. clonecli6.py uses it.

    Clone  SUB    ◀─── numbered changes ─── PUB     one of the servers
           DEALER ──── "ICANHAZ?" ────────▶ ROUTER  that server
           PUB    ──── changes ───────────▶ SUB     all servers

python examples/guide/clone.py      shows a Clone that looks for servers, and finds none

A server that is silent for too long is given up for the next one, in turn, whose table is then taken as the truth.
"""

import itertools
import time
from collections.abc import Iterable

from kvmsg import KVMsg

import purezmq as zmq


class Clone:
    """A subtree of the table. Read `entries`; set() changes; update() must be called again and again."""

    def __init__(
        self, context: zmq.Context, servers: Iterable[str], subtree: str = "", patience: float = 3.0
    ) -> None:
        self.entries: dict[str, KVMsg] = {}
        self.server = ""  # whose table this is; "": nobody's yet
        self.sequence = 0  # of the last update
        self._context = context
        self._subtree = subtree
        self._patience = patience  # seconds without a word from the server
        self._silent_at = 0.0  # when it is over
        self._publisher = context.socket(zmq.PUB)
        self._publisher.linger = 0
        servers = list(servers)
        for server in servers:
            self._publisher.connect(f"{server}8")
        self._servers = itertools.cycle(servers)
        self._subscriber = context.socket(zmq.SUB)

    def __enter__(self) -> "Clone":
        return self

    def __exit__(self, *_: object) -> None:
        self._publisher.close()
        self._subscriber.close()

    def set(self, key: str, value: bytes, ttl: float = 0) -> None:
        """Ask for a change; an empty value deletes. It is made when update() returns it."""
        properties = {"ttl": str(ttl)} if ttl else {}
        KVMsg(self._subtree + key, value, properties=properties).send(self._publisher)

    def update(self, milliseconds: int) -> KVMsg | None:
        """Return the next change, made; None: none came in this time, or we were joining a server."""
        if not self.server and not self._join(next(self._servers)):
            return None
        if not self._subscriber.poll(milliseconds):
            if time.monotonic() >= self._silent_at:
                self.server = ""
            return None
        self._silent_at = time.monotonic() + self._patience
        update = KVMsg.receive(self._subscriber)
        if update.key == "HUGZ" or update.sequence <= self.sequence:
            return None
        self.sequence = update.sequence
        update.store(self.entries)
        return update

    def _join(self, server: str) -> bool:
        """Follow this server's updates, and take its table; return whether it was there, and active."""
        self._subscriber.close()
        self._subscriber = self._context.socket(zmq.SUB)
        self._subscriber.subscribe(self._subtree)
        self._subscriber.subscribe("HUGZ")
        self._subscriber.connect(f"{server}7")
        with self._ask_for_table(server):  # which may be what makes it active
            if not self._subscriber.poll(int(1000 * self._patience)):
                return False
        entries: dict[str, KVMsg] = {}
        with self._ask_for_table(server) as dealer:  # now no update passes us by
            while dealer.poll(int(1000 * self._patience)):
                entry = KVMsg.receive(dealer)
                if entry.key == "KTHXBAI":
                    self.entries, self.sequence, self.server = entries, entry.sequence, server
                    self._silent_at = time.monotonic() + self._patience
                    return True
                entry.store(entries)
        return False

    def _ask_for_table(self, server: str) -> zmq.Socket:
        dealer = self._context.socket(zmq.DEALER)
        dealer.linger = 0
        dealer.connect(f"{server}6")
        dealer.send_multipart([b"ICANHAZ?", self._subtree.encode()])
        return dealer


def main() -> None:
    with zmq.Context() as context, Clone(context, ["inproc://a", "inproc://b"], patience=0.1) as clone:
        for _ in range(2):
            clone.update(100)
            print(f"Joined {clone.server or 'nobody'}, know {len(clone.entries)} keys")


if __name__ == "__main__":
    main()
