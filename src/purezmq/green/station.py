"""Where greenlets wait for a socket.

The rules:

- There is a station for each socket and hub while somebody waits there. It is woken by the engine's news, and by the
  engine's descriptor, which the hub watches meanwhile.
- Those who receive, and those who send, are served in the order in which they began to wait: the head of a queue is
  woken, tries, and passes on. A greenlet that is killed, or times out, has taken and sent nothing.
- When no greenlet waits, or the hub is busy, the engine's keeper, a real thread, drives the socket as any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gevent.hub import Waiter, get_hub
from gevent.timeout import Timeout

from purezmq.constants import PollEvent
from purezmq.engine.unpatched import get_ident
from purezmq.errors import Again, ZMQError

if TYPE_CHECKING:
    from gevent.hub import Hub

    from purezmq.engine.socket_core import SocketCore

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_READ = 1  # gevent's

NOT_YET: Any = object()  # what an attempt returns when there is nothing to receive, or no room to send

T = TypeVar("T")


class Station:
    """Wakes the greenlets of one hub that wait for one socket (engine's Watcher)."""

    def __init__(self, core: SocketCore, hub: Hub) -> None:
        self.core = core
        self.hub = hub
        self.receivers: deque[Waiter[None]] = deque()
        self.senders: deque[Waiter[None]] = deque()
        self.pollers: list[tuple[Waiter[None], int]] = []
        self._rung = False
        self._closed = False
        fd = core.loop.fileno()
        core.add_watcher(self, polls=fd >= 0)
        self._io: Any = None
        if fd >= 0:
            self._io = hub.loop.io(fd, _READ)
            self._io.start(self._on_readable)

    # -- woken -----------------------------------------------------------------------------------------------

    def ring(self) -> bool:
        """Look soon; any thread (Watcher)."""
        if not self._rung:
            self._rung = True
            loop = self.hub.loop
            if loop is None:  # the hub was destroyed
                return False
            if get_ident() == self.hub.thread_ident:
                loop.run_callback(self._on_rung)
            else:
                loop.run_callback_threadsafe(self._on_rung)
        return True

    def _on_rung(self) -> None:
        self._rung = False  # before the look: whoever rings from here on is heard again
        self.look()

    def _on_readable(self) -> None:
        self.look(driving=True)

    def look(self, driving: bool = False) -> None:
        """Wake whose event is there. driving: have the engine look at its descriptors first."""
        if self._closed:
            return
        core = self.core
        wanted = (_POLLIN if self.receivers else 0) | (_POLLOUT if self.senders else 0)
        for _, flags in self.pollers:
            wanted |= flags
        try:
            found = core.serve(self, wanted) if driving else core.known_events(wanted)
        except ZMQError:
            found = -1  # ETERM, ENOTSOCK: each finds out for itself
        if core.closed:
            found = -1
        # Whoever is woken runs at once, and may even close this station.
        if found & _POLLIN and self.receivers:
            wake(self.receivers[0])
        if found & _POLLOUT and self.senders:
            wake(self.senders[0])
        for waiter, flags in list(self.pollers):
            if found & flags:
                wake(waiter)

    # -- the greenlets ---------------------------------------------------------------------------------------

    def wait(self, queue: deque[Waiter[None]], attempt: Callable[[], T]) -> T:
        """Return what the attempt returns, once it is not NOT_YET."""
        waiter: Waiter[None] = Waiter(self.hub)
        queue.append(waiter)
        try:
            while True:
                if (
                    queue[0] is waiter
                ):  # the first look is after we have joined: from there on nothing is missed
                    result = attempt()
                    if result is not NOT_YET:
                        return result
                waiter.get()
                waiter.clear()
        finally:
            queue.remove(waiter)
            self.leave()

    def leave(self) -> None:
        """Let the others go on, or go if there are none."""
        if self.receivers or self.senders or self.pollers:
            self.ring()
            return
        self._closed = True
        del _stations[self.core, self.hub]
        if self._io is not None:
            self._io.stop()
            self._io.close()
        self.core.remove_watcher(self)


_stations: dict[tuple[SocketCore, Hub], Station] = {}


def station_of(core: SocketCore) -> Station:
    """Return where greenlets of this thread wait for a socket; whoever gets it must join it, and `leave` it."""
    hub = get_hub()
    station = _stations.get((core, hub))
    if station is None:
        station = _stations[core, hub] = Station(core, hub)
    if core.context.gathering:
        core.context.flush_gathering(None)  # this greenlet is about to wait
    return station


class _Nobody:
    """Looks at a socket's descriptors for somebody who does not wait (engine's Watcher)."""

    def ring(self) -> bool:
        """Nobody is there."""
        return False


_NOBODY = _Nobody()


def look(core: SocketCore, event: int) -> bool:
    """Have the engine look at its descriptors, and return whether the event is there now."""
    return bool(core.serve(_NOBODY, event))


def wake(waiter: Waiter[None]) -> None:
    """Switch to who waits; in the hub only."""
    if not waiter.ready():
        waiter.switch(None)


def within(timeout_ms: float, call: Callable[[], T]) -> T:
    """Return what a call returns; raises Again after so many milliseconds. Negative: no limit."""
    if timeout_ms < 0:
        return call()
    timer = Timeout.start_new(timeout_ms / 1000)
    try:
        return call()
    except Timeout as over:
        if over is not timer:
            raise
        raise Again from None
    finally:
        timer.close()
