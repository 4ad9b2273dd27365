"""zmq.sugar.context: Context."""

from __future__ import annotations

from purezmq.constants import ContextOption as ContextOption
from purezmq.constants import Errno as Errno
from purezmq.constants import SocketOption as SocketOption
from purezmq.context import Context, SyncContext
from purezmq.errors import ZMQError as ZMQError
from purezmq.socket import Socket as Socket
from purezmq.socket import SyncSocket as SyncSocket
from purezmq.sugar.attrsettr import AttributeSetter as AttributeSetter
from purezmq.sugar.attrsettr import OptValT as OptValT
from purezmq.utils.interop import cast_int_addr as cast_int_addr

__all__ = ["Context", "SyncContext"]
