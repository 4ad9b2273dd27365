"""PLAIN: the bytes of RFC 24, as libzmq 4.3.5 sends them."""

from __future__ import annotations

import pytest

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    SecurityMechanism,
    SocketType,
)
from purezmq.core.options import SocketOptions
from purezmq.core.security import mechanism_for
from purezmq.core.security.plain import PlainClient, PlainServer
from purezmq.errors import ProtocolError

METADATA = b"\x0bSocket-Type\0\0\0\x04PUSH"
HELLO = b"\x05HELLO\x05admin\x06secret"
WELCOME = b"\x07WELCOME"
INITIATE = b"\x08INITIATE" + METADATA
READY = b"\x05READY" + METADATA


def options(*, server: bool = False) -> SocketOptions:
    made = SocketOptions.for_type(SocketType.PUSH)
    made.mechanism = SecurityMechanism.PLAIN
    made.plain_server = int(server)
    made.plain_username, made.plain_password = b"admin", b"secret"
    return made


def client() -> PlainClient:
    return PlainClient(options(), METADATA, bytes)


def server() -> PlainServer:
    return PlainServer(options(server=True), METADATA, bytes)


def mistake(ours, body: bytes) -> int:
    with pytest.raises(ProtocolError) as caught:
        ours.process_command(body)
    assert not ours.done
    number: int = caught.value.args[1]
    return number


def test_options_choose_the_side():
    assert mechanism_for(options()) is PlainClient
    assert mechanism_for(options(server=True)) is PlainServer


def test_client_says_hello_then_initiate():
    ours = client()
    assert ours.next_command() == HELLO
    assert ours.next_command() is None
    ours.process_command(WELCOME)
    assert ours.next_command() == INITIATE
    ours.process_command(READY)
    assert ours.done
    assert ours.properties == {"Socket-Type": b"PUSH"}


def test_server_asks_before_it_welcomes():
    ours = server()
    assert ours.next_command() is None
    ours.process_command(HELLO)
    assert ours.credentials == (b"admin", b"secret")
    assert ours.next_command() is None
    ours.admit()
    assert ours.next_command() == WELCOME
    ours.process_command(INITIATE)
    assert ours.next_command() == READY
    assert ours.done
    assert ours.properties == {"Socket-Type": b"PUSH"}


def test_nobody_comes_in_unasked():
    assert PlainServer.needs_handler


def test_name_and_password_may_be_empty_or_255_long():
    for name, password in ((b"", b""), (b"n" * 255, b"p" * 255)):
        ours = server()
        ours.process_command(b"\x05HELLO" + bytes((len(name),)) + name + bytes((len(password),)) + password)
        assert ours.credentials == (name, password)


@pytest.mark.parametrize("size", range(len(HELLO)))
def test_hello_cut_short_is_refused(size):
    ours = server()
    mistake(ours, HELLO[:size])
    assert ours.credentials is None


@pytest.mark.parametrize("hello", [HELLO + b"x", b"\x05HELLO", b"\x05HELLO\0", b"\x05HELLO\xff", HELLO[:-1]])
def test_malformed_hello_is_refused(hello):
    assert mistake(server(), hello) == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO


def test_hello_that_is_refused_is_not_quoted():
    with pytest.raises(ProtocolError) as caught:
        server().process_command(HELLO + b"x")
    assert "secret" not in str(caught.value)


def test_welcome_with_data_is_refused():
    ours = client()
    assert mistake(ours, WELCOME + b"x") == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME


@pytest.mark.parametrize("command", [INITIATE, WELCOME, READY, b"\x04PING\0\0"])
def test_server_refuses_what_is_no_hello(command):
    assert mistake(server(), command) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("command", [INITIATE, HELLO, READY, b"\x04PING\0\0"])
def test_client_refuses_what_is_no_welcome(command):
    assert mistake(client(), command) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


def test_hello_that_comes_twice_is_refused():
    ours = server()
    ours.process_command(HELLO)
    ours.admit()
    assert mistake(ours, HELLO) == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("body", [b"\x05ERROR\x03400", b"^RROR\x03400"], ids=["rfc", "libzmq"])
def test_error_is_understood_as_libzmq_spells_it_too(body):
    assert client().parse(body) == (b"ERROR", b"\x03400")
