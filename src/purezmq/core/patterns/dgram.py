"""DGRAM: plain UDP (zmq_udp(7); libzmq's dgram.cpp).

The rules:

- A message is [address, bytes], both ways; an address is b"127.0.0.1:5555". Other numbers of parts are refused.
- The socket is bound once; from there it sends as well as receives.
- Nobody is told of a datagram that cannot go: its address is none, it is too large, nobody is there.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import Errno, SocketType
from purezmq.core.message import Message
from purezmq.core.patterns.pair import Pair
from purezmq.core.wire.datagrams import AddressedDatagrams, Datagrams
from purezmq.errors import error


class Dgram(Pair):
    """Sends and receives datagrams."""

    socket_type: ClassVar[SocketType] = SocketType.DGRAM
    passes_on: ClassVar[bool] = False
    peers: ClassVar[frozenset[SocketType]] = frozenset()
    streams: ClassVar[bool] = False
    converses: ClassVar[bool] = False
    datagrams: ClassVar[Datagrams | None] = AddressedDatagrams()

    def send(self, message: Message) -> bool:
        if message.__class__ is bytes or len(message) != 2:
            raise error(
                Errno.EINVAL, "DGRAM sends two parts: the address, such as b'127.0.0.1:5555', and the bytes"
            )
        return super().send(message)

    def room(self) -> int:
        return 0  # each message is looked at when it is sent

    def writable(self) -> bool:
        return super().room() > 0

    def distribute(self, messages: list[Message]) -> int:
        taken = min(super().room(), len(messages))
        if taken <= 0:
            return 0
        pipe = self.pipes[0]
        some = messages[:taken]
        self.dirty.append(pipe)
        del messages[:taken]
        pipe.outbox.extend(some)
        return taken
