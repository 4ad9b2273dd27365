"""The context's one background thread: it drives what no caller drives.

Every socket that has something to drive is in exactly one of these places:

    IDLE     nothing to drive: no descriptors, no timers, nothing gathered       (listed and kept are False)
    HOT      used lately: the keeper only looks at it every few milliseconds     (listed)
    HELD     a caller has been waiting in it for long, and drives it meanwhile   (neither; waiters > 0)
    KEPT     nobody uses it: its loop's descriptor is in the keeper's own poll   (kept)

When a KEPT socket has something to read and an event loop of the program watches it, too (asyncio, users of `fd`), the
keeper makes it HOT and leaves it alone for a tick: only if nobody has served it by then does it drive it.

A monitored socket is in a poll of the keeper's wherever it is, with what its monitors are to be told of (alerts.py).

The invariant: a socket with something to drive is HOT, KEPT, or has a waiter. Every move is made under the
socket's lock. A caller moves its socket to HOT (`claim`) whenever it takes the lock and finds it elsewhere; only
the keeper moves it from HOT to KEPT or HELD, and then looks at it once more under the same lock.

`claim` hands over by a deque, and wakes the keeper unless it is going to look soon anyway. The keeper announces a
long sleep *before* it looks into that deque for the last time: a claim either is seen by that look, or sees the
announcement and wakes.

Where sockets come and go, waking the keeper for each would cost more than it does for them. So it takes a nap before it
sleeps for long, and another as long as somebody came during the last one.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from purezmq.engine.loop import READ, new_poll
from purezmq.engine.unpatched import RLock, Thread, current_thread, local, new_thread
from purezmq.engine.wakeup import Wakeup

if TYPE_CHECKING:
    from purezmq.engine.driven_socket import DrivenSocket

GATHERING_TICK = 0.002  # s between looks while sends gather
HOT_TICK = 0.010  # s between looks at sockets in use
HURRY_TICK = 0.0005  # s between looks after a bind or connect
LOOK_SHARE = 0.0003  # s of pause for each hot socket: one look takes about 10 us
_LOOKS_IN_HURRY = 3
_NAP = 0.002  # s: whoever comes while the keeper sleeps no longer than this need not wake it
_LONG = 3600.0
_NEVER = float("inf")
_MAX_EVENTS = 256

_here = local()


def is_keeper() -> bool:
    """Return whether the calling thread is a keeper; finalisers that run in one must wait for no socket."""
    return hasattr(_here, "keeper")


class Custodian(Protocol):
    """What sockets and contexts need of a keeper: Keeper, or a simulated world. See Keeper for each method."""

    def claim(self, core: DrivenSocket) -> None: ...
    def watch_gathering(self, core: DrivenSocket) -> None: ...
    def hurry(self) -> None: ...
    def release(self, core: DrivenSocket) -> None: ...
    def heed(self, core: DrivenSocket) -> None: ...
    def heed_no_more(self, core: DrivenSocket) -> None: ...
    def later(self, errand: Callable[[], None]) -> None: ...
    def stop(self) -> None: ...
    def abandon(self) -> None: ...


class Keeper:
    """Drives the sockets of one context that nobody else drives."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._poll = new_poll()
        self._wakeup = Wakeup()
        self._poll.register(self._wakeup.fileno(), READ)
        self._claimed: deque[DrivenSocket] = deque()
        self._errands: deque[Callable[[], None]] = deque()
        self._gathering = False  # a socket's sends have begun to gather since the last look, or did then
        self._looks_by = _NEVER  # when the sockets in use are looked at next
        self._hurry = 0  # how many looks are still to come soon
        self._brisk = 0  # how many after that no later than a nap
        self._naps = False  # it sleeps, and looks at `_brisk` behind that
        self._hot: set[DrivenSocket] = set()  # the keeper's thread only
        self._kept: dict[int, DrivenSocket] = {}  # by the descriptor of its loop
        self._heeded: dict[int, DrivenSocket] = {}  # by the descriptor of the alerts
        self._deadlines: list[tuple[float, int, DrivenSocket]] = []
        self._order = count()
        self._sleeps_long = False
        self._stopping = False
        self._thread: Thread | None = None
        self._thread_lock = RLock()

    # -- called by sockets, with their lock held -----------------------------------------------------------

    def claim(self, core: DrivenSocket) -> None:
        """Make this socket HOT: a caller uses it."""
        if core.kept:
            self._unkeep(core)
        self._claimed.append(core)
        if self._thread is None:
            self._start()
        elif self._sleeps_long:
            self._wakeup.set()
        core.listed = True  # last: what a signal handler cuts short in here is done again

    def watch_gathering(self, core: DrivenSocket) -> None:
        """Look soon: this socket's sends gather."""
        if not core.listed:
            self.claim(core)
        self._gathering = True  # before we look: the keeper takes it into account before it says when
        if self._looks_by > monotonic() + GATHERING_TICK:
            self._wakeup.set()

    def hurry(self) -> None:
        """Look soon, and twice: then who is bound or connected, and not used, is KEPT, and shakes hands at once."""
        self._brisk = _LOOKS_IN_HURRY
        if not self._naps:
            self._hurry = _LOOKS_IN_HURRY
            self._wakeup.set()

    def release(self, core: DrivenSocket) -> None:
        """Forget a socket that has finished; its loop is about to close."""
        if core.kept:
            self._unkeep(core)

    def heed(self, core: DrivenSocket) -> None:
        """Drive this socket as soon as something but messages happens to it: somebody monitors it."""
        core.loop.open_alerts()
        alerts = core.loop.alerts
        if alerts is not None:
            self._heeded[alerts.fileno()] = core
            self._poll.register(alerts.fileno(), READ)

    def heed_no_more(self, core: DrivenSocket) -> None:
        """End what `heed` began."""
        alerts = core.loop.alerts
        if alerts is not None:
            del self._heeded[alerts.fileno()]
            self._poll.unregister(alerts.fileno())
            core.loop.close_alerts()

    def _unkeep(self, core: DrivenSocket) -> None:
        fd = core.loop.fileno()
        # In a row with the call, see frames.py.
        core.kept = False
        del self._kept[fd]
        self._poll.unregister(fd)

    def later(self, errand: Callable[[], None]) -> None:
        """Call this soon, under no lock. May be called by a finaliser, under any lock: it waits for nothing."""
        self._errands.append(errand)
        if self._thread is None:
            self._start()
        self._wakeup.set()

    # -- the thread ----------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._thread_lock:
            if self._thread is None and not self._stopping:
                thread = new_thread(self._begin, (), self._name)
                thread.start()
                self._thread = thread  # here, or the next claim would start another before this one runs

    def _begin(self) -> None:
        # The thread notes itself too: a signal handler may raise in `_start` once it has been started.
        this = current_thread()
        with self._thread_lock:
            if self._thread not in (None, this) or self._stopping:
                return
            self._thread = this
        _here.keeper = self
        self._run()

    def _run(self) -> None:
        next_look = 0.0
        restless = False
        while not self._stopping:
            self._sleeps_long = not (self._hot or restless)  # announced before the last look at the deques
            if self._claimed or self._errands:
                self._sleeps_long = False
                self._take_claimed()
            patience = self._patience(next_look)
            if restless and not self._hot:
                patience = min(patience, _NAP)
            self._naps = patience <= _NAP
            ready = self._poll.poll(patience, _MAX_EVENTS)
            self._sleeps_long = self._naps = False
            restless = bool(self._claimed or self._hot)
            for fd, _ in ready:
                if fd == self._wakeup.fileno():
                    self._wakeup.clear()
                    next_look = min(next_look, monotonic() + (HURRY_TICK if self._hurry else GATHERING_TICK))
                elif (core := self._heeded.get(fd)) is not None:
                    self._guarded(self._tell, core)
                elif (core := self._kept.get(fd)) is not None:
                    self._guarded(self._leave_to_others if core.polled_elsewhere else self._drive, core)
            self._run_deadlines()
            was_hot = bool(self._hot)
            self._take_claimed()
            if self._hot and not was_hot:
                next_look = max(next_look, monotonic() + self._tick())
            if self._hot and monotonic() >= next_look:
                self._looks_by = _NEVER
                lately, self._gathering = self._gathering, False
                if self._hurry:
                    self._hurry -= 1
                elif self._brisk:
                    self._brisk -= 1
                for core in list(self._hot):
                    self._guarded(self._look, core)
                next_look = monotonic() + self._tick(lately)
            self._looks_by = next_look if self._hot else _NEVER

    def _tick(self, lately: bool = False) -> float:
        """Return how long until the next look: looking must stay a small part of the work.

        lately: sends gathered between the last two looks. The next burst, if it comes soon, need not wake us.
        """
        tick = GATHERING_TICK if self._gathering or lately else HOT_TICK
        if self._hurry or self._brisk:
            tick = HURRY_TICK if self._hurry else min(tick, _NAP)
        return max(tick, len(self._hot) * LOOK_SHARE)

    def _patience(self, next_look: float) -> float:
        if self._claimed or self._errands:
            return 0.0
        patience = _LONG
        if self._hot:
            patience = next_look - monotonic()
        if self._deadlines:
            patience = min(patience, self._deadlines[0][0] - monotonic())
        return max(patience, 0.0)

    def _take_claimed(self) -> None:
        while self._claimed:
            self._hot.add(self._claimed.popleft())
        self._run_errands()

    def _run_errands(self) -> None:
        while self._errands:
            self._guarded(self._errands.popleft())

    def _guarded(self, action: Callable[..., None], *cores: DrivenSocket) -> None:
        """Run one action; a bug in it ends one socket's custody, not the thread that all sockets rest on."""
        try:
            action(*cores)
        except Exception:
            for core in cores:
                self._leave(core)
            args = threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
            threading.excepthook(args)

    def _look(self, core: DrivenSocket) -> None:
        """See whether a HOT socket is still in use; serve it if so, take it over if not."""
        if core.finished:
            self._leave(core)
        elif core.hot:
            core.hot = False
            if core.waiters == 0 and core.lock.acquire(blocking=False):  # else its user is at it just now
                try:
                    core.drive_kept()
                finally:
                    core.lock.release()
            if core.gathering:
                self._gathering = True
        else:
            self._take_over(core)

    def _take_over(self, core: DrivenSocket) -> None:
        """Move a socket that has not been used since the last look from HOT to where it belongs."""
        with core.lock:
            if core.hot:
                return
            if not core.finished:
                core.cool()  # also for a waiter: another thread may have sent
            if core.finished or core.waiters or core.dormant():
                self._leave(core)  # waiters: HELD
            elif core.loop.fileno() >= 0:
                self._leave(core)
                self._keep(core)

    def _leave(self, core: DrivenSocket) -> None:
        self._hot.discard(core)
        core.listed = False

    def _keep(self, core: DrivenSocket) -> None:
        core.kept = True
        fd = core.loop.fileno()
        self._kept[fd] = core
        self._poll.register(fd, READ)
        self._note_deadline(core)

    def _drive(self, core: DrivenSocket) -> None:
        with core.lock:
            if core.kept:
                core.drive_kept()
                if core.kept:
                    self._note_deadline(core)

    def _tell(self, core: DrivenSocket) -> None:
        """Drive a monitored socket to which something has happened, unless somebody waits in it and does so."""
        with core.lock:
            if core.loop.alerts is not None:
                core.loop.alerts.silence()
                if not core.waiters:
                    core.drive_kept()

    def _leave_to_others(self, core: DrivenSocket) -> None:
        """Give who watches this socket the time of a look to serve it."""
        if core.lock.acquire(blocking=False):  # else somebody is at it just now
            try:
                if core.kept:
                    core.hot = True
                    self.claim(core)
            finally:
                core.lock.release()

    def _note_deadline(self, core: DrivenSocket) -> None:
        deadline = core.loop.next_deadline()
        if deadline is not None and deadline != core.noted_deadline:
            core.noted_deadline = deadline
            heappush(self._deadlines, (deadline, next(self._order), core))

    def _run_deadlines(self) -> None:
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= monotonic():
            deadline, _, core = heappop(deadlines)
            if core.noted_deadline == deadline:
                core.noted_deadline = None
            if core.kept:
                self._guarded(self._drive, core)

    # -- the end -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End the thread and give the descriptors back; every socket has finished."""
        with self._thread_lock:
            self._stopping = True
            thread = self._thread
        if thread is not None:
            self._wakeup.set()
            if thread is not current_thread():
                thread.join()
        self._run_errands()
        self._poll.close()
        self._wakeup.close()

    def abandon(self) -> None:
        """In a forked child, where the thread does not exist: give the descriptors back."""
        self._stopping = True
        self._poll.close()
        self._wakeup.close()
