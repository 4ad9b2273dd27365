"""How long to wait before a connection is tried again.

As libzmq (stream_connecter_base.cpp, get_new_reconnect_ivl):

- RECONNECT_IVL_MAX = 0: RECONNECT_IVL plus a random part of up to as much again, so that a thousand clients
  do not come back in the same millisecond.
- RECONNECT_IVL_MAX > 0: RECONNECT_IVL, then twice as long each time, never more than RECONNECT_IVL_MAX (not
  even the first time, though the manual page says that a RECONNECT_IVL_MAX below RECONNECT_IVL is ignored);
  no randomness.
- RECONNECT_IVL = -1: never. 0 too, of which the manual page says nothing.
- A connection that came up starts it all over: call reset().
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is too slow to import for a name
if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions

_INT_MAX = 2**31 - 1


class Backoff:
    """The waiting times of one connect()."""

    __slots__ = ("_last", "_longest", "_shortest")

    def __init__(self, options: SocketOptions) -> None:
        self._shortest = options.reconnect_ivl
        self._longest = options.reconnect_ivl_max
        self._last = 0

    def next(self, random_unit: float) -> float | None:
        """Return the seconds to wait now, in whole milliseconds; None: never try again.

        random_unit is a random number of [0, 1), drawn for this call.
        """
        if self._shortest <= 0:
            return None
        if self._longest > 0:
            self._last = min(self._last * 2 or self._shortest, self._longest)
            return self._last / 1000
        return min(self._shortest + int(random_unit * self._shortest), _INT_MAX) / 1000

    def reset(self) -> None:
        """The connection came up: the next wait is the shortest again."""
        self._last = 0
