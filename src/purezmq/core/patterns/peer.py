"""PEER: SERVER among its equals (RFC 51; libzmq's peer.cpp).

A PEER may connect as well as be bound. `newest_peer` is how connect_peer() knows whom it has connected: the routing
id is given when the pipe is attached, before anybody is there, and lasts over reconnects.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import SocketType
from purezmq.core.patterns.client_server import Server


class Peer(Server):
    """Receives from all peers in turn, and sends to the one whose routing id a message bears."""

    socket_type: ClassVar[SocketType] = SocketType.PEER
    numbers_peers: ClassVar[bool] = True
    hears_hiccups: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.PEER})

    def newest_peer(self) -> int:
        routing_id: int = self.pipes[-1].state
        return routing_id
