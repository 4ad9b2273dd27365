"""What a program can learn of a socket's connections: a base of Socket, apart from sending and receiving."""

from __future__ import annotations

from errno import EAGAIN
from functools import partial
from operator import index
from time import monotonic
from typing import TYPE_CHECKING, Any

from purezmq.constants import Event, SocketType
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from purezmq.core.statistics import PeerStats, SocketStats
    from purezmq.engine.event_stream import EventStream
    from purezmq.engine.socket_core import SocketCore

__all__ = ["AsyncObserved", "Observed"]

_ALL = int(Event.ALL)
_ALL_V2 = int(Event.ALL_V2)


class Observed:
    """The part of Socket that observes."""

    context: Any
    closed: Any
    _core: SocketCore
    _monitor_socket: Any = None  # what get_monitor_socket() returned

    # -- monitor sockets -----------------------------------------------------------------------------------

    def monitor(self, addr: str | bytes | None, events: int = _ALL) -> None:
        """Send what happens to the connections to a PAIR socket that connects to this inproc:// address.

        events is a mask of EVENT_*; the messages are for utils.monitor.recv_monitor_message(). None ends it, and
        another address moves it; either way MONITOR_STOPPED comes last. A reader that does not read loses events.
        """
        if addr is not None and not isinstance(addr, (str, bytes)):
            raise TypeError(f"Expected addr to be str, got addr={addr!r}")
        address = addr.decode() if isinstance(addr, bytes) else addr
        self._core.monitor(address, index(events), 1, SocketType.PAIR)

    def get_monitor_socket(self, events: int | None = None, addr: str | None = None) -> Self:
        """Return a PAIR socket that receives what happens, see monitor(); the same one until disable_monitor().

        Close it when you are done with it.
        """
        reader: Any = self._monitor_socket
        if reader is not None and not reader.closed:
            return reader  # type: ignore[no-any-return]
        if addr is None:
            addr = f"inproc://monitor.s-{self._core.key:x}"
        self.monitor(addr, _ALL if events is None else events)
        reader = self.context.socket(SocketType.PAIR)
        self._monitor_socket = reader
        reader.connect(addr)
        return reader  # type: ignore[no-any-return]

    def disable_monitor(self) -> None:
        """End what monitor() or get_monitor_socket() began."""
        self._monitor_socket = None
        self.monitor(None, 0)

    def monitor_versioned(
        self, addr: str | None, events: int = _ALL_V2, version: int = 2, socket_type: int = SocketType.PAIR
    ) -> None:
        """Do what monitor() does, with more to choose from: see zmq_socket_monitor_versioned(3).

        A message of version 2 has a frame for each of: the event, how many values, every value (these are 64-bit
        numbers in native byte order), the local endpoint, the remote endpoint. The monitor may be a PAIR, a PUSH
        for several readers that take turns, or a PUB: a SUB subscribes to events by their 8 bytes.
        """
        self._core.monitor(addr, index(events), index(version), index(socket_type))

    def monitor_pipe_stats(self) -> None:
        """Have EVENT_PIPES_STATS sent for each peer: how many messages are queued for it, and from it.

        Raises ZMQError: EINVAL when no monitor of version 2 takes this event, EAGAIN when there are no peers.
        """
        self._core.tell_queues()

    def monitor_events(self, events: int = _ALL) -> EventStream:
        """Return an iterator over what happens from now on, for a thread or a task.

        Each event has: event (an Event), value, endpoint, endpoints (local, remote), reason in words, and of peers
        that have shaken hands routing_id and properties. Any number of iterators may be there, beside a monitor.
        """
        from purezmq.engine.event_stream import EventStream

        return EventStream(self._core, index(events))

    # -- counters ------------------------------------------------------------------------------------------

    def stats(self) -> SocketStats:
        """Return what has happened so far, as a dict.

        peers connected now; messages_in and _out, bytes_in and _out (on the wire; inproc has none); queued_in and
        _out; dropped, by the reason: "full" (HWM), "no_peer" (nobody subscribed), "unroutable", "filtered" (received,
        and no subscription, group or request was for it), "conflated" (a newer one came), "peer_left" (still queued
        then); events_lost by a monitor that nobody reads; connections (handshakes done), how many of them were
        reconnects, disconnects, handshake_failures. All of it is plain data, for json.dumps() and the like.
        """
        return self._core.stats()

    def peers(self, *, departed: bool = False) -> list[PeerStats]:
        """Return a dict for each peer that is connected, or should be; departed: for the last 100 that left for good.

        endpoint, local and remote; connected; socket_type, routing_id, address and properties, as the peer told (bytes
        as text in latin-1, so that it is plain data); messages_in and _out, bytes_in and _out (of all connections of
        a peer that we reconnect to); queued_in, queued_out; dropped, by the reason.
        """
        return self._core.peers(departed)

    # -- when to start -------------------------------------------------------------------------------------

    def wait_for_peers(self, count: int = 1, timeout: int | None = None) -> None:
        """Wait until so many peers are connected, their handshakes done; for every type of socket.

        timeout is in ms, None or -1: no limit. Raises Again when there are fewer then; what a closed socket or
        a terminated context raises also ends the wait (ENOTSOCK, ETERM).
        """
        self._goal_of_peers(count).wait(timeout)

    def wait_for_subscribers(self, topic: bytes | str, count: int = 1, timeout: int | None = None) -> None:
        """Wait until a message that begins with this topic would go to so many subscribers (PUB, XPUB).

        For RADIO: to so many members of this group. Nothing that is sent from then on comes too early for them.
        timeout and errors are those of wait_for_peers(); ENOTSUP: other types have no subscribers.
        """
        self._goal_of_subscribers(topic, count).wait(timeout)

    def _goal_of_peers(self, count: int) -> Goal:
        return Goal(self._core, self._core.wait_for_peers, index(count), "peers are connected")

    def _goal_of_subscribers(self, topic: bytes | str, count: int) -> Goal:
        start = topic.encode() if isinstance(topic, str) else topic
        look = partial(self._core.wait_for_audience, start)
        return Goal(self._core, look, index(count), f"peers have subscribed to {start!r}")


class Goal:
    """So many peers of a kind, for whom somebody waits."""

    __slots__ = ("_found", "_look", "_wanted", "_words", "core")

    def __init__(
        self, core: SocketCore, look: Callable[[int, int | None], int], wanted: int, words: str
    ) -> None:
        self.core = core
        self._look = look  # waits until so many are there, for so many ms; returns how many there are
        self._wanted = wanted
        self._words = words
        self._found = 0

    def wait(self, timeout: int | None) -> None:
        """Wait in the calling thread; Again: in vain."""
        if not self.is_reached(limit_of(timeout)):
            raise self.missed()

    def is_reached(self, timeout: int | None = 0) -> bool:
        """Return whether they are there now, or within so many ms."""
        self._found = self._look(self._wanted, timeout)
        return self._found >= self._wanted

    def missed(self) -> ZMQError:
        """Return what to raise when time is over: how many there were."""
        return error(EAGAIN, f"{self._found} of {self._wanted} {self._words}")

    async def reached(self, timeout: int | None) -> None:
        """Wait in the running task, looking whenever something has happened to the socket; Again: in vain."""
        limit = limit_of(timeout)
        deadline = None if limit is None else monotonic() + limit / 1000
        from purezmq.engine.signals import new_signal

        signal = new_signal()
        self.core.add_watcher(signal, polls=False)
        try:
            while not self.is_reached():
                patience = None if deadline is None else max(deadline - monotonic(), 0)
                if not await signal.wait(patience) and not self.is_reached():
                    raise self.missed()
        finally:
            self.core.remove_watcher(signal)


class AsyncObserved(Observed):
    """The same for sockets of asyncio, trio and anyio: what waits is awaited."""

    async def wait_for_peers(self, count: int = 1, timeout: int | None = None) -> None:  # type: ignore[override]
        """Wait until so many peers are connected; see the blocking Socket's."""
        await self._goal_of_peers(count).reached(timeout)

    async def wait_for_subscribers(  # type: ignore[override]
        self, topic: bytes | str, count: int = 1, timeout: int | None = None
    ) -> None:
        """Wait until a message that begins with this topic would go to so many; see the blocking Socket's."""
        await self._goal_of_subscribers(topic, count).reached(timeout)


def limit_of(timeout: int | None) -> int | None:
    """Return a timeout of ZeroMQ's kind in ms; None: no limit."""
    return None if timeout is None or timeout < 0 else int(timeout)
