"""CHANNEL: PAIR in messages of one part (RFC 52; libzmq's channel.cpp)."""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import SocketType
from purezmq.core.patterns.pair import Pair
from purezmq.core.patterns.single_part import SinglePart


class Channel(SinglePart, Pair):
    """An exclusive pair."""

    socket_type: ClassVar[SocketType] = SocketType.CHANNEL
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.CHANNEL})
