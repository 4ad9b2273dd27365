"""The greeting: three pieces each way, and who is turned away. The bytes are those that libzmq 4.3.5 sent."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, SocketType
from purezmq.core.wire.greeting import Greeting
from purezmq.errors import ProtocolError

SIGNATURE = bytes.fromhex("ff00000000000000017f")
REST = bytes.fromhex("014e554c4c" + "00" * 48)
WHOLE = SIGNATURE + b"\x03" + REST


def greeting(routing_id: bytes = b"") -> tuple[Greeting, list[bytes]]:
    outgoing: list[bytes] = []
    return Greeting(b"NULL", routing_id, SocketType.PUSH, outgoing), outgoing


def feed(ours: Greeting, received: bytes) -> bool:
    return ours.receive(deque([received]))


def test_signature_is_sent_at_once():
    _, outgoing = greeting()
    assert outgoing == [SIGNATURE]


def test_signature_tells_a_zmtp_1_peer_the_length_of_the_routing_id():
    _, outgoing = greeting(b"me")
    assert outgoing == [bytes.fromhex("ff00000000000000037f")]


def test_major_version_follows_the_signature_of_the_peer():
    ours, outgoing = greeting()
    assert not feed(ours, SIGNATURE[:9])
    assert len(outgoing) == 1
    assert not feed(ours, SIGNATURE[9:])
    assert outgoing[1:] == [b"\x03"]


def test_the_rest_follows_the_major_version_of_the_peer():
    ours, outgoing = greeting()
    feed(ours, SIGNATURE + b"\x03")
    assert b"".join(outgoing) == WHOLE


def test_greeting_is_64_bytes():
    ours, outgoing = greeting()
    assert feed(ours, WHOLE)
    assert len(b"".join(outgoing)) == 64


def test_what_follows_the_greeting_is_left_over():
    ours, _ = greeting()
    assert feed(ours, WHOLE + b"\x04\x01x")
    assert ours.leftover == b"\x04\x01x"


@given(st.lists(st.integers(0, 66)))
def test_any_split_reads_the_same(cuts):
    ours, outgoing = greeting()
    received = WHOLE + b"xy"
    edges = [0, *sorted(cuts), len(received)]
    done = False
    leftover = b""
    for start, stop in pairwise(edges):
        if done:
            leftover += received[start:stop]
        else:
            done = feed(ours, received[start:stop])
    assert done
    assert ours.leftover + leftover == b"xy"
    assert b"".join(outgoing) == WHOLE


@pytest.mark.parametrize(
    "major, minor, expected",
    [
        (3, 0, 0),
        (3, 1, 1),
        (3, 7, 1),
        (2, 0, 1),  # libzmq knows revisions 0 and 1 as old, 3 with its minor; all others are 3.1 to it
        (4, 0, 1),
    ],
)
def test_minor_version_is_what_libzmq_makes_of_it(major, minor, expected):
    ours, _ = greeting()
    assert feed(ours, SIGNATURE + bytes((major, minor)) + REST[1:])
    assert ours.minor == expected


def test_as_server_is_not_looked_at():
    ours, _ = greeting()
    assert feed(ours, WHOLE[:32] + b"\x01" + WHOLE[33:])


def test_other_mechanism_is_refused():
    ours, _ = greeting()
    with pytest.raises(ProtocolError, match="'PLAIN', ours 'NULL'") as caught:
        feed(ours, WHOLE[:12] + b"PLAIN".ljust(20, b"\0") + WHOLE[32:])
    assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH


def test_name_of_the_mechanism_is_padded_with_zeros_only():
    ours, _ = greeting()
    with pytest.raises(ProtocolError):
        feed(ours, WHOLE[:12] + b"NULL\0x".ljust(20, b"\0") + WHOLE[32:])


@pytest.mark.parametrize(
    "received, says",
    [
        (b"GET / HTTP/1.1\r\n\r\n", "first bytes are b'GET / HTTP'"),
        (bytes.fromhex("16030100c8010000c40303"), "not a ZMTP peer"),  # TLS: ClientHello
        (b"\x00\x00", "not a ZMTP peer"),
    ],
)
def test_others_are_turned_away_and_the_error_says_who(received, says):
    ours, _ = greeting()
    with pytest.raises(ProtocolError, match=says):
        feed(ours, received)


@pytest.mark.parametrize("version", [0, 1])
def test_an_old_peer_with_a_signature_is_told_the_socket_type(version):
    ours, outgoing = greeting()
    assert not feed(ours, SIGNATURE + bytes((version,)))
    assert b"".join(outgoing) == SIGNATURE + b"\x03\x08"
    assert feed(ours, b"\x07rest")
    assert (ours.major, ours.peer_type, ours.leftover) == (version + 1, SocketType.PULL, b"rest")


@pytest.mark.parametrize(
    "received", [b"\x01\x00", b"\x03\x00me", bytes.fromhex("ff000000000000012c00") + b"x"]
)
def test_a_zmtp_1_peer_is_told_the_routing_id_behind_the_signature(received):
    ours, outgoing = greeting(b"me")
    assert feed(ours, received)
    assert b"".join(outgoing) == bytes.fromhex("ff00000000000000037f") + b"me"
    assert (ours.major, ours.peer_type, ours.leftover) == (1, None, received)


def test_one_byte_does_not_tell_an_old_peer():
    ours, outgoing = greeting()
    assert not feed(ours, b"\x01")
    assert len(outgoing) == 1
    assert feed(ours, b"\x00")
