"""Deprecated: tornado's IOLoop under PyZMQ's old names. Sockets need no loop of their own any more."""

from __future__ import annotations

import warnings

from tornado.ioloop import *  # noqa: F403  # as with PyZMQ, whatever tornado.ioloop has is here too
from tornado.ioloop import IOLoop

ZMQIOLoop = IOLoop


def _warn() -> None:
    warnings.warn(
        "purezmq.eventloop.ioloop is deprecated: import tornado.ioloop instead",
        DeprecationWarning,
        stacklevel=3,
    )


def install() -> None:
    """Deprecated: does nothing. Sockets work on tornado's own loop."""
    _warn()


_warn()
