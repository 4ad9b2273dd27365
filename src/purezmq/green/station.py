"""Where greenlets wait for a socket.

There is a station for each socket and hub while somebody waits there. It is woken by the engine's news, and by the
engine's descriptor, which the hub watches meanwhile. When no greenlet waits, or the hub is busy, the engine's keeper,
a real thread, drives the socket as any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gevent.hub import Waiter, get_hub
from gevent.timeout import Timeout

from purezmq._waiting import NOT_YET, WaitingRoom
from purezmq.engine.greenlet_lock import GreenLock
from purezmq.engine.unpatched import get_ident
from purezmq.errors import Again

if TYPE_CHECKING:
    from gevent.hub import Hub

    from purezmq.engine.socket_core import SocketCore

_READ = 1  # gevent's
_PAUSE = 0.001  # s

T = TypeVar("T")


class Station(WaitingRoom["Waiter[None]"]):
    """Wakes the greenlets of one hub that wait for one socket (engine's Watcher)."""

    def __init__(self, core: SocketCore, hub: Hub) -> None:
        super().__init__(core)
        self.hub = hub
        self._rung = False
        self._again: Any = None  # a timer, while a greenlet has been stopped that holds the socket's lock
        fd = core.loop.fileno()
        core.add_watcher(self, polls=fd >= 0)
        self._io: Any = None
        if fd >= 0:
            self._io = hub.loop.io(fd, _READ)
            self._io.start(self.look, True)

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
        if self.busy():
            self.look()

    def look(self, driving: bool = False) -> None:
        """Wake those whose event is there (WaitingRoom); in the hub only, which must wait for no greenlet."""
        if self._is_free():
            super().look(driving)
        elif self._again is None:
            self._again = self.hub.loop.timer(_PAUSE)
            self._again.start(self._look_again)

    def _is_free(self) -> bool:
        lock: Any = self.core.lock
        return lock.is_free() if isinstance(lock, GreenLock) else True

    def _look_again(self) -> None:
        self._forget_timer()
        self.look(True)

    def _forget_timer(self) -> None:
        timer, self._again = self._again, None
        if timer is not None:
            timer.stop()
            timer.close()

    def wake(self, waiter: Waiter[None]) -> None:
        """Switch to who waits; in the hub only."""
        if not waiter.ready():
            waiter.switch(None)

    def wait(self, queue: deque[Waiter[None]], attempt: Callable[[], T]) -> T:
        """Return what the attempt returns, once it is not NOT_YET."""
        waiter: Waiter[None] = Waiter(self.hub)
        queue.append(waiter)
        try:
            while True:
                if queue[0] is waiter:
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
        if self.busy():
            self.ring()
            return
        del _stations[self.core, self.hub]
        self._forget_timer()
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
