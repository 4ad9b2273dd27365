"""PyZMQ's backend: its own front end on this engine, ``PYZMQ_BACKEND=purezmq.backend``.

PyZMQ's pure-Python layer subclasses Context, Socket and Frame of whatever module that variable names, and calls its
functions. Here they are: a translation of the engine's core objects, for software that is pinned to PyZMQ itself.

Rules:

- What is raised is raised in PyZMQ's own classes (_errors.py): its layer catches those, and no others.
- ``zmq`` is imported only when it is needed, never at import time: it is just importing us.
- What PyZMQ's layer does part by part (multipart messages) reaches the engine as one message.
"""

from __future__ import annotations

from purezmq import IPC_PATH_MAX_LEN, PYZMQ_DRAFT_API
from purezmq.backend.context import Context
from purezmq.backend.frame import Frame, Message
from purezmq.backend.functions import (
    curve_keypair,
    curve_public,
    has,
    proxy,
    proxy_steerable,
    zmq_poll,
)
from purezmq.backend.functions import monitored_queue as monitored_queue
from purezmq.backend.select import public_api as public_api
from purezmq.backend.select import select_backend as select_backend
from purezmq.backend.socket import Socket
from purezmq.errors import strerror, zmq_errno
from purezmq.version import zmq_version_info

__all__ = [
    "Context",
    "Socket",
    "Frame",
    "Message",
    "proxy",
    "proxy_steerable",
    "zmq_poll",
    "strerror",
    "zmq_errno",
    "has",
    "curve_keypair",
    "curve_public",
    "zmq_version_info",
    "IPC_PATH_MAX_LEN",
    "PYZMQ_DRAFT_API",
]
