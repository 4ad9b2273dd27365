"""monitored_queue: a proxy whose third socket is told everything, with the direction in front.

What it does beyond proxy(): copies begin with a part that says where the message came from, and both sides may be
ROUTER. Then a message is [from, to, ...] when it comes and [to, from, ...] when it goes on, so that peers of the one
side address peers of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purezmq.constants import ROUTER
from purezmq.core.message import parts_of
from purezmq.engine.lookout import Lookout, Seat
from purezmq.proxy import Way, pass_on
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

    from purezmq.core.message import Message

__all__ = ["monitored_queue"]


def monitored_queue(
    in_socket: Socket[Any],
    out_socket: Socket[Any],
    mon_socket: Socket[Any],
    in_prefix: bytes = b"in",
    out_prefix: bytes = b"out",
) -> NoReturn:
    """Pass messages both ways, and [prefix, *message] to mon_socket, until the context is terminated.

    in_prefix goes before what came from in_socket, out_prefix before what came from out_socket. Raises
    ContextTerminated, and whatever else the sockets raise.
    """
    for name, socket in (("in_socket", in_socket), ("out_socket", out_socket), ("mon_socket", mon_socket)):
        if not isinstance(socket, Socket):
            raise TypeError(f"{name} is a Socket, not {socket!r}")
    prefixes = [bytes(memoryview(prefix)) for prefix in (in_prefix, out_prefix)]  # refuses str
    swap = in_socket.type == out_socket.type == ROUTER
    with Lookout(socket._core for socket in (in_socket, out_socket, mon_socket)) as lookout:
        inner, outer, monitor = (lookout.seat(socket._core) for socket in (in_socket, out_socket, mon_socket))
        ways: list[Way] = [_MonitoredWay(inner, outer, monitor, prefixes[0], swap)]
        if inner is not outer:
            ways.append(_MonitoredWay(outer, inner, monitor, prefixes[1], swap))
        while True:
            pass_on(ways, lookout.serve())


class _MonitoredWay(Way):
    """One direction, whose copies bear a prefix."""

    def __init__(self, source: Seat, target: Seat, monitor: Seat, prefix: bytes, swap: bool) -> None:
        super().__init__(source, target, monitor)
        self._prefix = prefix
        self._swap = swap

    def _readdressed(self, messages: list[Message]) -> list[Message]:
        if not self._swap:
            return messages
        return [[*parts[1::-1], *parts[2:]] for parts in map(parts_of, messages)]

    def _copies(self, passed: list[Message]) -> list[Message]:
        return [[self._prefix, *parts_of(message)] for message in passed]
