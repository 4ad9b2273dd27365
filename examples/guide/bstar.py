"""Binary Star: two servers of which exactly one is active. bstarsrv.py and clonesrv6.py use it.

    primary  PUB ─── its state, every interval ───▶ SUB  backup
             SUB ◀── its state, every interval ──── PUB

python examples/guide/bstar.py      shows the table below, as a list

The rules: a server becomes active when it hears that the other one waits for it, or when *both* are true: the other has
been silent for two intervals, and a client asks this one. A cut between the two servers alone makes no second master.
"""

import time
from collections.abc import Callable

import purezmq as zmq

# States, and what is heard from the peer. A primary and a backup have just started; the others have agreed.
PRIMARY, BACKUP, ACTIVE, PASSIVE = b"primary", b"backup", b"active", b"passive"

TRANSITIONS = {  # (our state, the peer's): our next state
    (PRIMARY, BACKUP): ACTIVE,
    (PRIMARY, ACTIVE): PASSIVE,
    (BACKUP, ACTIVE): PASSIVE,
    (PASSIVE, PRIMARY): ACTIVE,
    (PASSIVE, BACKUP): ACTIVE,
}
IMPOSSIBLE = {(ACTIVE, ACTIVE), (PASSIVE, PASSIVE)}  # this must not go on: stop, and have a person look


class BinaryStar:
    """One of the two servers.

    Its owner polls `peer` for up to until_beat() milliseconds, then calls on_peer() if it has something, and beat();
    and asks may_serve() before it answers a client. `on_change` is called with each new state.
    """

    def __init__(
        self,
        context: zmq.Context,
        role: bytes,
        own_state: str,
        peer_state: str,
        interval: float = 1.0,
        on_change: Callable[[bytes], None] = lambda state: None,
    ) -> None:
        self.state = role
        self.peer = context.socket(zmq.SUB)
        self.peer.subscribe("")
        self.peer.connect(peer_state)
        self._publisher = context.socket(zmq.PUB)
        self._publisher.linger = 0
        self._publisher.bind(own_state)
        self._interval = interval  # seconds
        self._on_change = on_change
        self._beat_at = time.monotonic()
        self._expect_peer()

    def __enter__(self) -> "BinaryStar":
        return self

    def __exit__(self, *_: object) -> None:
        self.peer.close()
        self._publisher.close()

    def until_beat(self) -> int:
        """Return the milliseconds until beat() has something to do."""
        return max(0, int(1000 * (self._beat_at - time.monotonic())) + 1)

    def beat(self) -> bool:
        """Tell the peer our state, if it is time; return whether it was."""
        due = time.monotonic() >= self._beat_at
        if due:
            self._publisher.send(self.state)
            self._beat_at = time.monotonic() + self._interval
        return due

    def on_peer(self) -> None:
        """Hear the peer's state."""
        heard = self.peer.recv()
        self._expect_peer()
        if (self.state, heard) in IMPOSSIBLE:
            raise RuntimeError(f"both servers are {self.state.decode()}")
        self._move(TRANSITIONS.get((self.state, heard), self.state))

    def may_serve(self) -> bool:
        """Return whether to answer a client that asks now. A client that asks may make a server active."""
        if self.state in (PRIMARY, PASSIVE) and time.monotonic() >= self._silent_at:
            self._move(ACTIVE)
        return self.state == ACTIVE

    def _expect_peer(self) -> None:
        self._silent_at = time.monotonic() + 2 * self._interval

    def _move(self, state: bytes) -> None:
        if state != self.state:
            self.state = state
            self._on_change(state)


if __name__ == "__main__":
    for (ours, theirs), following in TRANSITIONS.items():
        print(f"{ours.decode():8} hears {theirs.decode():8} → becomes {following.decode()}")
    for ours, theirs in sorted(IMPOSSIBLE):
        print(f"{ours.decode():8} hears {theirs.decode():8} → stops")
