"""What a transport is, and where one is found.

A transport makes byte streams: it binds, listens, resolves, connects. What travels on a stream, when to try
again and whom to tell is the business of listener.py, dialer.py and session.py, which know a transport only
by the contract below.

To add one, add a file here: ``foo.py`` with a ``transport`` in it is what ``foo://`` endpoints are handed to.
Nothing else is edited. What transports over the system's sockets have in common is at the end of this file.
(inproc has no streams; the engine serves it without coming here.)
"""

from __future__ import annotations

import errno
import importlib
import os
from errno import EBADF, EINPROGRESS, EINTR, EINVAL, EMFILE, EPROTONOSUPPORT, EPROTOTYPE
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from purezmq.engine.unpatched import socket
from purezmq.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from purezmq.core.options import SocketOptions
    from purezmq.engine.loop import Handler, Loop
    from purezmq.engine.tunnel import Tunnel

CLOSED_BY_OTHERS = "the program has closed a descriptor that is not its own"
# Of connect(): done, begun, and begun although a signal came in.
UNDER_WAY = frozenset({0, EINPROGRESS, EINTR, getattr(errno, "WSAEWOULDBLOCK", EINPROGRESS)})
NO_DESCRIPTORS = "no descriptors left: close something, or raise the limit (ulimit -n)"


class Stream(Protocol):
    """A non-blocking stream of bytes, connected or about to be. A socket.socket is one.

    What would block raises BlockingIOError; a broken stream raises another OSError; recv() of b"" is the end.
    """

    def fileno(self) -> int: ...
    def recv(self, limit: int, /) -> bytes: ...
    def recvmsg_into(self, buffers: Iterable[memoryview], /) -> tuple[int, Any, int, Any]: ...
    def send(self, data: bytes | bytearray | memoryview, /) -> int: ...
    def sendmsg(self, buffers: Iterable[bytes | bytearray | memoryview], /) -> int: ...
    def shutdown(self, how: int, /) -> None: ...
    def detach(self) -> int: ...
    def close(self) -> None: ...


class Listening(Protocol):
    """What bind() made: it can be polled for reading, and then has a stream to accept."""

    endpoint: str  # resolved, as LAST_ENDPOINT says it: "tcp://0.0.0.0:40041", "ipc:///tmp/x"
    alias: str  # what else unbind() may call it; "": nothing

    def fileno(self) -> int: ...

    def accept(self) -> Stream | None:
        """Return the next stream, tuned as the options say; None: nobody is waiting.

        Raises OSError when a peer was there and is lost (ECONNABORTED), or cannot be had now (EMFILE): the
        peer stays in the queue then, and the descriptor readable.
        """
        ...

    def detach(self) -> int:
        """Have close() leave the descriptor open; return it."""
        ...

    def close(self) -> None:
        """Stop listening, and remove what bind() put into the file system. A second call does nothing.

        Raises OSError when one of the two has failed; the other is done.
        """
        ...

    def abandon(self) -> None:
        """In a forked child: give back the descriptor, and leave the parent's files alone."""
        ...


class Target:
    """One address to connect to, for socket.socket: a name may resolve to several."""

    __slots__ = ("address", "at_once", "family", "source")

    def __init__(self, family: int, address: Any, source: Any = None, *, at_once: bool = False) -> None:
        self.family = family
        self.address = address
        self.source = source  # the address to connect from, None: the system's choice
        self.at_once = at_once  # connecting succeeds or fails in the call, and is never delayed


class Names(NamedTuple):
    """The ends of a connected stream; "" where nobody knows."""

    local: str  # an endpoint
    remote: str  # an endpoint, for whoever monitors
    address: str  # the message property Peer-Address


NAMELESS = Names("", "", "")


class Transport(Protocol):
    """The addresses are what follows "scheme://"."""

    scheme: str

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen. May look up names. Raises ZMQError with libzmq's number and a hint."""
        ...

    def check(self, address: str, options: SocketOptions) -> None:
        """Raise the ZMQError that connect() raises at once, for an address that cannot be one. Never blocks."""
        ...

    def targets_now(self, address: str, options: SocketOptions) -> list[Target] | None:
        """Return what to connect to if that is known without blocking, None to have resolve() called in a thread."""
        ...

    def resolve(self, address: str, options: SocketOptions) -> list[Target]:
        """Return what to connect to, best first, at least one. May block. Raises OSError: try again later."""
        ...

    def connect(self, target: Target, options: SocketOptions) -> Stream:
        """Begin to connect: once the stream is writable, ask connect_error(). Raises OSError: try again later."""
        ...

    def connect_error(self, stream: Stream) -> int:
        """Return why connecting failed, an errno; 0: it did not. Call once, when the stream is writable."""
        ...

    def proxy(self, options: SocketOptions) -> str:
        """Return the endpoint of the proxy that connect() goes through, "" when there is none."""
        ...

    def tunnel(self, address: str, options: SocketOptions) -> Tunnel:
        """Return what leads from a proxy to the address. Ask only if there is one, and after targets were found."""
        ...

    def names(self, stream: Stream) -> Names | None:
        """Return who is at the ends of a connected stream; None: it is not, or not yet, or no longer, connected.

        If connect() has made the connection already there is no need to wait until the stream is writable.
        """
        ...

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return what LAST_ENDPOINT says after connect()."""
        ...

    def matches(self, given: str, endpoint: str) -> bool:
        """Does unbind(given), or disconnect(given), mean the one known as endpoint? May look up names.

        given and endpoint are whole endpoints of this scheme.
        """
        ...


def transport_for(scheme: str) -> Transport:
    """Return the transport in the file named like the scheme. Raises ZMQError(EPROTONOSUPPORT) if there is none."""
    found = _found.get(scheme)
    if found is None:
        found = _found[scheme] = _import(scheme)
    return found


_found: dict[str, Transport] = {}


def _import(scheme: str) -> Transport:
    module = f"{__name__}.{scheme}"
    if scheme.isidentifier() and not scheme.startswith("_"):
        try:
            transport: Transport = importlib.import_module(module).transport
            return transport
        except ModuleNotFoundError as missing:
            if missing.name != module:  # the transport is there, and what it needs is not
                raise
        except OSError as unreadable:
            hint = NO_DESCRIPTORS if unreadable.errno == EMFILE else f"cannot import {module}"
            raise error(unreadable.errno or EINVAL, hint) from unreadable
    raise error(EPROTONOSUPPORT, f"there is no transport {scheme!r}, but {', '.join(_schemes())}")


def _schemes() -> list[str]:
    import pkgutil

    return sorted({"inproc", *(module.name for module in pkgutil.iter_modules(__path__))})


# -- transports over the system's sockets ------------------------------------------------------------------


class ListeningSocket:
    """Listening, for a socket. tune makes an accepted stream what the options say."""

    __slots__ = ("_kind", "_listening", "_tune", "alias", "endpoint")

    def __init__(
        self, listening: socket.socket, endpoint: str, tune: Callable[[socket.socket], None], alias: str = ""
    ) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._kind = (listening.family, listening.type, listening.proto)  # two are made anew with each look
        self._tune = tune
        self.endpoint = endpoint
        self.alias = alias

    def fileno(self) -> int:
        """Return the descriptor, -1 when closed."""
        return self._listening.fileno()

    def accept(self) -> Stream | None:
        """Accept one."""
        try:
            descriptor, _ = self._listening._accept()  # type: ignore[attr-defined]  # accept() makes a patched one
        except BlockingIOError:
            return None
        stream = socket.socket(*self._kind, fileno=descriptor)
        try:
            stream.setblocking(False)
            self._tune(stream)
        except OSError:
            stream.close()
            raise
        return stream

    def detach(self) -> int:
        """Have close() leave the descriptor open; return it."""
        return self._listening.detach()

    def close(self) -> None:
        """Stop listening. A descriptor from USE_FD was handed over, and is closed too."""
        self._listening.close()

    def abandon(self) -> None:
        """Close our copy of the descriptor."""
        self._listening.close()


def let_go(loop: Loop, handler: Handler, watched: Stream | Listening) -> int:
    """Unwatch a descriptor and close it. Return 0, or the errno if that failed, since somebody else has closed it.

    Its number may be another file's by then, which stays open if there is a way to know.
    """
    problem = 0
    if not loop.unwatch(watched.fileno(), handler):
        watched.detach()
        problem = EBADF
    try:
        watched.close()
    except OSError as failure:
        problem = failure.errno or EBADF
    return problem


def adopt(descriptor: int, families: tuple[int, ...]) -> socket.socket:
    """Return the listening socket that USE_FD names.

    Raises ZMQError (EBADF, ENOTSOCK, EPROTOTYPE, EINVAL); the descriptor stays open then, and the caller's.
    """
    try:
        adopted = socket.socket(fileno=descriptor)
    except OSError as failure:
        raise error(failure.errno or EBADF, f"USE_FD: {descriptor} is not an open socket") from failure
    if adopted.family not in families:
        adopted.detach()
        raise error(EPROTOTYPE, f"USE_FD: {descriptor} is a socket of another transport")
    if not adopted.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        adopted.detach()
        raise error(EINVAL, f"USE_FD: call listen() on {descriptor} first")
    return adopted


def far_endpoint(scheme: str, address: Any) -> str:
    """Return what a peer is called, getpeername(), as an endpoint."""
    if isinstance(address, tuple):
        return f"{scheme}://{address[0]}:{address[1]}"
    name = (
        address.decode("utf-8", "surrogateescape").replace("\0", "@", 1)
        if isinstance(address, bytes)
        else address
    )
    return f"{scheme}://{name}"


def set_buffers(made: socket.socket, options: SocketOptions) -> None:
    """Heed SNDBUF and RCVBUF."""
    if options.sndbuf >= 0:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, options.sndbuf)
    if options.rcvbuf >= 0:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.rcvbuf)


class Direct:
    """The part of a Transport that goes through no proxy."""

    def proxy(self, options: SocketOptions) -> str:
        """Return that there is none."""
        return ""

    def tunnel(self, address: str, options: SocketOptions) -> Tunnel:
        """Never asked."""
        raise AssertionError("there is no proxy")


class SocketTransport(Direct):
    """The part of a Transport that is alike for all system sockets that are dialled by an address."""

    scheme: str
    family: int

    def name_of(self, made: socket.socket) -> str:
        """Return our side of a socket as an endpoint. Raises OSError."""
        raise NotImplementedError

    def targets_now(self, address: str, options: SocketOptions) -> list[Target]:
        """Return what to connect to."""
        raise NotImplementedError

    def require(self) -> None:
        """Raise ZMQError(EPROTONOSUPPORT) where Python has no such sockets."""
        if self.family < 0:
            raise error(EPROTONOSUPPORT, f"this system has no {self.scheme} for Python")

    def listen(self, where: Any, options: SocketOptions, alias: str = "") -> Listening:
        """Listen there; None: where the system chooses. Raises OSError, and ZMQError for a bad USE_FD."""
        if options.use_fd >= 0:
            listening = adopt(options.use_fd, (self.family,))
        else:
            listening = socket.socket(self.family, socket.SOCK_STREAM)
        try:
            if options.use_fd < 0:
                set_buffers(listening, options)
                if where is not None:
                    listening.bind(where)
                listening.listen(options.backlog)
            return ListeningSocket(
                listening, self.name_of(listening), lambda stream: set_buffers(stream, options), alias
            )
        except OSError:
            listening.close()
            raise

    def resolve(self, address: str, options: SocketOptions) -> list[Target]:
        """Return what to connect to."""
        return self.targets_now(address, options)

    def connect(self, target: Target, options: SocketOptions) -> Stream:
        """Begin to connect."""
        stream = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            stream.setblocking(False)
            set_buffers(stream, options)
            refused = stream.connect_ex(target.address)
            if refused not in UNDER_WAY:
                raise OSError(refused, os.strerror(refused))
        except OSError:
            stream.close()
            raise
        return stream

    def connect_error(self, stream: Stream) -> int:
        """Return SO_ERROR."""
        return as_socket(stream).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def names(self, stream: Stream) -> Names | None:
        """Return who is at the ends, without an address: libzmq tells none either."""
        made = as_socket(stream)
        try:
            return Names(self.name_of(made), far_endpoint(self.scheme, made.getpeername()), "")
        except OSError:
            return None

    def matches(self, given: str, endpoint: str) -> bool:
        """Compare the text."""
        return given == endpoint


def as_socket(stream: Stream) -> socket.socket:
    """Return a stream that the transport itself made, as the socket that it is."""
    assert isinstance(stream, socket.socket)
    return stream
