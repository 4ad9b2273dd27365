"""What socket.stats() and socket.peers() tell, and where it is counted.

Counting costs nothing that could be measured: a connection adds up what came in one read, or left in one write, and a
message is counted for itself only when it is dropped. inproc has no such steps, so its traffic is not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

if TYPE_CHECKING:
    from purezmq.core.patterns.pattern import Pattern
    from purezmq.core.pipe import Pipe


class Counts(NamedTuple):
    """What went over one connection. Bytes are those on the wire, handshake and all."""

    messages_in: int
    messages_out: int
    bytes_in: int
    bytes_out: int


NOTHING: Final = Counts(0, 0, 0, 0)
_UNCOUNTED: Final = (None, None, None, None)


class Dropped(NamedTuple):
    """How many messages were dropped, and why."""

    full: int  # the peer had as many as its high-water mark allows
    no_peer: int  # nobody had subscribed
    unroutable: int  # to a routing id that no peer has
    peer_left: int = 0  # they were queued for a peer that is gone for good


class Tally:
    """What has happened to one socket's connections so far."""

    __slots__ = ("connections", "disconnects", "gone", "handshake_failures", "peer_left", "reconnects")

    def __init__(self) -> None:
        self.gone = NOTHING  # what went over the connections that are over
        self.connections = 0  # handshakes that succeeded
        self.reconnects = 0  # how many of them by connecting again
        self.disconnects = 0
        self.handshake_failures = 0
        self.peer_left = 0  # messages that were queued for peers that are gone for good

    def left(self, pipe: Pipe) -> None:
        """Note that a peer is gone for good, with what was queued for it."""
        self.peer_left += pipe.queued_out()

    def add(self, counts: Counts) -> None:
        """Take over what a connection has counted, which is over."""
        self.gone = total([self.gone, counts])


def total(all_counts: list[Counts]) -> Counts:
    """Return the sum."""
    return Counts(*map(sum, zip(*all_counts, strict=True)))


def describe(pipe: Pipe, pattern: Pattern) -> PeerStats:
    """Return what peers() says of one peer."""
    ends, peer = pipe.link.ends, pipe.peer
    counts = pipe.link.counts() or _UNCOUNTED
    return {
        "endpoint": ends.name,
        "local": ends.local,
        "remote": ends.remote,
        "connected": pipe.ready,
        "socket_type": peer.socket_type if peer is not None else "",
        "routing_id": pipe.routing_id or (peer.routing_id if peer is not None else b""),
        "address": peer.address if peer is not None else "",
        "properties": dict(peer.properties) if peer is not None else {},
        "messages_in": counts[0] if pattern.can_receive else 0,  # else they are subscriptions
        "messages_out": counts[1] if pattern.can_send else 0,
        "bytes_in": counts[2],
        "bytes_out": counts[3],
        "queued_in": len(pipe.inbox),
        "queued_out": pipe.queued_out(),
        "dropped": pipe.dropped,
    }


class SocketStats(TypedDict):
    """What stats() returns. Of inproc only what is queued and dropped is known."""

    peers: int  # that are connected now
    messages_in: int
    messages_out: int
    bytes_in: int
    bytes_out: int
    queued_in: int  # received, and not yet read by the program
    queued_out: int  # sent by the program, and not yet taken by the kernel
    dropped: dict[str, int]  # by the reason: "full", "no_peer", "unroutable", "peer_left"
    events_lost: int  # that a monitor socket could not take, because nobody read them
    connections: int
    reconnects: int
    disconnects: int
    handshake_failures: int


class PeerStats(TypedDict):
    """One peer of peers(). What was counted belongs to the connection that there is now."""

    endpoint: str  # where we listen, or what we connect to
    local: str
    remote: str
    connected: bool
    socket_type: str  # "" as long as it was never connected
    routing_id: bytes
    address: str
    properties: dict[str, bytes]
    messages_in: int | None  # None: not counted (inproc)
    messages_out: int | None
    bytes_in: int | None
    bytes_out: int | None
    queued_in: int
    queued_out: int
    dropped: int  # because it had too many
