"""A stream without ZMTP: nothing is said, anything is taken, in pieces of a bounded size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import SocketType
from purezmq.core.message import SharedPart
from purezmq.core.options import SocketOptions
from purezmq.core.raw_connection import RawConnection

MANY = 10**6


def make(**options):
    stored = SocketOptions.for_type(SocketType.STREAM)
    for name, value in options.items():
        setattr(stored, name, value)
    return RawConnection(SocketType.STREAM, stored, 0.0)


def test_it_says_nothing_and_knows_its_peer_at_once():
    raw = make(routing_id=b"me", heartbeat_ivl=100)
    assert raw.outgoing == []
    assert raw.peer is not None


def test_it_has_no_deadline():
    raw = make(handshake_ivl=100, heartbeat_ivl=100)
    assert raw.deadline() is None
    raw.tick(1000.0)
    assert raw.failed is None


def test_it_takes_no_more_than_it_is_asked_for():
    raw = make()
    raw.incoming.extend([b"1", b"2", b"3"])
    assert (raw.receive(0.0, 0), raw.held) == ([], True)
    assert (raw.receive(0.0, 2), raw.held) == ([b"1", b"2"], True)
    raw.incoming.append(b"4")
    assert (raw.receive(0.0, 2), raw.held) == ([b"3", b"4"], False)


def test_pieces_have_8192_bytes_at_most():
    raw = make()
    raw.incoming.extend([b"x" * 8192, b"y" * 8193])
    assert [len(piece) for piece in raw.receive(0.0, MANY)] == [8192, 8192, 1]


def test_pieces_have_in_batch_size_bytes_at_most():
    raw = make(in_batch_size=3)
    raw.incoming.append(b"12345678")
    assert raw.receive(0.0, MANY) == [b"123", b"456", b"78"]


@given(st.lists(st.binary(min_size=1, max_size=100) | st.just(b"z" * 20_000), max_size=8), st.integers(1, 4))
def test_whatever_comes_is_given_whole_and_in_order(chunks, limit):
    raw = make()
    received = []
    for chunk in chunks:
        raw.incoming.append(chunk)
        received += raw.receive(0.0, limit)
    while raw.held:
        received += raw.receive(0.0, limit)
    assert b"".join(received) == b"".join(chunks)
    assert all(0 < len(piece) <= 8192 for piece in received)
    assert raw.failed is None


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 100_000])
def test_what_is_sent_goes_out_as_it_is(size):
    large = b"x" * size
    items = [b"1", large, [SharedPart(memoryview(b"2"))], [SharedPart(memoryview(large))], b"3"]
    buffers = make().encode(items)
    assert b"".join(buffers) == b"1" + large + b"2" + large + b"3"
    assert any(buffer is large for buffer in buffers) == (size >= 4096)  # not copied
