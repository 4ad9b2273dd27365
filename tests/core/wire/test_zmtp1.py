"""Frames of ZMTP 1.0: literal bytes from RFC 13 both ways, cut anywhere; limits; nonsense."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.core.message import Command, SharedPart
from purezmq.core.wire import zmtp1
from purezmq.core.wire.zmtp1 import OldFrameDecoder

MANY = 10**6


def decode(*pieces, largest=10**9, limit=MANY, first=()):
    decoder = OldFrameDecoder(largest, list(first))
    messages = []
    for piece in pieces:
        messages += decoder.decode(deque([piece]), limit)
        while decoder.held:
            messages += decoder.decode(deque(), limit)
    return messages, decoder


def encoded(*items):
    return b"".join(zmtp1.encode(list(items)))


# Frames and what they hold: the size counts the flags, and is one byte up to fe.
FRAMES = [
    (b"\x01\x00", b""),
    (b"\x06\x00hello", b"hello"),
    (b"\xfe\x00" + b"x" * 253, b"x" * 253),
    (b"\xff\0\0\0\0\0\0\0\xff\x00" + b"x" * 254, b"x" * 254),
    (b"\xff\0\0\0\0\0\0\x01\x01\x00" + b"x" * 256, b"x" * 256),
    (b"\x06\x01first\x01\x01\x05\x00last", [b"first", b"", b"last"]),
]


@pytest.mark.parametrize(("wire", "message"), FRAMES, ids=range(len(FRAMES)))
def test_frames_are_those_of_the_rfc(wire, message):
    assert encoded(message) == wire
    assert decode(wire)[0] == [message]


@pytest.mark.parametrize("size", [0, 4095, 4096, 10_000])
def test_shared_and_large_parts_are_not_copied(size):
    payload = bytes(size)
    part = SharedPart(memoryview(payload))
    assert encoded([part, b"end"]) == encoded([payload, b"end"])
    buffers = zmtp1.encode([b"1", [payload, part], b"2"])
    assert sum(buffer is payload or buffer is part.view for buffer in buffers) == 2 * (size >= 4096)


def test_subscriptions_are_messages():
    assert encoded(Command(b"SUBSCRIBE", b"a"), Command(b"CANCEL", b"")) == b"\x03\x00\x01a\x02\x00\x00"


def test_commands_that_zmtp_1_has_not_are_not_sent():
    assert encoded(Command(b"JOIN", b"a")) == b""


def test_a_long_size_may_be_small():
    assert decode(b"\xff\0\0\0\0\0\0\0\x03\x00me")[0] == [b"me"]


@pytest.mark.parametrize(
    "wire", [b"\x00\x00", b"\xff" + bytes(8) + b"\x00", b"\x05\x02abcd", b"\x05\xffabcd"]
)
def test_nonsense_is_a_mistake_and_what_came_before_counts(wire):
    messages, decoder = decode(b"\x02\x00a" + wire + b"\x02\x00b")
    assert messages == [b"a"]
    assert decoder.error is not None
    assert not decoder.held


@pytest.mark.parametrize("head", [b"\x0c\x00", b"\xff\0\0\0\0\0\0\0\x0c\x00", b"\xff" * 9 + b"\x00"])
def test_what_exceeds_the_limit_is_refused_before_it_comes(head):
    assert decode(b"\x0b\x00" + b"x" * 10, largest=10)[0] == [b"x" * 10]
    assert decode(head, largest=10)[1].error is not None


def test_no_more_is_given_than_asked_for():
    decoder = OldFrameDecoder(100, [])
    assert decoder.decode(deque([b"\x02\x00a\x02\x00b\x02\x01c"]), 1) == [b"a"]
    assert decoder.held
    assert decoder.decode(deque(), 0) == []
    assert decoder.decode(deque(), 5) == [b"b"]
    assert not decoder.held
    assert decoder.decode(deque([b"\x02\x00d"]), 5) == [[b"c", b"d"]]


def test_what_is_first_comes_before_everything_and_once():
    subscribe = Command(b"SUBSCRIBE")
    assert decode(b"\x02\x00a", b"\x02\x00b", first=[subscribe])[0] == [subscribe, b"a", b"b"]
    assert decode(b"", first=[subscribe], limit=1)[0] == [subscribe]


def test_frames_can_be_taken_one_by_one():
    decoder = OldFrameDecoder(100, [])
    decoder.take(deque([b"\x03\x00m"]))
    assert decoder.frame() is None
    decoder.take(deque([b"e\x02\x01a\x01"]))
    assert decoder.frame() == (0, b"me")
    assert decoder.frame() == (1, b"a")
    assert decoder.decode(deque([b"\x00"]), MANY) == [b""]


messages = st.lists(
    st.binary(max_size=300) | st.lists(st.binary(max_size=300), min_size=2, max_size=4), max_size=6
)


@given(messages, st.data(), st.integers(1, 3))
def test_whatever_is_sent_comes_whole_however_it_is_cut(sent, data, limit):
    wire = encoded(*sent) if sent else b""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(wire)), max_size=8)))
    pieces = [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert decode(*pieces, limit=limit)[0] == sent
