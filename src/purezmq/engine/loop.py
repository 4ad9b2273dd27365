"""Waiting: the Loop protocol, and SelectorLoop, the real one that every blocking socket owns.

A loop knows descriptors, timers and one wake-up. It does not know who waits: `wait` may be called by any thread
without a lock and changes nothing; `dispatch` runs handlers and due timers, under the lock of the loop's owner.
A handler may be called when nothing is ready (its descriptor's number was reused between the two): it finds out
by a call that would block.

A program may close our descriptors by accident (os.closerange). The kernel forgets them without a word, and may give
their numbers to others: the handler is called, and finds out by a call that fails; `unwatch` tells, too.
"""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Protocol

from purezmq.engine.alerts import AVAILABLE, Alerts
from purezmq.engine.unpatched import get_ident, select
from purezmq.engine.wakeup import Wakeup

READ = 1
WRITE = 4
_MAX_EVENTS = 256
# How long a wait looks, giving way to others, before it sleeps. A sleep costs tens of microseconds to wake from.
_SPIN = 100e-6  # s
_MOST_CREDIT = 16
_FOREVER = 3600.0  # a wait without end wakes once an hour; an epoll time-out has a limit


_TURNS = 1e-3  # s: how long threads count as taking turns after one waited that had not been the last to wait
_latest_waiter = 0  # the thread of this process that waited last, in any loop
_taking_turns = 0.0  # until when threads are taken to wait in turn

# The other process may be waiting for this very processor.
_give_way: Callable[[], None] = getattr(os, "sched_yield", lambda: None)


class Handler(Protocol):
    """What is called when its descriptor is ready."""

    @property
    def traffic(self) -> bool:
        """Whether messages travel over the descriptor: nothing to alert a monitor of."""

    def on_ready(self, mask: int) -> None:
        """Act on READ, WRITE, or neither: an error or hang-up, which reading or writing will tell."""


class Timer:
    """One callback at one time, which may be cancelled."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget it; no harm if it has run."""
        self.callback = None


class Waker(Protocol):
    """What makes a loop's wait return: Wakeup, or one without a descriptor."""

    def fileno(self) -> int: ...
    def set(self) -> None: ...
    def clear(self) -> None: ...


class Loop(Protocol):
    """What the engine needs to wait: SelectorLoop, or a simulated world."""

    @property
    def wakeup(self) -> Waker: ...
    @property
    def alerts(self) -> Alerts | None: ...
    def time(self) -> float: ...
    def fileno(self) -> int: ...
    def watch(self, fd: int, handler: Handler, mask: int) -> None: ...
    def unwatch(self, fd: int, handler: Handler) -> bool: ...
    def open_alerts(self) -> None: ...
    def close_alerts(self) -> None: ...
    def call_at(self, when: float, callback: Callable[[], None]) -> Timer: ...
    def next_deadline(self) -> float | None: ...
    def idle(self) -> bool: ...
    def patience(self, deadline: float | None) -> float: ...
    def look(self) -> list[tuple[int, int]]: ...
    def wait(self, timeout: float) -> list[tuple[int, int]]: ...
    def dispatch(self, ready: list[tuple[int, int]]) -> bool: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class _PortablePoll:
    """The part of select.epoll that SelectorLoop uses, over the standard selectors."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector

    def fileno(self) -> int:
        """Return a descriptor that is readable when something is ready, or -1 where there is none."""
        fileno = getattr(self._selector, "fileno", None)
        return int(fileno()) if fileno is not None else -1

    def _events(self, mask: int) -> int:
        events = selectors.EVENT_READ if mask & READ else 0
        return events | (selectors.EVENT_WRITE if mask & WRITE else 0)

    def register(self, fd: int, mask: int) -> None:
        if mask:
            self._selector.register(fd, self._events(mask))

    def modify(self, fd: int, mask: int) -> None:
        if fd in self._selector.get_map():
            self._selector.unregister(fd)
        self.register(fd, mask)

    def unregister(self, fd: int) -> None:
        if fd in self._selector.get_map():
            self._selector.unregister(fd)

    def poll(self, timeout: float | None, maxevents: int) -> list[tuple[int, int]]:
        ready = []
        for key, events in self._selector.select(timeout):
            mask = (READ if events & selectors.EVENT_READ else 0) | (
                WRITE if events & selectors.EVENT_WRITE else 0
            )
            ready.append((key.fd, mask))
        return ready

    def close(self) -> None:
        self._selector.close()


def new_poll() -> select.epoll | _PortablePoll:
    """Return the best readiness poller of this system; close-on-exec."""
    if hasattr(select, "epoll"):
        return select.epoll()
    return _PortablePoll(selectors.DefaultSelector())


class SelectorLoop:
    """Descriptors, timers and a wake-up over epoll (kqueue, poll or select where there is none)."""

    __slots__ = (
        "_credit",
        "_handlers",
        "_looked",
        "_masks",
        "_order",
        "_poll",
        "_timers",
        "alerts",
        "time",
        "wakeup",
    )

    def __init__(self, poll: select.epoll | _PortablePoll | None = None) -> None:
        self.time = monotonic
        self._poll = poll if poll is not None else new_poll()
        self.alerts: Alerts | None = None
        self._handlers: dict[int, Handler] = {}
        self._masks: dict[int, int] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._credit = _MOST_CREDIT  # waits may look before they sleep while this is above 0
        self._looked = 0.0  # when to look again at the earliest, after a look in vain
        self.wakeup = Wakeup()
        self._poll.register(self.wakeup.fileno(), READ)

    def fileno(self) -> int:
        """Return the descriptor that is readable when `wait` would return something; -1: there is none."""
        return self._poll.fileno()

    def watch(self, fd: int, handler: Handler, mask: int) -> None:
        """Call the handler when the descriptor is ready for any of `mask`; replaces what was watched before.

        With READ or WRITE a hang-up is told, too; with mask 0 nothing is.
        """
        # If not, the number may have been that of a descriptor which somebody has closed.
        known = self._handlers.get(fd) is handler
        watched = self._masks.get(fd, 0) if known else 0
        # First what cannot fail, then one call: an exception out of a signal handler leaves nothing half done.
        self._handlers[fd] = handler
        self._masks[fd] = mask
        try:
            if watched == mask:
                pass
            elif not mask:
                self._poll.unregister(fd)  # epoll tells of a hang-up even with no mask, again and again
            elif watched:
                self._poll.modify(fd, mask)
            else:
                self._poll.register(fd, mask)
        except FileExistsError:  # another handler watches it
            self._poll.modify(fd, mask)
        except OSError:
            if not known:
                raise
            self.call_at(self.time(), lambda: handler.on_ready(READ | WRITE))  # somebody has closed it
        if self.alerts is not None:
            if not known:
                self.alerts.unwatch(fd)
            self.alerts.watch(fd, handler.traffic)

    def unwatch(self, fd: int, handler: Handler) -> bool:
        """Forget the descriptor; call it before closing it. False: do not close it, somebody else has."""
        if self._handlers.get(fd, handler) is not handler:
            return False
        # In this order: `watch` believes the mask only where it knows the handler.
        self._handlers.pop(fd, None)
        watched = self._masks.pop(fd, 0)
        if self.alerts is not None:
            self.alerts.unwatch(fd)
        if watched:
            try:
                self._poll.unregister(fd)
            except OSError:
                return False
        return True

    def open_alerts(self) -> None:
        """Have `alerts` tell of all that happens here but messages; it stays None where that cannot be."""
        if self.alerts is None and AVAILABLE:
            alerts = Alerts()
            for fd, handler in self._handlers.items():
                alerts.watch(fd, handler.traffic)
            self.alerts = alerts

    def close_alerts(self) -> None:
        """End what `open_alerts` began."""
        alerts, self.alerts = self.alerts, None
        if alerts is not None:
            alerts.close()

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Run the callback in the first dispatch at or after `when`, seconds of `time`."""
        timer = Timer(when, callback)
        heappush(self._timers, (when, next(self._order), timer))
        return timer

    def next_deadline(self) -> float | None:
        """Return when the next timer is due, or None."""
        timers = self._timers
        while timers and timers[0][2].callback is None:
            heappop(timers)
        return timers[0][0] if timers else None

    def idle(self) -> bool:
        """Return whether there is nothing to drive: no descriptors, no timers."""
        return not self._handlers and (not self._timers or self.next_deadline() is None)

    def patience(self, deadline: float | None) -> float:
        """Return for how many seconds a wait may last: until `deadline` (None: for ever) or the next timer."""
        due = self.next_deadline() if self._timers else None
        if due is None or (deadline is not None and deadline < due):
            due = deadline
        if due is None:
            return _FOREVER
        return min(max(due - self.time(), 0.0), _FOREVER)

    def look(self) -> list[tuple[int, int]]:
        """Return what is ready, or soon, if that is likely: as the first part of a wait; needs no lock.

        A wait that is likely to be short looks for a while before it sleeps. It is, when the last ones were. But where
        threads wait in turn another one works meanwhile, perhaps on the answer: a look takes the interpreter from it.
        """
        global _latest_waiter, _taking_turns
        begun = monotonic()
        me = get_ident()
        if _latest_waiter != me:
            _latest_waiter = me
            _taking_turns = begun + _TURNS
        if self._credit <= 0 or begun <= _taking_turns or begun < self._looked:
            return []
        poll = self._poll.poll
        limit = begun + _SPIN
        while True:
            ready = poll(0, _MAX_EVENTS)
            if ready:
                if self._credit < _MOST_CREDIT:
                    self._credit += 1
                return ready
            if (now := monotonic()) > limit:
                break
            _give_way()
        self._credit -= 2
        self._looked = now + _SPIN  # the wait that follows sleeps at once
        return ready

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """Wait until something is ready, at most `timeout` seconds; needs no lock, see `patience`."""
        poll = self._poll.poll
        if timeout < _SPIN:
            return poll(timeout, _MAX_EVENTS)
        ready = self.look()
        if ready:
            return ready
        begun = monotonic()
        ready = poll(timeout, _MAX_EVENTS)
        if ready and self._credit < _MOST_CREDIT and monotonic() - begun < _SPIN:
            self._credit += 1
        return ready

    def dispatch(self, ready: list[tuple[int, int]]) -> bool:
        """Call the handlers of what is ready, and the timers that are due; return whether the wake-up was set."""
        handlers = self._handlers
        woken = False
        for fd, mask in ready:
            handler = handlers.get(fd)
            if handler is not None:
                handler.on_ready(mask)
            elif fd == self.wakeup.fileno():
                self.wakeup.clear()
                woken = True
        if self._timers:
            self._run_due()
        return woken

    def _run_due(self) -> None:
        now = self.time()
        timers = self._timers
        while timers and timers[0][0] <= now:
            timer = timers[0][2]
            if timer.callback is None:
                heappop(timers)
            else:
                timer.callback()  # when a signal handler raises in there, it is called again
                timer.callback = None

    def close(self) -> None:
        """Give the descriptors back; what was watched must have been closed by its owner."""
        self._timers.clear()
        self.close_alerts()
        self._poll.close()
        self.wakeup.close()

    def abandon(self) -> None:
        """In a forked child: give the descriptors back without touching what the parent still uses."""
        self._handlers.clear()
        self.close()
