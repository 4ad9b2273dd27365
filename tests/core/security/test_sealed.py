"""Traffic of a mechanism that seals: tried with one that only turns bits around and counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import pytest

from purezmq.constants import SocketType
from purezmq.core import connection as module
from purezmq.core.connection import Connection
from purezmq.core.message import Broadcast, Command, SharedPart
from purezmq.core.options import SocketOptions
from purezmq.core.security import Null
from purezmq.core.security.sealed import SealedDecoder, encode_sealed
from purezmq.core.wire.encoder import encode_frame
from purezmq.core.wire.frames import UNLIMITED, FrameDecoder
from purezmq.errors import ProtocolError

UNUSED = SocketOptions.for_type(SocketType.DEALER)


class Turned(Null):
    """A number that must rise, flags, and payload, with all bits turned around."""

    plain_frames = False

    def __init__(
        self,
        options: SocketOptions = UNUSED,
        metadata: bytes = b"",
        random: Callable[[int], bytes] = bytes,
    ) -> None:
        super().__init__(options, metadata, random)
        self.sealed = 0

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes:
        self.sealed += 1
        return encode_frame(0, bytes(255 - byte for byte in bytes((self.sealed, flags)) + payload))

    def open(
        self, data: bytes, start: int, stop: int, number: int, used_up: bool = False
    ) -> tuple[int, bytes, int]:
        received, flags, *payload = (255 - byte for byte in data[start:stop])
        if received <= number:
            raise ProtocolError(f"frame {received} after {number}", 0)
        return flags, bytes(payload), received


ITEMS = [
    b"a",
    [b"b", b"", b"c"],
    Broadcast([b"d", [b"e", b"f"]]),
    Command(b"SUBSCRIBE", b"to"),
    [SharedPart(memoryview(b"shared"))],
    b"l" * 300,
]
MESSAGES = [b"a", [b"b", b"", b"c"], b"d", [b"e", b"f"], Command(b"SUBSCRIBE", b"to"), b"shared", b"l" * 300]


def decoder() -> SealedDecoder:
    mechanism = Turned()
    return SealedDecoder(
        FrameDecoder(lambda body: None, UNLIMITED), mechanism, lambda body: Command(body[1:10], body[10:])
    )


def test_sealed_frame_is_an_ordinary_frame():
    assert encode_sealed([b"ab"], Turned()) == [b"\x00\x04\xfe\xff\x9e\x9d"]


def test_frames_are_sealed_in_order():
    assert encode_sealed([[b"a", b"b"]], Turned()) == [b"\x00\x03\xfe\xfe\x9e\x00\x03\xfd\xff\x9d"]


def test_subscription_is_sealed_as_a_command():
    (sealed,) = encode_sealed([Command(b"CANCEL", b"x")], Turned())
    assert Turned().open(sealed, 2, len(sealed), 0) == (4, b"\x06CANCELx", 1)


def test_subscription_is_sealed_as_a_message_for_zmtp_3_0():
    (sealed,) = encode_sealed([Command(b"CANCEL", b"x")], Turned(), subscriptions_as_messages=True)
    assert Turned().open(sealed, 2, len(sealed), 0) == (0, b"\x00x", 1)


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize("piece", [1, 5, 10_000])
def test_what_was_sealed_is_opened(piece, limit):
    received = b"".join(encode_sealed(ITEMS, Turned()))
    ours = decoder()
    got = []
    for start in range(0, len(received), piece):
        got += ours.decode(deque([received[start : start + piece]]), limit)
        while ours.held:
            got += ours.decode(deque(), limit)
    assert got == MESSAGES


def test_what_was_opened_before_a_forged_frame_is_returned():
    ours = decoder()
    sealed = encode_sealed([b"a", b"b"], Turned())
    assert ours.decode(deque([*sealed, sealed[0]]), 100) == [b"a", b"b"]
    assert str(ours.error.args[0]) == "frame 1 after 2"


def test_more_outside_the_seal_is_a_mistake():
    ours = decoder()
    assert ours.decode(deque([b"\x01\x04\xfe\xff\x9e\x9d"]), 100) == []
    assert "MORE" in ours.error.args[0]


def test_limit_of_nothing_takes_the_bytes_and_opens_none():
    ours = decoder()
    assert ours.decode(deque(encode_sealed([b"a"], Turned())), 0) == []
    assert ours.held
    assert ours.decode(deque(), 1) == [b"a"]


def test_connection_seals_and_opens_when_its_mechanism_does(monkeypatch):
    monkeypatch.setattr(module, "mechanism_for", lambda options: Turned)
    ends = []
    for kind, peer in ((SocketType.DEALER, SocketType.ROUTER), (SocketType.ROUTER, SocketType.DEALER)):
        options = SocketOptions.for_type(kind)
        options.heartbeat_ivl = 1000
        ends.append(Connection(kind, frozenset({peer}), options, 0.0, announce_id=True))
    dealer, router = ends

    def carry(now: float) -> None:
        while dealer.outgoing or router.outgoing:
            for speaker, listener in ((dealer, router), (router, dealer)):
                listener.incoming.extend(speaker.outgoing)
                speaker.outgoing.clear()
                assert listener.receive(now, 100) == []

    carry(0.0)
    assert not dealer.plain
    wire = b"".join(dealer.encode([b"secret"]))
    assert b"secret" not in wire
    router.incoming.append(wire)
    assert router.receive(0.0, 100) == [b"secret"]
    dealer.tick(1.0)
    assert b"PING" not in b"".join(dealer.outgoing)
    carry(1.0)
    assert dealer.deadline() == 2.0  # the PONG came
