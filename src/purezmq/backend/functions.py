"""The backend's functions: ours, for the backend's sockets, with PyZMQ's errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import purezmq
from purezmq import poller
from purezmq.backend._errors import translating
from purezmq.backend.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

S = TypeVar("S")

has = translating(purezmq.has)
curve_keypair = translating(purezmq.curve_keypair)
curve_public = translating(purezmq.curve_public)


@translating
def zmq_poll(sockets: Sequence[tuple[Any, int]], timeout: int = -1) -> list[tuple[Any, int]]:
    """Return what is ready of (socket or descriptor, events), waiting up to timeout ms; -1: no limit."""
    given: dict[Any, Any] = {}
    wanted = []
    for socket, flags in sockets:
        front = _front(socket)
        given[front] = socket
        wanted.append((front, flags))
    # Pollers of PyZMQ's pass over closed sockets: libzmq looks at their descriptor, which is 0.
    wanted = [(front, flags) for front, flags in wanted if not _is_closed(front)] or wanted
    return [(given.get(ready, ready), found) for ready, found in poller.zmq_poll(wanted, timeout)]


@translating
def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> NoReturn:
    """Pass messages both ways, and a copy of each to capture, until the context is terminated."""
    purezmq.proxy(_front(frontend), _front(backend), _front(capture))


@translating
def proxy_steerable(
    frontend: Socket, backend: Socket, capture: Socket | None = None, control: Socket | None = None
) -> int:
    """Do what proxy() does, and what control receives; return 0 after TERMINATE."""
    return purezmq.proxy_steerable(_front(frontend), _front(backend), _front(capture), _front(control))


@translating
def monitored_queue(
    in_socket: Socket,
    out_socket: Socket,
    mon_socket: Socket,
    in_prefix: bytes = b"in",
    out_prefix: bytes = b"out",
) -> NoReturn:
    """Pass messages both ways, and [prefix, *message] to mon_socket, until the context is terminated."""
    from purezmq.devices.monitoredqueue import monitored_queue as run

    run(_front(in_socket), _front(out_socket), _front(mon_socket), in_prefix, out_prefix)


def _is_closed(front: Any) -> bool:
    return isinstance(front, purezmq.Socket) and front.closed


def _front(socket: Any) -> Any:
    return socket._front if isinstance(socket, Socket) else socket
