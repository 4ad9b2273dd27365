"""RFCs 41, 48, 49, 51 and 52: what their types say and take on the wire, byte by byte, cut anywhere.

The bytes are put together by hand from the RFCs, and agree with what a libzmq 4.3.5 with draft sockets sent.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Addressed
from purezmq.core.options import SocketOptions
from purezmq.core.patterns import SOCKET_TYPES, pattern_for
from purezmq.core.patterns.pattern import Pattern
from tests.core.patterns.tools import get_ready, make, make_pipe, sent

GREETING = b"\xff" + b"\0" * 7 + b"\x01\x7f" + b"\x03\x01NULL" + b"\0" * 16 + b"\0" + b"\0" * 31

READY = {
    "SERVER": b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06SERVER",
    "CLIENT": b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06CLIENT",
    "RADIO": b"\x04\x1b\x05READY\x0bSocket-Type\0\0\0\x05RADIO",
    "DISH": b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04DISH",
    "SCATTER": b"\x04\x1d\x05READY\x0bSocket-Type\0\0\0\x07SCATTER",
    "GATHER": b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06GATHER",
    "PEER": b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PEER",
    "CHANNEL": b"\x04\x1d\x05READY\x0bSocket-Type\0\0\0\x07CHANNEL",
}
PEER_OF = {"SERVER": "CLIENT", "RADIO": "DISH", "SCATTER": "GATHER"}
PEER_OF |= {theirs: ours for ours, theirs in PEER_OF.items()} | {"PEER": "PEER", "CHANNEL": "CHANNEL"}

JOIN_G = b"\x04\x06\x04JOINg"
LEAVE_G = b"\x04\x07\x05LEAVEg"


class Ours:
    """A pattern and its connection to a peer that follows a script."""

    def __init__(self, name: str) -> None:
        self.pattern: Pattern = make(SocketType[name])
        self.connection: Connection = self.pattern.connection(SocketOptions.for_type(SocketType[name]), 0.0)
        self.pipe = make_pipe()
        self.pattern.attach(self.pipe)

    def hear(self, *pieces: bytes) -> None:
        """Take these bytes, in these pieces."""
        for piece in pieces:
            self.connection.incoming.append(piece)
            items = self.connection.receive(0.0, 1000)
            if self.connection.peer is not None and not self.pipe.ready:
                get_ready(self.pattern, self.pipe)
            if items:
                self.pattern.acceptor(self.pipe)(items)
                self.pattern.arrived(self.pipe)

    def say(self) -> bytes:
        """Return what goes out: the connection's words, then the pattern's."""
        words = b"".join(self.connection.outgoing)
        self.connection.outgoing.clear()
        items = sent(self.pipe)
        return words + b"".join(self.connection.encode(items) if items else [])


def in_pieces(whole: bytes, cuts: set[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(whole)]
    return [whole[start:end] for start, end in pairwise(places)]


@pytest.mark.parametrize("name", READY)
def test_ready_names_the_type_and_no_identity(name: str) -> None:
    ours = Ours(name)
    ours.hear(GREETING, READY[PEER_OF[name]])
    assert ours.say() == GREETING + READY[name]
    assert ours.connection.failed is None


@pytest.mark.parametrize("name", READY)
def test_other_types_are_refused(name: str) -> None:
    ours = Ours(name)
    stranger = next(other for other in READY if other not in (PEER_OF[name], name))
    ours.hear(GREETING, READY[stranger])
    assert ours.connection.failed is not None


@pytest.mark.parametrize("name", ["CLIENT", "SCATTER", "CHANNEL"])
def test_a_message_is_one_frame(name: str) -> None:
    ours = Ours(name)
    ours.hear(GREETING, READY[PEER_OF[name]])
    ours.say()
    assert ours.pattern.send(b"hi")
    assert ours.say() == b"\x00\x02hi"


@pytest.mark.parametrize("name", ["SERVER", "CLIENT", "GATHER", "CHANNEL", "PEER"])
def test_a_message_of_several_frames_is_dropped(name: str) -> None:
    ours = Ours(name)
    ours.hear(GREETING, READY[PEER_OF[name]], b"\x01\x02hi\x00\x01y", b"\x00\x02yo")
    message = ours.pattern.receive()
    assert (message[0] if isinstance(message, Addressed) else message) == b"yo"
    assert ours.pattern.receive() is None
    assert ours.connection.failed is None


def test_radio_sends_the_group_before_the_body() -> None:
    ours = Ours("RADIO")
    ours.hear(GREETING, READY["DISH"], JOIN_G)
    ours.say()
    for body, group in [(b"body", b"g"), (b"x" * 300, b"g"), (b"no", b"h"), (b"no", b"")]:
        ours.pattern.send(Addressed(body, group=group))
    assert ours.say() == b"\x01\x01g\x00\x04body" + b"\x01\x01g\x02\0\0\0\0\0\0\x01\x2c" + b"x" * 300


def test_radio_stops_at_leave() -> None:
    ours = Ours("RADIO")
    ours.hear(GREETING, READY["DISH"], JOIN_G, JOIN_G, LEAVE_G, b"\x04\x07\x05LEAVEq")
    ours.say()
    ours.pattern.send(Addressed(b"body", group=b"g"))
    assert ours.say() == b""


def test_dish_says_what_it_joins_and_leaves() -> None:
    ours = Ours("DISH")
    ours.pattern.join(b"before")
    ours.pattern.join(b"g")
    ours.hear(GREETING, READY["RADIO"])
    ours.pattern.leave(b"g")
    ours.pattern.join(b"")
    assert (
        ours.say()
        == GREETING + READY["DISH"] + b"\x04\x0b\x04JOINbefore" + JOIN_G + LEAVE_G + b"\x04\x05\x04JOIN"
    )


def test_dish_takes_group_and_body() -> None:
    ours = Ours("DISH")
    ours.pattern.join(b"g")
    ours.hear(GREETING, READY["RADIO"], b"\x01\x01g\x00\x02yo", b"\x01\x01h\x00\x02no")
    message = ours.pattern.receive()
    assert isinstance(message, Addressed)
    assert (message[0], message.group) == (b"yo", b"g")
    assert ours.pattern.receive() is None


@pytest.mark.parametrize(
    "mistake",
    [b"\x00\x02hi", b"\x01\x01g\x01\x02yo\x00\x00", b"\x03\0\0\0\0\0\0\x01\0" + b"x" * 256 + b"\x00\x02yo"],
    ids=["no group", "three frames", "a group of 256 bytes"],
)
def test_dish_ends_with_a_radio_that_sends_something_else(mistake: bytes) -> None:
    ours = Ours("DISH")
    ours.pattern.join(b"g")
    ours.hear(GREETING, READY["RADIO"])
    with pytest.raises(Exception, match="RFC 48"):
        ours.hear(b"\x01\x01g\x00\x02yo" + mistake + b"\x01\x01g\x00\x02no")
    ours.pattern.arrived(ours.pipe)
    assert [ours.pattern.receive(), ours.pattern.receive()] == [[b"yo"], None]


def test_radio_ends_with_a_dish_that_joins_a_group_of_256_bytes() -> None:
    ours = Ours("RADIO")
    ours.hear(GREETING, READY["DISH"])
    with pytest.raises(Exception, match="RFC 48"):
        ours.hear(b"\x06\0\0\0\0\0\0\x01\x05\x04JOIN" + b"x" * 256)


@pytest.mark.parametrize("name", [name for name in READY if name != "RADIO"])
def test_join_and_leave_mean_nothing_to_others(name: str) -> None:
    ours = Ours(name)
    ours.hear(GREETING, READY[PEER_OF[name]], JOIN_G, LEAVE_G)
    assert ours.pattern.receive() is None
    assert ours.connection.failed is None


@pytest.mark.parametrize("name", sorted(kind.name for kind in SOCKET_TYPES if pattern_for(kind).takes))
def test_a_ping_in_between_is_answered(name: str) -> None:
    ours = Ours(name)
    theirs = READY[PEER_OF[name]] if name in PEER_OF else b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB"
    ours.hear(GREETING, theirs, JOIN_G, b"\x04\x07\x04PING\0\0", LEAVE_G)
    assert ours.say().endswith(b"\x04\x05\x04PONG")


# JOIN g, JOIN long (in a long frame), a message that is dropped, LEAVE g, JOIN h
TALK = (
    JOIN_G
    + b"\x06\0\0\0\0\0\0\x01\x04\x04JOIN"
    + b"x" * 255
    + b"\x01\x01a\x00\x01b"
    + LEAVE_G
    + b"\x04\x06\x04JOINh"
)


def members(cuts: set[int]) -> list[bytes]:
    """Return which of the groups reach a DISH that talked in these pieces."""
    ours = Ours("RADIO")
    ours.hear(*in_pieces(GREETING + READY["DISH"] + TALK, cuts))
    assert ours.connection.failed is None
    ours.say()
    for group in (b"g", b"x" * 255, b"h", b"a"):
        ours.pattern.send(Addressed(b"", group=group))
    return [bytes(message[0]) for message in sent(ours.pipe)]


def test_join_and_leave_may_be_cut_at_every_byte() -> None:
    start = len(GREETING) + len(READY["DISH"])
    for cut in range(start, start + len(TALK)):
        assert members({cut}) == [b"x" * 255, b"h"]


@given(st.sets(st.integers(1, len(GREETING) + len(READY["DISH"]) + len(TALK) - 1)))
def test_join_and_leave_may_be_cut_anywhere(cuts: set[int]) -> None:
    assert members(cuts) == [b"x" * 255, b"h"]
