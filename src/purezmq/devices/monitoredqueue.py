"""monitored_queue: a proxy whose third socket is told everything, with the direction in front.

What it does beyond proxy(): copies begin with a part that says where the message came from, and both sides may be
ROUTER. Then a message is [from, to, ...] when it comes and [to, from, ...] when it goes on, so that peers of the one
side address peers of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purezmq.constants import DONTWAIT, POLLIN, ROUTER
from purezmq.errors import Again
from purezmq.poller import zmq_poll
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["monitored_queue"]

_BURST = 1000  # messages of one direction before it looks at the other


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
    wanted = [(in_socket, POLLIN), (out_socket, POLLIN)]
    while True:
        ready = dict(zmq_poll(wanted))
        if ready.get(in_socket, 0) & POLLIN:
            _forward(in_socket, out_socket, mon_socket, prefixes[0], swap)
        if ready.get(out_socket, 0) & POLLIN:
            _forward(out_socket, in_socket, mon_socket, prefixes[1], swap)


def _forward(
    source: Socket[Any], target: Socket[Any], monitor: Socket[Any], prefix: bytes, swap: bool
) -> None:
    """Pass on up to a burst of messages, waiting where there is no room."""
    for _ in range(_BURST):
        try:
            parts = source.recv_multipart(DONTWAIT)
        except Again:
            return
        if swap:
            parts[:2] = parts[1::-1]
        monitor.send_multipart([prefix, *parts])
        target.send_multipart(parts)
