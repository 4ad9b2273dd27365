"""zmq.sugar.socket: Socket, and the names that programs take from here because PyZMQ imports them here."""

from __future__ import annotations

from purezmq.errors import ZMQBindError as ZMQBindError
from purezmq.errors import ZMQError as ZMQError
from purezmq.poller import Poller as Poller
from purezmq.socket import Socket, SyncSocket
from purezmq.sugar.attrsettr import AttributeSetter as AttributeSetter

__all__ = ["Socket", "SyncSocket"]

# The pickle protocol of send_pyobj().
DEFAULT_PROTOCOL = -1
