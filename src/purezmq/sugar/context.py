"""zmq.sugar.context: Context."""

from __future__ import annotations

from purezmq.context import Context, SyncContext
from purezmq.errors import ZMQError as ZMQError
from purezmq.socket import Socket as Socket
from purezmq.socket import SyncSocket as SyncSocket
from purezmq.sugar.attrsettr import AttributeSetter as AttributeSetter
from purezmq.sugar.attrsettr import OptValT as OptValT

__all__ = ["Context", "SyncContext"]
