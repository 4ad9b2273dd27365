"""What happens to a socket's connections, as values to iterate over: in a thread, in asyncio, in trio.

The rules:

- Waiting here is passive: the socket is driven by whoever uses it, or by the keeper. So a thread that only watches
  never takes a socket's work over.
- The newest events are kept, `KEPT` of them, until somebody asks; `lost` counts the others.
- It ends when the socket has finished, after the last event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from purezmq.engine.signals import new_signal
from purezmq.engine.unpatched import Lock
from purezmq.errors import Again

if TYPE_CHECKING:
    from typing import Self

    from purezmq.core.monitor import SocketEvent
    from purezmq.engine.socket_core import SocketCore

KEPT: Final = 1000


class EventStream:
    """An iterator of SocketEvent, blocking and asynchronous; close it, or use it in a with statement.

    Several threads or tasks may share one: each event goes to one of them.
    """

    def __init__(self, core: SocketCore, events: int) -> None:
        self.lost = 0  # events that were dropped because nobody asked for so long
        self._core = core
        self._mask = events
        self._events: deque[SocketEvent] = deque(maxlen=KEPT)
        self._over = False
        self._lock = Lock()
        self._wakers: list[Callable[[], object]] = []  # of threads and tasks that wait; any thread calls them
        core.hear(self)

    def close(self) -> None:
        """Hear no more; whoever waits gets the events that are left, and then the end."""
        self._core.hear_no_more(self)
        self.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    # -- waiting -------------------------------------------------------------------------------------------

    def next(self, timeout: int | None = None) -> SocketEvent:
        """Return the next event; Again: there was none within timeout ms. StopIteration: there will be none."""
        deadline = None if timeout is None or timeout < 0 else monotonic() + timeout / 1000
        while True:
            wake, sleep = self._turn()
            with self._lock:
                if self._events:
                    return self._events.popleft()
                if self._over:
                    raise StopIteration
                self._wakers.append(wake)
            try:
                patience = -1 if deadline is None else max(deadline - monotonic(), 0)
                if not sleep(patience) and not self._events:
                    raise Again
            finally:
                self._forget(wake)

    def _turn(self) -> tuple[Callable[[], object], Callable[[float], bool]]:
        """Return what wakes the caller, to be called by any thread and once, and how it sleeps (s; -1: no limit)."""
        turn = Lock()
        turn.acquire()
        return turn.release, lambda seconds: turn.acquire(timeout=seconds)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> SocketEvent:
        return self.next()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SocketEvent:
        signal = new_signal()
        while True:
            with self._lock:
                if self._events:
                    return self._events.popleft()
                if self._over:
                    raise StopAsyncIteration
                self._wakers.append(signal.ring)
            try:
                await signal.wait(None)
            finally:
                self._forget(signal.ring)

    def _forget(self, wake: Callable[[], object]) -> None:
        with self._lock:
            if wake in self._wakers:
                self._wakers.remove(wake)

    # -- Hearer --------------------------------------------------------------------------------------------

    def tell(self, event: SocketEvent) -> None:
        """Note an event."""
        if self._mask & event.event:
            with self._lock:
                if len(self._events) == KEPT:
                    self.lost += 1
                self._events.append(event)
                self._wake()

    def stop(self) -> None:
        """Nothing will happen any more."""
        with self._lock:
            self._over = True
            self._wake()

    def _wake(self) -> None:
        wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()
