"""One peer, from greeting to failure. Two of ours talk; whoever talks nonsense is played by literal bytes."""

from __future__ import annotations

import sys
from errno import ECONNRESET, EINVAL, ETIMEDOUT

import pytest

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
    PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    SocketType,
)
from purezmq.core import connection as module
from purezmq.core.connection import Connection, Failed
from purezmq.core.message import Command
from purezmq.core.options import SocketOptions
from purezmq.core.wire.commands import SUBSCRIPTIONS

SIGNATURE = bytes.fromhex("ff00000000000000017f")
GREETING = SIGNATURE + b"\x03\x01NULL" + bytes(48)
READY_PUSH = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"
READY_SUB = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB"
MANY = 10**6


def make(kind: SocketType, *peers: SocketType, announce_id: bool = False, **options: object) -> Connection:
    stored = SocketOptions.for_type(kind)
    for name, value in options.items():
        setattr(stored, name, value)
    return Connection(
        kind,
        frozenset(peers),
        stored,
        0.0,
        announce_id=announce_id,
        takes=SUBSCRIPTIONS if kind is SocketType.XPUB else frozenset(),
    )


def pull(**options: object) -> Connection:
    return make(SocketType.PULL, SocketType.PUSH, **options)


def xpub(**options: object) -> Connection:
    return make(SocketType.XPUB, SocketType.SUB, SocketType.XSUB, **options)


def hear(ours: Connection, received: bytes, now: float = 0.0, limit: int = MANY) -> list:
    ours.incoming.append(received)
    return ours.receive(now, limit)


def said(ours: Connection) -> bytes:
    sent = b"".join(ours.outgoing)
    ours.outgoing.clear()
    return sent


def introduced(ours: Connection, ready: bytes = READY_PUSH) -> Connection:
    """Take `ours` through the handshake."""
    hear(ours, GREETING + ready)
    assert ours.peer is not None
    said(ours)
    return ours


def converse(one: Connection, two: Connection, now: float = 0.0) -> None:
    """Carry control bytes both ways until nobody has anything to say."""
    while one.outgoing or two.outgoing:
        for speaker, listener in ((one, two), (two, one)):
            if speaker.outgoing:
                assert hear(listener, said(speaker), now) == []


# -- the handshake -----------------------------------------------------------------------------------------


def test_two_of_ours_shake_hands():
    push, ours = make(SocketType.PUSH, SocketType.PULL), pull()
    converse(push, ours)
    assert push.state == ours.state == module.TRAFFIC
    assert ours.peer.socket_type == "PUSH"
    assert push.peer.socket_type == "PULL"
    assert ours.plain


def test_routing_id_is_announced_only_where_asked():
    dealer = make(SocketType.DEALER, SocketType.ROUTER, announce_id=True, routing_id=b"me")
    router = make(SocketType.ROUTER, SocketType.DEALER, announce_id=True)
    converse(dealer, router)
    assert router.peer.routing_id == b"me"
    assert dealer.peer.routing_id == b""
    assert dealer.peer.properties == {"Socket-Type": b"ROUTER", "Identity": b""}
    assert introduced(pull()).peer.properties == {"Socket-Type": b"PUSH"}


@pytest.mark.parametrize("piece", [1, 2, 10, 11, 64, 200])
def test_handshake_may_come_in_pieces(piece):
    ours = pull()
    received = GREETING + READY_PUSH + b"\x00\x01a"
    got = []
    for start in range(0, len(received), piece):
        got += hear(ours, received[start : start + piece])
    assert got == [b"a"]


def test_traffic_that_came_with_the_handshake_waits_for_room():
    ours = pull()
    assert hear(ours, GREETING + READY_PUSH + b"\x00\x01a", limit=0) == []
    assert ours.peer is not None
    assert ours.held
    assert ours.receive(0.0, 1) == [b"a"]


def test_properties_of_the_peer_are_kept():
    ours = pull()
    hear(ours, GREETING + b"\x04\x22" + READY_PUSH[2:] + b"\x03X-a\0\0\0\x00")
    assert ours.peer.properties == {"Socket-Type": b"PUSH", "X-a": b""}


def test_limit_on_messages_does_not_keep_ready_out():
    ours = pull(maxmsgsize=1)
    assert hear(ours, GREETING + READY_PUSH + b"\x00\x01a\x00\x02bb") == [b"a"]
    assert ours.failed.kind == module.PROTOCOL


# -- a handshake that fails ----------------------------------------------------------------------------------

READY_1K = (
    b"\x06\0\0\0\0\0\0\x04\0\x05READY\x08Identity" + (1024 - 6 - 9 - 4).to_bytes(4, "big") + bytes(1024 - 19)
)


@pytest.mark.parametrize(
    "received, says",
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP"),
        (bytes.fromhex("16030100c8010000c40303") + bytes(200), "not a ZMTP peer"),
        (b"\x00" * 100, "not a ZMTP peer"),
        (bytes(range(255, 0, -1)), "ZMTP 1.0"),
        (SIGNATURE + b"\x01\x05\x00\x00", "the peer is a DEALER"),
        (GREETING + b"\x08\x00", "flags 0x08"),
        (GREETING + b"\x04\x00", "command of 0 bytes"),
        (GREETING + b"\x06\0\0\0\0\0\x01\0\x01", "65537 bytes"),
        (GREETING + b"\x04\x05\x05READ", "waits"),
        (GREETING + b"\x04\x06\x05READY", "no type"),
        (GREETING + READY_1K, "no type"),
    ],
)
def test_nonsense_ends_in_failed(received, says):
    ours = pull(handshake_ivl=500)
    assert hear(ours, received) == []
    if says == "waits":
        ours.tick(0.5)
    else:
        assert says in ours.failed.reason
        assert ours.failed.kind == module.PROTOCOL
        assert ours.failed.final
    assert ours.state == module.FAILED
    assert ours.peer is None
    assert ours.deadline() is None


@pytest.mark.parametrize(
    "received, number",
    [
        (SIGNATURE + b"\x03\x01PLAIN" + bytes(47), PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH),
        (GREETING + b"\x04\x06\x05HELLO", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND),
        (GREETING + b"\x00\x00", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND),
        (GREETING + b"\x04\x0d\x05READY\x0bSocket", PROTOCOL_ERROR_ZMTP_INVALID_METADATA),
        (GREETING + b"\x04\x0a\x05ERROR\x09400", PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR),
        (GREETING + READY_SUB, EINVAL),
        (GREETING + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03FOO", EINVAL),
    ],
)
def test_detail_of_a_failed_handshake(received, number):
    ours = pull()
    hear(ours, received)
    assert ours.failed.detail == number


def test_message_before_ready_is_a_mistake():
    ours = pull()
    assert hear(ours, GREETING + b"\x00\x05hello") == []
    assert "a message of 5 bytes before the end" in ours.failed.reason


def test_large_message_before_ready_is_refused_by_its_header():
    ours = pull()
    hear(ours, GREETING + b"\x02\0\0\0\0\0\x01\0\x01")
    assert "65537 bytes" in ours.failed.reason


def test_socket_type_that_does_not_fit_gets_no_error_command():
    ours = pull()
    hear(ours, GREETING)
    said(ours)
    hear(ours, READY_SUB)
    assert ours.failed.reason == "the peer is a SUB; possible are PUSH"
    assert said(ours) == b""


def test_routing_id_of_256_bytes_is_a_mistake():
    ours = pull()
    metadata = b"\x0bSocket-Type\0\0\0\x04PUSH\x08Identity\0\0\x01\0" + bytes(256)
    body = b"\x05READY" + metadata
    hear(ours, GREETING + b"\x06" + len(body).to_bytes(8, "big") + body)
    assert ours.failed.detail == PROTOCOL_ERROR_ZMTP_INVALID_METADATA


@pytest.mark.parametrize(
    "reason, status", [(b"300", 300), (b"400", 400), (b"500", 500), (b"go away", 0), (b"", 0)]
)
def test_error_of_the_peer_is_a_refusal(reason, status):
    ours = pull()
    body = b"\x05ERROR" + bytes((len(reason),)) + reason
    hear(ours, GREETING + b"\x04" + bytes((len(body),)) + body)
    assert (ours.failed.kind, ours.failed.detail) == (module.REFUSED, status)
    assert repr(reason.decode()) in ours.failed.reason
    assert ours.failed.final


@pytest.mark.parametrize("received", [b"", SIGNATURE[:5], SIGNATURE, GREETING, GREETING + READY_PUSH[:10]])
def test_half_a_handshake_fails_in_time(received):
    ours = pull(handshake_ivl=500)
    hear(ours, received, 0.3)
    assert ours.deadline() == 0.5
    ours.tick(0.4)
    assert ours.failed is None
    ours.tick(0.5)
    assert (ours.failed.kind, ours.failed.detail) == (module.TIMEOUT, ETIMEDOUT)
    assert not ours.failed.final


def test_handshake_has_no_limit_when_its_interval_is_0():
    ours = pull(handshake_ivl=0)
    assert ours.deadline() is None
    ours.tick(10**6)
    assert ours.failed is None


def test_handshake_that_is_done_has_no_deadline():
    assert introduced(pull(handshake_ivl=500)).deadline() is None


def test_failed_connection_takes_what_comes_and_says_nothing():
    ours = pull()
    hear(ours, b"nonsense!!")
    said(ours)
    reason = ours.failed
    assert hear(ours, GREETING + READY_PUSH + b"\x00\x01a") == []
    assert not ours.incoming
    assert not ours.outgoing
    assert ours.failed is reason


# -- traffic ------------------------------------------------------------------------------------------------


def test_messages_go_from_one_of_ours_to_the_other():
    push, ours = make(SocketType.PUSH, SocketType.PULL), pull()
    converse(push, ours)
    sent = [b"a", [b"b", b"c"], b"", b"l" * 100_000]
    assert hear(ours, b"".join(push.encode(sent))) == sent


def test_what_came_before_a_mistake_is_returned():
    ours = introduced(pull())
    assert hear(ours, b"\x00\x01a\x00\x01b\x08\x00") == [b"a", b"b"]
    assert ours.failed.kind == module.PROTOCOL
    assert hear(ours, b"\x00\x01c") == []


@pytest.mark.parametrize(
    "received",
    [
        b"\x05\x05\x04PING",
        b"\x10\x00",
        b"\x80\x00",
        b"\x02\x80" + bytes(7),
        b"\x04\x00",
        b"\x04\x03\x09AB",
        b"\x04\x06\x04PING\x00",
    ],
)
def test_mistake_in_traffic_ends_the_connection(received):
    ours = introduced(pull())
    assert hear(ours, received) == []
    assert ours.failed.kind == module.PROTOCOL


@pytest.mark.parametrize(
    "command",
    [b"\x04\x05\x03FOOx", b"\x04\x05\x04PONG", b"\x04\x0a\x05ERROR\x03400", READY_PUSH, b"\x04\x06\x04JOINx"],
)
def test_other_commands_in_traffic_are_ignored_as_libzmq_does(command):
    ours = introduced(pull())
    assert hear(ours, command + b"\x00\x01a") == [b"a"]
    assert ours.failed is None
    assert not ours.outgoing


def test_ping_is_answered_with_its_context():
    ours = introduced(pull())
    assert hear(ours, b"\x04\x0a\x04PING\0\0ctx") == []
    assert said(ours) == b"\x04\x08\x04PONGctx"


def test_pings_that_are_not_read_do_not_pile_up():
    ours = introduced(pull())
    hear(ours, b"\x04\x08\x04PING\0\0a" * 1000 + b"\x04\x08\x04PING\0\0b")
    assert said(ours) == b"\x04\x06\x04PONGb"


def test_subscriptions_are_commands_in_their_order():
    ours = introduced(xpub(), READY_SUB)
    assert hear(ours, b"\x04\x0b\x09SUBSCRIBEx\x00\x02hi\x04\x08\x06CANCELx\x04\x0a\x09SUBSCRIBE") == [
        Command(b"SUBSCRIBE", b"x"),
        b"hi",
        Command(b"CANCEL", b"x"),
        Command(b"SUBSCRIBE", b""),
    ]


def test_subscriptions_in_old_form_are_messages():
    ours = introduced(xpub(), READY_SUB)
    assert hear(ours, b"\x00\x02\x01x\x00\x02\x00x") == [b"\x01x", b"\x00x"]


def test_subscription_is_ignored_where_the_pattern_takes_none():
    ours = introduced(pull())
    assert hear(ours, b"\x04\x0b\x09SUBSCRIBEx") == []
    assert ours.failed is None


@pytest.mark.parametrize("minor, sent", [(0, b"\x00\x02\x01x"), (1, b"\x04\x0b\x09SUBSCRIBEx")])
def test_form_of_a_subscription_goes_by_the_version_of_the_peer(minor, sent):
    ours = make(SocketType.SUB, SocketType.XPUB)
    ready = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04XPUB"
    hear(ours, SIGNATURE + bytes((3, minor)) + GREETING[12:] + ready)
    assert ours.encode([Command(b"SUBSCRIBE", b"x")]) == [sent]


def test_limit_counts_commands_too():
    ours = introduced(xpub(), READY_SUB)
    assert len(hear(ours, b"\x04\x0b\x09SUBSCRIBEx" * 5, limit=3)) == 3
    assert ours.held
    assert len(ours.receive(0.0, 3)) == 2
    assert not ours.held


def test_large_frame_is_received_into_its_place():
    ours = introduced(pull())
    assert not ours.gathers()
    hear(ours, b"\x02\0\0\0\0\0\x02\0\0")
    assert ours.gathers()
    assert [len(space) for space in ours.space()] == [0x20000, 8192]
    hear(ours, bytes(0x20000 - 100))
    assert [len(space) for space in ours.space()] == [100, 8192]
    ours.filled.append(100)
    assert ours.receive(5.0, 1)[0][:-100] == bytes(0x20000 - 100)
    assert not ours.gathers()
    hear(ours, b"\x02\x40" + bytes(7))
    assert [len(space) for space in ours.space()] == [1024 * 1024]


# -- heartbeat ----------------------------------------------------------------------------------------------


def test_peers_with_heartbeats_stay_together():
    push = make(SocketType.PUSH, SocketType.PULL, heartbeat_ivl=1000, heartbeat_ttl=3000)
    ours = pull(heartbeat_ivl=700)
    converse(push, ours)
    now = 0.0
    while now < 100:
        now = min(push.deadline(), ours.deadline())
        for one in (push, ours):
            one.tick(now)
        converse(push, ours, now)
        assert push.failed is None
        assert ours.failed is None


def test_ping_is_what_libzmq_sends():
    ours = introduced(pull(heartbeat_ivl=1000, heartbeat_ttl=2500))
    assert ours.deadline() == 1.0
    ours.tick(0.9)
    assert said(ours) == b""
    ours.tick(1.0)
    assert said(ours) == b"\x04\x07\x04PING\x00\x19"


def test_peer_that_does_not_answer_a_ping_is_lost():
    ours = introduced(pull(heartbeat_ivl=1000, heartbeat_timeout=300))
    ours.tick(1.0)
    assert ours.deadline() == 1.3
    ours.tick(1.3)
    assert (ours.failed.kind, ours.failed.detail) == (module.TIMEOUT, ETIMEDOUT)
    assert "0.3 s of a PING" in ours.failed.reason


@pytest.mark.parametrize("sign", [b"\x04\x05\x04PONG", b"\x00\x01a", b"\x00"])
def test_anything_is_a_sign_of_life(sign):
    ours = introduced(pull(heartbeat_ivl=1000, heartbeat_timeout=300))
    ours.tick(1.0)
    hear(ours, sign, 1.2)
    ours.tick(1.3)
    assert ours.failed is None


def test_peer_is_held_to_its_ttl():
    ours = introduced(pull())
    hear(ours, b"\x04\x07\x04PING\x00\x05", 10.0)
    assert ours.deadline() == 10.5
    hear(ours, b"\x00\x01a", 10.2)
    ours.tick(10.5)
    assert ours.failed is None
    assert ours.deadline() == 10.7
    ours.tick(10.7)
    assert "TTL of 0.5 s" in ours.failed.reason


def test_ttl_may_take_16_bits_of_tenths():
    ours = introduced(pull())
    hear(ours, b"\x04\x07\x04PING\xff\xff", 10.0)  # libzmq reckons with milliseconds in 16 bits
    assert ours.deadline() == 10.0 + 6553.5


def test_asking_without_new_bytes_is_no_sign_of_life():
    ours = introduced(pull(heartbeat_ivl=1000))
    hear(ours, b"\x00\x01a\x00\x01b", 0.5, limit=1)
    ours.tick(1.0)
    assert ours.receive(1.5, 1) == [b"b"]
    ours.tick(2.0)
    assert ours.failed is not None


def test_session_that_does_not_read_says_so_and_the_peer_lives():
    ours = introduced(pull(heartbeat_ivl=1000))
    for now in range(1, 10):
        ours.heard(now)
        ours.tick(now)
    assert ours.failed is None


# -- Ctrl-C -------------------------------------------------------------------------------------------------


def test_held_stays_when_a_signal_handler_raises_while_decoding():
    ours = introduced(pull())
    ours.incoming.append(b"\x00\x01a\x00\x01b")

    def handler(frame, event, argument):
        if event == "return" and frame.f_code.co_name == "take":
            raise KeyboardInterrupt

    sys.setprofile(handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            ours.receive(0.0, MANY)
    finally:
        sys.setprofile(None)
    assert not ours.incoming
    assert ours.held
    assert ours.receive(0.0, MANY) == [b"a", b"b"]
    assert not ours.held


# -- Failed -------------------------------------------------------------------------------------------------


def test_lost_link_may_be_tried_again():
    assert not Failed.link(ECONNRESET).final
    assert Failed.link(ECONNRESET).reason == "the peer closed the connection"
    assert "errno" in Failed.link(ETIMEDOUT).reason


def test_unwanted_peer_begins_anew():
    assert Failed.unwanted().renew
    assert not Failed.unwanted().final


def test_impossible_hop_is_our_bug():
    ours = pull()
    with pytest.raises(AssertionError, match="no way from greeting to traffic"):
        ours._move(module.TRAFFIC)
