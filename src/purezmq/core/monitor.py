"""What a monitor tells: events as values, and as the messages that libzmq's monitor sockets send.

The numbers and values are those of zmq_socket_monitor(3). A message of version 1 is two frames: the event in 16 bits
and its value in 32, then the endpoint. Version 2 (zmq_socket_monitor_versioned) is a frame for each of: the event, how
many values, every value, the local endpoint, the remote endpoint; numbers have 64 bits. All in native byte order.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from purezmq.constants import Event
from purezmq.core.pipe import Peer

_VERSION_1 = struct.Struct("=HI")
_VERSION_2 = struct.Struct("=Q")
_LARGEST_VALUE: Final = {1: 0xFFFFFFFF, 2: 0xFFFFFFFFFFFFFFFF}


class EndpointPair(NamedTuple):
    """The two ends of a connection; one is "" as long as there is none."""

    local: str
    remote: str
    bound: bool  # made by bind()

    @property
    def name(self) -> str:
        """The one endpoint that stands for both: where we listen, or what we connect to."""
        return self.local if self.bound else self.remote

    @classmethod
    def of_bind(cls, endpoint: str) -> EndpointPair:
        """What bind() was given, or made of it."""
        return cls(endpoint, "", True)

    @classmethod
    def of_connect(cls, endpoint: str) -> EndpointPair:
        """What connect() was given."""
        return cls("", endpoint, False)


NOWHERE: Final = EndpointPair("", "", False)


class SocketEvent(NamedTuple):
    """Something that happened to a connection of a socket."""

    event: Event
    values: tuple[int, ...]
    endpoints: EndpointPair
    peer: Peer | None = None  # who it was, if the handshake was done
    reason: str = ""  # in words

    @property
    def value(self) -> int:
        """The descriptor, errno, interval in ms, protocol error or ZAP status, whatever goes with the event."""
        return self.values[0]

    @property
    def endpoint(self) -> str:
        """The endpoint as a monitor socket tells it."""
        return self.endpoints.name

    @property
    def routing_id(self) -> bytes:
        """The peer's, b"" when it has none or is not known yet."""
        return self.peer.routing_id if self.peer is not None else b""

    @property
    def properties(self) -> dict[str, bytes]:
        """What the peer said of itself in the handshake: Socket-Type, Identity, X-..."""
        return self.peer.properties if self.peer is not None else {}

    def encode(self, version: int) -> list[bytes]:
        """Return the message that a monitor socket sends."""
        largest = _LARGEST_VALUE[version]
        values = [value & largest for value in self.values]
        if version == 1:
            return [_VERSION_1.pack(self.event, values[0]), _encoded(self.endpoint)]
        return [
            *map(_VERSION_2.pack, (self.event, len(values), *values)),
            _encoded(self.endpoints.local),
            _encoded(self.endpoints.remote),
        ]


def _encoded(endpoint: str) -> bytes:
    return endpoint.encode("utf-8", "surrogateescape")  # a path may be any bytes
