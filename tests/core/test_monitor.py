"""Events as the messages of monitor sockets: bytes as zmq_socket_monitor(3) and _versioned(3) lay them out."""

from __future__ import annotations

import sys

import pytest

from purezmq.constants import Event
from purezmq.core.monitor import NOWHERE, EndpointPair, SocketEvent

LITTLE = sys.byteorder == "little"
HERE, THERE = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:40000"

pytestmark = pytest.mark.skipif(not LITTLE, reason="numbers are in native order, and these are little-endian")


def test_version_1_has_16_bits_of_event_and_32_of_value():
    event = SocketEvent(Event.ACCEPTED, (0x01020304,), EndpointPair(HERE, THERE, True))
    assert event.encode(1) == [b"\x20\x00\x04\x03\x02\x01", HERE.encode()]


def test_version_1_names_the_remote_endpoint_of_what_was_connected():
    event = SocketEvent(Event.CONNECTED, (7,), EndpointPair(THERE, HERE, False))
    assert event.encode(1) == [b"\x01\x00\x07\x00\x00\x00", HERE.encode()]


def test_version_1_has_negative_values_in_twos_complement():
    event = SocketEvent(Event.CLOSED, (-1,), EndpointPair.of_connect(HERE))
    assert event.encode(1) == [b"\x80\x00\xff\xff\xff\xff", HERE.encode()]


def test_version_1_of_an_event_without_endpoint_has_an_empty_frame():
    assert SocketEvent(Event.MONITOR_STOPPED, (0,), NOWHERE).encode(1) == [b"\x00\x04\x00\x00\x00\x00", b""]


def test_version_2_has_a_frame_for_everything():
    event = SocketEvent(Event.PIPES_STATS, (3, 5), EndpointPair(HERE, THERE, True))
    assert event.encode(2) == [
        b"\x00\x00\x01\x00\x00\x00\x00\x00",
        b"\x02\x00\x00\x00\x00\x00\x00\x00",
        b"\x03\x00\x00\x00\x00\x00\x00\x00",
        b"\x05\x00\x00\x00\x00\x00\x00\x00",
        HERE.encode(),
        THERE.encode(),
    ]


def test_version_2_leaves_the_endpoint_empty_that_is_not_there():
    event = SocketEvent(Event.LISTENING, (9,), EndpointPair.of_bind(HERE))
    assert event.encode(2)[-2:] == [HERE.encode(), b""]
    event = SocketEvent(Event.CONNECT_RETRIED, (100,), EndpointPair.of_connect(HERE))
    assert event.encode(2)[-2:] == [b"", HERE.encode()]


def test_path_of_any_bytes_is_told_as_it_is():
    event = SocketEvent(
        Event.LISTENING, (9,), EndpointPair.of_bind(b"ipc:///tmp/\xff".decode("utf-8", "surrogateescape"))
    )
    assert event.encode(1)[1] == b"ipc:///tmp/\xff"
