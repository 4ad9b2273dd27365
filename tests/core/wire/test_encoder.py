"""Messages to bytes. What is expected is spelled out, or put together here from the RFC's rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from purezmq.core.message import Broadcast, Command, SharedPart
from purezmq.core.wire.encoder import BY_REFERENCE, encode, encode_frame

SIZES = [0, 1, 10, 254, 255, 256, 1000, BY_REFERENCE - 1, BY_REFERENCE, 70_000]


def frame(payload: bytes, more: bool = False) -> bytes:
    if len(payload) < 256:
        return bytes((more, len(payload))) + payload
    return bytes((2 + more,)) + len(payload).to_bytes(8, "big") + payload


def message(parts: list[bytes]) -> bytes:
    return b"".join(frame(part, more=True) for part in parts[:-1]) + frame(parts[-1])


payloads = st.sampled_from(SIZES).map(lambda size: b"p" * size) | st.binary(max_size=20)
multipart = st.lists(payloads, min_size=1, max_size=5)


def test_short_frame():
    assert encode([b"hello"]) == [b"\x00\x05hello"]


def test_empty_frame():
    assert encode([b""]) == [b"\x00\x00"]


def test_255_bytes_are_short_and_256_long():
    assert encode([b"x" * 255]) == [b"\x00\xff" + b"x" * 255]
    assert encode([b"x" * 256]) == [b"\x02\0\0\0\0\0\0\x01\x00" + b"x" * 256]


def test_parts_but_the_last_have_more():
    assert encode([[b"", b"x" * 256, b"z"]]) == [
        b"\x01\x00" + b"\x03\0\0\0\0\0\0\x01\x00" + b"x" * 256 + b"\x00\x01z"
    ]


def test_small_messages_leave_in_one_buffer():
    assert encode([b"a", b"", b"ccc"]) == [b"\x00\x01a\x00\x00\x00\x03ccc"]


@given(st.lists(payloads, min_size=1, max_size=40))
def test_batch_of_single_parts(batch):
    assert b"".join(encode(batch)) == b"".join(map(frame, batch))


@given(st.lists(payloads | multipart, min_size=1, max_size=20))
def test_batch_of_anything(batch):
    expected = b"".join(message([item] if isinstance(item, bytes) else item) for item in batch)
    assert b"".join(encode(batch)) == expected


def test_large_payload_is_not_copied():
    large = b"x" * BY_REFERENCE
    assert any(buffer is large for buffer in encode([large]))
    assert any(buffer is large for buffer in encode([b"a", large, b"b"]))
    assert any(buffer is large for buffer in encode([[b"a", large]]))


def test_large_shared_part_is_not_copied():
    view = memoryview(b"x" * BY_REFERENCE)
    buffers = encode([[SharedPart(view)]])
    assert any(buffer is view for buffer in buffers)


def test_small_shared_part_is_joined():
    assert encode([[b"a", SharedPart(memoryview(b"bc"))]]) == [b"\x01\x01a\x00\x02bc"]
    assert encode([[SharedPart(memoryview(b"bc"))], b"d"]) == [b"\x00\x02bc\x00\x01d"]


def test_broadcast_is_encoded_once():
    batch = Broadcast([b"a", [b"b", b"c"]])
    assert encode([batch]) == [b"\x00\x01a\x01\x01b\x00\x01c"]
    wire = batch.wire
    assert encode([b"x", batch, b"y"]) == [b"\x00\x01x\x00\x01a\x01\x01b\x00\x01c\x00\x01y"]
    assert batch.wire is wire


def test_large_payload_of_a_broadcast_is_not_copied():
    large = b"x" * BY_REFERENCE
    assert any(buffer is large for buffer in encode([b"a", Broadcast([large])]))


def test_subscriptions_are_commands():
    assert encode([Command(b"SUBSCRIBE", b"to")]) == [b"\x04\x0c\x09SUBSCRIBEto"]
    assert encode([Command(b"CANCEL", b"to")]) == [b"\x04\x09\x06CANCELto"]


def test_long_subscription_has_a_long_frame():
    topic = b"t" * 246
    assert encode([Command(b"SUBSCRIBE", topic)]) == [b"\x06\0\0\0\0\0\0\x01\x00\x09SUBSCRIBE" + topic]


def test_subscriptions_are_messages_for_zmtp_3_0():
    items = [Command(b"SUBSCRIBE", b"to"), b"m", Command(b"CANCEL", b"")]
    assert encode(items, subscriptions_as_messages=True) == [b"\x00\x03\x01to\x00\x01m\x00\x01\x00"]


def test_commands_keep_their_place_among_messages():
    assert encode([b"a", Command(b"CANCEL", b"x"), b"b"]) == [b"\x00\x01a\x04\x08\x06CANCELx\x00\x01b"]


def test_encode_frame_sets_long_by_itself():
    assert encode_frame(4, b"\x04PONG") == b"\x04\x05\x04PONG"
    assert encode_frame(4, b"x" * 256) == b"\x06\0\0\0\0\0\0\x01\x00" + b"x" * 256
