"""The socket types. A new one is a file here and a row in this table.

How each behaves: zmq_socket(3), RFCs 28 to 31, 41, 48, 49, 51 and 52, and libzmq's src/<type>.cpp.
"""

from __future__ import annotations

from purezmq.constants import SocketType
from purezmq.core.patterns.channel import Channel
from purezmq.core.patterns.client_server import Client, Server
from purezmq.core.patterns.dealer_router import Dealer, Router
from purezmq.core.patterns.dgram import Dgram
from purezmq.core.patterns.pair import Pair
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.patterns.peer import Peer
from purezmq.core.patterns.pub_sub import Pub, Sub, XPub, XSub
from purezmq.core.patterns.push_pull import Pull, Push
from purezmq.core.patterns.radio_dish import Dish, Radio
from purezmq.core.patterns.req_rep import Rep, Req
from purezmq.core.patterns.scatter_gather import Gather, Scatter
from purezmq.core.patterns.stream import Stream

PATTERNS: dict[SocketType, type[Pattern]] = {
    kind.socket_type: kind
    for kind in (
        Pair,
        Pub,
        Sub,
        Req,
        Rep,
        Dealer,
        Router,
        Pull,
        Push,
        XPub,
        XSub,
        Stream,
        Server,
        Client,
        Radio,
        Dish,
        Gather,
        Scatter,
        Peer,
        Channel,
        Dgram,
    )
}


def pattern_for(socket_type: SocketType) -> type[Pattern] | None:
    """Return the class of this socket type, or None when there is none."""
    return PATTERNS.get(socket_type)


__all__ = ["PATTERNS", "Pattern", "pattern_for"]
