"""device and proxy for greenlets: pass messages between two sockets for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purezmq.constants import Flag, PollEvent
from purezmq.errors import Again
from purezmq.green.poll import zmq_poll

if TYPE_CHECKING:
    from typing import NoReturn

    from purezmq.socket import Socket

_BURST = 100  # messages of one direction before the other has its turn


def device(device_type: int, isocket: Socket[Any], osocket: Socket[Any]) -> NoReturn:
    """Pass messages both ways. The type is ignored."""
    proxy(isocket, osocket)


def proxy(frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None = None) -> NoReturn:
    """Pass messages both ways, and a copy of each to capture, until the context is terminated."""
    ways = {frontend: backend, backend: frontend}
    wanted = [(socket, PollEvent.POLLIN) for socket in ways]
    while True:
        for socket, _ in zmq_poll(wanted):
            _pass_on(socket, ways[socket], capture)


def _pass_on(source: Socket[Any], target: Socket[Any], capture: Socket[Any] | None) -> None:
    for _ in range(_BURST):
        try:
            message = source.recv_multipart(Flag.DONTWAIT, copy=False)
        except Again:
            return
        if capture is not None:
            capture.send_multipart(message, copy=False)
        target.send_multipart(message, copy=False)
