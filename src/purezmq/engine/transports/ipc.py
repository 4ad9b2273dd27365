"""ipc:// — zmq_ipc(7); ipc_address.cpp and ipc_listener.cpp of libzmq 4.3.5. AF_UNIX sockets, in three kinds:

    ipc:///run/feed     a path, relative ones too
    ipc://@feed         a name in Linux's abstract name space: no file
    ipc://*             a path in a new directory under $TMPDIR, $TEMPDIR, $TMP, or the system's; bind only

Rules:

- bind() takes a path over: whatever file is there is removed first, and whoever listened there is reached
  no more.
- The file that bind() made is removed by close() (libzmq leaves it), unless another has taken the path over
  since.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from errno import EACCES, EADDRINUSE, EBADF, EINVAL, ENAMETOOLONG, ENOENT, ENOTSOCK
from typing import TYPE_CHECKING

from purezmq.engine.transports import Listening, Stream, Target, Transport
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from purezmq.core.options import SocketOptions

_PATH_MAX = 107 if sys.platform == "linux" else 103  # sizeof(sockaddr_un.sun_path) - 1

_HINTS = {
    EACCES: "this process must be allowed to write to the directory",
    EADDRINUSE: "the name is taken, or the path is a directory: bind another one",
    ENOENT: "make the directory first",
    EBADF: "USE_FD must be a descriptor that listens",
    ENOTSOCK: "USE_FD must be a socket that listens",
}
_SO_PEERCRED = getattr(socket, "SO_PEERCRED", None)
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class IpcTransport:
    """See Transport."""

    scheme = "ipc"

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen at address; with USE_FD at that descriptor, and address must only be a possible one."""
        try:
            if options.use_fd >= 0:
                _check(address)
                adopted = socket.socket(fileno=options.use_fd)
                return IpcListening(adopted, options, _name(adopted.getsockname()), "", "")
            if address.startswith("*"):
                directory = _new_directory()
                return _listen(f"{directory}/socket", options, directory)
            return _listen(address, options, "")
        except OSError as failure:
            number = failure.errno or EINVAL
            hint = _HINTS.get(number)
            raise error(number, f"ipc://{address}: {hint}" if hint else f"ipc://{address}") from failure

    def check(self, address: str, options: SocketOptions) -> None:
        """Refuse what is too long, or no name at all."""
        _check(address)

    def targets_now(self, address: str, options: SocketOptions) -> list[Target] | None:
        """Return the path."""
        return [Target(socket.AF_UNIX, _path(address))]

    def resolve(self, address: str, options: SocketOptions) -> list[Target]:
        """Return the path."""
        return [Target(socket.AF_UNIX, _path(address))]

    def connect(self, target: Target, options: SocketOptions) -> Stream:
        """Connect; this is never under way, but done or refused: EAGAIN is a full backlog."""
        stream = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            stream.setblocking(False)
            _set_buffers(stream, options)
            stream.connect(target.address)
        except OSError:
            stream.close()
            raise
        return stream

    def connect_error(self, stream: Stream) -> int:
        """Return SO_ERROR."""
        return _socket(stream).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def peer_address(self, stream: Stream) -> str:
        """Return "localhost", and ":uid:gid:pid" of the process that listened or connected there."""
        if _SO_PEERCRED is None:
            return "localhost"
        try:
            credentials = _socket(stream).getsockopt(socket.SOL_SOCKET, _SO_PEERCRED, _CREDENTIALS.size)
        except OSError:
            return "localhost"
        pid, uid, gid = _CREDENTIALS.unpack(credentials)
        return f"localhost:{uid}:{gid}:{pid}"

    def local_endpoint(self, stream: Stream) -> str:
        """Return the path that it was accepted at."""
        return _name(_socket(stream).getsockname())

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return what was given."""
        return f"ipc://{address}"

    def matches(self, given: str, endpoint: str) -> bool:
        """Compare the text: of "*", only LAST_ENDPOINT knows what it became."""
        return given == endpoint


class IpcListening:
    """A listening socket. See Listening."""

    __slots__ = ("_directory", "_file", "_options", "_path", "_socket", "endpoint")

    def __init__(
        self, listening: socket.socket, options: SocketOptions, endpoint: str, path: str, directory: str
    ) -> None:
        listening.setblocking(False)
        listening.set_inheritable(False)
        self._socket = listening
        self._options = options
        self.endpoint = endpoint
        self._path = (
            os.path.abspath(path) if path else ""
        )  # what close() removes, wherever the process is then
        self._file = _identity(self._path)
        self._directory = directory

    def fileno(self) -> int:
        """Return the descriptor, -1 when closed."""
        return self._socket.fileno()

    def accept(self) -> Stream | None:
        """Accept one."""
        try:
            stream, _ = self._socket.accept()
        except BlockingIOError:
            return None
        try:
            stream.setblocking(False)
            _set_buffers(stream, self._options)
        except OSError:
            stream.close()
            raise
        return stream

    def close(self) -> None:
        """Stop listening. The file goes if it is still ours; with USE_FD it is the application's."""
        self._socket.close()
        path, self._path = self._path, ""
        if path and self._file is not None and _identity(path) == self._file:
            _remove(path, os.unlink)
        if path and self._directory:
            _remove(self._directory, os.rmdir)

    def abandon(self) -> None:
        """Close our copy of the descriptor; the file is the parent's."""
        self._path = ""
        self._socket.close()


# -- sockets
# ---------------------------------------------------------------------------------------------------


def _listen(address: str, options: SocketOptions, directory: str) -> IpcListening:
    try:
        _check(address)
        path = _path(address)
        in_files = path[:1] != b"\0"
        if in_files:
            _remove(path, os.unlink)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _set_buffers(listening, options)
            listening.bind(path)
            listening.listen(options.backlog)
            return IpcListening(
                listening, options, f"ipc://{address}", address if in_files else "", directory
            )
        except OSError:
            listening.close()
            raise
    except (OSError, ZMQError):
        if directory:
            _remove(directory, os.rmdir)
        raise


def _set_buffers(made: socket.socket, options: SocketOptions) -> None:
    # libzmq sets these for tcp only; its manual page promises them for every connection.
    if options.sndbuf >= 0:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, options.sndbuf)
    if options.rcvbuf >= 0:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.rcvbuf)


def _socket(stream: Stream) -> socket.socket:
    assert isinstance(stream, socket.socket)
    return stream


# -- names and files
# -------------------------------------------------------------------------------------------


def _check(address: str) -> None:
    if address == "@":
        raise error(EINVAL, "an abstract name needs something behind the @")
    length = len(_encode(address))
    if length > _PATH_MAX:
        raise error(ENAMETOOLONG, f"ipc://{address}: {length} bytes, and the system takes {_PATH_MAX}")


def _path(address: str) -> bytes:
    encoded = _encode(address)
    return b"\0" + encoded[1:] if encoded[:1] == b"@" else encoded


def _encode(address: str) -> bytes:
    return address.encode("utf-8", "surrogateescape")


def _name(address: str | bytes) -> str:
    """Return the endpoint of what getsockname() gives."""
    if isinstance(address, bytes):
        return "ipc://@" + address[1:].decode("utf-8", "surrogateescape")
    return f"ipc://{address}"


def _new_directory() -> str:
    import tempfile  # slow to import

    for variable in ("TMPDIR", "TEMPDIR", "TMP"):
        place = os.environ.get(variable, "")
        if os.path.isdir(place):
            return tempfile.mkdtemp(dir=place)
    # libzmq takes the working directory here, whose relative path no other process can be told.
    return tempfile.mkdtemp()


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _remove(path: str | bytes, how: Callable[[str | bytes], None]) -> None:
    try:
        how(path)
    except OSError:
        pass  # not there, or not ours to remove: bind() will say


transport: Transport = IpcTransport()
