"""proxy: pass messages between two sockets for ever (RFC 14 calls it a device); a steerable one until it is told.

It moves whole messages, up to 1,000 of one direction before it looks at the other, and reads nothing that the
other side has no room for: back-pressure passes through.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from purezmq.constants import PollEvent, SocketType
from purezmq.core.message import parts_of
from purezmq.engine.lookout import Lookout
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import NoReturn

    from purezmq.core.message import Message
    from purezmq.engine.lookout import Seat

__all__ = ["device", "proxy", "proxy_steerable"]

_POLLIN = int(PollEvent.POLLIN)
_BURST = 1000  # libzmq's proxy_burst_size


def proxy(frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None = None) -> NoReturn:
    """Pass messages both ways, and a copy of each to capture, until the context is terminated.

    Raises ContextTerminated then, and whatever else the sockets raise.
    """
    _check(frontend=frontend, backend=backend, capture=capture)
    with _lookout_for(frontend, backend, capture) as lookout:
        ways = _ways_between(lookout, frontend, backend, capture)
        while True:
            pass_on(ways, lookout.serve())


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
    with _lookout_for(frontend, backend, capture, control) as lookout:
        ways = _ways_between(lookout, frontend, backend, capture)
        for way in ways:
            way.tally = _Tally()
        running = True
        while True:
            stirring = lookout.serve()
            while control._core.known_events(_POLLIN):
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
                    lookout.stir()
            if running:
                pass_on(ways, stirring)


def device(device_type: int, frontend: Socket[Any], backend: Socket[Any]) -> NoReturn:
    """Do what proxy(frontend, backend) does; the type has no meaning any more."""
    proxy(frontend, backend)


def _check(**sockets: Any) -> None:
    for name, socket in sockets.items():
        if not isinstance(socket, Socket) and (socket is not None or name in ("frontend", "backend")):
            raise TypeError(f"{name} is a Socket, not {socket!r}")


def _lookout_for(*sockets: Socket[Any] | None) -> Lookout:
    return Lookout(socket._core for socket in sockets if socket is not None)


def _ways_between(
    lookout: Lookout, frontend: Socket[Any], backend: Socket[Any], capture: Socket[Any] | None
) -> list[Way]:
    front, back = lookout.seat(frontend._core), lookout.seat(backend._core)
    spy = lookout.seat(capture._core) if capture is not None else None
    there, back_again = Way(front, back, spy), Way(back, front, spy)
    return [there] if front is back else [there, back_again]


def pass_on(ways: list[Way], stirring: list[Seat]) -> None:
    """Pass on what these seats have brought, or have made room for."""
    for way in ways:
        if not way.hopes.isdisjoint(stirring):
            way.forward()


def _statistics(ways: list[Way]) -> list[bytes]:
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


class Way:
    """One direction."""

    hopes: set[Seat]  # who stirs when something may be passed on
    tally: _Tally | None = None

    def __init__(self, source: Seat, target: Seat, capture: Seat | None) -> None:
        self._source = source
        self._target = target.core
        self._capture = capture.core if capture is not None else None
        # What must be read before it can be sent to, and the other way round, has one message at a time.
        self._alternates = source.core.pattern.lockstep or target.core.pattern.lockstep
        # A PUSH gives nothing, and a PULL takes nothing.
        leads_on = source.core.pattern.can_receive and target.core.pattern.can_send
        self._ends = {source, target, *([capture] if capture is not None else [])} if leads_on else set()
        self._input = {source} if leads_on else set()
        self.hopes = self._ends

    def forward(self) -> None:
        """Pass on up to a burst of messages; what is left when neither side stands in the way stirs again."""
        source, target, capture = self._source.core, self._target, self._capture
        left = _BURST
        while left > 0:
            room = min(self._room(), left)
            self.hopes = self._input if room > 0 else self._ends
            if room <= 0:
                return
            messages = source.receive_burst(room)
            if not messages:
                return
            if self.tally is not None:
                self.tally.add(messages)
            passed = self._readdressed(messages)
            if capture is not None:
                capture.send_burst(self._copies(passed))
            target.send_burst(passed)
            if len(messages) < room:
                return
            left -= room
        self._source.stirs = True

    def _readdressed(self, messages: list[Message]) -> list[Message]:
        """Return what the target is to get."""
        return messages

    def _copies(self, passed: list[Message]) -> list[Message]:
        """Return what the capture is to get."""
        return passed

    def _room(self) -> int:
        """Return how many messages may be received and passed on now."""
        if self._alternates:
            source, target = self._source.core, self._target
            # One that is both sides has room for the answer once it has received.
            ready = source.known_events(_POLLIN) and (source is target or target.room() > 0)
            room = 1 if ready else 0
        else:
            room = self._target.room()
        if room > 0 and self._capture is not None:
            return min(room, self._capture.room())
        return room
