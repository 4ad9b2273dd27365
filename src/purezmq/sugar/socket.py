"""zmq.sugar.socket: Socket, and the names that programs take from here because PyZMQ imports them here."""

from __future__ import annotations

from pickle import DEFAULT_PROTOCOL as DEFAULT_PROTOCOL

from purezmq.constants import SocketOption as SocketOption
from purezmq.constants import SocketType as SocketType
from purezmq.errors import ZMQBindError as ZMQBindError
from purezmq.errors import ZMQError as ZMQError
from purezmq.poller import Poller as Poller
from purezmq.socket import Socket, SyncSocket
from purezmq.sugar.attrsettr import AttributeSetter as AttributeSetter
from purezmq.utils import jsonapi as jsonapi
from purezmq.utils.interop import cast_int_addr as cast_int_addr

__all__ = ["Socket", "SyncSocket"]
