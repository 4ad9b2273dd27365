"""Waiting in the simulated world: the clock, and the loop of one socket.

The rules:

- Time moves only in `Clock.step`, and in jumps.
- A loop changes nothing while it waits: it has the world go on, which drives the others.
- A loop is *suspect* when something about it has changed; only suspects are asked whether they have work.

sim.py makes the loops and drives them; sim_network.py has what they watch.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import TYPE_CHECKING

from purezmq.engine.loop import READ, Handler, Timer

if TYPE_CHECKING:
    from purezmq.engine.alerts import Alerts
    from purezmq.engine.driven_socket import DrivenSocket
    from purezmq.engine.sim import SimWorld

BROKEN = 8  # epoll's ERR and HUP: told whether asked for or not

Happening = Callable[[], None]
Needed = Callable[[], bool]


class Clock:
    """Simulated time, the queue of what is going to happen, and all chance there is."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.seed = seed
        self.random = random.Random(seed)
        self._agenda: list[tuple[float, int, int, Happening, Needed]] = []
        self._order = count()

    def call_at(
        self, when: float, callback: Happening, needed: Needed = lambda: True, *, rank: int = 0
    ) -> None:
        """Run the callback when the time has come, unless `needed` says by then that nobody cares.

        Of what happens at one time the lowest rank is first. Ranks keep a world reproducible though the engine walks
        over sets, whose order differs from run to run.
        """
        heappush(self._agenda, (when, rank, next(self._order), callback, needed))

    def next_time(self) -> float | None:
        """Return when something happens next; None: nothing ever will."""
        agenda = self._agenda
        while agenda and not agenda[0][4]():
            heappop(agenda)
        return agenda[0][0] if agenda else None

    def step(self) -> None:
        """Jump to what `next_time` told, and let it happen."""
        when, _, _, callback, _ = heappop(self._agenda)
        self.now = max(self.now, when)
        callback()


class SimWakeup:
    """A wake-up without a descriptor."""

    __slots__ = ("_fd", "_loop", "pending")

    def __init__(self, loop: SimLoop, fd: int) -> None:
        self._loop = loop
        self._fd = fd
        self.pending = False

    def fileno(self) -> int:
        """Return its number among what `wait` returns."""
        return self._fd

    def set(self) -> None:
        """Wake whoever waits."""
        self.pending = True
        self._loop.touch()

    def clear(self) -> None:
        """Wake nobody any more."""
        self.pending = False


class SimLoop:
    """One socket's descriptors, timers and wake-up in the simulated world (Loop)."""

    def __init__(self, world: SimWorld) -> None:
        self._world = world
        self._clock = world.clock
        self._network = world.network
        self._fd = self._network.number()
        self._watched: dict[int, tuple[Handler, int]] = {}
        self._suspects: dict[int, None] = {}  # descriptors that may be ready
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self.wakeup = SimWakeup(self, self._network.number())
        self.alerts: Alerts | None = None  # none are needed: the world drives at once
        self.core: DrivenSocket | None = None  # whom the world drives through this loop

    def time(self) -> float:
        """Return the simulated time in seconds."""
        return self._clock.now

    def fileno(self) -> int:
        """Return a number of its own."""
        return self._fd

    def watch(self, fd: int, handler: Handler, mask: int) -> None:
        """Call the handler when the descriptor is ready for any of `mask`, or broken; with mask 0 never."""
        self._watched[fd] = handler, mask
        self._network.pollables[fd].watcher = self
        self.note(fd)

    def unwatch(self, fd: int, handler: Handler) -> bool:
        """Forget the descriptor."""
        if self._watched.pop(fd, None) is not None:
            self._suspects.pop(fd, None)
            self._network.pollables[fd].watcher = None
        return True

    def note(self, fd: int) -> None:
        """Look at this descriptor (Watcher)."""
        self._suspects[fd] = None
        self.touch()

    def touch(self) -> None:
        """Have the world see whether there is something to do."""
        self._world.suspects[self] = None

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Run the callback in the first dispatch at or after `when`."""
        timer = Timer(when, callback)
        heappush(self._timers, (when, next(self._order), timer))
        self._clock.call_at(when, self.touch, lambda: timer.callback is not None, rank=self._fd)
        return timer

    def next_deadline(self) -> float | None:
        """Return when the next timer is due, or None."""
        timers = self._timers
        while timers and timers[0][2].callback is None:
            heappop(timers)
        return timers[0][0] if timers else None

    def idle(self) -> bool:
        """Return whether there is nothing to drive."""
        return not self._watched and self.next_deadline() is None

    def patience(self, deadline: float | None) -> float:
        """Return for how many seconds a wait may last."""
        due = self.next_deadline()
        if due is None or (deadline is not None and deadline < due):
            due = deadline
        return inf if due is None else max(due - self._clock.now, 0.0)

    def ready(self) -> list[tuple[int, int]]:
        """Return what is ready now."""
        ready = [(self.wakeup.fileno(), READ)] if self.wakeup.pending else []
        for fd in list(self._suspects):
            wanted = self._watched[fd][1]
            mask = self._network.pollables[fd].readiness() & (wanted | BROKEN) if wanted else 0
            if mask:
                ready.append((fd, mask))
            else:
                del self._suspects[fd]
        return ready

    def has_work(self) -> bool:
        """Return whether a dispatch would do something."""
        due = self.next_deadline()
        return (due is not None and due <= self._clock.now) or bool(self.ready())

    def look(self) -> list[tuple[int, int]]:
        """Return what is ready."""
        return self.wait(0)

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """Let the world go on until something is ready here, at most `timeout` seconds."""
        if timeout > 0 and not self.has_work():
            self._world.wait(self, timeout)
        self.touch()
        return self.ready()

    def dispatch(self, ready: list[tuple[int, int]]) -> bool:
        """Call the handlers of what is ready, and the timers that are due; return whether the wake-up was set."""
        woken = False
        for fd, mask in ready:
            if fd == self.wakeup.fileno():
                self.wakeup.clear()
                woken = True
            elif fd in self._watched:
                self._watched[fd][0].on_ready(mask)
        while (due := self.next_deadline()) is not None and due <= self._clock.now:
            timer = heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()
        return woken

    def close(self) -> None:
        """The socket has finished."""
        assert not self._watched, f"closed while descriptors are watched: {list(self._watched)}"
        for _, _, timer in self._timers:
            timer.cancel()
        self.core = None

    def open_alerts(self) -> None:
        """There are none."""

    def close_alerts(self) -> None:
        """There are none."""

    def abandon(self) -> None:
        """Nothing to give back."""
