"""What purezmq raises.

    Exception
    ├── ZMQBaseError                     everything below, to catch at once
    │   ├── ZMQError(errno, msg)         the caller's request failed; errno is libzmq's number
    │   │   ├── Again                    EAGAIN: cannot be done now
    │   │   ├── ContextTerminated        ETERM: the context was terminated under the call
    │   │   └── InterruptedSystemCall    EINTR: a signal came in; also an InterruptedError
    │   ├── ZMQBindError                 bind_to_random_port() found no free port
    │   └── NotDone                      MessageTracker.wait() ran out of time
    ├── NotImplementedError
    │   └── ZMQVersionError              the feature needs a newer libzmq API than this one
    ├── RuntimeWarning
    │   └── DraftFDWarning               FD was read on a thread-safe socket, where libzmq has none
    └── ProtocolError                    the peer broke an RFC; never reaches the application

Below the front ends "cannot now" is a value (None, False); ``error()`` makes the exception where one is due,
and the hint it takes tells the caller what to do about it. All but ProtocolError behave as in zmq.error of
PyZMQ 27.3.0.
"""

from __future__ import annotations

import os
import threading
from errno import EINTR
from typing import TYPE_CHECKING

from purezmq.constants import Errno

if TYPE_CHECKING:
    from typing import Literal

__all__ = [
    "Again",
    "ContextTerminated",
    "DraftFDWarning",
    "InterruptedSystemCall",
    "NotDone",
    "ProtocolError",
    "ZMQBaseError",
    "ZMQBindError",
    "ZMQError",
    "ZMQVersionError",
    "error",
    "strerror",
    "zmq_errno",
]

# The API level that purezmq offers, as zmq_version() says it (libzmq's).
_API_VERSION = "4.3.5"

# libzmq's texts (err.cpp), where they differ from the system's.
_TEXTS: dict[int, str] = {
    Errno.EFSM: "Operation cannot be accomplished in current state",
    Errno.ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
    Errno.ETERM: "Context was terminated",
    Errno.EMTHREAD: "No thread available",
    Errno.EHOSTUNREACH: "Host unreachable",
}


class _LastErrno(threading.local):
    number = 0


_last = _LastErrno()


class ZMQBaseError(Exception):
    """Catch this for every error of this package."""


class ZMQError(ZMQBaseError):
    """The caller's request failed.

    errno is libzmq's number, by default the last one of this thread; strerror is msg, by default libzmq's
    text for the number. A str as the first argument is taken as msg, with no errno.
    """

    errno: int | None = None
    strerror: str

    def __init__(self, errno: int | str | None = None, msg: str | None = None) -> None:
        if isinstance(errno, str):
            self.strerror = errno
            return
        if errno is None:
            errno = _last.number
        _last.number = errno
        self.errno = errno
        self.strerror = strerror(errno) if msg is None else msg

    def __str__(self) -> str:
        return self.strerror

    def __repr__(self) -> str:
        return f"{type(self).__name__}('{self}')"


class Again(ZMQError):
    """EAGAIN: it cannot be done now, or the timeout ran out. Poll, or try later. Arguments are ignored."""

    def __init__(self, errno: int | Literal["ignored"] = "ignored", msg: str = "ignored") -> None:
        super().__init__(Errno.EAGAIN)


class ContextTerminated(ZMQError):
    """ETERM: the context was terminated. Close the socket. Arguments are ignored."""

    def __init__(self, errno: int | Literal["ignored"] = "ignored", msg: str = "ignored") -> None:
        super().__init__(Errno.ETERM)


class InterruptedSystemCall(ZMQError, InterruptedError):  # type: ignore[misc]  # OSError.strerror may be None
    """EINTR: a signal came in during a call that does not retry by itself. Arguments are ignored."""

    def __init__(self, errno: int | Literal["ignored"] = "ignored", msg: str = "ignored") -> None:
        super().__init__(EINTR)

    def __str__(self) -> str:
        return f"{self.strerror} (this call should have been retried: please report it to purezmq)"


class ZMQBindError(ZMQBaseError):
    """bind_to_random_port() tried as often as it was allowed to, and found no free port."""


class NotDone(ZMQBaseError):
    """MessageTracker.wait() ran out of time before the message was released."""


class ZMQVersionError(NotImplementedError):
    """msg, a feature, needs a libzmq API of at least min_version."""

    def __init__(self, min_version: str, msg: str = "Feature") -> None:
        self.msg = msg
        self.min_version = min_version
        self.version = _API_VERSION

    def __str__(self) -> str:
        return f"{self.msg} requires libzmq >= {self.min_version}, have {self.version}"

    def __repr__(self) -> str:
        return f"ZMQVersionError('{self}')"


class DraftFDWarning(RuntimeWarning):
    """FD was read on a thread-safe socket type, where libzmq has none."""

    def __init__(self, msg: str = "") -> None:
        super().__init__(msg or "FD of a thread-safe socket: libzmq has none, so this program needs purezmq")


class ProtocolError(Exception):
    """The peer broke an RFC: say what came and what was allowed. Ends one connection, never the program."""


def error(errno: int, hint: str = "") -> ZMQError:
    """Make the exception for errno, of the class that libzmq's callers expect; hint says what to do about it.

    ``raise error(EFSM, "recv() the reply first")`` reads "Operation cannot be accomplished in current state
    (recv() the reply first)".
    """
    made = _CLASSES.get(errno, ZMQError)(errno)
    if hint:
        made.strerror = f"{made.strerror} ({hint})"
    return made


def strerror(errno: int) -> str:
    """Return libzmq's text for its own numbers, the system's for the others."""
    text = _TEXTS.get(errno)
    return os.strerror(errno) if text is None else text


def zmq_errno() -> int:
    """Return the number of the last ZMQError made in this thread, 0 before the first."""
    return _last.number


_CLASSES: dict[int, type[ZMQError]] = {
    Errno.EAGAIN: Again,
    Errno.ETERM: ContextTerminated,
    EINTR: InterruptedSystemCall,
}
