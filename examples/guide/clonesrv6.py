"""Clone 6, one of two servers: when one fails the other has the table, and goes on. (SUB, PUB, ROUTER; Binary Star)

    primary  SUB    :5558 ◀──── changes, with ttl ───────── PUB     clonecli6, any number of them, to both servers
             PUB    :5557 ───── numbered changes ─────────▶ SUB     clonecli6; and the backup
             ROUTER :5556 ◀──── "ICANHAZ?", subtree ─────── DEALER  clonecli6; and the backup
    backup   the same at :5568, :5567, :5566; and both have a Binary Star between them, see bstar.py

python examples/guide/clonesrv6.py [primary|backup [OWN PEER [INTERVAL]]]      default: primary, INTERVAL 1

OWN and PEER are endpoints without what makes the difference: "tcp://*:555" and "tcp://localhost:556" by default, to
which 6 (snapshot), 7 (updates), 8 (collector) and 9 (state) are added.

The last of six steps. The passive server does what the active one publishes. What clients send it keeps until it hears
that the active one has done it; so when it becomes active it knows what is still to do.
"""

import sys

from bstar import ACTIVE, PASSIVE, BinaryStar
from clonesrv5 import SharedTable
from kvmsg import KVMsg

import purezmq as zmq

ENDPOINTS = {
    "primary": ("tcp://*:555", "tcp://localhost:556"),
    "backup": ("tcp://*:556", "tcp://localhost:555"),
}
PATIENCE = 1000  # ms for each part of the other server's table


def main(role: str = "primary", *arguments: str) -> None:
    own, peer = arguments[:2] or ENDPOINTS[role]
    interval = float(arguments[2]) if len(arguments) > 2 else 1.0
    with zmq.Context() as context, Server(context, role.encode(), own, peer, interval) as server:
        print(f"Started as {role}")
        server.run()


class Server:
    def __init__(self, context: zmq.Context, role: bytes, own: str, peer: str, interval: float) -> None:
        self._context = context
        self._peer_snapshot = f"{peer}6"
        self._router = context.socket(zmq.ROUTER)
        self._publisher = context.socket(zmq.PUB)
        self._changes = context.socket(zmq.SUB)
        self._peer_updates = context.socket(zmq.SUB)
        for socket in (self._router, self._publisher, self._changes, self._peer_updates):
            socket.linger = 0
        self._router.bind(f"{own}6")
        self._publisher.bind(f"{own}7")
        self._changes.subscribe("")
        self._changes.bind(f"{own}8")
        self._peer_updates.subscribe("")
        self._peer_updates.connect(f"{peer}7")
        self._star = BinaryStar(context, role, f"{own}9", f"{peer}9", interval, self._become)

        self._shared = SharedTable(self._router, self._publisher)
        self._complete = True  # False: we stand by, and have not yet got the other's table
        self._pending: dict[bytes, KVMsg] = {}  # sent by clients, not yet published by the active server
        self._ahead: set[bytes] = set()  # published by the active server, not yet here from the client

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self._star.__exit__()
        for socket in (self._router, self._publisher, self._changes, self._peer_updates):
            socket.close()

    def run(self) -> None:
        handlers = {
            self._star.peer: self._star.on_peer,
            self._router: self._on_request,
            self._changes: self._on_change,
            self._peer_updates: self._on_peer_update,
        }
        poller = zmq.Poller()
        for socket in handlers:
            poller.register(socket, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll(self._star.until_beat()):
                handlers[socket]()
            if self._star.beat() and self._star.state == ACTIVE:
                self._shared.expire()
                self._shared.hug()

    def _on_request(self) -> None:
        request = self._router.recv_multipart()
        if self._star.may_serve():  # this request may be what makes us active
            self._shared.answer(*request)

    def _on_change(self) -> None:
        change = KVMsg.receive(self._changes)
        if self._star.state == ACTIVE:
            self._shared.change(change)
        elif change.uid in self._ahead:
            self._ahead.remove(change.uid)
        else:
            self._pending[change.uid] = change

    def _on_peer_update(self) -> None:
        update = KVMsg.receive(self._peer_updates)
        if self._star.state != PASSIVE:
            return
        if not self._complete:
            self._complete = self._copy_table()
        if update.key == "HUGZ" or not self._complete:
            return
        if self._pending.pop(update.uid, None) is None:
            self._ahead.add(update.uid)
        if update.sequence > self._shared.sequence:
            self._shared.replay(update)

    def _become(self, state: bytes) -> None:
        print(f"I am {state.decode()}")
        if state == PASSIVE:
            self._complete = False
        else:
            for change in self._pending.values():
                self._shared.change(change)
        self._pending.clear()
        self._ahead.clear()

    def _copy_table(self) -> bool:
        """Take over the active server's table; return whether that went well."""
        shared = SharedTable(self._router, self._publisher)
        with self._context.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(self._peer_snapshot)
            dealer.send_multipart([b"ICANHAZ?", b""])
            while dealer.poll(PATIENCE):
                entry = KVMsg.receive(dealer)
                if entry.key == "KTHXBAI":
                    shared.sequence = entry.sequence
                    self._shared = shared
                    print(f"Copied {len(shared.entries)} keys as of update {entry.sequence}")
                    return True
                shared.replay(entry)
        return False


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
