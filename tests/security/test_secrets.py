"""Secret keys and passwords are shown nowhere: not in a repr, the log, an event, a figure, a pickle, or a traceback,
not even in one with the locals of every frame."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from traceback import TracebackException
from types import SimpleNamespace
from typing import Any

import pytest

import purezmq as zmq
import purezmq.asyncio
from purezmq.auth import Authenticator, create_certificates, load_certificate
from purezmq.core.connection import Connection
from purezmq.utils import z85

from .tools import CLIENT, SERVER, Ends, answer, link

PASSWORD = b"hush-password"
KEPT = SimpleNamespace(key=CLIENT[1], password=PASSWORD, cut=CLIENT[1][:-1], line=CLIENT[1] + b"\n")


def forms(secret: bytes) -> list[str]:
    """Return how a secret may look in text; a part of it is enough."""
    shown = [repr(secret)[2:-1][:30], secret.decode()[:30]]
    if len(secret) == 40:
        raw = z85.decode(secret)
        shown += [repr(raw)[2:-1][:30], raw.hex()[:30]]
    return shown


HIDDEN = [form for secret in (SERVER[1], CLIENT[1], PASSWORD) for form in forms(secret)]


def assert_hidden(*texts: object) -> None:
    for text in texts:
        for form in HIDDEN:
            assert form not in str(text), "a secret is shown"


@pytest.fixture
def socket(our_ends: Ends) -> Any:
    return our_ends.socket(0, "DEALER")


# -- what is refused -----------------------------------------------------------------------------------------


def set_attribute(socket: Any, directory: Path) -> None:
    socket.curve_secretkey = KEPT.cut


def set_attribute_in_capitals(socket: Any, directory: Path) -> None:
    socket.CURVE_SECRETKEY = KEPT.line


def set_password(socket: Any, directory: Path) -> None:
    socket.plain_password = KEPT.password * 30


def set_password_as_text(socket: Any, directory: Path) -> None:
    socket.plain_password = KEPT.password.decode()


def set_default(socket: Any, directory: Path) -> None:
    context = zmq.Context()
    try:
        context.curve_secretkey = KEPT.key.decode()
        context.socket(zmq.PULL)
    finally:
        context.destroy(linger=0)


MISTAKES: list[Callable[[Any, Path], object]] = [
    set_attribute,
    set_attribute_in_capitals,
    set_password,
    set_password_as_text,
    set_default,
    lambda socket, directory: socket.set(zmq.CURVE_SECRETKEY, KEPT.cut),
    lambda socket, directory: socket.setsockopt(zmq.CURVE_SECRETKEY, KEPT.line),
    lambda socket, directory: socket.set(zmq.CURVE_SECRETKEY, bytearray(KEPT.key)),
    lambda socket, directory: socket.set(zmq.CURVE_SECRETKEY, KEPT.key.decode()),
    lambda socket, directory: socket.setsockopt_string(zmq.CURVE_SECRETKEY, KEPT.cut.decode()),
    lambda socket, directory: socket.setsockopt_string(zmq.PLAIN_PASSWORD, KEPT.password),
    lambda socket, directory: zmq.curve_public(KEPT.cut),
    lambda socket, directory: zmq.curve_public(KEPT.cut + b"~"),
    lambda socket, directory: load_certificate(file_with(directory, KEPT.cut)),
    lambda socket, directory: load_certificate(file_with(directory, KEPT.key, public=b"")),
    lambda socket, directory: load_certificate(file_with(directory, KEPT.key, public=CLIENT[0][:-1])),
]


def file_with(directory: Path, secret: bytes, public: bytes = CLIENT[0]) -> Path:
    lines = [b'    secret-key = "%s"' % secret, *([b'    public-key = "%s"' % public] if public else [])]
    path = directory / "some.key_secret"
    path.write_bytes(b"curve\n" + b"\n".join(lines))
    return path


@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_value_that_is_refused_is_in_no_traceback(socket, tmp_path, mistake):
    with pytest.raises((zmq.ZMQError, TypeError, ValueError)) as caught:
        mistake(socket, tmp_path)
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    # Pytest's own frames, and those of this file, are not ours to clear.
    frames = [frame for frame in shown.stack if f"{os.sep}purezmq{os.sep}" in frame.filename]
    assert frames
    assert_hidden(*(frame.locals for frame in frames), str(caught.value), repr(caught.value))


CALLS: list[Callable[[Any], object]] = [
    lambda socket: socket.bind("bad://x"),
    lambda socket: socket.connect("tcp://nope"),
    lambda socket: socket.recv(zmq.DONTWAIT),
    lambda socket: socket.get(zmq.PLAIN_PASSWORD) and socket.unbind("tcp://127.0.0.1:1"),
    lambda socket: socket.set(zmq.RCVHWM, -5),
]


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_call_that_fails_shows_no_secret_of_its_socket(socket, call):
    socket.curve_publickey, socket.curve_secretkey = CLIENT[0], KEPT.key
    socket.curve_serverkey = SERVER[0]
    socket._core.options.plain_password = KEPT.password
    with pytest.raises(zmq.ZMQError) as caught:
        call(socket)
    assert_hidden("".join(TracebackException.from_exception(caught.value, capture_locals=True).format()))


def test_files_that_cannot_be_written_show_no_key(tmp_path, monkeypatch):
    monkeypatch.setattr(zmq, "curve_keypair", lambda: CLIENT)
    (tmp_path / "alice.key_secret").mkdir()
    with pytest.raises(OSError) as caught:
        create_certificates(tmp_path, "alice")
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    assert_hidden(*(frame.locals for frame in shown.stack if "certs" in frame.filename))


# -- what can be looked at -----------------------------------------------------------------------------------


def test_sockets_and_their_options_are_not_pickled(socket):
    socket.curve_secretkey = KEPT.key
    for one in (socket, socket._core, socket._core.options):
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(one)


@pytest.mark.parametrize("status", [b"200", b"400"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "CURVE"])
def test_nothing_of_a_connection_shows_a_secret(our_ends: Ends, mechanism, status, caplog):
    caplog.set_level(logging.DEBUG)
    handler = our_ends.handler(answer(status))
    server, client = our_ends.pair(mechanism)
    if mechanism == "PLAIN":
        client.plain_password = KEPT.password
    events = [our_ends.monitor(side, one) for side, one in enumerate((server, client))]
    link(server, client)
    told = [event.failure() for event in events]
    assert handler.requests[0][-1] in (PASSWORD, z85.decode(CLIENT[0]))
    if status == b"200":
        client.send(b"")
        server.recv()
    figures = [one.stats() for one in (server, client)], [one.peers() for one in (server, client)]
    assert_hidden(told, figures, caplog.text)
    looked_at = 0
    for found in gc.get_objects():
        kind = type(found)
        if str(kind.__module__).startswith("purezmq") and not isinstance(found, type):
            assert_hidden(repr(found), found)
            looked_at += isinstance(found, Connection)
    assert looked_at or status == b"400"


def test_asyncio_sockets_show_no_secret(our_ends: Ends):
    with purezmq.asyncio.Context(our_ends._contexts[0]).socket(zmq.DEALER) as socket:
        socket.curve_secretkey = KEPT.key
        assert_hidden(repr(socket), socket)


# -- the authenticator ---------------------------------------------------------------------------------------


class Logged(logging.Handler):
    """Keeps what an error tracker would: every record, with the locals of every frame."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.shown.append(record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            shown = TracebackException.from_exception(record.exc_info[1], capture_locals=True)
            self.shown += shown.format()


def test_authenticator_shows_no_password_whatever_it_is_given():
    logged = Logged()
    log = logging.Logger("test", logging.DEBUG)
    log.addHandler(logged)
    with zmq.Context() as context:
        auth = Authenticator(context, log=log)
        auth.zap_socket = SimpleNamespace(send_multipart=lambda frames: None)
        for known in ({"joe": PASSWORD.decode()}, {"joe": 5}, {"jim": PASSWORD.decode()}):
            auth.passwords = {"*": known}  # type: ignore[dict-item]
            for name in (b"joe", b"jim"):
                question = [b"1.0", b"1", b"", b"127.0.0.1", b"", b"PLAIN", name, PASSWORD]
                asyncio.run(auth.handle_zap_message(question))
        auth.zap_socket = None
        assert_hidden(repr(auth), auth)
    assert any("AttributeError" in text for text in logged.shown)
    assert_hidden(*logged.shown)


def test_hidden_forms_are_what_would_be_shown():
    # The tests above prove nothing if they look for the wrong thing.
    try:
        local = KEPT.key
        raise ValueError
    except ValueError:
        shown = TracebackException(*sys.exc_info(), capture_locals=True)  # type: ignore[arg-type]
    assert local
    with pytest.raises(AssertionError, match="is shown"):
        assert_hidden("".join(shown.format()))
