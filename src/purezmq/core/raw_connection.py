"""A stream without ZMTP, as a Connection: bytes in, pieces of bytes out (STREAM; libzmq's raw_engine.cpp).

There is no greeting, no handshake, no frame and no heartbeat; the peer is there from the start, and nothing that it
sends is a mistake. A piece has at most IN_BATCH_SIZE bytes, so that RCVHWM bounds what is kept for a program that does
not read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from purezmq.constants import SecurityMechanism, SocketType
from purezmq.core.connection import TRAFFIC, Connection
from purezmq.core.message import Command, Item, Message
from purezmq.core.options import SocketOptions
from purezmq.core.pipe import Peer
from purezmq.core.wire.encoder import BY_REFERENCE


class RawConnection(Connection):
    """One peer that speaks anything at all."""

    __slots__ = ()

    def __init__(self, socket_type: SocketType, options: SocketOptions, now: float) -> None:
        options = options.copy()
        options.mechanism = SecurityMechanism.NULL  # as in libzmq, these options are for nobody here
        super().__init__(socket_type, frozenset(), options, now, announce_id=False)
        self.outgoing.clear()
        self._expires = None
        self.state = TRAFFIC
        self.peer = Peer("")

    def receive(self, now: float, limit: int) -> list[Message | Command]:
        """Return at most `limit` pieces of what has come; with `held` there is more."""
        largest = self._options.in_batch_size
        pieces: list[Message | Command] = []
        for chunk in self.incoming:
            if len(chunk) <= largest:
                pieces.append(chunk)
            else:
                pieces += [chunk[start : start + largest] for start in range(0, len(chunk), largest)]
        rest: Any = deque(pieces[limit:])
        del pieces[limit:]
        # No calls from here on, see frames.py: a handler that raises leaves all of it, or takes what is returned.
        self.held = True if rest else False  # noqa: SIM210  # bool() is a call
        self.incoming = rest
        return pieces

    def encoder(self) -> Callable[[list[Item]], list[bytes | memoryview]]:
        return self.encode

    def encode(self, items: list[Item]) -> list[bytes | memoryview]:
        """Return the buffers to write: small pieces joined, large ones as they are."""
        buffers: list[bytes | memoryview] = []
        small: list[bytes] = []
        some: list[Any] = items
        for item in some:
            part: Any = item if item.__class__ is bytes else item[0]
            if len(part) < BY_REFERENCE:
                small.append(bytes(part))
                continue
            if small:
                buffers.append(b"".join(small))
                small = []
            buffers.append(part if part.__class__ is bytes else part.view)
        if small or not buffers:
            buffers.append(b"".join(small))
        return buffers
