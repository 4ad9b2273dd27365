"""zmq.error: what purezmq raises (see errors.py), and two checks that PyZMQ's own code and old programs call."""

from __future__ import annotations

from errno import EINTR as EINTR  # programs compare with zmq.error.EINTR
from typing import Any

from purezmq.errors import (
    Again,
    ContextTerminated,
    DraftFDWarning,
    InterruptedSystemCall,
    NotDone,
    ZMQBaseError,
    ZMQBindError,
    ZMQError,
    ZMQVersionError,
    zmq_errno,
)
from purezmq.errors import error as _error
from purezmq.version import zmq_version_info

__all__ = [
    "DraftFDWarning",
    "ZMQBaseError",
    "ZMQBindError",
    "ZMQError",
    "NotDone",
    "ContextTerminated",
    "InterruptedSystemCall",
    "Again",
    "ZMQVersionError",
]


def _check_rc(rc: Any, errno: int | None = None, error_without_errno: bool = True) -> None:
    """Raise the exception for errno (by default the last one) if rc, the result of a C function, is -1."""
    if rc != -1:
        return
    number = zmq_errno() if errno is None else errno
    if number or error_without_errno:
        raise _error(number)


def _check_version(min_version_info: tuple[int, ...], msg: str = "Feature") -> None:
    """Raise ZMQVersionError, which names the feature msg, unless this libzmq API is at least so new."""
    if zmq_version_info() < min_version_info:
        raise ZMQVersionError(".".join(map(str, min_version_info)), msg)
