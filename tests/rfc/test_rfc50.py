"""RFC 50: several parts in one, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import purezmq as zmq
from purezmq.utils import multipart


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], b""),
        ([b""], b"\x00"),
        ([b"a", b"", b"bc"], b"\x01a\x00\x02bc"),
        ([b"x" * 254], b"\xfe" + b"x" * 254),
        ([b"x" * 255, b"y"], b"\xff\x00\x00\x00\xff" + b"x" * 255 + b"\x01y"),
        ([b"x" * 70_000], b"\xff\x00\x01\x11\x70" + b"x" * 70_000),
    ],
)
def test_each_part_stands_behind_its_size(parts: list[bytes], whole: bytes) -> None:
    assert multipart.encode(parts) == whole
    assert multipart.decode(whole) == parts


def test_a_small_part_may_have_a_large_size() -> None:
    assert multipart.decode(b"\xff\x00\x00\x00\x02hi") == [b"hi"]


@pytest.mark.parametrize(
    "whole", [b"\x01", b"\x05four", b"\xff", b"\xff\x00\x00\x00", b"\xff\x00\x00\x00\x02x", b"\x00\xfe"]
)
def test_what_is_cut_short_is_refused(whole: bytes) -> None:
    with pytest.raises(ValueError, match="part"):
        multipart.decode(whole)


def test_any_buffer_is_a_part() -> None:
    assert multipart.encode([bytearray(b"a"), memoryview(b"bc")]) == b"\x01a\x02bc"
    assert multipart.decode(memoryview(b"\x01a")) == [b"a"]


@given(st.lists(st.binary(max_size=600), max_size=6))
def test_what_was_encoded_is_decoded(parts: list[bytes]) -> None:
    assert multipart.decode(multipart.encode(parts)) == parts


@given(st.binary(max_size=300))
def test_any_bytes_are_parts_or_a_value_error(whole: bytes) -> None:
    try:
        parts = multipart.decode(whole)
    except ValueError:
        return
    assert sum(map(len, parts)) <= len(whole)


def test_a_client_sends_several_parts_to_a_server() -> None:
    with zmq.Context() as context, context.socket(zmq.SERVER) as server, context.socket(zmq.CLIENT) as client:
        server.bind("inproc://rfc50")
        client.connect("inproc://rfc50")
        client.send(multipart.encode([b"header", b"body"]))
        assert multipart.decode(server.recv()) == [b"header", b"body"]
