"""Waiting in an asyncio event loop: who waits for a socket, in which order, and who serves them.

The rules:

- The event loop itself watches the descriptor of the socket's engine. No thread takes part.
- Whoever must wait is served in the order of the calls, those who send apart from those who receive.
- A wait that a task awaits is only *called* when its turn comes; the message is taken, or handed over, when the task
  itself runs again. So a task that is cancelled, at whatever point, has taken nothing. A wait that nobody awaits
  directly (callbacks, asyncio.wait, gather) gets its result as soon as there is one.
- One Station serves all handles of one socket, from one event loop at a time.
- After CREDIT answers without a turn of the loop the next one waits for one: no busy socket starves other tasks.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Generator
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from purezmq.constants import PollEvent
from purezmq.engine.socket_core import SocketCore
from purezmq.errors import Again, ZMQError

if TYPE_CHECKING:
    from purezmq.tracker import MessageTracker

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)

# Answers without a turn of the loop. A turn costs about 10 us, an answer about 1.
CREDIT = 100
# How long a loop that would sleep looks, turn by turn, before it does: waking it costs tens of microseconds.
_SPIN = 150e-6  # s
_SHORT = 300e-6  # s: a wait that ended within this was short enough to look for the next one
_MOST_SPINS = 16


class Wait(Future[Any]):
    """The future of a call that has to wait."""

    __slots__ = ("_attempt", "_queue", "_station", "_timer", "_waker")

    def __init__(
        self,
        station: Station,
        queue: deque[Wait],
        attempt: Callable[[], Any],
        timeout_ms: int,
    ) -> None:
        super().__init__(loop=station.loop)
        self._station = station
        self._queue = queue
        self._attempt: Callable[[], Any] | None = attempt  # raises Again: not yet
        self._waker: Future[None] | None = None  # of the task that awaits us
        self._timer: asyncio.TimerHandle | None = None
        if timeout_ms >= 0:
            self._timer = station.loop.call_later(timeout_ms / 1000, self._expire)
        queue.append(self)

    def __await__(self) -> Generator[Any, None, Any]:
        if self.done() or self._waker is not None:
            return super().__await__()
        return self._take()

    def _take(self) -> Generator[Any, None, Any]:
        """Wait to be called, and take what there is then."""
        try:
            while not self.done():
                waker = self._waker = Future(loop=self._station.loop)
                yield from waker
                self._station.credit = CREDIT  # the loop has turned
                if not self.done() and self.attempt():
                    self._station.serve(self._queue)
        except BaseException:  # this task was cancelled
            self.cancel()
            raise
        return self.result()

    def attempt(self) -> bool:
        """Do now what was asked for; return whether that was possible."""
        attempt = self._attempt
        assert attempt is not None
        try:
            result = attempt()
        except Again:
            return False
        except Exception as reason:
            self._leave()
            self.set_exception(reason)
        else:
            self._leave()
            self.set_result(result)
        return True

    def awaken(self) -> bool:
        """Have the task that awaits this wait go on; return whether there is one."""
        waker = self._waker
        if waker is None:
            return False
        if not waker.done():
            waker.set_result(None)
        return True

    def call(self) -> None:
        """Serve this wait, whose turn it is: either now, or have the task that awaits it do so."""
        if not self.awaken():
            self.attempt()

    def cancel(self, msg: Any | None = None) -> bool:
        """Give up; what was asked for has not been done."""
        if not super().cancel(msg):
            return False
        self._leave()
        self.awaken()
        self._station.serve(self._queue)  # whoever is next may have waited for us only
        return True

    def _expire(self) -> None:
        if not self.done():
            self._leave()
            self._time_out()
            self.awaken()

    def _time_out(self) -> None:
        self.set_exception(Again())

    def _leave(self) -> None:
        self._attempt = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._queue.remove(self)  # the first, nearly always
        except ValueError:
            pass


class PollWait(Wait):
    """The future of a poll, which takes nothing and so waits for nobody's turn."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        return Future.__await__(self)

    def _time_out(self) -> None:
        self.set_result(0)


_give_way: Callable[[], None] = getattr(os, "sched_yield", lambda: None)


class Spinner:
    """Keeps an event loop from going to sleep while an answer is likely to come at once.

    It does so by turning the loop, so that everything else on the loop goes on as well. As SelectorLoop.wait does, it
    looks only as long as the last looks were worth it.
    """

    __slots__ = ("_begun", "_credit", "_loop", "_spinning")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._credit = _MOST_SPINS
        self._begun = 0.0
        self._spinning = False

    def begin(self) -> None:
        """Note that somebody waits from now on."""
        self._begun = monotonic()
        if self._credit > 0 and not self._spinning:
            self._spinning = True
            self._turn()

    def end(self) -> None:
        """Note that what somebody waited for has come."""
        if self._spinning:
            self._spinning = False
        elif monotonic() - self._begun > _SHORT:
            return
        if self._credit < _MOST_SPINS:
            self._credit += 1

    def _turn(self) -> None:
        if not self._spinning:
            return
        if monotonic() - self._begun > _SPIN:
            self._spinning = False
            self._credit -= 2
            return
        _give_way()
        loop = self._loop()
        if loop is not None:
            loop.call_soon(self._turn)


_spinners: weakref.WeakKeyDictionary[AbstractEventLoop, Spinner] = weakref.WeakKeyDictionary()


class Station:
    """Serves the waits of one socket from one event loop (engine's Watcher)."""

    __slots__ = (
        "_fd",
        "_rung",
        "_flushing",
        "_thread",
        "_turning",
        "core",
        "credit",
        "loop",
        "polls",
        "receivers",
        "senders",
        "sent",
        "spinner",
    )

    def __init__(self, core: SocketCore, loop: AbstractEventLoop) -> None:
        self.core = core
        self.loop = loop
        self.receivers: deque[Wait] = deque()
        self.senders: deque[Wait] = deque()
        self.polls: deque[Wait] = deque()
        self.credit = CREDIT
        # What all sends that were possible at once return.
        self.sent: Future[MessageTracker | None] = loop.create_future()
        self.sent.set_result(None)
        if loop not in _spinners:
            _spinners[loop] = Spinner(loop)
        self.spinner = _spinners[loop]
        self._thread = get_ident()
        self._rung = False
        self._flushing = False
        self._turning = False
        core.add_watcher(self, polls=True)
        self._fd = core.loop.fileno()
        try:
            loop.add_reader(self._fd, self._on_readable)
        except NotImplementedError:  # Windows' proactor loop: the keeper drives
            self._fd = -1
            core.remove_watcher(self)
            core.add_watcher(self, polls=False)

    # -- called by the engine --------------------------------------------------------------------------------

    def ring(self) -> bool:
        """Serve soon; any thread (Watcher)."""
        if self._rung:
            return not self.loop.is_closed()
        here = get_ident() == self._thread
        if here and not (self.senders or self.polls or self.core.closed):
            if not self.receivers:
                return True
            if not self.core.pattern.can_send and self.receivers[0].awaken():
                return True  # rung for a message; the task is called here and now, one turn earlier
        self._rung = True
        try:
            if here:
                self.loop.call_soon(self._on_rung)
            else:
                self.loop.call_soon_threadsafe(self._on_rung)
        except RuntimeError:  # the loop was closed, and has forgotten the descriptor, too
            return False
        return True

    def _on_rung(self) -> None:
        self._rung = False  # before the look: whoever rings from here on is heard again
        self._look(driving=False)

    def _on_readable(self) -> None:
        self._look(driving=True)

    def _on_turn(self) -> None:
        self._turning = False
        self._look(driving=False)

    # -- serving -----------------------------------------------------------------------------------------------

    def _look(self, driving: bool) -> None:
        """See what there is, and serve who waits for it. driving: have the engine look at its descriptors first."""
        self.credit = CREDIT
        core = self.core
        wanted = _POLLIN if self.receivers else 0
        if self.senders:
            wanted |= _POLLOUT
        try:
            if driving:
                found = core.serve(self, wanted)
            elif core.pattern.can_send and wanted:
                found = core.known_events(wanted)
            else:
                found = wanted  # who only receives is rung for nothing else
        except ZMQError:
            found = wanted  # ETERM: each wait finds out for itself
        if core.closed:
            self.leave()
            return
        if self.receivers and (found & _POLLIN or _parts_waiting(core)):
            if driving:
                self.spinner.end()
            self.serve(self.receivers)
        if found & _POLLOUT:
            self.serve(self.senders)
        if self.polls:
            for wait in list(self.polls):
                if not wait.done():
                    wait.attempt()

    def serve(self, queue: deque[Wait]) -> None:
        """Serve those at the head of a queue, as far as that is possible."""
        if queue is self.polls:
            return
        while queue and not self.core.closed:
            head = queue[0]
            head.call()
            if queue and queue[0] is head:
                return

    def turn(self) -> None:
        """Serve after others have had their turn: the credit is used up."""
        if not self._turning:
            self._turning = True
            self.loop.call_soon(self._on_turn)

    def flush_soon(self) -> None:
        """Send what has gathered when this turn of the loop is over."""
        if not self._flushing:
            self._flushing = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        core = self.core
        if core.outbox:
            core.flush()

    # -- the end -----------------------------------------------------------------------------------------------

    def here(self) -> bool:
        """Return whether `leave` may be called: this is the loop's thread, or the loop is no more."""
        return get_ident() == self._thread or self.loop.is_closed()

    def busy(self) -> bool:
        """Return whether somebody waits, in a loop that may still serve them."""
        return bool(self.receivers or self.senders or self.polls) and not self.loop.is_closed()

    def leave(self) -> None:
        """Serve no more; who still waits is cancelled. In the loop's thread, or once the loop is closed."""
        if self.loop is _NO_LOOP:
            return
        if self.core.station is self:
            self.core.station = None
        if not self.loop.is_closed():
            if self._fd >= 0:
                self.loop.remove_reader(self._fd)
            for queue in (self.receivers, self.senders, self.polls):
                for wait in list(queue):
                    wait.cancel()
        self._fd = -1
        self.core.remove_watcher(self)
        self.loop = _NO_LOOP


def _parts_waiting(core: SocketCore) -> bool:
    """Return whether a thread has received the beginning of a message."""
    return bool(core.front is not None and core.front.receiving)


_NO_LOOP: AbstractEventLoop = cast(AbstractEventLoop, object())  # running nowhere


class _Nowhere:
    """The station of a socket that has not been used in an event loop yet."""

    __slots__ = ("loop",)

    def __init__(self) -> None:
        self.loop = _NO_LOOP


NOWHERE = cast(Station, _Nowhere())


def station_of(core: SocketCore, loop: AbstractEventLoop) -> Station:
    """Return the station that serves the socket in this loop."""
    station: Station | None = core.station
    if station is not None:
        if station.loop is loop:
            return station
        if station.busy():
            raise RuntimeError(
                "this socket is being waited for in another event loop: use one loop, or a socket for each"
            )
        _release(station)
    station = core.station = Station(core, loop)
    return station


def _release(station: Station) -> None:
    """Have a station leave its socket, in the thread of its loop."""
    if station.here():
        station.leave()
    else:
        station.core.station = None
        station.loop.call_soon_threadsafe(station.leave)


def answered(loop: AbstractEventLoop, attempt: Callable[[], Any]) -> Future[Any]:
    """Return a future of what is tried once, now."""
    future: Future[Any] = loop.create_future()
    try:
        future.set_result(attempt())
    except Exception as reason:
        future.set_exception(reason)
    return future


def tried(station: Station, attempt: Callable[[], Any]) -> Future[Any] | None:
    """Return a future of what can be done now, or None: it cannot be."""
    station.credit -= 1
    try:
        result = attempt()
    except Again:
        return None
    except Exception as reason:
        future: Future[Any] = station.loop.create_future()
        future.set_exception(reason)
        return future
    future = station.loop.create_future()
    future.set_result(result)
    return future
