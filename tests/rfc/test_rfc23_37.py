"""RFC 23 (ZMTP 3.0) and RFC 37 (ZMTP 3.1): whole conversations, byte by byte as they stand on the wire.

`theirs` is a peer that follows a script. The scripts are put together by hand from the ABNF of the RFCs, and agree
with what libzmq 4.3.5 sent for the same sockets.
"""

from __future__ import annotations

import pytest

from purezmq.constants import SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Command
from purezmq.core.options import SocketOptions

SIGNATURE = b"\xff" + b"\0" * 7 + b"\x01\x7f"
MECHANISM = b"NULL" + b"\0" * 16
AS_SERVER = b"\0"
FILLER = b"\0" * 31


class Script:
    """Plays `theirs`: says bytes, and expects bytes."""

    def __init__(
        self, kind: SocketType, peer: SocketType, announce_id: bool = False, routing_id: bytes = b""
    ) -> None:
        options = SocketOptions.for_type(kind)
        options.routing_id = routing_id
        self.ours = Connection(kind, frozenset({peer}), options, 0.0, announce_id=announce_id)
        self.received: list = []

    def says(self, *pieces: bytes) -> None:
        self.ours.incoming.append(b"".join(pieces))
        self.received += self.ours.receive(0.0, 1000)
        assert self.ours.failed is None

    def expects(self, *pieces: bytes) -> None:
        assert b"".join(self.ours.outgoing) == b"".join(pieces)
        self.ours.outgoing.clear()

    def greets(self, minor: bytes = b"\x01") -> None:
        self.expects(SIGNATURE)
        self.says(SIGNATURE)
        self.expects(b"\x03")
        self.says(b"\x03")
        self.expects(b"\x01", MECHANISM, AS_SERVER, FILLER)
        self.says(minor, MECHANISM, AS_SERVER, FILLER)

    def sends(self, *items: object) -> bytes:
        return b"".join(self.ours.encode(list(items)))


def property_of(name: bytes, value: bytes) -> bytes:
    return bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value


def test_push_to_pull():
    theirs = Script(SocketType.PULL, SocketType.PUSH)
    theirs.greets()
    theirs.expects(b"\x04\x1a", b"\x05READY", b"\x0bSocket-Type\0\0\0\x04PULL")
    theirs.says(b"\x04\x1a", b"\x05READY", b"\x0bSocket-Type\0\0\0\x04PUSH")
    theirs.says(b"\x00\x05hello")
    theirs.says(b"\x01\x05first", b"\x01\x00", b"\x00\x04last")
    theirs.says(b"\x02\0\0\0\0\0\0\x01\x00", b"x" * 256)
    assert theirs.received == [b"hello", [b"first", b"", b"last"], b"x" * 256]


def test_req_to_rep():
    theirs = Script(SocketType.REQ, SocketType.REP, announce_id=True)
    theirs.greets()
    theirs.expects(b"\x04\x26", b"\x05READY", b"\x0bSocket-Type\0\0\0\x03REQ", b"\x08Identity\0\0\0\0")
    theirs.says(b"\x04\x19", b"\x05READY", b"\x0bSocket-Type\0\0\0\x03REP")
    assert theirs.sends([b"", b"question"]) == b"\x01\x00" + b"\x00\x08question"
    theirs.says(b"\x01\x00", b"\x00\x06answer")
    assert theirs.received == [[b"", b"answer"]]


def test_dealer_with_a_routing_id_to_router():
    theirs = Script(SocketType.DEALER, SocketType.ROUTER, announce_id=True, routing_id=b"me")
    theirs.expects(b"\xff" + b"\0" * 7 + b"\x03\x7f")
    theirs.says(SIGNATURE, b"\x03\x01", MECHANISM, AS_SERVER, FILLER)
    ready = b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x02me"
    theirs.expects(b"\x03\x01", MECHANISM, AS_SERVER, FILLER, b"\x04\x2b", ready)


def test_sub_to_pub_3_1():
    theirs = Script(SocketType.SUB, SocketType.PUB)
    theirs.greets()
    theirs.expects(b"\x04\x19", b"\x05READY", b"\x0bSocket-Type\0\0\0\x03SUB")
    theirs.says(b"\x04\x19", b"\x05READY", b"\x0bSocket-Type\0\0\0\x03PUB")
    assert theirs.sends(Command(b"SUBSCRIBE", b"news")) == b"\x04\x0e\x09SUBSCRIBEnews"
    assert theirs.sends(Command(b"CANCEL", b"news")) == b"\x04\x0b\x06CANCELnews"
    theirs.says(b"\x00\x08news: hi")
    assert theirs.received == [b"news: hi"]


def test_sub_to_pub_3_0():
    theirs = Script(SocketType.SUB, SocketType.PUB)
    theirs.greets(minor=b"\x00")
    theirs.says(b"\x04\x19", b"\x05READY", b"\x0bSocket-Type\0\0\0\x03PUB")
    assert theirs.sends(Command(b"SUBSCRIBE", b"news")) == b"\x00\x05\x01news"
    assert theirs.sends(Command(b"CANCEL", b"news")) == b"\x00\x05\x00news"


def test_ping_and_pong():
    theirs = Script(SocketType.PULL, SocketType.PUSH)
    theirs.greets()
    theirs.says(b"\x04\x1a", b"\x05READY", b"\x0bSocket-Type\0\0\0\x04PUSH")
    theirs.ours.outgoing.clear()
    theirs.says(b"\x04\x17", b"\x04PING", b"\x00\x00", b"sixteen octets..")
    theirs.expects(b"\x04\x15", b"\x04PONG", b"sixteen octets..")


def test_metadata_of_applications_comes_through():
    theirs = Script(SocketType.PULL, SocketType.PUSH)
    theirs.greets()
    metadata = (
        property_of(b"Socket-Type", b"PUSH") + property_of(b"X-Sensor", b"7") + property_of(b"Resource", b"")
    )
    theirs.says(bytes((4, 6 + len(metadata))), b"\x05READY", metadata)
    assert theirs.ours.peer.properties == {"Socket-Type": b"PUSH", "X-Sensor": b"7", "Resource": b""}


@pytest.mark.parametrize("length", [64, 65, 100])
def test_peer_may_send_all_it_has_to_say_at_once(length):
    everything = (
        SIGNATURE + b"\x03\x01" + MECHANISM + AS_SERVER + FILLER
        + b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"
        + b"\x00\x01a"
    )  # fmt: skip
    theirs = Script(SocketType.PULL, SocketType.PUSH)
    theirs.says(everything[:length])
    theirs.says(everything[length:])
    assert theirs.received == [b"a"]
