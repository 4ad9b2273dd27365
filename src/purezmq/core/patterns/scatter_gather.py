"""SCATTER and GATHER: PUSH and PULL in messages of one part (RFC 49; libzmq's scatter.cpp, gather.cpp)."""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import SocketType
from purezmq.core.patterns.push_pull import Pull, Push
from purezmq.core.patterns.single_part import SinglePart


class Scatter(SinglePart, Push):
    """Gives each message to the next peer that has room."""

    socket_type: ClassVar[SocketType] = SocketType.SCATTER
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.GATHER})
    can_conflate: ClassVar[bool] = False


class Gather(SinglePart, Pull):
    """Receives from all peers in turn."""

    socket_type: ClassVar[SocketType] = SocketType.GATHER
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.SCATTER})
    can_conflate: ClassVar[bool] = False
