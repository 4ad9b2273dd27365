"""Whatever a peer sends: messages or `failed`, no exception, no memory beyond what it sent. See fuzz/."""

from __future__ import annotations

import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.fuzz_connection import GREETING, READY, check

# Bytes that are nearly right go further than random ones.
nearly = st.lists(
    st.binary(max_size=30)
    | st.sampled_from(
        [
            GREETING,
            READY,
            b"\x00\x01a",
            b"\x01\x00",
            b"\x02\0\0\0\0\0\0\x01\0",
            b"\x02\x40" + bytes(7),
            b"\x04\x07\x04PING\0\x01",
            b"\x04\x05\x04PONG",
            b"\x04\x0b\x09SUBSCRIBEx",
            b"\x04\x09\x05ERROR\x03400",
            b"\xff" * 20,
            bytes(300),
            b"\x00\x0a" + bytes(10),
        ]
    ),
    max_size=20,
)


@given(nearly.map(b"".join), st.binary(max_size=12))
@settings(max_examples=300, deadline=None)
def test_anything_ends_in_messages_or_failed(received, plan):
    check(received, plan)


@given(nearly.map(b"".join), st.binary(max_size=12))
@settings(max_examples=300, deadline=None)
def test_anything_after_the_handshake_ends_in_messages_or_failed(received, plan):
    check(GREETING + READY + received, plan)


@given(st.binary(max_size=200), st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_one_wrong_byte_ends_in_messages_or_failed(noise, position):
    received = bytearray(GREETING + READY + b"\x00\x01a" * 50)
    received[position : position + 1] = noise[:1]
    check(bytes(received), noise)


ADDRESSES = 1024 * 1024  # that an announced frame may take; memory comes with what is sent


def test_memory_stays_near_what_was_sent():
    hostile = [
        GREETING + READY + b"\x02\x7f" + b"\xff" * 7 + bytes(50_000),
        GREETING + b"\x06" + b"\0" * 5 + b"\xff\xff\xff" + bytes(50_000),
        GREETING + READY + b"\x01\x00" * 25_000,
        GREETING + READY + b"\x04\x07\x04PING\0\x00" * 5_000,
        GREETING[:10] + bytes(50_000),
        b"\xff" * 50_000,
    ]
    for received in hostile:
        tracemalloc.start()
        try:
            check(received, b"\x01")  # two connections
            assert tracemalloc.get_traced_memory()[1] < 20 * len(received) + 2 * ADDRESSES
        finally:
            tracemalloc.stop()
