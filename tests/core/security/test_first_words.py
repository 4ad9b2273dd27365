"""What a client says before it has heard the whole greeting: HELLO of CURVE, and nothing of PLAIN: it is a password."""

from __future__ import annotations

import pytest

from purezmq.constants import SecurityMechanism, SocketType
from purezmq.core.connection import FAILED, GREETING, Connection
from purezmq.core.options import SocketOptions
from tests.core.security.captured import HELLO, curve_options, drawn

SIGNATURE = b"\xff" + bytes(7) + b"\x01\x7f"
HELLO_BEGINS = (
    bytes((4, len(HELLO))) + HELLO[:80]
)  # version and padding; C', the number and the box are new each time
REST = {name: b"\x01" + name.ljust(20, b"\0") + bytes(32) for name in (b"CURVE", b"PLAIN")}


def dealer(options: SocketOptions) -> Connection:
    peers = frozenset({SocketType.ROUTER})
    ours = Connection(SocketType.DEALER, peers, options, 0.0, announce_id=True, random=drawn())
    assert ours.outgoing == [SIGNATURE]
    ours.outgoing.clear()
    return ours


def plain_options() -> SocketOptions:
    options = SocketOptions.for_type(SocketType.DEALER)
    options.mechanism = SecurityMechanism.PLAIN
    options.plain_username, options.plain_password = b"admin", b"secret"
    return options


def hear(ours: Connection, received: bytes) -> bytes:
    """Return what is answered to it."""
    ours.incoming.append(received)
    ours.receive(0.0, 100)
    said = b"".join(ours.outgoing)
    ours.outgoing.clear()
    return said


def test_hello_leaves_with_the_greeting():
    ours = dealer(curve_options(server=False))
    assert hear(ours, SIGNATURE) == b"\x03"
    said = hear(ours, b"\x03")
    assert said.startswith(REST[b"CURVE"] + HELLO_BEGINS)
    assert len(said) == len(REST[b"CURVE"]) + 2 + len(HELLO)
    assert hear(ours, REST[b"CURVE"]) == b""


def test_hello_is_said_once_to_whoever_greets_at_once():
    ours = dealer(curve_options(server=False))
    said = hear(ours, SIGNATURE + b"\x03" + REST[b"CURVE"])
    assert said.startswith(b"\x03" + REST[b"CURVE"] + HELLO_BEGINS)
    assert said.count(b"HELLO") == 1


def test_server_says_nothing_first():
    ours = dealer(curve_options(server=True))
    assert hear(ours, SIGNATURE + b"\x03") == b"\x03" + REST[b"CURVE"]


def test_password_is_for_a_peer_of_plain():
    ours = dealer(plain_options())
    assert hear(ours, SIGNATURE + b"\x03") == b"\x03" + REST[b"PLAIN"]
    assert ours.state == GREETING
    assert hear(ours, REST[b"PLAIN"]) == b"\x04\x13\x05HELLO\x05admin\x06secret"


@pytest.mark.parametrize("major", [b"\x00", b"\x01"])
def test_old_peer_hears_no_hello(major):
    ours = dealer(curve_options(server=False))
    said = hear(ours, SIGNATURE + major + b"\x05")
    assert b"HELLO" not in said
    assert ours.state == FAILED
