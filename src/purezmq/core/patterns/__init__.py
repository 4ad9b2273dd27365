"""The socket types. A new one is a file here and a row in this table.

How each behaves: zmq_socket(3), RFCs 28 to 31, 41, 48, 49, 51 and 52, and libzmq's src/<type>.cpp.

A type's module is imported when the first socket of that type is made: half of the time that ``import purezmq`` would
take otherwise goes into types that the program does not use.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from purezmq.constants import SocketType

if TYPE_CHECKING:
    from purezmq.core.patterns.pattern import Pattern

# Modules of this package, and the classes in them.
_TABLE = {
    SocketType.PAIR: ("pair", "Pair"),
    SocketType.PUB: ("pub_sub", "Pub"),
    SocketType.SUB: ("pub_sub", "Sub"),
    SocketType.REQ: ("req_rep", "Req"),
    SocketType.REP: ("req_rep", "Rep"),
    SocketType.DEALER: ("dealer_router", "Dealer"),
    SocketType.ROUTER: ("dealer_router", "Router"),
    SocketType.PULL: ("push_pull", "Pull"),
    SocketType.PUSH: ("push_pull", "Push"),
    SocketType.XPUB: ("pub_sub", "XPub"),
    SocketType.XSUB: ("pub_sub", "XSub"),
    SocketType.STREAM: ("stream", "Stream"),
    SocketType.SERVER: ("client_server", "Server"),
    SocketType.CLIENT: ("client_server", "Client"),
    SocketType.RADIO: ("radio_dish", "Radio"),
    SocketType.DISH: ("radio_dish", "Dish"),
    SocketType.GATHER: ("scatter_gather", "Gather"),
    SocketType.SCATTER: ("scatter_gather", "Scatter"),
    SocketType.PEER: ("peer", "Peer"),
    SocketType.CHANNEL: ("channel", "Channel"),
    SocketType.DGRAM: ("dgram", "Dgram"),
}

SOCKET_TYPES = tuple(_TABLE)


@cache
def pattern_for(socket_type: SocketType) -> type[Pattern]:
    """Return the class of this socket type."""
    module, name = _TABLE[socket_type]
    found: type[Pattern] = getattr(import_module(f"{__name__}.{module}"), name)
    return found


__all__ = ["SOCKET_TYPES", "pattern_for"]
