"""Is the peer alive? PINGs at an interval, and how long silence may last (RFC 37, libzmq's HEARTBEAT_*).

The rules:

- Every HEARTBEAT_IVL a PING is due. From a PING on, the peer has HEARTBEAT_TIMEOUT to send anything at all;
  later PINGs do not prolong that.
- A peer that sent PING with a TTL has promised to send something within each TTL.
- Times are seconds on the caller's clock; `inf` is never.
"""

from __future__ import annotations

from math import inf

from purezmq.core.options import SocketOptions
from purezmq.core.wire.commands import encode_ping

_MAX_TTL = 0xFFFF  # tenths of a second


class Heartbeat:
    """One connection's. Made when its options ask for heartbeats, or when the peer's PING carries a TTL."""

    __slots__ = ("_answer_by", "_interval", "_last", "_ping_at", "_timeout", "ping", "ttl")

    def __init__(self, now: float, interval: float = inf, timeout: float = inf, ttl: int = 0) -> None:
        self._interval = interval
        self._timeout = timeout  # from a PING to any sign of life
        self._last = now  # when the peer was heard last
        self._ping_at = now + interval
        self._answer_by = inf  # while a PING is unanswered
        self.ping = encode_ping(ttl)  # ttl in tenths of a second, for the peer to go by
        self.ttl = inf  # what the peer promised

    @classmethod
    def from_options(cls, options: SocketOptions, now: float) -> Heartbeat:
        """Return the heartbeat that HEARTBEAT_IVL, _TIMEOUT and _TTL ask for."""
        timeout = options.heartbeat_timeout if options.heartbeat_timeout >= 0 else options.heartbeat_ivl
        ttl = min(options.heartbeat_ttl // 100, _MAX_TTL)
        return cls(now, options.heartbeat_ivl / 1000, timeout / 1000 if timeout else inf, ttl)

    def heard(self, now: float) -> None:
        """Something came from the peer."""
        self._last = now
        self._answer_by = inf

    def deadline(self) -> float | None:
        """Return when to look again."""
        deadline = min(self._ping_at, self._answer_by, self._last + self.ttl)
        return deadline if deadline < inf else None

    def overdue(self, now: float) -> str:
        """Return why the peer must be dead, "" as long as it need not be."""
        if now >= self._answer_by:
            return f"no sign of life within {self._timeout:g} s of a PING"
        if now >= self._last + self.ttl:
            return f"silent for longer than its own TTL of {self.ttl:g} s"
        return ""

    def ping_due(self, now: float) -> bool:
        """Return whether a PING is to be sent now, and count on it being sent."""
        if now < self._ping_at:
            return False
        self._ping_at = now + self._interval
        self._answer_by = min(self._answer_by, now + self._timeout)
        return True
