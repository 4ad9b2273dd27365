"""Context, Socket and Poller for tornado's coroutines: the calls return futures, which are awaited or yielded.

They are those of purezmq.asyncio, for tornado's loop is asyncio's, but they may be called before the loop runs, and
``io_loop.close(all_fds=True)`` closes the sockets that have been used in it.
"""

from __future__ import annotations

import warnings
from asyncio import AbstractEventLoop, CancelledError
from asyncio.events import _get_running_loop
from typing import Any, cast
from weakref import ref

from tornado.ioloop import IOLoop

from purezmq._future import _AsyncPoller, _AsyncSocket
from purezmq._station import Station
from purezmq.context import Context as SyncContext

__all__ = ["CancelledError", "Context", "Poller", "Socket"]


class _Member:
    """What an IOLoop holds for a socket, in order to close it together with itself; it watches nothing."""

    def __init__(self, socket: Socket, io_loop: IOLoop) -> None:
        self._socket = ref(socket, lambda _: io_loop.remove_handler(self))  # it may still be collected

    def fileno(self) -> int:
        """Return a number that no descriptor has, and no other member."""
        return -id(self)

    def close(self) -> None:
        """Close the socket."""
        socket = self._socket()
        if socket is not None:
            socket.close()


class _Tornado:
    """What sockets and pollers have in common: they find tornado's current loop."""

    def _default_loop(self) -> AbstractEventLoop:
        """Return the loop that runs, or that is current."""
        return _get_running_loop() or _asyncio_loop(IOLoop.current())


class Poller(_Tornado, _AsyncPoller):
    """A Poller whose poll() returns a future."""


class Socket(_Tornado, _AsyncSocket):
    """A socket whose send, recv and poll return futures."""

    _repr_cls = "zmq.eventloop.future.Socket"
    _io_loop: IOLoop | None = None
    _member: _Member | None = None

    def _get_loop(self) -> IOLoop:
        """Return the current loop; from now on this socket belongs to it."""
        io_loop = IOLoop.current()
        if io_loop is not self._io_loop:
            self._leave_loop()
            self._member = _Member(self, io_loop)
            io_loop.add_handler(self._member, _watch_nothing, 0)
            self._io_loop = io_loop
        return io_loop

    def _leave_loop(self) -> None:
        if self._io_loop is not None and self._member is not None:
            self._io_loop.remove_handler(self._member)
        self._io_loop = self._member = None

    def _settle_in(self) -> Station:
        station = super()._settle_in()
        self._get_loop()
        return station

    def close(self, linger: int | None = None) -> None:
        """Close, and cancel who waits, see purezmq.asyncio.Socket."""
        super().close(linger)
        self._leave_loop()


class Context(SyncContext[Socket]):
    """Makes sockets for tornado."""

    _repr_cls = "zmq.eventloop.future.Context"
    _socket_class = Socket
    _instance: Any = None  # not shared with the blocking Context
    io_loop: Any = None

    def __init__(
        self: Context,
        io_threads: int | SyncContext[Any] = 1,
        shadow: SyncContext[Any] | int = 0,
        io_loop: Any = None,
    ) -> None:
        if io_loop is not None:
            warnings.warn(
                "Context(io_loop=) is deprecated and has no effect: the current loop is used.",
                DeprecationWarning,
                stacklevel=2,
            )
        super().__init__(io_threads, shadow)  # type: ignore[misc]  # its type is for blocking contexts


def _asyncio_loop(io_loop: IOLoop) -> AbstractEventLoop:
    return cast(AbstractEventLoop, io_loop.asyncio_loop)  # type: ignore[attr-defined]  # of every loop since 5.0


def _watch_nothing(*_: Any) -> None: ...
