"""Bytes to messages. The bytes are literals, or put together here from the RFC's rules."""

from __future__ import annotations

import sys
import tracemalloc
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purezmq.core.message import Command
from purezmq.core.wire import frames, payload
from purezmq.core.wire.frames import UNLIMITED, FrameDecoder


def frame(payload: bytes, more: bool = False) -> bytes:
    if len(payload) < 256:
        return bytes((more, len(payload))) + payload
    return bytes((2 + more,)) + len(payload).to_bytes(8, "big") + payload


def wire(message: bytes | list[bytes]) -> bytes:
    if isinstance(message, bytes):
        return frame(message)
    return b"".join(frame(part, more=True) for part in message[:-1]) + frame(message[-1])


def decoder(largest: int = UNLIMITED) -> FrameDecoder:
    return FrameDecoder(lambda body: Command(b"SUBSCRIBE", body) if body != b"silent" else None, largest)


def decode_all(ours: FrameDecoder, received: bytes, limit: int = sys.maxsize) -> list:
    """Decode until nothing more comes of these bytes."""
    messages = ours.decode(deque([received]), limit)
    while ours.held:
        messages += ours.decode(deque(), limit)
    return messages


# Sizes and runs that meet every branch: short, long, gathered, and blocks of equal headers.
payloads = st.sampled_from([0, 1, 9, 255, 256, 300, 20_000]).map(lambda size: bytes([size & 0xFF]) * size)
messages = payloads | st.lists(payloads, min_size=2, max_size=5)
runs = st.tuples(messages, st.sampled_from([1, 1, 2, 31, 32, 33, 70])).map(lambda run: [run[0]] * run[1])
traffic = st.lists(runs, max_size=6).map(lambda groups: [message for group in groups for message in group])


def test_short_frame_is_a_message():
    assert decode_all(decoder(), b"\x00\x05hello") == [b"hello"]


def test_empty_frame_is_a_message():
    assert decode_all(decoder(), b"\x00\x00") == [b""]


def test_long_frame_is_a_message():
    assert decode_all(decoder(), b"\x02\0\0\0\0\0\0\x01\x00" + b"x" * 256) == [b"x" * 256]


def test_long_frame_may_be_short():
    assert decode_all(decoder(), b"\x02\0\0\0\0\0\0\x00\x01z\x00\x01a") == [b"z", b"a"]


def test_parts_are_a_list():
    assert decode_all(decoder(), b"\x01\x00\x01\x02id\x00\x01x") == [[b"", b"id", b"x"]]


def test_envelope_and_body_are_a_list():
    assert decode_all(decoder(), b"\x01\x00\x00\x02hi") == [[b"", b"hi"]]


@pytest.mark.parametrize(
    "chunk, message",
    [
        (b"\x00\x05hello", b"hello"),
        (b"\x00\x00", b""),
        (b"\x01\x00\x00\x02hi", [b"", b"hi"]),
        (b"\x01\x00\x00\x00", [b"", b""]),
        (b"\x00\xff" + b"x" * 255, b"x" * 255),
    ],
)
def test_lone_message_is_seen_where_it_lies(chunk, message):
    ours, chunks = decoder(), deque([chunk])
    assert ours.lone(chunks) == message
    assert list(chunks) == [chunk]
    assert ours.decode(chunks, 5) == [message]
    assert not chunks


@pytest.mark.parametrize(
    "chunks",
    [
        [b"\x00"],
        [b"\x00\x05hell"],
        [b"\x00\x05hello\x00\x00"],
        [b"\x00\x05hello", b"\x00\x00"],
        [b"\x01\x05hello"],
        [b"\x04\x05\x04PING"],
        [b"\x01\x00\x01\x00\x00\x02hi"],
        [b"\x01\x00\x00"],
    ],
)
def test_what_is_not_one_message_is_left_to_decode(chunks):
    assert decoder().lone(deque(chunks)) is None


@pytest.mark.parametrize(
    "before", [b"\x00", b"\x01\x01a", b"\x02\0\0\0\0\0\0\x01\x00xyz", b"\2\0\0\0\0\1\0\0\0"]
)
def test_message_that_has_begun_is_not_alone(before):
    ours = decoder()
    assert ours.decode(deque([before]), 5) == []
    assert ours.lone(deque([b"\x00\x05hello"])) is None


def test_held_message_comes_before_a_lone_one():
    ours = decoder()
    assert ours.decode(deque([b"\x00\x01a\x00\x01b"]), 1) == [b"a"]
    assert ours.lone(deque([b"\x00\x01c"])) is None
    assert ours.decode(deque([b"\x00\x01c"]), 5) == [b"b", b"c"]


def test_lone_message_beyond_the_limit_is_left_to_decode():
    ours, chunks = decoder(3), deque([b"\x00\x05hello"])
    assert ours.lone(chunks) is None
    assert ours.decode(chunks, 5) == []
    assert ours.error is not None


def test_command_takes_its_place_among_messages():
    assert decode_all(decoder(), b"\x00\x01a\x04\x01c\x00\x01b") == [b"a", Command(b"SUBSCRIBE", b"c"), b"b"]


def test_command_that_nobody_else_needs_leaves_no_trace():
    assert decode_all(decoder(), b"\x00\x01a\x04\x06silent\x00\x01b") == [b"a", b"b"]


def test_command_between_parts_does_not_end_the_message():
    assert decode_all(decoder(), b"\x01\x01a\x04\x06silent\x00\x01b") == [[b"a", b"b"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100, 10**6])
def test_any_piece_and_limit_read_the_same(piece, limit):
    sent = [b"", b"a", [b"x", b"", b"y"], b"l" * 300, b"e" * 40_000, [b"p" * 256, b"q"], *[b"run" * 4] * 100]
    received = b"".join(map(wire, sent))
    ours = decoder()
    got = []
    for start in range(0, len(received), piece):
        got += decode_all(ours, received[start : start + piece], limit)
    assert got == sent


@given(traffic, st.data())
@settings(deadline=None)
def test_any_split_and_any_limits_read_the_same(sent, data):
    received = b"".join(map(wire, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(received)), max_size=12)))
    ours = decoder()
    got = []
    for start, stop in zip([0, *cuts], [*cuts, len(received)], strict=True):
        chunks = deque([received[start:stop]]) if stop > start else deque()
        limit = data.draw(st.sampled_from([0, 1, 5, 40, 10**6]))
        batch = ours.decode(chunks, limit)
        assert len(batch) <= limit
        got += batch
    while ours.held:
        got += ours.decode(deque(), 10**6)
    assert got == sent


@given(traffic, st.lists(st.integers(1, 5000), min_size=1, max_size=10))
@settings(deadline=None)
def test_chunks_may_come_several_at_a_time(sent, sizes):
    received = b"".join(map(wire, sent))
    chunks: deque[bytes] = deque()
    for size in sizes:
        chunks.append(received[:size])
        received = received[size:]
    chunks.append(received)
    assert decoder().decode(chunks, 10**6) == sent
    assert not chunks


@pytest.mark.parametrize("size", [0, 10, 255, 256, 1000])
@pytest.mark.parametrize("odd", [0, 1, 31, 32, 33, 63, 99])
def test_one_different_frame_in_a_run_is_found(size, odd):
    sent: list[bytes | list[bytes]] = [b"r" * size] * 100
    sent[odd] = [b"other", b"x" * size]
    assert decode_all(decoder(), b"".join(map(wire, sent))) == sent


def test_payload_that_looks_like_headers_does_not_disturb_a_run():
    sent = [b"\x00\x0a" * 5] * 200 + [b"\x00\x0a" * 4] * 200
    assert decode_all(decoder(), b"".join(map(wire, sent))) == sent


def test_run_of_equal_multipart_messages():
    sent = [[b"topic", b"x" * 300, bytes([number])] for number in range(200)]
    assert decode_all(decoder(), b"".join(map(wire, sent))) == sent


def test_messages_of_a_run_are_lists_of_their_own():
    got = decode_all(decoder(), wire([b"a", b"b"]) * 64)
    got[0].append(b"c")
    assert got[1] == [b"a", b"b"]


def test_held_says_that_the_limit_left_something():
    ours = decoder()
    assert ours.decode(deque([b"\x00\x01a\x00\x01b"]), 1) == [b"a"]
    assert ours.held
    assert ours.decode(deque(), 1) == [b"b"]
    assert not ours.held


def test_limit_of_nothing_takes_the_bytes_and_decodes_none():
    ours = decoder()
    chunks = deque([b"\x00\x01a"])
    assert ours.decode(chunks, 0) == []
    assert not chunks
    assert ours.held
    assert ours.decode(deque(), 5) == [b"a"]
    assert not ours.held


def test_limit_of_nothing_keeps_a_frame_that_is_being_gathered():
    ours = decoder()
    whole = wire(b"g" * 1000)
    assert ours.decode(deque([whole[:500]]), 5) == []
    assert ours.decode(deque(), 0) == []
    assert ours.decode(deque([whole[500:]]), 0) == []
    assert ours.held
    assert ours.decode(deque(), 5) == [b"g" * 1000]


def test_frame_that_was_gathered_keeps_its_place():
    received = b"\x00\x01a" + wire(b"g" * 1000) + b"\x00\x01z"
    ours = decoder()
    assert decode_all(ours, received[:600]) == [b"a"]
    assert decode_all(ours, received[600:]) == [b"g" * 1000, b"z"]


def test_frame_that_was_gathered_waits_in_front_of_what_comes_next():
    whole = wire(b"g" * 1000)
    ours = decoder()
    ours.decode(deque([whole[:500]]), 5)
    assert ours.decode(deque([whole[500:]]), 0) == []
    assert ours.decode(deque([b"\x00\x01z"]), 5) == [b"g" * 1000, b"z"]


def test_small_frame_is_gathered_in_pieces():
    ours = decoder()
    ours.decode(deque([b"\x02\0\0\0\0\0\0\x80\0" + b"x" * 16]), 5)
    assert not ours.gathers()
    assert ours.space() is None


def fill(ours: FrameDecoder, content: bytes) -> None:
    """Write content where the decoder wants it."""
    rest = content
    for space in ours.space():
        part = rest[: len(space)]
        space[: len(part)] = part
        rest = rest[len(part) :]
    assert not rest
    ours.filled.append(len(content))


def room(ours: FrameDecoder) -> list[int]:
    """How much may be written where."""
    return [len(space) for space in ours.space()]


def test_large_frame_is_filled_where_it_belongs():
    content = bytes(range(256)) * 1000
    ours = decoder()
    assert ours.decode(deque([(wire(b"first") + wire(content))[:-200_000]]), 5) == [b"first"]
    assert ours.gathers()
    fill(ours, content[-200_000:-100_000])
    assert ours.decode(deque(), 5) == []
    assert room(ours) == [100_000, 8192]
    fill(ours, content[-100_000:])
    assert ours.decode(deque(), 0) == []
    assert ours.space() is None
    assert ours.decode(deque([wire(b"last")]), 5) == [content, b"last"]


def test_what_was_filled_before_an_interruption_is_not_filled_again():
    content = bytes(range(250)) * 1000
    ours = decoder()
    ours.decode(deque([wire(content)[:9]]), 5)
    fill(ours, content[:100_000])
    fill(ours, content[100_000:])
    assert ours.decode(deque(), 5) == [content]


@pytest.mark.parametrize("limit", [0, 1, 9])
def test_what_comes_behind_a_large_frame_is_filled_with_it(limit):
    content = bytes(range(250)) * 1000
    stream = wire(content) + wire(b"a") + wire(b"b" * 300) + wire(content) + wire(content[:7]) + b"\2\0"
    ours = decoder()
    found = ours.decode(deque([stream[:9]]), 5)
    rest = stream[9:]
    while rest:
        while ours.gathers() and rest:
            count = min(sum(room(ours)), len(rest))
            fill(ours, rest[:count])
            rest = rest[count:]
            found += ours.decode(deque(), limit)
        while ours.held:
            found += ours.decode(deque(), limit or 1)
        if not ours.gathers():
            found += ours.decode(deque([rest[:9]]), 5)
            rest = rest[9:]
    assert found == [content, b"a", b"b" * 300, content, content[:7]]
    assert ours.decode(deque([b"\0\0\0\0\0\0\1z"]), 5) == [b"z"]


def test_nothing_is_read_behind_a_frame_before_it_has_its_place():
    ours = decoder()
    ours.decode(deque([b"\2\0\0\0\0\4" + bytes(3)]), 5)
    assert room(ours) == [0x100000]


@pytest.mark.parametrize("extra", [b"", b"\0\1z"])
@pytest.mark.parametrize("cut", [1, 70_000, 99_999, 100_000])
def test_large_frame_may_come_the_ordinary_way(cut, extra):
    content = b"0123456789" * 10_000
    ours = decoder()
    received = wire(content) + extra
    assert ours.decode(deque([received[:9]]), 5) == []
    found = ours.decode(deque([received[9 : 9 + cut]]), 5)
    found += ours.decode(deque([received[9 + cut :]]), 5)
    assert found == [content, b"z"][: 1 + bool(extra)]


def test_payload_takes_memory_for_what_has_arrived(monkeypatch):
    monkeypatch.setattr(payload, "_FIRST", 1000)
    content = bytes(range(200)) * 50
    ours = payload.Payload(len(content))
    sizes = []
    while ours.gathered < len(content):
        room = ours.space()
        sizes.append(len(room))
        count = min(len(room), 700)
        room[:count] = content[ours.gathered : ours.gathered + count]
        ours.gathered += count
        assert len(room) <= 64 * max(ours.gathered, 1000)
    assert sizes[0] == 1000
    assert ours.finish() == content


def test_payload_without_access_to_bytes_is_copied(monkeypatch):
    monkeypatch.setattr(payload, "_tools", lambda: None)
    ours = payload.Payload(6)
    ours.add(b"abc")
    ours.add(b"def")
    assert ours.finish() == b"abcdef"


@pytest.mark.parametrize("flags", [5, 7, 8, 9, 0x10, 0x20, 0x40, 0x80, 0xFF])
def test_flags_that_the_rfc_does_not_have_are_a_mistake(flags):
    ours = decoder()
    assert decode_all(ours, b"\x00\x01a" + bytes((flags, 1)) + b"x" * 20) == [b"a"]
    assert "flags" in str(ours.error)


def test_size_beyond_63_bits_is_a_mistake():
    ours = decoder()
    assert decode_all(ours, b"\x02\x80" + bytes(7)) == []
    assert "2^63-1" in str(ours.error)


@pytest.mark.parametrize("largest", [0, 5, 254, 255, 256, 1000])
def test_limit_on_size_counts_payload(largest):
    ours = decoder(largest)
    assert decode_all(ours, wire(b"x" * largest)) == [b"x" * largest]
    assert decode_all(ours, wire(b"x" * (largest + 1))) == []
    assert f"{largest + 1} bytes" in str(ours.error)


def test_limit_on_size_is_per_frame():
    assert decode_all(decoder(5), wire([b"12345", b"12345"])) == [[b"12345", b"12345"]]


def test_limit_on_size_holds_in_runs():
    ours = decoder(9)
    assert decode_all(ours, wire(b"0123456789") * 100) == []
    assert ours.error is not None


def test_limit_on_size_is_checked_before_the_payload_comes():
    ours = decoder(1000)
    ours.decode(deque([b"\x02\0\0\0\0\0\0\x03\xe9"]), 5)
    assert ours.error is not None


def test_command_is_let_through_a_limit_for_messages():
    assert decode_all(decoder(1), b"\x04\x07\x04PING\0\0") == [Command(b"SUBSCRIBE", b"\x04PING\0\0")]


def test_command_has_a_limit_of_its_own():
    ours = decoder(1)
    ours.decode(deque([b"\x06\0\0\0\0\0\x01\0\x01"]), 5)
    assert "65537 bytes" in str(ours.error)


def test_announced_payload_takes_no_more_than_a_megabyte_of_addresses():
    ours = decoder()
    tracemalloc.start()
    try:
        ours.decode(deque([b"\x02\x40" + bytes(7) + b"x" * 100]), 5)
        assert ours.error is None
        assert ours.gathers()
        assert tracemalloc.get_traced_memory()[1] < 1_100_000
    finally:
        tracemalloc.stop()


def test_payload_that_comes_in_crumbs_costs_about_its_size():
    ours = decoder()
    ours.decode(deque([b"\x02\0\0\0\0\0\x10\0\0"]), 5)
    tracemalloc.start()
    try:
        for number in range(100_000):
            ours.decode(deque([number.to_bytes(3, "big")]), 5)
        assert tracemalloc.get_traced_memory()[0] < 2 * 300_000
    finally:
        tracemalloc.stop()
    assert room(ours) == [0x100000 - 300_000, 8192]


@pytest.mark.parametrize("crumb", [1, 2, 3, 1448])
def test_payload_that_comes_in_crumbs_comes_whole(crumb):
    payload = bytes(range(256)) * 300
    received = wire(payload) + b"\x00\x01z"
    ours = decoder()
    got = []
    for start in range(0, len(received), crumb):
        got += ours.decode(deque([received[start : start + crumb]]), 5)
    assert got == [payload, b"z"]


def test_empty_parts_of_an_endless_message_cost_a_pointer_each():
    ours = decoder()
    parts = b"\x01\x00" * 100_000
    tracemalloc.start()
    try:
        assert ours.decode(deque([parts]), 5) == []
        assert tracemalloc.get_traced_memory()[0] < 12 * 100_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=300), st.integers(0, 5))
def test_any_bytes_are_decoded_or_a_mistake(received, limit):
    ours = decoder(1000)
    for message in decode_all(ours, received, limit + 1):
        assert isinstance(message, bytes | list | Command)


def test_frame_reads_one_frame_at_a_time():
    ours = decoder()
    ours.take(deque([b"\x04\x01c\x01\x02ab\x02\0\0\0\0\0\0\x01\x00" + b"x" * 100]))
    assert ours.frame() == (4, b"c")
    assert ours.frame() == (1, b"ab")
    assert ours.rest()
    assert ours.frame() is None
    ours.take(deque([b"x" * 156 + b"\x00"]))
    assert ours.frame() == (2, b"x" * 256)
    assert ours.frame() is None
    assert ours.rest()


# -- Ctrl-C ------------------------------------------------------------------------------------------------


class Interrupt(BaseException):
    pass


def decode_interrupted(ours: FrameDecoder, chunks: deque[bytes], limit: int, moment: int) -> list | None:
    """Decode; at the `moment`th place where CPython might run a signal handler, have it raise: None."""
    seen = 0

    def handler(python_frame, event, argument):
        nonlocal seen
        if event in ("call", "c_return") and python_frame.f_code.co_filename == frames.__file__:
            seen += 1
            if seen > moment:
                raise Interrupt

    sys.setprofile(handler)
    try:
        return ours.decode(chunks, limit)
    except Interrupt:
        return None
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("limit", [3, 10**6])
@pytest.mark.parametrize("piece", [50, 1000, 10**6])
def test_signal_handler_that_raises_loses_nothing_and_doubles_nothing(piece, limit):
    sent = [
        b"a",
        [b"x", b"", b"y"],
        b"l" * 300,
        *[b"run"] * 70,
        *[[b"t", b"u"]] * 40,
        b"e" * 2000,
        [b"p", b"q"],
    ]
    received = b"".join(map(wire, sent))
    moment = 0
    interrupted = True
    while interrupted:
        interrupted = False
        ours = decoder()
        got = []
        for start in range(0, len(received), piece):
            chunks = deque([received[start : start + piece]])
            while True:
                batch = decode_interrupted(ours, chunks, limit, moment)
                if batch is None:
                    interrupted = True
                    batch = ours.decode(chunks, limit)
                got += batch
                if not ours.held:
                    break
        assert got == sent
        moment += 1
    assert moment > 10
