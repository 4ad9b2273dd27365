"""What socket.stats() and socket.peers() tell, and where it is counted.

Counting costs nothing that could be measured: a connection adds up what came in one read, or left in one write, and a
message is counted for itself only when it is dropped. inproc has no such steps: there the queues know, see
queue_counts.py.

The sums, once nothing is under way: what was sent (to each of its peers) is messages_out + queued_out + dropped; what
came is messages_in, of which queued_in have not been read, and what was filtered or conflated never will be.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

if TYPE_CHECKING:
    from purezmq.core.monitor import EndpointPair
    from purezmq.core.patterns.pattern import Pattern
    from purezmq.core.pipe import Peer, Pipe


class Counts(NamedTuple):
    """What went over one connection. Bytes are those on the wire, handshake and all; inproc has none."""

    messages_in: int
    messages_out: int
    bytes_in: int
    bytes_out: int


NOTHING: Final = Counts(0, 0, 0, 0)
REMEMBERED: Final = 100  # peers that have left


class Dropped(NamedTuple):
    """How many messages were dropped, and why."""

    full: int  # the peer had as many as its high-water mark allows
    no_peer: int  # nobody had subscribed
    unroutable: int  # to a routing id that no peer has
    filtered: int = 0  # received, and thrown away: no subscription or group, or no reply to what was asked
    conflated: int = 0  # a newer one took its place (CONFLATE)
    peer_left: int = 0  # they were queued for a peer that is gone for good


class Tally:
    """What has happened to one socket's connections so far."""

    __slots__ = (
        "connections",
        "_departed",
        "disconnects",
        "gone",
        "handshake_failures",
        "peer_left",
        "reconnects",
    )

    def __init__(self) -> None:
        self._departed: deque[tuple[_Peer, int]] = deque(maxlen=REMEMBERED)  # with what it did not get
        self.gone = NOTHING  # what went over the connections that are over
        self.connections = 0  # handshakes that succeeded
        self.reconnects = 0  # how many of them by connecting again
        self.disconnects = 0
        self.handshake_failures = 0
        self.peer_left = 0  # messages that were queued for peers that are gone for good

    def left(self, pipe: Pipe, pattern: Pattern, unsent: int) -> None:
        """Note that a peer is gone for good, and so many messages with it that were queued for it."""
        if pattern.can_send:  # else they are subscriptions
            self.peer_left += unsent
        self._departed.append((_what_is_known(pipe), unsent))  # it is put into words when somebody asks

    def departed(self, pattern: Pattern) -> list[PeerStats]:
        """Return what peers() says of those that are gone for good."""
        told = []
        for known, unsent in self._departed:
            last = _in_words(known, pattern, connected=False, queued_out=0)
            last["dropped"]["peer_left"] = unsent if pattern.can_send else 0
            told.append(last)
        return told

    def add(self, counts: Counts) -> None:
        """Take over what a connection has counted, which is over."""
        self.gone = _both(self.gone, counts)


def total(all_counts: list[Counts]) -> Counts:
    """Return the sum."""
    return Counts(*map(sum, zip(NOTHING, *all_counts, strict=True)))


def _both(one: Counts, other: Counts) -> Counts:
    return Counts(one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def text(name: bytes) -> str:
    """Return bytes as text that JSON can hold: a character for each byte; ``encode("latin-1")`` gives them back."""
    return name.decode("latin-1")


class _Peer(NamedTuple):
    """What is known of one peer."""

    ends: EndpointPair
    peer: Peer | None
    routing_id: bytes
    counts: Counts
    queued_in: int
    dropped: int
    filtered: int
    conflated: int


def _what_is_known(pipe: Pipe) -> _Peer:
    counts = pipe.link.counts() or NOTHING
    if pipe.past is not None:
        counts = _both(pipe.past, counts)
    return _Peer(
        pipe.link.ends,
        pipe.peer,
        pipe.routing_id,
        counts,
        len(pipe.inbox),
        pipe.dropped,
        pipe.filtered,
        pipe.conflated(),
    )


def describe(pipe: Pipe, pattern: Pattern) -> PeerStats:
    """Return what peers() says of one peer."""
    return _in_words(_what_is_known(pipe), pattern, connected=pipe.ready, queued_out=pipe.queued_out())


def _in_words(known: _Peer, pattern: Pattern, *, connected: bool, queued_out: int) -> PeerStats:
    ends, peer, counts = known.ends, known.peer, known.counts
    return {
        "endpoint": ends.name,
        "local": ends.local,
        "remote": ends.remote,
        "connected": connected,
        "socket_type": peer.socket_type if peer is not None else "",
        "routing_id": text(known.routing_id or (peer.routing_id if peer is not None else b"")),
        "address": peer.address if peer is not None else "",
        "properties": (
            {name: text(value) for name, value in peer.properties.items()} if peer is not None else {}
        ),
        "messages_in": counts[0] if pattern.can_receive else 0,  # else they are subscriptions
        "messages_out": counts[1] if pattern.can_send else 0,
        "bytes_in": counts[2],
        "bytes_out": counts[3],
        "queued_in": known.queued_in,
        "queued_out": queued_out,
        "dropped": {
            "full": known.dropped,
            "filtered": known.filtered,
            "conflated": known.conflated,
            "peer_left": 0,
        },
    }


class SocketStats(TypedDict):
    """What stats() returns."""

    peers: int  # that are connected now
    messages_in: int
    messages_out: int
    bytes_in: int  # on the wire, handshakes and all; inproc has no wire
    bytes_out: int
    queued_in: int  # received, and not yet read by the program
    queued_out: int  # sent by the program, and not yet taken by the kernel
    dropped: dict[str, int]  # by the reason, see Dropped
    events_lost: int  # that a monitor socket could not take, because nobody read them
    connections: int
    reconnects: int
    disconnects: int
    handshake_failures: int


class PeerStats(TypedDict):
    """One peer of peers(). What was counted is of all its connections, if we connect and reconnect to it."""

    endpoint: str  # where we listen, or what we connect to
    local: str
    remote: str
    connected: bool
    socket_type: str  # "" as long as it was never connected
    routing_id: str  # latin-1: a character for each byte
    address: str
    properties: dict[str, str]  # latin-1
    messages_in: int
    messages_out: int
    bytes_in: int
    bytes_out: int
    queued_in: int
    queued_out: int
    dropped: dict[str, int]  # by the reason: "full", "filtered", "conflated", "peer_left"
