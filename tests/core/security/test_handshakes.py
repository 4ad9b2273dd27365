"""Whole connections under each mechanism and in each role: what a stranger sends ends them, and nothing else."""

from __future__ import annotations

from errno import EFAULT

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purezmq.constants import (
    PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
    PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
    SecurityMechanism,
    SocketType,
)
from purezmq.core import connection as module
from purezmq.core.connection import Connection
from purezmq.core.options import SocketOptions
from tests.core.security.captured import HELLO, HI, INITIATE, ONE, READY, TWO, WELCOME, curve_options, drawn

ROLES = ["NULL", "PLAIN client", "PLAIN server", "CURVE client", "CURVE server"]
OK = [b"", b"1.0", b"1", b"200", b"", b"joe", b""]

METADATA = b"\x0bSocket-Type\0\0\0\6DEALER"
PLAIN = [b"\x05HELLO\1u\1p", b"\x07WELCOME", b"\x08INITIATE" + METADATA, b"\x05READY" + METADATA]
COMMANDS = [*PLAIN, HELLO, INITIATE, WELCOME, READY, b"\x05ERROR\x03400", b"^RROR\x03400", b"\x04PING\0\0"]


def frame(body: bytes, flags: int = 4) -> bytes:
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body


def greeting(mechanism: str) -> bytes:
    return b"\xff" + bytes(8) + b"\x7f\x03\x01" + mechanism.encode().ljust(20, b"\0") + bytes(32)


def make(role: str, **changes: object) -> Connection:
    """Return one of ours that has seen the peer's greeting."""
    mechanism, _, side = role.partition(" ")
    if mechanism == "CURVE":
        options = curve_options(server=side == "server")
    else:
        options = SocketOptions.for_type(SocketType.DEALER)
        options.mechanism = SecurityMechanism[mechanism]
        options.plain_server = int(side == "server")
    if role == "NULL":
        options.zap_domain = b"home"
    for name, value in changes.items():
        setattr(options, name, value)
    ours = Connection(
        SocketType.DEALER,
        frozenset({SocketType.DEALER}),
        options,
        0.0,
        announce_id=True,
        random=drawn(),
    )
    hear(ours, greeting(mechanism))
    return ours


def hear(ours: Connection, received: bytes) -> list:
    ours.incoming.append(received)
    return ours.receive(0.0, 1000)


def said(ours: Connection) -> bytes:
    sent = b"".join(ours.outgoing)
    ours.outgoing.clear()
    return sent


def answer(ours: Connection, reply: list[bytes] | None = OK) -> None:
    ours.answer(reply, b"1")
    ours.receive(0.0, 1000)


# -- the handler's word --------------------------------------------------------------------------------------


def asking(role: str) -> Connection:
    """Return a connection that waits for its handler."""
    ours = make(role)
    if role == "PLAIN server":
        hear(ours, frame(PLAIN[0]))
    elif role == "CURVE server":
        hear(ours, frame(HELLO))
        hear(ours, frame(INITIATE))
    assert ours.question is not None
    assert ours.failed is None
    said(ours)
    return ours


every_asking = pytest.mark.parametrize("role", ["NULL", "PLAIN server", "CURVE server"])


@every_asking
def test_handshake_rests_until_the_handler_has_spoken(role):
    ours = asking(role)
    assert said(ours) == b""
    answer(ours)
    assert ours.question is None
    assert said(ours) != b""
    assert ours.failed is None


@pytest.mark.parametrize("status", [400, 500])
@every_asking
def test_refusal_is_told_to_the_peer(role, status):
    ours = asking(role)
    answer(ours, [b"", b"1.0", b"1", b"%d" % status, b"no", b"", b""])
    assert said(ours) == b"\4\x0a\x05ERROR\x03%d" % status
    assert (ours.failed.event, ours.failed.value, ours.failed.final) == (
        "HANDSHAKE_FAILED_AUTH",
        status,
        True,
    )


@every_asking
def test_what_is_temporary_is_told_to_nobody(role):
    ours = asking(role)
    answer(ours, [b"", b"1.0", b"1", b"300", b"later", b"", b""])
    assert said(ours) == b""
    assert (ours.failed.event, ours.failed.value, ours.failed.final) == ("HANDSHAKE_FAILED_AUTH", 300, False)


@every_asking
def test_nonsense_of_the_handler_lets_nobody_in(role):
    ours = asking(role)
    answer(ours, [b""])
    assert said(ours) == b""
    assert (ours.failed.event, ours.failed.value) == (
        "HANDSHAKE_FAILED_PROTOCOL",
        PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
    )


@every_asking
def test_handler_that_has_gone_lets_nobody_in(role):
    ours = asking(role)
    answer(ours, None)
    assert (ours.failed.event, ours.failed.value) == ("HANDSHAKE_FAILED_NO_DETAIL", EFAULT)


@pytest.mark.parametrize(
    ("role", "enforced", "comes_in"),
    [
        ("NULL", 0, True),
        ("NULL", 1, False),
        ("PLAIN server", 0, False),
        ("PLAIN server", 1, False),
        ("CURVE server", 0, True),
        ("CURVE server", 1, False),
    ],
)
def test_without_a_handler_the_rules_are_libzmqs(role, enforced, comes_in):
    ours = asking(role)
    ours._options.zap_enforce_domain = enforced
    ours.unasked()
    ours.receive(0.0, 1000)
    assert (ours.failed is None) is comes_in
    assert (said(ours) != b"") is comes_in


@every_asking
def test_what_the_peer_says_meanwhile_waits_and_is_bounded(role):
    ours = asking(role)
    for _ in range(64):
        hear(ours, bytes(1000))
        assert ours.failed is None
    for _ in range(3):
        hear(ours, bytes(1000))
    assert ours.failed is not None
    assert not ours.incoming


def test_answer_that_comes_too_late_changes_nothing():
    ours = asking("CURVE server")
    ours.tick(1e9)
    answer(ours)
    assert ours.peer is None
    assert said(ours) == b""


def test_what_came_with_the_handshake_waits_for_the_handler():
    ours = make("CURVE server")
    hear(ours, frame(HELLO) + frame(INITIATE) + frame(ONE, 0) + frame(TWO, 0))
    ours.answer(OK, b"1")
    assert ours.receive(0.0, 1000) == [[b"one", b"two"]]
    assert ours.peer.properties["User-Id"] == b"joe"


def test_sealed_traffic_that_came_with_ready_is_opened():
    ours = make("CURVE client")
    hear(ours, frame(WELCOME))
    assert hear(ours, frame(READY) + frame(HI, 0)) == [b"hi"]


def test_sealed_frames_may_bear_the_command_flag():
    # libzmq sends MESSAGE in ordinary frames; RFC 37 calls it a command.
    ours = make("CURVE client")
    hear(ours, frame(WELCOME))
    assert hear(ours, frame(READY) + frame(HI, 4)) == [b"hi"]


def test_limit_of_message_sizes_does_not_count_the_seal():
    for limit, fits in ((2, True), (1, False)):
        ours = make("CURVE client", maxmsgsize=limit)
        hear(ours, frame(WELCOME))
        assert (hear(ours, frame(READY) + frame(HI, 0)) == [b"hi"]) is fits


def fresh(role: str) -> Connection:
    """Return one of ours that has not heard a byte."""
    options = make(role)._options
    kinds = frozenset({SocketType.DEALER})
    return Connection(SocketType.DEALER, kinds, options, 0.0, announce_id=True, random=drawn())


@pytest.mark.parametrize("role", ROLES)  # NULL here has a ZAP_DOMAIN
@pytest.mark.parametrize(
    "older",
    [b"\xff" + bytes(8) + b"\x7f\x01\x05\0\0", b"\xff" + bytes(8) + b"\x7f\0\x05\x01\0", b"\x01\0\x04\0abc"],
    ids=["2.0", "1.0 behind a signature", "1.0"],
)
def test_peer_of_a_protocol_without_security_is_refused(role, older):
    ours = fresh(role)
    assert hear(ours, older) == []
    assert ours.state == module.FAILED
    assert ours.failed.event == "HANDSHAKE_FAILED_PROTOCOL"
    assert ours.question is None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("other", ["NULL", "PLAIN", "CURVE", "CURVE2", "GSSAPI", ""])
def test_peer_of_another_mechanism_is_refused(role, other):
    if other != role.partition(" ")[0]:
        ours = fresh(role)
        hear(ours, greeting(other))
        assert (ours.failed.event, ours.failed.value) == (
            "HANDSHAKE_FAILED_PROTOCOL",
            PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
        )


# -- strangers -----------------------------------------------------------------------------------------------

COMMAND = st.one_of(
    st.sampled_from(COMMANDS),
    st.binary(max_size=40),
    st.tuples(st.sampled_from(COMMANDS), st.integers(0, 300)).map(lambda cut: cut[0][: cut[1]]),
    st.tuples(st.sampled_from(COMMANDS), st.binary(min_size=1, max_size=9)).map(
        lambda both: both[0] + both[1]
    ),
)
STEP = st.one_of(
    st.tuples(
        st.just("hear"), st.tuples(COMMAND, st.sampled_from([0, 1, 4, 4, 4, 4])).map(lambda it: frame(*it))
    ),
    st.tuples(st.just("hear"), st.binary(max_size=20)),
    st.tuples(st.just("answer"), st.sampled_from([OK, OK, None, [], [b""] * 7])),
)


@pytest.mark.parametrize("role", ROLES)
@settings(deadline=None)
@given(steps=st.lists(STEP, max_size=8))
def test_whatever_comes_raises_nothing_and_keeps_nothing(role, steps):
    ours = make(role)
    for verb, what in steps:
        if verb == "hear":
            hear(ours, what)
        elif ours.question is not None:
            answer(ours, what)
        if ours.failed is not None:
            break
    if ours.failed is not None:
        assert ours.state == module.FAILED
        assert not ours.incoming
        assert ours.failed.event.startswith("HANDSHAKE_FAILED") or ours.failed.event == ""
    elif ours.peer is not None:
        assert ours.state == module.TRAFFIC


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("piece", [1, 7])
def test_handshake_may_come_in_pieces(role, piece):
    said_by_peer = {
        "NULL": [b"\x05READY" + METADATA],
        "PLAIN client": [PLAIN[1], PLAIN[3]],
        "PLAIN server": [PLAIN[0], PLAIN[2]],
        "CURVE client": [WELCOME, READY],
        "CURVE server": [HELLO, INITIATE],
    }
    ours = make(role)
    for command in said_by_peer[role]:
        received = frame(command)
        for start in range(0, len(received), piece):
            hear(ours, received[start : start + piece])
        if ours.question is not None:
            answer(ours)
    if ours.question is not None:
        answer(ours)
    assert ours.peer is not None
    assert ours.peer.socket_type == "DEALER"


# -- traffic -------------------------------------------------------------------------------------------------

SIZES = [0, 1, 100, 222, 223, 224, 4095, 4096, 40_000, 200_000]
MESSAGE = st.one_of(
    st.sampled_from(SIZES).map(bytes),
    st.lists(st.sampled_from([0, 1, 100, 5000]).map(bytes), min_size=2, max_size=4),
)


def linked() -> tuple[Connection, Connection]:
    """Return a client and a server, ready for traffic."""
    client, server = (
        Connection(
            SocketType.DEALER,
            frozenset({SocketType.DEALER}),
            curve_options(server=serves),
            0.0,
            announce_id=True,
            random=drawn(),
        )
        for serves in (False, True)
    )
    while client.outgoing or server.outgoing or server.question:
        if server.question:
            answer(server)
        hear(server, said(client))
        hear(client, said(server))
    return client, server


@settings(deadline=None, max_examples=40)
@given(
    batches=st.lists(st.lists(MESSAGE, min_size=1, max_size=30), min_size=1, max_size=4),
    copies=st.sampled_from([1, 300]),
    piece=st.sampled_from([1000, 9999, 10**7]),
    limit=st.sampled_from([1, 100, 10**6]),
)
def test_all_sizes_in_all_batches_arrive(batches, copies, piece, limit):
    client, server = linked()
    for messages in batches:
        sent = messages if copies == 1 else [messages[0][:50]] * copies
        received = b"".join(client.encode(list(sent)))
        got: list = []
        for start in range(0, len(received), piece):
            server.incoming.append(received[start : start + piece])
            got += server.receive(0.0, limit)
            while server.held:
                got += server.receive(0.0, limit)
        assert server.failed is None
        assert got == sent


@pytest.mark.parametrize("size", [10, 300])
def test_forged_frame_in_a_run_ends_the_connection_behind_those_before_it(size):
    for index in (0, 5, 6, 17, 18, 30, -1):
        client, server = linked()
        frames = [b"".join(client.encode([b"%d" % number * size])) for number in range(9)]
        altered = bytearray(frames[4])
        altered[index] ^= 1
        frames[4] = bytes(altered)
        got = hear(server, b"".join(frames))
        assert got == [b"%d" % number * size for number in range(4)]
        # An altered size may make the rest look like the beginning of a large frame.
        assert server.failed is not None or index in (0, 5, 6)


def test_run_that_comes_again_ends_the_connection():
    client, server = linked()
    received = b"".join(client.encode([b"x" * 100] * 400))
    assert len(hear(server, received)) == 400
    assert hear(server, received) == []
    assert server.failed.value == PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE


def test_gap_in_the_numbers_is_allowed():
    client, server = linked()
    frames = [b"".join(client.encode([b"x" * 100])) for _ in range(300)]
    assert len(hear(server, b"".join(frames[::2]))) == 150
    assert server.failed is None
