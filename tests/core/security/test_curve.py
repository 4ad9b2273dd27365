"""CURVE, against what libzmq sent: every layout, and what is wrong with it at every byte."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
    PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
)
from purezmq.core.security import mechanism_for
from purezmq.core.security.curve import CurveClient, CurveServer
from purezmq.core.wire.frames import COMMAND, MORE
from purezmq.errors import ProtocolError
from tests.core.security.captured import (
    CLIENT_PUBLIC,
    CLIENT_SECRET,
    HELLO,
    HI,
    INITIATE,
    METADATA,
    ONE,
    READY,
    SERVER_PUBLIC,
    SERVER_SECRET,
    TWO,
    WELCOME,
    curve_options,
    drawn,
)

THEIRS = {"Socket-Type": b"DEALER", "Identity": b""}


def server() -> CurveServer:
    return CurveServer(curve_options(server=True), METADATA, drawn())


def client() -> CurveClient:
    return CurveClient(curve_options(server=False), METADATA, drawn())


def greeted_server() -> CurveServer:
    ours = server()
    ours.process_command(HELLO)
    ours.next_command()
    return ours


def ready_server() -> CurveServer:
    ours = greeted_server()
    ours.process_command(INITIATE)
    ours.admit()
    ours.next_command()
    return ours


def greeting_client() -> CurveClient:
    ours = client()
    ours.next_command()
    return ours


def welcome_client() -> CurveClient:
    ours = greeting_client()
    ours.process_command(WELCOME)
    ours.next_command()
    return ours


def ready_client() -> CurveClient:
    ours = welcome_client()
    ours.process_command(READY)
    return ours


def mistake(action: Callable[[bytes], object], body: bytes) -> int:
    """Return the number of the ProtocolError that this body is."""
    with pytest.raises(ProtocolError) as caught:
        action(body)
    number: int = caught.value.args[1]
    return number


# What comes next in each state, and what a command of another size is.
HANDSHAKE = [
    pytest.param(server, HELLO, PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO, id="HELLO"),
    pytest.param(greeted_server, INITIATE, PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE, id="INITIATE"),
    pytest.param(greeting_client, WELCOME, PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, id="WELCOME"),
    pytest.param(welcome_client, READY, PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY, id="READY"),
]
every_command = pytest.mark.parametrize(("state", "command", "malformed"), HANDSHAKE)


# -- as it should be ---------------------------------------------------------------------------------------


def test_options_choose_the_side():
    assert mechanism_for(curve_options(server=True)) is CurveServer
    assert mechanism_for(curve_options(server=False)) is CurveClient


def test_server_shakes_hands_with_libzmqs_client():
    ours = server()
    assert ours.next_command() is None
    ours.process_command(HELLO)
    welcome = ours.next_command()
    assert welcome is not None
    assert (welcome[:8], len(welcome)) == (b"\x07WELCOME", 168)
    ours.process_command(INITIATE)
    assert ours.credentials == (CLIENT_PUBLIC,)
    assert not ours.done
    assert ours.next_command() is None  # the handler has not spoken
    ours.admit()
    ready = ours.next_command()
    assert ready is not None
    assert ready[:14] == b"\x05READY" + bytes(7) + b"\1"
    assert len(ready) == 30 + len(METADATA)
    assert ours.done
    assert ours.properties == THEIRS
    assert ours.received == 2
    assert ours.open(ONE, 0, len(ONE), 2) == (MORE, b"one", 3)
    assert ours.open(TWO, 0, len(TWO), 3) == (0, b"two", 4)


def test_client_shakes_hands_with_libzmqs_server():
    ours = client()
    hello = ours.next_command()
    assert hello is not None
    assert (hello[:8], hello[8:80], len(hello)) == (b"\x05HELLO\1\0", bytes(72), 200)
    assert ours.next_command() is None
    ours.process_command(WELCOME)
    initiate = ours.next_command()
    assert initiate is not None
    assert (initiate[:9], len(initiate)) == (b"\x08INITIATE", 257 + len(METADATA))
    assert not ours.done
    ours.process_command(READY)
    assert ours.done
    assert ours.properties == THEIRS
    assert ours.open(HI, 0, len(HI), ours.received) == (0, b"hi", 2)


def test_numbers_rise_from_one():
    ours = client()
    numbers = [ours.next_command()[112:120]]  # type: ignore[index]
    ours.process_command(WELCOME)
    numbers.append(ours.next_command()[105:113])  # type: ignore[index]
    ours.process_command(READY)
    numbers += [ours.seal(0, b"")[10:18] for _ in range(2)]
    assert [int.from_bytes(number, "big") for number in numbers] == [1, 2, 3, 4]


@settings(deadline=None)
@given(st.sampled_from([0, MORE, COMMAND]), st.binary(max_size=500))
def test_what_one_side_seals_the_other_opens(flags, payload):
    one = server()
    two = client()
    one.process_command(two.next_command())
    two.process_command(one.next_command())
    one.process_command(two.next_command())
    one.admit()
    two.process_command(one.next_command())
    for sender, receiver in ((one, two), (two, one)):
        sealed = bytes(sender.seal(flags, payload))
        start = 9 if sealed[0] else 2
        assert len(sealed) - start == len(payload) + sender.overhead
        assert receiver.open(sealed, start, len(sealed), receiver.received)[:2] == (flags, payload)


def test_handler_is_not_asked_where_the_domain_is_enforced_and_empty():
    options = curve_options(server=True)
    options.zap_enforce_domain = 1
    ours = CurveServer(options, METADATA, drawn())
    ours.process_command(HELLO)
    ours.next_command()
    ours.process_command(INITIATE)
    assert ours.done
    assert ours.credentials is None


# -- wrong at every byte -----------------------------------------------------------------------------------


@every_command
def test_command_with_any_byte_altered_is_refused(state, command, malformed):
    for index in range(len(command)):
        for bit in (1, 128):
            if (command, index, bit) == (HELLO, 111, 128):
                continue  # X25519 does not look at it, but the vouch does
            altered = bytearray(command)
            altered[index] ^= bit
            ours = state()
            mistake(ours.process_command, bytes(altered))
            assert not ours.done
            assert ours.credentials is None
            assert ours.next_command() is None


def test_client_key_altered_in_the_bit_that_x25519_ignores_is_refused_at_last():
    theirs, ours = client(), server()
    hello = bytearray(theirs.next_command() or b"")
    hello[111] ^= 128
    ours.process_command(bytes(hello))
    theirs.process_command(ours.next_command())
    assert mistake(ours.process_command, theirs.next_command()) == PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE


@every_command
def test_command_cut_short_anywhere_is_refused(state, command, malformed):
    for size in range(len(command)):
        mistake(state().process_command, command[:size])
    assert mistake(state().process_command, command[: 1 + command[0] + 5]) == malformed


@every_command
def test_command_with_a_byte_too_many_is_refused(state, command, malformed):
    number = mistake(state().process_command, command + b"\0")
    sized = command in (HELLO, WELCOME)
    assert number == (malformed if sized else PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)


@every_command
def test_command_out_of_turn_is_refused(state, command, malformed):
    for other in (HELLO, INITIATE, WELCOME, READY, ONE, b"\x04PING\0\0"):
        if other != command:
            assert mistake(state().process_command, other) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize(
    ("state", "command"), [(greeted_server, HELLO), (ready_server, INITIATE), (welcome_client, WELCOME)]
)
def test_command_that_comes_twice_is_refused(state, command):
    assert mistake(state().process_command, command) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


def test_other_version_of_curve_is_refused():
    assert (
        mistake(server().process_command, HELLO[:6] + b"\1\1" + HELLO[8:])
        == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO
    )


def test_initiate_counts_on_its_own_connection_only():
    elsewhere = CurveServer(curve_options(server=True), METADATA, drawn(100))
    elsewhere.process_command(HELLO)
    elsewhere.next_command()
    assert mistake(elsewhere.process_command, INITIATE) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("curve_serverkey", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),  # HELLO does not open
        ("curve_publickey", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),  # the vouch does not open
        ("curve_secretkey", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
    ],
)
def test_client_with_a_wrong_key_is_refused(field, number):
    options = curve_options(server=False)
    setattr(options, field, bytes.fromhex("01" * 31 + "00"))
    theirs = CurveClient(options, METADATA, drawn())
    ours = server()
    hello = theirs.next_command()
    if field == "curve_serverkey":
        assert mistake(ours.process_command, hello) == number
        return
    ours.process_command(hello)
    theirs.process_command(ours.next_command())
    assert mistake(ours.process_command, theirs.next_command()) == number


def test_vouch_for_another_server_is_refused():
    theirs = greeting_client()
    theirs.options.curve_serverkey = CLIENT_PUBLIC  # what it vouches for; HELLO is sealed already
    ours = greeted_server_for(theirs)
    assert mistake(ours.process_command, theirs.next_command()) == PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE


def test_vouch_for_another_short_term_key_is_refused():
    theirs = greeting_client()
    theirs._our_public = bytes(31) + b"\1"
    ours = greeted_server_for(theirs)
    assert mistake(ours.process_command, theirs.next_command()) == PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE


def greeted_server_for(theirs: CurveClient) -> CurveServer:
    """Return a server that has welcomed this client, whose HELLO is taken from a fresh one."""
    ours = server()
    ours.process_command(client().next_command())
    theirs.process_command(ours.next_command())
    return ours


@pytest.mark.parametrize("low", [bytes(32), b"\1" + bytes(31)])
def test_public_key_of_low_order_is_refused(low):
    assert (
        mistake(server().process_command, HELLO[:80] + low + HELLO[112:]) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
    )


def opening(ours: CurveClient | CurveServer, number: int = 2) -> Callable[[bytes], object]:
    """Return what opens a body behind the command of this number."""
    return lambda body: ours.open(body, 0, len(body), number)


# -- traffic -----------------------------------------------------------------------------------------------


def test_message_with_any_byte_altered_is_refused():
    for index in range(len(ONE)):
        altered = bytearray(ONE)
        altered[index] ^= 1
        mistake(opening(ready_server()), bytes(altered))


def test_message_cut_short_anywhere_is_refused():
    for size in range(len(ONE)):
        mistake(opening(ready_server()), ONE[:size])
    assert mistake(opening(ready_server()), ONE[:32]) == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE


def test_other_command_in_traffic_is_refused():
    assert mistake(opening(ready_server()), READY) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("number", [3, 4])
def test_message_whose_number_is_not_higher_is_refused(number):
    assert mistake(opening(ready_server(), number), ONE) == PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE


def test_message_of_our_own_is_refused():
    ours = ready_server()
    own = bytes(ours.seal(0, b"x"))[2:]
    assert mistake(opening(ours, 0), own) == PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_our_numbers_end_and_do_not_begin_anew():
    ours = ready_server()
    ours._sent = 2**64 - 2
    assert bytes(ours.seal(0, b""))[10:18] == b"\xff" * 8
    with pytest.raises(struct.error):
        ours.seal(0, b"")
    with pytest.raises(struct.error):
        ours.seal_run([b"", b""], 0)


# -- what is kept ------------------------------------------------------------------------------------------


def held(ours) -> list[bytes]:
    """Return the bytes that a mechanism holds itself; not its options."""
    slots = {slot for kind in type(ours).__mro__ for slot in getattr(kind, "__slots__", ())}
    return [value for slot in slots if isinstance(value := getattr(ours, slot, None), bytes)]


def test_welcome_leaves_nothing_of_the_client_behind():
    ours = greeted_server()
    kept = [value for value in held(ours) if value not in (METADATA, b"INITIATE", b"")]
    assert kept == [b"\2" * 32]  # the cookie's key: the second that was drawn


def test_short_term_secrets_are_dropped():
    for ours, drew in ((ready_server(), 4), (ready_client(), 2)):
        drawn_keys = [bytes((number,)) * 32 for number in range(1, drew + 1)]
        assert not set(drawn_keys) & set(held(ours))


@pytest.mark.parametrize("state", [server, greeted_server, ready_server, client, ready_client])
def test_secrets_are_not_shown(state):
    ours = state()
    shown = repr(ours) + repr(ours.options)
    for secret in (CLIENT_SECRET, SERVER_SECRET, SERVER_PUBLIC, *held(ours)):
        assert repr(secret)[2:-1] not in shown or not secret


def test_mistakes_show_no_secret():
    for state, command in ((server, HELLO), (greeted_server, INITIATE), (greeting_client, WELCOME)):
        ours = state()
        with pytest.raises(ProtocolError) as caught:
            ours.process_command(command[:-1] + b"\0")
        for secret in (CLIENT_SECRET, SERVER_SECRET, *(kept for kept in held(ours) if len(kept) == 32)):
            assert repr(secret)[2:-1] not in str(caught.value)
