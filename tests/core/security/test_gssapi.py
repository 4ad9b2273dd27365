"""GSSAPI with the contexts of a real KDC: each side's commands, and whatever else may come instead of them.

That the commands are libzmq's is shown by libzmq: tests/security/test_gssapi.py.
"""

from __future__ import annotations

from errno import EACCES
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
    SecurityMechanism,
    SocketType,
)
from purezmq.core import connection as module
from purezmq.core.connection import Connection
from purezmq.core.message import Command
from purezmq.core.options import SocketOptions
from purezmq.core.security import Unable, mechanism_for
from purezmq.errors import ProtocolError
from tests.kerberos import NAME, SERVICE, Realm

raw = pytest.importorskip("gssapi.raw", reason="no package gssapi: pip install purezmq[gssapi]")

from gssapi.raw.types import NameType, RequirementFlag  # noqa: E402

from purezmq.core.security.gssapi import GssapiClient, GssapiServer  # noqa: E402

METADATA = b"\x0bSocket-Type\0\0\0\6DEALER"
KERBEROS = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"  # RFC 4121: the object identifier in its tokens
OK = [b"", b"1.0", b"1", b"200", b"", b"joe", b""]
ENDED = {
    PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
}

pytestmark = pytest.mark.usefixtures("realm")
both = pytest.mark.parametrize("plaintext", [0, 1])


def options(*, server: bool = False, plaintext: int = 0, **changes: object) -> SocketOptions:
    made = SocketOptions.for_type(SocketType.DEALER)
    made.mechanism = SecurityMechanism.GSSAPI
    made.gssapi_server = int(server)
    made.gssapi_plaintext = plaintext
    if not server:
        made.gssapi_service_principal = SERVICE
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def client(**changes) -> GssapiClient:
    return GssapiClient(options(**changes), METADATA, bytes)


def server(**changes) -> GssapiServer:
    return GssapiServer(options(server=True, **changes), METADATA, bytes)


def begun(ours: GssapiClient) -> GssapiClient:
    """Return it with what it has fetched from the KDC."""
    assert ours.next_command() is None
    ours.fetched(ours.errand())
    return ours


def said(ours) -> bytes:
    command = ours.next_command()
    assert command is not None
    assert ours.next_command() is None
    return command


def before(step: int, plaintext: int = 0):
    """Go so many steps into a handshake; return who is next to hear something, what, and the other one."""
    hears, speaks = server(plaintext=plaintext), begun(client(plaintext=plaintext))
    for _ in range(step):
        hears.process_command(said(speaks))
        if hears.credentials is not None:
            hears.admit()
        hears, speaks = speaks, hears
    return hears, said(speaks), speaks


def shaken(plaintext: int = 0) -> tuple[GssapiClient, GssapiServer]:
    """Return both sides, done."""
    hears, command, speaks = before(4, plaintext)
    hears.process_command(command)
    assert hears.done
    assert speaks.done
    return speaks, hears


def mistake(ours, body: bytes) -> int:
    with pytest.raises(ProtocolError) as caught:
        ours.process_command(body)
    assert not ours.done
    assert ours.credentials is None
    number: int = caught.value.args[1]
    return number


# -- the handshake -------------------------------------------------------------------------------------------


def test_options_choose_the_side():
    assert mechanism_for(options()) is GssapiClient
    assert mechanism_for(options(server=True)) is GssapiServer


@both
def test_commands_are_tokens_nothing_and_ready(plaintext):
    commands = [before(step, plaintext)[1] for step in range(5)]
    for command in commands[:2]:
        assert command[:9] == b"\x08INITIATE"
        assert int.from_bytes(command[9:13], "big") == len(command) - 13
        assert command[13] == 0x60
        assert KERBEROS in command[13:30]
    assert commands[2] == b""
    for command in commands[3:]:
        if plaintext:
            assert command == b"\x05READY" + METADATA
        else:
            assert command[:8] == b"\x07MESSAGE"
            assert int.from_bytes(command[8:12], "big") == len(command) - 12
            assert command[12:14] == b"\x05\x04"  # RFC 4121, 4.2.6.2: Wrap
            assert command[14] & 2  # 4.2.2: Sealed
            assert b"DEALER" not in command


@both
def test_both_sides_learn_each_others_properties(plaintext):
    for side in shaken(plaintext):
        assert side.properties == {"Socket-Type": b"DEALER"}
        assert side.plain_frames is bool(plaintext)


def test_server_asks_about_the_clients_principal_when_the_client_has_nothing_more_to_say():
    ours, command, _ = before(2)
    assert ours.credentials is None
    ours.process_command(command)
    assert ours.credentials == (b"joe@" + NAME.encode(),)
    assert ours.next_command() is None
    ours.admit()
    assert said(ours)[:8] == b"\x07MESSAGE"


def test_client_without_a_ticket_is_unable(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "none"))
    with pytest.raises(Unable, match="zmq@localhost"):
        begun(client())


@pytest.mark.parametrize("body", [b"\x08INITIATE\0\0\0\0", b"\x05READY" + METADATA, b"\x07MESSAGE\0\0\0\0"])
def test_client_that_has_no_ticket_yet_takes_no_command(body):
    assert mistake(client(), body) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


def test_server_without_a_key_is_unable(monkeypatch, tmp_path):
    ours, command, _ = before(0)
    monkeypatch.setenv("KRB5_KTNAME", str(tmp_path / "none"))
    with pytest.raises(Unable, match="KRB5_KTNAME"):
        ours.process_command(command)


@pytest.mark.parametrize(
    "wanted", [[], [RequirementFlag.mutual_authentication], [RequirementFlag.replay_detection]]
)
def test_context_that_protects_too_little_is_refused(wanted):
    target = raw.import_name(SERVICE, NameType.hostbased_service)
    token = raw.init_sec_context(target, flags=wanted).token
    body = b"\x08INITIATE" + len(token).to_bytes(4, "big") + token
    assert mistake(server(), body) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_ticket_of_another_service_is_refused(realm: Realm, monkeypatch):
    ours, command, _ = before(0)
    monkeypatch.setenv("KRB5_KTNAME", realm.keytab("eve"))
    assert mistake(ours, command) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_initiate_that_comes_again_is_refused(monkeypatch, tmp_path: Path):
    # By Kerberos, which notes each one in a file for all servers of the machine.
    monkeypatch.setenv("KRB5RCACHENAME", f"file2:{tmp_path}/replays")
    _, command, _ = before(0)
    server().process_command(command)
    assert mistake(server(), command) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


# -- what does not belong there ------------------------------------------------------------------------------

STEPS = range(5)


@both
@pytest.mark.parametrize("step", STEPS)
def test_command_cut_anywhere_is_refused(step, plaintext):
    ours, command, _ = before(step, plaintext)
    for size in range(len(command)):
        if size == 0 and isinstance(ours, GssapiServer):
            continue  # see below
        if plaintext and command[6:size] == b"" and size > 5:
            continue  # READY without properties
        assert mistake(ours, command[:size]) in ENDED


@both
@pytest.mark.parametrize("step", STEPS)
def test_command_with_more_behind_it_is_refused(step, plaintext):
    ours, command, _ = before(step, plaintext)
    for more in (b"\0", b"x" * 300):
        assert mistake(ours, command + more) in ENDED


@pytest.mark.parametrize("step", [0, 1, 3, 4])
def test_altered_token_is_refused(step):
    _, command, _ = before(step)
    start = command.index(b"\x60") if step < 2 else 12
    for index in range(start, len(command), 7):
        ours, command, _ = before(step)
        altered = bytearray(command)
        # Each handshake has tokens of its own, and their numbers may take a byte less.
        altered[min(index, len(altered) - 1)] ^= 0x80
        try:
            ours.process_command(bytes(altered))
        except ProtocolError as refusal:
            assert refusal.args[1] in ENDED
            assert not ours.done
        else:
            # What Kerberos does not protect, as the number of a key, changes nothing.
            assert step < 2


@pytest.mark.parametrize("step", STEPS)
def test_command_out_of_turn_is_refused(step):
    ours, command, _ = before(step)
    others = [before(other)[1] for other in STEPS if other != step]
    for body in [b"\x04PING\0\0", b"\x05READY" + METADATA, b"\x05HELLO\1u\1p", *others]:
        if body != command and (body or isinstance(ours, GssapiClient)):
            assert mistake(ours, body) in ENDED


@pytest.mark.parametrize("step", [0, 4])
def test_empty_command_in_another_place_is_refused(step):
    ours, _, _ = before(step)
    assert mistake(ours, b"") == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


def test_sealed_command_that_is_not_ready_is_refused():
    for step in (3, 4):
        ours, _, other = before(step)
        assert mistake(ours, other._message(b"\0", b"\x05HELLO")) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
        ours, _, other = before(step)
        assert mistake(ours, other._message(b"\0", b"\x05READY\1")) == PROTOCOL_ERROR_ZMTP_INVALID_METADATA


# -- traffic -------------------------------------------------------------------------------------------------


def body_of(frame: bytes) -> bytes:
    return frame[9:] if frame[0] & 2 else frame[2:]


def opened(ours, body: bytes, number: int = 0):
    return ours.open(body, 0, len(body), number)


def refused(ours, body: bytes, number: int = 0) -> int:
    with pytest.raises(ProtocolError) as caught:
        opened(ours, body, number)
    reason: int = caught.value.args[1]
    return reason


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 300, memoryview(b"z" * 70_000)])
@pytest.mark.parametrize("flags", [0, 1, 4])
def test_what_one_seals_the_other_opens(flags, payload):
    one, other = shaken()
    for sender, receiver in ((one, other), (other, one)):
        body = body_of(sender.seal(flags, payload))
        assert body[:8] == b"\x07MESSAGE"
        assert opened(receiver, body)[:2] == (flags, bytes(payload))


def test_overhead_covers_what_sealing_adds():
    one, _ = shaken()
    for size in range(40):
        assert len(body_of(one.seal(0, bytes(size)))) - size <= one.overhead


@pytest.mark.parametrize(("flag", "name"), [(4, b"\x09SUBSCRIBE"), (8, b"\x06CANCEL")])
def test_bare_topic_of_later_libzmq_is_a_subscription(flag, name):
    one, other = shaken()
    assert opened(other, one._message(bytes((flag,)), b"topic"))[:2] == (4, name + b"topic")


def test_message_cut_anywhere_or_extended_is_refused():
    one, other = shaken()
    body = body_of(one.seal(0, b"hello"))
    for number, wrong in enumerate([*(body[:size] for size in range(len(body))), body + b"x"]):
        assert refused(other, wrong, number) in ENDED
    assert opened(other, body, number + 1)[:2] == (0, b"hello")


def test_altered_message_is_refused():
    one, other = shaken()
    body = body_of(one.seal(0, b"hello"))
    for index in range(12, len(body)):
        altered = bytearray(body)
        altered[index] ^= 1
        assert refused(other, bytes(altered), index) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_message_that_comes_again_is_refused():
    one, other = shaken()
    body = body_of(one.seal(0, b"hello"))
    flags, payload, number = opened(other, body, 0)
    assert (flags, payload) == (0, b"hello")
    assert refused(other, body, number) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_our_own_message_is_refused():
    one, _ = shaken()
    assert refused(one, body_of(one.seal(0, b"hello"))) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_message_whose_opening_was_interrupted_opens_again():
    one, other = shaken()
    first, second = (body_of(one.seal(0, payload)) for payload in (b"one", b"two"))
    number = 0
    for body, payload in ((first, b"one"), (second, b"two")):
        once = opened(other, body, number)
        assert opened(other, body, number) == once
        assert once[:2] == (0, payload)
        number = once[2]


def test_numbers_rise_by_one_from_ready_on():
    one, other = shaken()
    number = other.received
    for payload in (b"one", b"two", b"three"):
        assert opened(other, body_of(one.seal(0, payload)), number) == (0, payload, number + 1)
        number += 1


def test_message_that_comes_late_is_refused():
    one, other = shaken()
    first, second = (body_of(one.seal(0, payload)) for payload in (b"one", b"two"))
    number = opened(other, second, other.received)[2]
    assert refused(other, first, number) == PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE


def test_message_that_is_only_signed_is_refused():
    one, other = shaken()
    token = raw.wrap(one._context, b"\0hello", False).message
    assert (
        refused(other, b"\x07MESSAGE" + len(token).to_bytes(4, "big") + token)
        == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
    )


def test_message_without_flags_is_refused():
    one, other = shaken()
    assert refused(other, one._message(b"", b"")) == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE


# -- whole connections ---------------------------------------------------------------------------------------


def hear(ours: Connection, received: bytes) -> list:
    ours.incoming.append(received)
    got = ours.receive(0.0, 1000)
    if ours.errand is not None:
        ours.fetched(ours.errand())
        ours.receive(0.0, 1000)
    return got


def spoken(ours: Connection) -> bytes:
    sent = b"".join(ours.outgoing)
    ours.outgoing.clear()
    return sent


def connection(*, serves: bool, takes: frozenset[bytes] = frozenset(), **changes: object) -> Connection:
    kinds = frozenset({SocketType.DEALER})
    chosen = options(server=serves, **changes)
    return Connection(SocketType.DEALER, kinds, chosen, 0.0, announce_id=True, takes=takes)


def linked(**changes: object) -> tuple[Connection, Connection]:
    one, other = connection(serves=False, **changes), connection(serves=True, **changes)
    while one.outgoing or other.outgoing or other.question:
        if other.question:
            other.answer(OK, b"1")
            other.receive(0.0, 1000)
        hear(other, spoken(one))
        hear(one, spoken(other))
    assert one.state == other.state == module.TRAFFIC
    return one, other


@both
def test_all_sizes_arrive_in_any_pieces(plaintext):
    messages = [bytes(10), [b"a", b"", b"b" * 5000], bytes(300_000), b"", [b"c" * 300] * 3] + [
        b"d" * 100
    ] * 50
    for piece in (1000, 9999, 10**7):
        one, other = linked(plaintext=plaintext)
        received = b"".join(one.encode(list(messages)))
        got: list = []
        for start in range(0, len(received), piece):
            got += hear(other, received[start : start + piece])
        assert got == messages
        assert other.failed is None


@both
def test_limit_of_message_sizes_is_exact(plaintext):
    for size, fits in ((1000, True), (1001, False)):
        one, other = linked(plaintext=plaintext, maxmsgsize=1000)
        assert (hear(other, b"".join(one.encode([bytes(size)]))) == [bytes(size)]) is fits
        if not fits:
            assert other.failed.value == PROTOCOL_ERROR_ZMTP_UNSPECIFIED


def test_heartbeats_are_sealed_and_answered():
    one, other = linked(heartbeat_ivl=1000)
    one.tick(1.0)
    ping = spoken(one)
    assert b"PING" not in ping
    assert hear(other, ping) == []
    pong = spoken(other)
    assert pong
    assert hear(one, pong) == []
    assert one.failed is None


@both
def test_subscriptions_are_commands(plaintext):
    one, other = linked(plaintext=plaintext, takes=frozenset({b"SUBSCRIBE"}))
    (got,) = hear(other, b"".join(one.encode([Command(b"SUBSCRIBE", b"topic")])))
    assert (got.name, got.body) == (b"SUBSCRIBE", b"topic")


def test_kdc_is_asked_when_there_is_a_server_to_talk_to():
    ours = connection(serves=False)
    assert ours.errand is None
    ours.incoming.append(GREETING)
    ours.receive(0.0, 1000)
    assert ours.errand is not None


def test_ticket_that_comes_too_late_changes_nothing():
    ours = connection(serves=False)
    ours.incoming.append(GREETING)
    ours.receive(0.0, 1000)
    errand = ours.errand
    ours.tick(1e9)
    assert ours.failed.event == "HANDSHAKE_FAILED_NO_DETAIL"
    spoken(ours)
    ours.fetched(errand())
    assert spoken(ours) == b""


def test_missing_ticket_ends_one_attempt(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "none"))
    one = connection(serves=False)
    hear(one, GREETING)
    assert (one.failed.event, one.failed.value, one.failed.final) == (
        "HANDSHAKE_FAILED_NO_DETAIL",
        EACCES,
        False,
    )


# -- strangers -----------------------------------------------------------------------------------------------

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"GSSAPI".ljust(20, b"\0") + bytes(32)


def framed(body: bytes, flags: int) -> bytes:
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body


KNOWN = [
    b"",
    b"\x05READY" + METADATA,
    b"\x05ERROR\x03400",
    b"\x04PING\0\0",
    b"\x08INITIATE\0\0\0\0",
    b"\x07MESSAGE\0\0\0\0",
]
STEP = st.one_of(
    st.integers(0, 4),  # the command of an honest handshake
    st.tuples(st.one_of(st.sampled_from(KNOWN), st.binary(max_size=30)), st.sampled_from([0, 1, 4, 4, 4])),
)


@both
@pytest.mark.parametrize("serves", [False, True], ids=["client", "server"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=6))
def test_whatever_comes_raises_nothing_and_keeps_nothing(serves, plaintext, steps):
    ours = connection(serves=serves, plaintext=plaintext)
    honest = [before(step, plaintext)[1] for step in range(5)]
    hear(ours, GREETING)
    for step in steps:
        hear(ours, framed(honest[step], 4) if isinstance(step, int) else framed(*step))
        if ours.question is not None:
            ours.answer(OK, b"1")
            ours.receive(0.0, 1000)
        if ours.failed is not None:
            break
    if ours.failed is not None:
        assert ours.state == module.FAILED
        assert not ours.incoming
        assert ours.failed.event.startswith("HANDSHAKE_FAILED") or ours.failed.event == ""
    # Nobody has the keys. But an honest ticket, followed by a READY that is not sealed, is an honest peer.
    assert ours.peer is None or (serves and plaintext and 0 in steps)


def test_handshake_may_come_in_pieces():
    for piece in (1, 7):
        one, other = connection(serves=False), connection(serves=True)
        while one.outgoing or other.outgoing:
            for speaks, hears in pairwise((one, other, one)):
                received = spoken(speaks)
                for start in range(0, len(received), piece):
                    hear(hears, received[start : start + piece])
                if hears.question is not None:
                    hears.answer(OK, b"1")
                    hears.receive(0.0, 1000)
        assert one.peer is not None
        assert other.peer is not None
        assert other.peer.properties["User-Id"] == b"joe"
