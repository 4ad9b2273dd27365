"""Waiting for several sockets at once in one thread, which serves them itself: what proxies rest on.

The rules:

- The lookout is a watcher of each socket (driven_socket.py): its own epoll has those of the sockets' loops in it, and
  what others bring rings it. So one system call tells which sockets stir, and nothing is missed.
- Whoever finds that a seat stirs serves its socket, whether or not it wants to receive from it now: what is readable
  would wake the lookout again and again. A socket reads ahead to its HWM and then stops.
- A wait that is likely to be short looks before it sleeps, as a socket's own (loop.py). Once it has slept for longer
  than the keeper's tick the sockets are held: the keeper does not wake up with us, and we mind their timers.
"""

from __future__ import annotations

from errno import ENOTSOCK
from typing import TYPE_CHECKING

from purezmq.engine.loop import READ, SelectorLoop
from purezmq.errors import error

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from purezmq.engine.socket_core import SocketCore

_SHORT = 0.004  # s: shorter than the keeper's tick, in which it leaves sockets in use alone
_LONGEST = 3600.0  # s


class Seat:
    """One socket, and whether something has happened at it."""

    traffic = True

    __slots__ = ("_lookout", "core", "stirs")

    def __init__(self, core: SocketCore, lookout: SelectorLoop) -> None:
        self.core = core
        self.stirs = True  # nobody has looked yet
        self._lookout = lookout

    def ring(self) -> bool:
        """Something happened that nobody has told us (Watcher)."""
        self.stirs = True
        self._lookout.wakeup.set()
        return True

    def on_ready(self, mask: int) -> None:
        """Its loop has something to dispatch (Handler)."""
        self.stirs = True

    def serve(self) -> None:
        """Take in and write out what is possible; raise ETERM, or ENOTSOCK once the socket is closed."""
        self.stirs = False
        self.core.serve(self, 0)
        if self.core.closed:
            raise error(ENOTSOCK, "the socket was closed while somebody waited for it")


class Lookout:
    """Watches sockets within a `with` block."""

    def __init__(self, cores: Iterable[SocketCore]) -> None:
        self._loop = SelectorLoop()
        self.seats = [Seat(core, self._loop) for core in dict.fromkeys(cores)]

    def __enter__(self) -> Lookout:
        try:
            for seat in self.seats:
                core = seat.core
                fd = -1 if core.closed else core.loop.fileno()
                core.add_watcher(seat, fd >= 0)  # which refuses a closed socket
                if fd >= 0:
                    self._loop.watch(fd, seat, READ)
                core.flush()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self._loop.close()
        for seat in self.seats:
            seat.core.remove_watcher(seat)

    def seat(self, core: SocketCore) -> Seat:
        """Return the seat of a socket."""
        return next(seat for seat in self.seats if seat.core is core)

    def stir(self) -> None:
        """Have every seat looked at again."""
        for seat in self.seats:
            seat.stirs = True

    def serve(self) -> list[Seat]:
        """Wait until seats stir, serve their sockets, and return them."""
        loop = self._loop
        while not (stirring := [seat for seat in self.seats if seat.stirs]):
            loop.dispatch(loop.wait(_SHORT) or self._sleep())
        for seat in stirring:
            seat.serve()
        return stirring

    def _sleep(self) -> list[tuple[int, int]]:
        prepared: list[Seat] = []
        try:
            for seat in self.seats:
                seat.core.prepare_wait()
                prepared.append(seat)
            deadlines = [(when, seat) for seat in prepared if (when := seat.core.wait_deadline()) is not None]
            first = min((when for when, _ in deadlines), default=None)
            ready = self._loop.wait(_LONGEST if first is None else max(first - self._loop.time(), 0.0))
        finally:
            for seat in prepared:
                seat.core.finish_wait()
        for when, seat in deadlines:
            if when <= self._loop.time():
                seat.stirs = True
        return ready
