"""The engine's errors in PyZMQ's classes: its layer catches zmq.error's, and those are not ours."""

from __future__ import annotations

from collections.abc import Callable
from errno import EINTR
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from purezmq.constants import Errno
from purezmq.errors import ZMQError

P = ParamSpec("P")
R = TypeVar("R")


def translated(reason: ZMQError) -> Exception:
    """Return PyZMQ's error for one of ours, with our text. Where ``zmq`` is purezmq itself they are the same."""
    from zmq import error as theirs

    if isinstance(reason, theirs.ZMQError):
        return reason
    made: Any
    if reason.errno == Errno.EAGAIN:
        made = theirs.Again()
    elif reason.errno == Errno.ETERM:
        made = theirs.ContextTerminated()
    elif reason.errno == EINTR:
        made = theirs.InterruptedSystemCall()
    else:
        made = theirs.ZMQError(reason.errno, reason.strerror)
    made.strerror = reason.strerror
    error: Exception = made
    return error


def translating(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function raise PyZMQ's errors."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ZMQError as reason:
            raise translated(reason) from None

    return call
