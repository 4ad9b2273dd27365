"""ipc:// — zmq_ipc(7); ipc_address.cpp and ipc_listener.cpp of libzmq 4.3.5. AF_UNIX sockets, in three kinds:

    ipc:///run/feed     a path, relative ones too
    ipc://@feed         a name in Linux's abstract name space: no file
    ipc://*             a path in a new directory under $TMPDIR, $TEMPDIR, $TMP, or the system's; bind only

Rules:

- bind() takes a path over: a socket, a symbolic link or an empty file that is there is removed first, and whoever
  listened there is reached no more. Anything else stays, and is EADDRINUSE: libzmq removes any file, and what was in
  it is lost.
- The file that bind() made is removed by close() (libzmq leaves it), unless another has taken the path over
  since.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from errno import (
    EACCES,
    EADDRINUSE,
    ECONNABORTED,
    EINVAL,
    EMFILE,
    ENAMETOOLONG,
    ENOENT,
    ENOTDIR,
    EPROTONOSUPPORT,
)
from typing import TYPE_CHECKING

from purezmq.engine.transports import (
    NO_DESCRIPTORS,
    Direct,
    Listening,
    ListeningSocket,
    Names,
    Stream,
    Target,
    Transport,
    adopt,
    as_socket,
    far_endpoint,
    set_buffers,
)
from purezmq.engine.unpatched import socket
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from purezmq.core.options import SocketOptions

_PATH_MAX = 107 if sys.platform == "linux" else 103  # sizeof(sockaddr_un.sun_path) - 1

_HINTS = {
    EACCES: "this process must be allowed to write to the directory",
    EADDRINUSE: "the name is taken, or the path is a file or directory that is no socket: bind another one",
    EMFILE: NO_DESCRIPTORS,
    ENOENT: "make the directory first",
    ENOTDIR: "a part of the path is a file, where a directory must be",
}
# How much a connection holds, unless SNDBUF says. With the system's 208 kB two messages of 100 kB fill it, and the two
# processes wake each other in turn instead of working side by side: half the throughput.
_SNDBUF = 1024 * 1024

_SO_PEERCRED = getattr(socket, "SO_PEERCRED", None)
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class IpcTransport(Direct):
    """See Transport."""

    scheme = "ipc"

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen at address; with USE_FD at that descriptor, and address must only be a possible one."""
        try:
            if address.startswith("*") and options.use_fd < 0:
                return _listen_in_new_directory(options)
            _check(address)
            if options.use_fd >= 0:
                listening = adopt(options.use_fd, (socket.AF_UNIX,))
            elif address.startswith("@"):
                listening = _listen(address, options)
            else:
                _take_over(_path(address))
                return ListeningFile(_listen(address, options), address, "", options)
            name = _name(listening.getsockname())
            return ListeningSocket(listening, name, lambda stream: _tune_accepted(stream, options))
        except OSError as failure:
            number = failure.errno or EINVAL
            hint = _HINTS.get(number)
            raise error(number, f"ipc://{address}: {hint}" if hint else f"ipc://{address}") from failure

    def check(self, address: str, options: SocketOptions) -> None:
        """Refuse what is too long, or no name at all."""
        _check(address)

    def targets_now(self, address: str, options: SocketOptions) -> list[Target] | None:
        """Return the path."""
        return [Target(socket.AF_UNIX, _path(address), at_once=True)]

    def resolve(self, address: str, options: SocketOptions) -> list[Target]:
        """Return the path."""
        return [Target(socket.AF_UNIX, _path(address), at_once=True)]

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
        return as_socket(stream).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def names(self, stream: Stream) -> Names:
        """Return the path that it was accepted at, and "localhost:uid:gid:pid" of the process at the other end."""
        made = as_socket(stream)
        address = "localhost"
        remote = ""
        try:
            remote = far_endpoint("ipc", made.getpeername())
            pid, uid, gid = _credentials(made)
            address = f"localhost:{uid}:{gid}:{pid}"
        except OSError:
            pass  # it has gone already
        return Names(_name(made.getsockname()), remote, address)

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return what was given."""
        return f"ipc://{address}"

    def matches(self, given: str, endpoint: str) -> bool:
        """Compare the text: of "*", only LAST_ENDPOINT knows what it became."""
        return given == endpoint


class ListeningFile(ListeningSocket):
    """A listening socket with a file, perhaps in a directory made for it."""

    __slots__ = ("_directory", "_file", "_path")

    def __init__(self, listening: socket.socket, path: str, directory: str, options: SocketOptions) -> None:
        super().__init__(listening, f"ipc://{path}", lambda stream: _tune_accepted(stream, options))
        self._path = os.path.abspath(path)  # the working directory may be another one by the time of close()
        self._file = _identity(self._path)
        self._directory = directory

    def close(self) -> None:
        """Stop listening, and remove the file if it is still ours. Raises OSError: the directory cannot be removed."""
        path, self._path = self._path, ""
        try:
            super().close()
        finally:
            mine = path and self._file is not None and _identity(path) == self._file
            if mine:
                _remove(path, os.unlink)
            if path and self._directory:
                os.rmdir(self._directory)
                if not mine:
                    raise OSError(ENOENT, f"{path} was removed before")

    def abandon(self) -> None:
        """Close our copy of the descriptor; the file is the parent's."""
        self._path = ""
        super().abandon()


# -- sockets ---------------------------------------------------------------------------------------------


def _listen_in_new_directory(options: SocketOptions) -> Listening:
    directory = _new_directory()
    path = f"{directory}/socket"
    try:
        _check(path)
        return ListeningFile(_listen(path, options), path, directory, options)
    except (OSError, ZMQError):
        _remove(directory, os.rmdir)
        raise


def _listen(address: str, options: SocketOptions) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        set_buffers(listening, options)
        listening.bind(_path(address))
        listening.listen(options.backlog)
    except OSError:
        listening.close()
        raise
    return listening


def _tune_accepted(stream: socket.socket, options: SocketOptions) -> None:
    if options.ipc_filter_uid or options.ipc_filter_gid or options.ipc_filter_pid:
        _admit(stream, options)
    _set_buffers(stream, options)


def _set_buffers(stream: socket.socket, options: SocketOptions) -> None:
    if options.sndbuf < 0:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SNDBUF)  # the system takes what it allows
    set_buffers(stream, options)


def _credentials(stream: socket.socket) -> tuple[int, int, int]:
    """Return the process, the user and the group of the peer. Raises OSError."""
    if _SO_PEERCRED is None:
        raise OSError(ECONNABORTED, "this system does not tell who connects: set no IPC_FILTER")
    pid, uid, gid = _CREDENTIALS.unpack(stream.getsockopt(socket.SOL_SOCKET, _SO_PEERCRED, _CREDENTIALS.size))
    return pid, uid, gid


def _admit(stream: socket.socket, options: SocketOptions) -> None:
    """Raise OSError(ECONNABORTED) for a peer that no IPC_FILTER lets in; one of them suffices."""
    pid, uid, gid = _credentials(stream)
    groups = [int(number) for number in options.ipc_filter_gid.split()]
    if (
        b"%d" % uid in options.ipc_filter_uid.split()
        or b"%d" % pid in options.ipc_filter_pid.split()
        or gid in groups
        or any(_is_member(uid, group) for group in groups)
    ):
        return
    raise OSError(ECONNABORTED, f"no IPC_FILTER lets process {pid} of user {uid}, group {gid} in")


def _is_member(uid: int, group: int) -> bool:
    """Return whether the system's list of the group has this user."""
    import grp
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name in grp.getgrgid(group).gr_mem
    except KeyError:
        return False


# -- names and files -------------------------------------------------------------------------------------


def _check(address: str) -> None:
    if not hasattr(socket, "AF_UNIX"):
        raise error(EPROTONOSUPPORT, "this system has no AF_UNIX sockets for Python: use tcp://127.0.0.1")
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
            return tempfile.mkdtemp(dir=os.path.abspath(place))
    # libzmq takes the working directory here, by a relative path, which is of no use to another process.
    return tempfile.mkdtemp()


def _take_over(path: bytes) -> None:
    """Remove what bind() may replace. Raises OSError(EADDRINUSE) for a file that is somebody's."""
    try:
        found = os.lstat(path)
    except OSError:
        return  # nothing is there, or bind() will say why nobody can look
    empty = stat.S_ISREG(found.st_mode) and found.st_size == 0  # such as tempfile makes, to find a name
    if not (empty or stat.S_ISSOCK(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        raise OSError(EADDRINUSE, "this is not a socket")
    _remove(path, os.unlink)


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
