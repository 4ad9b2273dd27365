"""Socket and Context whose calls block a greenlet, and never gevent's hub.

What can be done at once is done; else the greenlet joins the socket's station (station.py). A call that finds its
message there does not let other greenlets run, as gevent's own sockets do not.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from gevent.hub import get_hub

from purezmq._waiting import NOT_YET, attempted, take, take_now
from purezmq.constants import Flag, PollEvent, SocketOption
from purezmq.context import Context
from purezmq.errors import Again
from purezmq.green.observed import GreenObserved
from purezmq.green.poll import wait_for_any
from purezmq.green.station import station_of, within
from purezmq.socket import Socket

__all__ = ["_Context", "_Socket"]

_DONTWAIT = int(Flag.DONTWAIT)
TIMEOS = (int(SocketOption.RCVTIMEO), int(SocketOption.SNDTIMEO))

T = TypeVar("T")
ST = TypeVar("ST")


class _Socket(GreenObserved, Socket[ST], Generic[ST]):
    """A socket whose calls block only the calling greenlet. Greenlets may share it, as threads may share a Socket.

    RCVTIMEO and SNDTIMEO work; in PyZMQ's green sockets they do not, hence the warning.
    """

    _repr_cls = "zmq.green.Socket"

    # -- receiving -----------------------------------------------------------------------------------------

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
        """Receive the next part, see Socket.recv()."""
        if not copy or self._receiving:
            return self._receive(partial(Socket.recv, self, flags | _DONTWAIT, copy, track), flags)
        if flags & _DONTWAIT:
            return Socket.recv(self, flags)
        message = self._take()
        return message if message.__class__ is bytes else bytes(self._first_part(message, None))

    def recv_multipart(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
        """Receive a whole message, see Socket.recv_multipart()."""
        if not copy or self._receiving:
            return self._receive(partial(Socket.recv_multipart, self, flags | _DONTWAIT, copy, track), flags)
        if flags & _DONTWAIT:
            return Socket.recv_multipart(self, flags)
        message = self._take()
        if message.__class__ is bytes:
            return [message]
        return [part if part.__class__ is bytes else bytes(part) for part in message]

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receive the next part into a buffer, see Socket.recv_into()."""
        attempt = partial(Socket.recv_into, self, buffer, nbytes=nbytes, flags=flags | _DONTWAIT)
        return self._receive(attempt, flags)

    def _take(self) -> Any:
        """Return the next message, now or later."""
        core = self._core
        message = take_now(core)
        return message if message is not NOT_YET else self._wait_to_receive(partial(take, core))

    def _receive(self, attempt: Callable[[], T], flags: int) -> T:
        """Return what an attempt returns, which raises Again when there is nothing."""
        try:
            return attempt()
        except Again:
            if flags & _DONTWAIT:
                raise
        return self._wait_to_receive(partial(attempted, attempt))

    def _wait_to_receive(self, attempt: Callable[[], T]) -> T:
        timeout = self._core.options.rcvtimeo
        if timeout == 0:
            raise Again
        station = station_of(self._core)
        if timeout < 0:
            return station.wait(station.receivers, attempt)
        return within(timeout, lambda: station.wait(station.receivers, attempt))

    # -- sending -------------------------------------------------------------------------------------------

    def send(
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> Any:
        """Send one part, see Socket.send()."""
        try:
            return Socket.send(self, data, flags | _DONTWAIT, copy, track, routing_id, group)
        except Again:
            if flags & _DONTWAIT:
                raise
        return self._wait_to_send(
            partial(Socket.send, self, data, flags | _DONTWAIT, copy, track, routing_id, group)
        )

    def send_multipart(
        self, msg_parts: Sequence[Any], flags: int = 0, copy: bool = True, track: bool = False, **kwargs: Any
    ) -> Any:
        """Send a message of several parts, see Socket.send_multipart()."""
        try:
            return Socket.send_multipart(self, msg_parts, flags | _DONTWAIT, copy, track, **kwargs)
        except Again:
            if flags & _DONTWAIT:
                raise
        return self._wait_to_send(
            partial(Socket.send_multipart, self, msg_parts, flags | _DONTWAIT, copy, track, **kwargs)
        )

    def _wait_to_send(self, attempt: Callable[[], T]) -> T:
        timeout = self._core.options.sndtimeo
        if timeout == 0:
            raise Again
        station = station_of(self._core)
        return within(timeout, lambda: station.wait(station.senders, partial(attempted, attempt)))

    # -- polling and options -------------------------------------------------------------------------------

    def poll(self, timeout: int | None = None, flags: int = PollEvent.POLLIN) -> int:
        """Wait until one of the events is there, see Socket.poll()."""
        found = Socket.poll(self, 0, flags)
        if found or timeout == 0:
            return found
        ready = wait_for_any([(self, flags)], -1 if timeout is None else timeout)
        return ready[0][1] if ready else 0

    def get(self, option: int) -> int | bytes:
        """Return an option, see Socket.get()."""
        _warn_of_timeouts(option)
        return Socket.get(self, option)

    getsockopt = get

    def _set(self, option: int, optval: int | bytes) -> None:
        _warn_of_timeouts(option)
        super()._set(option, optval)


def _warn_of_timeouts(option: int) -> None:
    if option in TIMEOS:
        warnings.warn(
            "RCVTIMEO and SNDTIMEO have an effect in purezmq.green, but none in zmq.green of PyZMQ",
            UserWarning,
            stacklevel=3,
        )


class _Context(Context[_Socket[bytes]]):
    """Makes green sockets."""

    _socket_class = _Socket
    _repr_cls = "zmq.green.Context"
    _instance: Any = None  # not shared with the blocking Context

    def term(self) -> None:
        """Wake all blocked calls with ContextTerminated, and wait until all sockets are closed, see Context.term()."""
        if self._core.sockets:
            get_hub().threadpool.apply(super().term)
        else:
            super().term()
