"""The simulated world: real sockets of the engine, on a clock that only jumps and a wire that does as it is told.

    world = SimWorld(seed=1)
    context = world.context()
    push, pull = context.socket(SocketType.PUSH), context.socket(SocketType.PULL)
    push.connect("tcp://server:5555")
    push.send(b"hello")
    world.run(3600)                       # an hour of refused connections
    pull.bind("tcp://*:5555")
    assert pull.receive() == b"hello"     # waiting lets the world go on

The rules:

- No threads, no descriptors, no real time: the same seed and the same calls give the same world, event by event.
- Whoever waits (a blocking call, `run`, `run_until`) drives everybody else, under each one's lock, as the keeper
  would, and in an order that the seed decides. Then the clock jumps to what happens next.
- What would hang is an AssertionError: a wait without end while nothing is scheduled, a socket that stays ready
  without end while no time passes.

Tests use it. sim_loop.py has the clock and how a socket waits, sim_network.py the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from errno import EPROTONOSUPPORT
from math import inf
from typing import TYPE_CHECKING

from purezmq.engine.context import ContextCore
from purezmq.engine.keeper import GATHERING_TICK
from purezmq.engine.sim_loop import Clock, SimLoop
from purezmq.engine.sim_network import Link, Network, SimTransport
from purezmq.errors import error

if TYPE_CHECKING:
    from purezmq.engine.driven_socket import DrivenSocket

_MOST_DRIVES = 100_000  # at one instant; more: something is ready for ever
_MOST_JUMPS = 2_000_000  # of the clock in one wait; more: what is waited for never comes


class SimKeeper:
    """What stands for the keeper: the world drives whoever has claimed, and looks after those that gather."""

    def __init__(self, world: SimWorld) -> None:
        self._world = world

    def claim(self, core: DrivenSocket) -> None:
        """Drive this socket from now on."""
        core.listed = True
        self._world.adopt(core)

    def watch_gathering(self, core: DrivenSocket) -> None:
        """Look soon: this socket's sends gather."""
        if not core.listed:
            self.claim(core)
        self._look_later(core)

    def hurry(self) -> None:
        """Nothing: the world always drives at once."""

    def _look_later(self, core: DrivenSocket) -> None:
        clock = self._world.clock
        clock.call_at(clock.now + GATHERING_TICK, lambda: self._look(core), lambda: not core.finished)

    def _look(self, core: DrivenSocket) -> None:
        with core.lock:
            if core.hot:
                core.hot = False
                core.drive_kept()
            else:
                core.cool()
            again = core.gathering
        if again:
            self._look_later(core)

    def release(self, core: DrivenSocket) -> None:
        """Nothing to forget: a loop that closes leaves the world."""

    def heed(self, core: DrivenSocket) -> None:
        """All is driven at once here."""

    def heed_no_more(self, core: DrivenSocket) -> None:
        """As above."""

    def later(self, errand: Callable[[], None]) -> None:
        """Call this soon, under no lock."""
        self._world.clock.call_at(self._world.now, errand)

    def stop(self) -> None:
        """No thread to end."""

    def abandon(self) -> None:
        """Nothing to give back."""


class SimWorld:
    """A clock, a wire, and the sockets on it.

    Times are seconds, `bandwidth` is bytes per second and direction, `buffer` how many bytes a sender gets rid of
    that nobody reads.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        delay: float = 0.001,
        jitter: float = 0.0,
        bandwidth: float = inf,
        buffer: int = 64 * 1024,
    ) -> None:
        self.clock = Clock(seed)
        self.network = Network(self.clock, delay, jitter, bandwidth, buffer)
        self.transport = SimTransport(self.network)
        self.suspects: dict[SimLoop, None] = {}  # loops that may have something to do
        self.drives = 0
        self._drives_now = 0  # at this instant
        self._contexts: list[ContextCore] = []

    @property
    def now(self) -> float:
        """The simulated time."""
        return self.clock.now

    def context(self) -> ContextCore:
        """Make a context whose sockets live in this world."""
        context = ContextCore(
            new_loop=lambda: SimLoop(self),
            find_transport=self._find_transport,
            random=self.clock.random.randbytes,
            new_keeper=lambda name: SimKeeper(self),
        )
        self._contexts.append(context)
        return context

    def _find_transport(self, scheme: str) -> SimTransport:
        if scheme != self.transport.scheme:
            raise error(EPROTONOSUPPORT, f"there is no {scheme} in the simulated world, but tcp and inproc")
        return self.transport

    # -- time passes ---------------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        deadline = self.now + seconds
        while self._drive_one(None) or self._advance(deadline):
            pass

    def run_until(self, predicate: Callable[[], object], limit: float = 60.0) -> float:
        """Let time pass until the predicate is true; return how long that took; AssertionError after `limit`."""
        begin = self.now
        while not predicate():
            if not self._drive_one(None) and not self._advance(begin + limit):
                assert predicate(), f"not within {limit} simulated seconds"
        return self.now - begin

    def wait(self, loop: SimLoop, timeout: float) -> None:
        """Let time pass until this loop has something to do, at most `timeout` seconds (SimLoop)."""
        deadline = self.now + timeout
        for _ in range(_MOST_JUMPS):
            while not loop.has_work() and self._drive_one(loop):
                pass
            if loop.has_work() or not self._advance(deadline):
                return
        raise AssertionError(f"what is waited for has not come by {self.now:.0f} s of simulated time")

    def _advance(self, deadline: float) -> bool:
        """Jump to what happens next; False: that is not before the deadline, which has come."""
        when = self.clock.next_time()
        if when is None or when > deadline:
            assert deadline < inf, "deadlock in the simulated world: nothing will ever happen any more"
            self.clock.now = deadline
            return False
        if when > self.now:
            self._drives_now = 0
        self.clock.step()
        return True

    # -- driving -------------------------------------------------------------------------------------------

    def adopt(self, core: DrivenSocket) -> None:
        """Drive this socket whenever it has something to do (SimKeeper)."""
        loop = core.loop
        assert isinstance(loop, SimLoop)
        loop.core = core
        loop.touch()

    def _drive_one(self, waiting: SimLoop | None) -> bool:
        """Drive a socket that has something to do, but not the one that waits; False: there is none."""
        while self.suspects:
            loop = self._pick(waiting)
            if loop is None:
                return False
            core = loop.core
            if core is not None and loop.has_work():
                self._drive(core, loop)
                return True
        return False

    def _pick(self, waiting: SimLoop | None) -> SimLoop | None:
        suspects = [loop for loop in self.suspects if loop is not waiting]
        if not suspects:
            return None
        loop = suspects[0]
        if len(suspects) > 1:
            loop = self.clock.random.choice(sorted(suspects, key=SimLoop.fileno))
        del self.suspects[loop]
        return loop

    def _drive(self, core: DrivenSocket, loop: SimLoop) -> None:
        self.drives += 1
        self._drives_now += 1
        assert self._drives_now < _MOST_DRIVES, (
            f"{core.socket_type.name} stays ready without end at {self.now} s"
        )
        assert core.lock.acquire(blocking=False), "the world goes on while a socket is locked"
        try:
            core.drive_kept()
            if not core.finished and core.dormant():
                core.listed = False
                loop.core = None
        finally:
            core.lock.release()

    # -- what befalls the wire -----------------------------------------------------------------------------

    def links(self, one: DrivenSocket | None = None, other: DrivenSocket | None = None) -> list[Link]:
        """Return the links between two sockets, of one socket, or all."""
        wanted = {core.loop for core in (one, other) if core is not None}
        return [link for link in self.network.links if wanted <= {stream.watcher for stream in link.ends()}]

    def cut(self, one: DrivenSocket, other: DrivenSocket | None = None) -> int:
        """Reset the links between two sockets, or of one; return how many."""
        links = self.links(one, other)
        for link in links:
            link.cut()
        return len(links)

    def cut_all(self) -> int:
        """Reset every link; return how many."""
        links = self.links()
        for link in links:
            link.cut()
        return len(links)

    def freeze(self, one: DrivenSocket | None = None, other: DrivenSocket | None = None) -> None:
        """Deliver nothing between these two, to or from this one, or at all: then new links freeze, too."""
        if one is None and other is None:
            self.network.frozen = True
        for link in self.links(one, other):
            link.frozen = True

    def heal(self) -> None:
        """Let everything through again: what was held back, and new connections."""
        self.network.frozen = False
        self.network.refused.clear()
        for link in self.links():
            link.thaw()

    def refuse(self, endpoint: str) -> None:
        """Refuse connections to this endpoint, as it is written in connect()."""
        self.network.refused.add(endpoint.partition("://")[2])

    def attempts(self, endpoint: str) -> list[float]:
        """Return when sockets tried to connect to this endpoint."""
        address = endpoint.partition("://")[2]
        return [when for when, where in self.network.attempts if where == address]

    # -- the end -------------------------------------------------------------------------------------------

    def term(self, context: ContextCore, limit: float = inf) -> float:
        """Terminate a context, whose sockets are closed; return how long that took."""
        context.shutdown()
        lasted = self.run_until(lambda: not context.sockets, limit)
        context.term()
        return lasted

    def close(self) -> None:
        """Close every socket without lingering, and terminate every context."""
        for context in self._contexts:
            for core in list(context.sockets):
                core.close(0)
                core.endpoints.shut()
            self.term(context)
