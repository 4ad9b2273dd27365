"""ZeroMQ in pure Python, under PyZMQ's names: ``import purezmq as zmq``."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from purezmq import constants
from purezmq.constants import *  # noqa: F403
from purezmq.context import Context, SyncContext
from purezmq.dropin import install_as_zmq
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
    strerror,
    zmq_errno,
)
from purezmq.errors import error as _error
from purezmq.frame import Frame, Message
from purezmq.poller import Poller, select, zmq_poll
from purezmq.proxy import device, proxy, proxy_steerable
from purezmq.socket import Socket, SyncSocket
from purezmq.stopwatch import Stopwatch
from purezmq.tracker import _FINISHED_TRACKER, MessageTracker
from purezmq.version import (
    PUREZMQ_VERSION,
    __revision__,
    __version__,
    purezmq_version,
    pyzmq_version,
    pyzmq_version_info,
    zmq_version,
    zmq_version_info,
)

# Read when a socket or frame is made: assign to it to change the default.
COPY_THRESHOLD = 65536
IPC_PATH_MAX_LEN = 107
DRAFT_API = True
PYZMQ_DRAFT_API = True

_ON_DEMAND = frozenset({"asyncio", "backend", "error", "sugar", "utils"})
_OBSERVED = {  # the types of what is observed, and where they are: the engine is imported with the first context
    "EndpointPair": "purezmq.core.monitor",
    "EventStream": "purezmq.engine.event_stream",
    "PeerStats": "purezmq.core.statistics",
    "SocketEvent": "purezmq.core.monitor",
    "SocketStats": "purezmq.core.statistics",
}
_CAPABILITIES = frozenset({"ipc", "draft"})
_FAMILIES = {"tipc": "AF_TIPC", "vsock": "AF_VSOCK"}  # what is there when Python has sockets of this kind
_PACKAGES = {"curve": "nacl", "gssapi": "gssapi"}  # what is there when a package is


def has(capability: str) -> bool:
    """Return whether "ipc", "curve", "gssapi", "tipc", "vsock", "vmci", "norm", "pgm", "draft" are there.

    "tipc" and "vsock" are where Python has their sockets; whether the kernel has them, too, bind() tells: EAFNOSUPPORT.
    """
    if not isinstance(capability, str):
        raise TypeError(f"a capability is a str, not {capability!r}")
    if capability in _PACKAGES:
        from importlib.util import find_spec

        return find_spec(_PACKAGES[capability]) is not None
    if capability in _FAMILIES:
        import socket

        return hasattr(socket, _FAMILIES[capability])
    return capability in _CAPABILITIES


def curve_keypair() -> tuple[bytes, bytes]:
    """Return a new public and secret CURVE key in Z85; ZMQError(ENOTSUP) without PyNaCl."""
    from purezmq.core.security import z85

    secret = z85.encode(os.urandom(32))
    return curve_public(secret), secret


def curve_public(secret_key: str | bytes) -> bytes:
    """Return the public key of a secret one, both in Z85.

    ValueError: not 40 characters; ZMQError(EINVAL): no Z85; ENOTSUP: PyNaCl is missing.
    """
    from purezmq.core.security import crypto, z85

    # Where it is refused no traceback is to show it, not even one with locals.
    if len(secret_key) != 40:
        del secret_key
        raise ValueError("secret key must be a 40 byte z85 encoded string")
    try:
        secret = z85.decode(secret_key)
    except ValueError:
        del secret_key
        raise _error(constants.EINVAL, "a secret key is 40 characters of Z85") from None
    return z85.encode(crypto.public_key(secret))


def get_includes() -> list[str]:
    """Return the directories of this package, where C headers would be if there were any."""
    package = os.path.dirname(__file__)
    return [package, os.path.join(package, "utils")]


def get_library_dirs() -> list[str]:
    """Return the directory that is ``zmq`` in the drop-in, where C libraries would be if there were any."""
    return [os.path.join(os.path.dirname(__file__), "dropin", "shim", "zmq")]


if TYPE_CHECKING:
    from purezmq import asyncio as asyncio
    from purezmq import backend as backend
    from purezmq import error as error
    from purezmq import sugar as sugar
    from purezmq import utils as utils
    from purezmq.core.monitor import EndpointPair, SocketEvent
    from purezmq.core.statistics import PeerStats, SocketStats
    from purezmq.engine.event_stream import EventStream
else:

    def __getattr__(name: str) -> object:
        """Import what is an attribute of the package, but seldom used."""
        if name in _ON_DEMAND:
            return import_module(f"purezmq.{name}")
        if name in _OBSERVED:
            return getattr(import_module(_OBSERVED[name]), name)
        raise AttributeError(f"module 'purezmq' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return [*globals(), *_ON_DEMAND, *_OBSERVED]


__all__ = [
    "COPY_THRESHOLD",
    "DRAFT_API",
    "IPC_PATH_MAX_LEN",
    "PUREZMQ_VERSION",
    "PYZMQ_DRAFT_API",
    "Again",
    "Context",
    "ContextTerminated",
    "DraftFDWarning",
    "EndpointPair",
    "EventStream",
    "Frame",
    "InterruptedSystemCall",
    "Message",
    "MessageTracker",
    "NotDone",
    "PeerStats",
    "Poller",
    "Socket",
    "SocketEvent",
    "SocketStats",
    "Stopwatch",
    "SyncContext",
    "SyncSocket",
    "ZMQBaseError",
    "ZMQBindError",
    "ZMQError",
    "ZMQVersionError",
    "_FINISHED_TRACKER",
    "__revision__",
    "__version__",
    "curve_keypair",
    "curve_public",
    "device",
    "get_includes",
    "get_library_dirs",
    "has",
    "install_as_zmq",
    "proxy",
    "proxy_steerable",
    "purezmq_version",
    "pyzmq_version",
    "pyzmq_version_info",
    "select",
    "strerror",
    "zmq_errno",
    "zmq_poll",
    "zmq_version",
    "zmq_version_info",
]
__all__ += constants.__all__  # so that type checkers understand it
