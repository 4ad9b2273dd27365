"""zmq.sugar: PyZMQ's Python layer over its C one. Here it is only names: the classes are purezmq's own."""

from __future__ import annotations

from purezmq import error as error
from purezmq.constants import DeviceType as DeviceType
from purezmq.error import *  # noqa: F403
from purezmq.proxy import device
from purezmq.proxy import proxy as proxy
from purezmq.sugar import attrsettr as attrsettr
from purezmq.sugar import context as context
from purezmq.sugar import frame as frame
from purezmq.sugar import poll as poll
from purezmq.sugar import socket as socket
from purezmq.sugar import stopwatch as stopwatch
from purezmq.sugar import tracker as tracker
from purezmq.sugar import version as version
from purezmq.sugar.context import Context, SyncContext
from purezmq.sugar.frame import Frame, Message
from purezmq.sugar.poll import Poller, select
from purezmq.sugar.socket import Socket, SyncSocket
from purezmq.sugar.stopwatch import Stopwatch
from purezmq.sugar.tracker import _FINISHED_TRACKER, MessageTracker
from purezmq.sugar.version import (
    __revision__,
    __version__,
    pyzmq_version,
    pyzmq_version_info,
    zmq_version,
    zmq_version_info,
)

__all__ = [
    "device",
    "Context",
    "SyncContext",
    *error.__all__,
    "Frame",
    "Message",
    "Poller",
    "select",
    "Socket",
    "SyncSocket",
    "MessageTracker",
    "_FINISHED_TRACKER",
    "zmq_version",
    "zmq_version_info",
    "pyzmq_version",
    "pyzmq_version_info",
    "__version__",
    "__revision__",
    "Stopwatch",
]
