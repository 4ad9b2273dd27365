"""proxy: pass messages between two sockets for ever (RFC 14 calls it a device); a steerable one until it is told.

It moves whole messages, up to 1,000 of one direction before it looks at the other, and reads nothing that the
other side has no room for: back-pressure passes through.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from purezmq.constants import PollEvent, SocketType
from purezmq.core.message import parts_of
from purezmq.poller import _Wait
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

    from purezmq.core.message import Message
    from purezmq.engine.socket_core import SocketCore

__all__ = ["device", "proxy", "proxy_steerable"]

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_BURST = 1000  # libzmq's proxy_burst_size


def proxy(frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None = None) -> NoReturn:
    """Pass messages both ways, and a copy of each to capture, until the context is terminated.

    Raises ContextTerminated then, and whatever else the sockets raise.
    """
    _check(frontend=frontend, backend=backend, capture=capture)
    ways = _ways(frontend, backend, capture)
    gate = _Gate()
    while True:
        gate.pass_on(ways, None)


def proxy_steerable(
    frontend: Socket[Any],
    backend: Socket[Any],
    capture: Socket[Any] | None = None,
    control: Socket[Any] | None = None,
) -> int:
    """Do what proxy() does, and what control receives; return 0 after TERMINATE.

    PAUSE: pass nothing on until RESUME. STATISTICS: send back what zmq_proxy_steerable(3) lists, eight numbers of
    8 bytes: parts and bytes received from the frontend, sent to it, received from the backend, sent to it. A REP
    as control answers everything else with an empty message.
    """
    _check(frontend=frontend, backend=backend, capture=capture, control=control)
    if control is None:
        proxy(frontend, backend, capture)
    ways = _ways(frontend, backend, capture)
    for way in ways:
        way.tally = _Tally()
    running = True
    gate = _Gate()
    while True:
        if not gate.pass_on(ways if running else [], control):
            continue
        command = control.recv_multipart()
        if command == [b"STATISTICS"]:
            control.send_multipart(_statistics(ways))
            continue
        if control.type == SocketType.REP:
            control.send(b"")
        if command == [b"TERMINATE"]:
            return 0
        if command in ([b"PAUSE"], [b"RESUME"]):
            running = command == [b"RESUME"]


def device(device_type: int, frontend: Socket[Any], backend: Socket[Any]) -> NoReturn:
    """Do what proxy(frontend, backend) does; the type has no meaning any more."""
    proxy(frontend, backend)


def _check(**sockets: Any) -> None:
    for name, socket in sockets.items():
        if not isinstance(socket, Socket) and (socket is not None or name in ("frontend", "backend")):
            raise TypeError(f"{name} is a Socket, not {socket!r}")


def _ways(frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None) -> list[_Way]:
    there, back = _Way(frontend, backend, capture), _Way(backend, frontend, capture)
    return [there] if frontend._core is backend._core else [there, back]


class _Gate:
    """Waits for what stands in the way; prepares that only when it is something else than before."""

    def __init__(self) -> None:
        self._wanted: dict[Socket[Any], int] = {}
        self._wait = _Wait([])  # a Poller would pass over closed sockets

    def pass_on(self, ways: list[_Way], control: Socket[Any] | None) -> bool:
        """Wait until something can be done, and do it; return whether control has a message."""
        wanted: dict[Socket[Any], int] = {} if control is None else {control: _POLLIN}
        for way in ways:
            socket, event = way.obstacle()
            wanted[socket] = wanted.get(socket, 0) | event
        if wanted != self._wanted:
            self._wanted = wanted
            self._wait = _Wait(wanted.items())
        ready = dict(self._wait.poll(-1))
        if control in ready:
            return True
        for way in ways:
            socket, event = way.obstacle()
            if ready.get(socket, 0) & event:
                way.forward()
        return False


def _statistics(ways: list[_Way]) -> list[bytes]:
    there, back = ways[0].tally, ways[-1].tally  # a proxy of one socket has one way
    assert there is not None
    assert back is not None
    return [
        count.to_bytes(8, sys.byteorder)
        for way in (there, back, back, there)
        for count in (way.parts, way.bytes)
    ]


class _Tally:
    """Counts what went one way."""

    def __init__(self) -> None:
        self.parts = 0
        self.bytes = 0

    def add(self, messages: list[Message]) -> None:
        for message in messages:
            parts = parts_of(message)
            self.parts += len(parts)
            self.bytes += sum(map(len, parts))


class _Way:
    """One direction. It waits for input, or, when there was input, for room."""

    tally: _Tally | None = None

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
            messages = source.receive_burst(room)
            if not messages:
                return
            if self.tally is not None:
                self.tally.add(messages)
            if self._capture is not None:
                for message in messages:
                    self._capture._core.send(message)
            if target.fluent_parts:
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
