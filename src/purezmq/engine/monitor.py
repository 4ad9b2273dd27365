"""Who is told what happens to the connections of a socket: its monitor socket, and streams of events.

The rules:

- Events are told by whoever drives the monitored socket, under its lock, at the moment they happen and in that
  order. Telling waits for nobody.
- A monitor socket is no whole socket: nobody ever calls it. It is the bound end of an inproc link, with the pattern
  of its type and a lock of its own. That lock is held for moments, and who holds it takes no socket's lock: what it
  wants of the reader is mail, like everything between two sockets. So the thread to which something happened wakes
  the reader itself.
- What a reader has no room for waits, up to SNDHWM events; then the oldest of those are dropped, and counted. (libzmq
  blocks: the I/O thread, or bind().) So a reader that was slow misses some in the middle, and learns how it ended.
  Without a reader, events wait for the first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from errno import EAGAIN, EINVAL, EPROTONOSUPPORT
from typing import TYPE_CHECKING, Protocol

from purezmq.constants import Event, SocketType
from purezmq.core.endpoint import parse_endpoint
from purezmq.core.monitor import NOWHERE, EndpointPair, SocketEvent
from purezmq.core.options import SocketOptions
from purezmq.core.patterns import pattern_for
from purezmq.core.pipe import UNLIMITED
from purezmq.core.statistics import Tally
from purezmq.engine.inproc import InprocBinding, check_name
from purezmq.engine.unpatched import Lock
from purezmq.errors import error

if TYPE_CHECKING:
    from typing import Any

    from purezmq.core.pipe import Peer, Pipe
    from purezmq.engine.context import ContextCore
    from purezmq.engine.driven_socket import DrivenSocket
    from purezmq.engine.inproc import InprocEnd

MONITOR_TYPES = frozenset({SocketType.PAIR, SocketType.PUB, SocketType.PUSH})


class Hearer(Protocol):
    """Somebody who is told."""

    def tell(self, event: SocketEvent) -> None:
        """Note an event; waits for nothing."""

    def stop(self) -> None:
        """Nothing will happen any more."""


class Monitors:
    """Who is told of one socket's events (under that socket's lock)."""

    __slots__ = ("_core", "_lost", "_monitor", "hearers")

    def __init__(self, core: DrivenSocket) -> None:
        self._core = core
        self._monitor: MonitorSocket | None = None
        self._lost = 0
        self.hearers: list[Hearer] = []

    def add(self, hearer: Hearer) -> None:
        """Tell somebody more."""
        if not self.hearers:
            self._core.context.keeper.heed(self._core)
        self.hearers.append(hearer)

    def remove(self, hearer: Hearer) -> None:
        """Tell somebody no more, if he was told."""
        if hearer in self.hearers:
            self.hearers.remove(hearer)
            if not self.hearers:
                self._core.context.keeper.heed_no_more(self._core)

    def tell(
        self,
        event: Event,
        value: int | tuple[int, ...],
        endpoints: EndpointPair,
        peer: Peer | None = None,
        reason: str = "",
    ) -> None:
        """Tell everybody."""
        if self.hearers:
            values = value if isinstance(value, tuple) else (value,)
            happened = SocketEvent(event, values, endpoints, peer, reason)
            for hearer in self.hearers:
                hearer.tell(happened)

    def start(self, endpoint: str, events: int, version: int, socket_type: int) -> None:
        """Have a monitor socket at this inproc endpoint, instead of the one that there may be.

        Raises what zmq_socket_monitor_versioned does: EINVAL for more than the version or the type can do,
        EPROTONOSUPPORT for another transport, EADDRINUSE.
        """
        if version not in (1, 2):
            raise error(EINVAL, f"{version} is no version of monitor messages: 1 or 2")
        if version == 1 and events & ~int(Event.ALL_V1):
            raise error(EINVAL, "version 1 has the events of EVENT_ALL only; version 2 has all")
        address = parse_endpoint(endpoint)
        if address.scheme != "inproc":
            raise error(EPROTONOSUPPORT, "a monitor is at an inproc:// endpoint")
        check_name(address.address)
        self.stop_monitor()
        if socket_type not in MONITOR_TYPES:
            raise error(EINVAL, "a monitor is a PAIR, PUB or PUSH")
        monitor = MonitorSocket(self._core.context, address.address, events, version, SocketType(socket_type))
        self._monitor = monitor
        self.add(monitor)

    def tell_queues(self, pipes: list[Pipe]) -> None:
        """Send PIPES_STATS for each of these peers: how many messages wait for it, and of it.

        Raises EINVAL if the monitor socket does not take that, EAGAIN without peers.
        """
        monitor = self._monitor
        if monitor is None or not monitor.wants(Event.PIPES_STATS):
            raise error(EINVAL, "monitor_versioned() this socket with EVENT_PIPES_STATS")
        if not pipes:
            raise error(EAGAIN, "there are no peers")
        for pipe in pipes:
            queued = (pipe.queued_out(), len(pipe.inbox))
            monitor.tell(SocketEvent(Event.PIPES_STATS, queued, pipe.link.ends, pipe.peer))

    @property
    def lost(self) -> int:
        """How many events monitor sockets have dropped."""
        return self._lost + (self._monitor.lost if self._monitor is not None else 0)

    def stop_monitor(self) -> None:
        """End the monitor socket, if there is one."""
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            self.remove(monitor)
            monitor.stop()
            self._lost += monitor.lost

    def stop(self) -> None:
        """End all: the socket has finished."""
        self.stop_monitor()
        for hearer in list(self.hearers):
            self.remove(hearer)
            hearer.stop()

    def end(self) -> None:
        """Let go of the socket, which has finished."""
        del self._core

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        if self._monitor is not None:
            self._monitor.room_made()

    def abandon(self) -> None:
        """In a forked child: forget them, they are the parent's."""
        self._monitor = None
        self.hearers = []


class MonitorSocket:
    """What an inproc link needs of a socket (InprocSocket), and a Hearer."""

    def __init__(
        self, context: ContextCore, name: str, events: int, version: int, socket_type: SocketType
    ) -> None:
        self.context = context
        self.options = SocketOptions.for_type(socket_type)
        self.pattern = pattern_for(socket_type)(self.options, context.random)
        self.endpoints = self
        self.attention = False
        self.closed = False
        self.fluent = self.fluent_parts = False
        self.news = False
        self.line_mark = 0
        self.tally = Tally()
        self.lost = 0  # events that no reader took
        self._events = events
        self._version = version
        self._waiting: deque[Any] = deque(maxlen=self.options.sndhwm)
        self._ended = False
        self._lock = Lock()
        self._binding = InprocBinding(self, name, self.options)
        with self._lock:
            self._binding.start()
            self._deliver()

    # -- Hearer --------------------------------------------------------------------------------------------

    def wants(self, event: Event) -> bool:
        """Return whether this event is to be sent."""
        return bool(self._events & event)

    def tell(self, event: SocketEvent) -> None:
        """Send an event to the reader, now or when it has room."""
        if self._events & event.event:
            self._send(event)

    def _send(self, event: SocketEvent) -> None:
        with self._lock:
            waiting = self._waiting
            if len(waiting) == waiting.maxlen:
                self.lost += 1
            waiting.append(event.encode(self._version))
            self._deliver()

    def stop(self) -> None:
        """Say MONITOR_STOPPED, free the name and leave the reader with what it has not read yet."""
        with self._lock:
            for pipe in self.pattern.pipes:  # a last word has room
                pipe.send_limit = UNLIMITED
        if self.wants(Event.MONITOR_STOPPED):
            self._send(SocketEvent(Event.MONITOR_STOPPED, (0,), NOWHERE))
        with self._lock:
            self._ended = True
            self.lost += len(self._waiting)
            self._binding.shut()

    def _deliver(self) -> None:
        waiting, pattern = self._waiting, self.pattern
        while waiting and pattern.send(waiting[0]):
            waiting.popleft()
        self.flush_dirty()
        if waiting:
            for pipe in pattern.pipes:
                pipe.link.ask_for_room()  # type: ignore[attr-defined]  # an inproc link
            while waiting and pattern.send(waiting[0]):  # it may have been made before we asked
                waiting.popleft()
            self.flush_dirty()

    # -- InprocSocket --------------------------------------------------------------------------------------

    def post(self, callback: Callable[[], None]) -> None:
        """Run the callback under our lock, at once: nobody else drives us."""
        with self._lock:
            callback()
            if self._ended:  # somebody came too late
                self._binding.shut()
            else:
                self._deliver()

    def notify(self, pipe: Pipe) -> None:
        """The reader sends something: to nobody, and no more than our RCVHWM. A subscription counts."""
        self.post(lambda: self.pattern.arrived(pipe))

    def room_made(self) -> None:
        """The reader has read."""
        self.post(self.settle)

    def flush_dirty(self) -> None:
        """Tell the readers for whom the pattern has something."""
        dirty = self.pattern.dirty
        for pipe in dirty:
            pipe.link.flush()
        dirty.clear()

    def settle(self) -> None:
        """Nothing is cached here."""

    def reads_directly(self, inbox: deque[Any]) -> bool:
        """Return that this end never looks into an inbox by itself."""
        return False

    def forget(self, end: InprocEnd) -> None:
        """Nothing is kept of an end that has left (as our own `endpoints`)."""
