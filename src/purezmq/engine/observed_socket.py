"""What can be learned of a socket: its log, monitors, counters, and when its peers are there.

It stands between DrivenSocket and SocketCore for reading only; the three are one object, with one lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from purezmq.core.statistics import PeerStats, SocketStats, Tally, describe, total
from purezmq.engine.driven_socket import DrivenSocket
from purezmq.engine.monitor import Monitors

if TYPE_CHECKING:
    from collections.abc import Callable

    from purezmq.constants import SocketType
    from purezmq.core.patterns.pattern import Pattern
    from purezmq.engine.context import ContextCore
    from purezmq.engine.monitor import Hearer


class ObservedSocket(DrivenSocket):
    """The part of a socket that tells."""

    __slots__ = ("tally",)

    def __init__(
        self, context: ContextCore, socket_type: SocketType, pattern: type[Pattern], key: int
    ) -> None:
        super().__init__(context, socket_type, pattern, key)
        self.monitors = Monitors(self)
        self.tally = Tally()

    def report(self, event: str, endpoint: str, reason: str) -> None:
        """Log what happened to a connection; whoever monitors this socket is told by `monitors`."""
        self.context.report(self, event, endpoint, reason)

    def monitor(self, endpoint: str | None, events: int, version: int, socket_type: int) -> None:
        """Send events to an inproc endpoint from now on; None: no more. See Monitors.start."""
        with self.lock:
            self._check_open()
            if endpoint is None:
                self.monitors.stop_monitor()
            else:
                self.monitors.start(endpoint, events, version, socket_type)

    def tell_queues(self) -> None:
        """Have the monitor told how many messages are queued at each peer. See Monitors.tell_queues."""
        with self.lock:
            self._check_open()
            if self._mailbox:
                self._read_mailbox()
            self.pattern.unstage()
            self.monitors.tell_queues(self.pattern.pipes)

    def hear(self, hearer: Hearer) -> None:
        """Tell somebody more what happens, until `hear_no_more` or the end."""
        with self.lock:
            self._check_open()
            self.monitors.add(hearer)

    def hear_no_more(self, hearer: Hearer) -> None:
        """End what `hear` began."""
        with self.lock:
            self.monitors.remove(hearer)

    def stats(self) -> SocketStats:
        """Return what has happened so far."""
        with self.lock:
            self._catch_up()
            self.pattern.unstage()
            tally, pipes = self.tally, self.pattern.pipes
            counts = total([tally.gone, *filter(None, (pipe.link.counts() for pipe in pipes))])
            sends, receives = self.pattern.can_send, self.pattern.can_receive
            dropped = self.pattern.dropped()._replace(peer_left=tally.peer_left)
            return {
                "peers": sum(pipe.ready for pipe in pipes),
                "messages_in": counts.messages_in if receives else 0,  # else they are subscriptions
                "messages_out": counts.messages_out if sends else 0,
                "bytes_in": counts.bytes_in,
                "bytes_out": counts.bytes_out,
                "queued_in": self.pattern.queued_in() if receives else 0,
                "queued_out": len(self.outbox) + sum(pipe.queued_out() for pipe in pipes),
                "dropped": dropped._asdict(),
                "events_lost": self.monitors.lost,
                "connections": tally.connections,
                "reconnects": tally.reconnects,
                "disconnects": tally.disconnects,
                "handshake_failures": tally.handshake_failures,
            }

    def peers(self, departed: bool = False) -> list[PeerStats]:
        """Return who is there, or should be; or who has left."""
        with self.lock:
            self._catch_up()
            if departed:
                return self.tally.departed(self.pattern)
            self.pattern.unstage()
            return [describe(pipe, self.pattern) for pipe in self.pattern.pipes]

    def wait_for_peers(self, count: int, timeout_ms: int | None) -> int:
        """Wait until so many peers are connected; return how many there are, fewer when time is over."""
        return self._wait_for_number(
            lambda: sum(pipe.ready for pipe in self.pattern.pipes), count, timeout_ms
        )

    def wait_for_audience(self, start: bytes, count: int, timeout_ms: int | None) -> int:
        """As `wait_for_peers`, for the peers to which a message that begins so would go (publishers)."""
        return self._wait_for_number(lambda: self.pattern.audience(start), count, timeout_ms)

    def _wait_for_number(self, measure: Callable[[], int], wanted: int, timeout_ms: int | None) -> int:
        found = 0

        def enough() -> bool | None:
            nonlocal found
            self._catch_up()
            found = measure()
            return found >= wanted or None

        self._wait_for(enough, timeout_ms)
        return found

    def _catch_up(self) -> None:
        self._check_open()
        if self._mailbox:
            self._read_mailbox()
