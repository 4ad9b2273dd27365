"""proxy: pass messages between two sockets for ever (RFC 14 calls it a device).

It moves whole messages, up to 1,000 of one direction before it looks at the other, and reads nothing that the
other side has no room for: back-pressure passes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purezmq.constants import Flag, PollEvent
from purezmq.errors import Again
from purezmq.poller import zmq_poll
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

    from purezmq.core.message import Message
    from purezmq.engine.socket_core import SocketCore

__all__ = ["device", "proxy"]

_DONTWAIT = int(Flag.DONTWAIT)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_BURST = 1000  # libzmq's proxy_burst_size


def proxy(frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None = None) -> NoReturn:
    """Pass messages both ways, and a copy of each to capture, until the context is terminated.

    Raises ContextTerminated then, and whatever else the sockets raise.
    """
    for name, socket in (("frontend", frontend), ("backend", backend), ("capture", capture)):
        if not isinstance(socket, Socket) and (socket is not None or name != "capture"):
            raise TypeError(f"{name} is a Socket, not {socket!r}")
    ways = [_Way(frontend, backend, capture)]
    if frontend._core is not backend._core:
        ways.append(_Way(backend, frontend, capture))
    while True:
        wanted: dict[Socket[Any], int] = {}
        for way in ways:
            socket, event = way.obstacle()
            wanted[socket] = wanted.get(socket, 0) | event
        ready = dict(zmq_poll(list(wanted.items())))
        for way in ways:
            socket, event = way.obstacle()
            if ready.get(socket, 0) & event:
                way.forward()


def device(device_type: int, frontend: Socket[Any], backend: Socket[Any]) -> NoReturn:
    """Do what proxy(frontend, backend) does; the type has no meaning any more."""
    proxy(frontend, backend)


class _Way:
    """One direction. It waits for input, or, when there was input, for room."""

    def __init__(self, source: Socket[Any], target: Socket[Any], capture: Socket[Any] | None) -> None:
        self._source = source
        self._target = target
        self._capture = capture
        self._full = False  # no room at the last look

    def obstacle(self) -> tuple[Socket[Any], int]:
        """Return which socket to wait for, and for what."""
        return (self._target, _POLLOUT) if self._full else (self._source, _POLLIN)

    def forward(self) -> None:
        """Pass on up to a burst of messages."""
        source, target = self._source._core, self._target._core
        left = _BURST
        while left > 0:
            # A socket that is both sides has room for the answer to what it received: REP has none before.
            room = 1 if source is target else min(_room(target), left)
            self._full = room <= 0
            if self._full:
                return
            messages = _take(source, room)
            if not messages:
                return
            if self._capture is not None:
                for message in messages:
                    self._capture._core.send(message)
            if target.fluent:
                target.outbox.extend(messages)
                target.flush()
            else:
                for message in messages:
                    target.send(message)
            if len(messages) < room:
                return
            left -= room


def _room(target: SocketCore) -> int:
    """Return for how many messages there is room, as far as that is known."""
    if target.fluent:
        with target.lock:
            return target.pattern.room()
    return 1 if target.poll(_POLLOUT, 0) else 0


def _take(source: SocketCore, limit: int) -> list[Message]:
    """Return up to so many messages that are there now."""
    messages: list[Message] = []
    while len(messages) < limit:
        try:
            messages.append(source.inbox.popleft())
        except IndexError:
            try:
                messages.append(source.receive(_DONTWAIT))
            except Again:
                break
    if source.attention:
        source.attend()
    return messages
