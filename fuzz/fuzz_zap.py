"""Fuzz target: what a ZAP handler answers, and what ours is asked (RFC 27).

The invariant, for every list of frames:

- `parse_reply` returns a Reply or raises ProtocolError, and a peer comes in on status 200 only, of the version and to
  the request that it should be; its properties are those of the reply, or its own;
- our authenticator answers every question with one reply of six frames, whose status is 200, 400 or 500.

tests/core/security/test_zap.py and tests/auth/test_authenticators.py run `check_reply` and `check_question` with
hypothesis.
"""

from __future__ import annotations

import logging
import sys

from purezmq.auth import Authenticator
from purezmq.constants import SecurityMechanism, SocketType
from purezmq.core.connection import FAILED, HANDSHAKE, Connection
from purezmq.core.options import SocketOptions
from purezmq.core.security.zap import parse_reply
from purezmq.errors import ProtocolError

_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01PLAIN" + bytes(15 + 32)
_HELLO = b"\4\x11\x05HELLO\3joe\6secret"


def check_reply(frames: list[bytes]) -> None:
    """Assert the invariant for what a handler answers."""
    try:
        reply = parse_reply(frames, b"1")
    except ProtocolError:
        status = 0
    else:
        status = reply.status
        assert all(isinstance(value, bytes) for value in reply.properties.values())
    ours = _asking()
    ours.answer(frames, b"1")
    ours.receive(0.0, 0)
    if status == 200:
        assert frames[:4] == [b"", b"1.0", b"1", b"200"]
        assert (ours.state, ours.outgoing) == (HANDSHAKE, [b"\4\x08\x07WELCOME"])
        return
    assert ours.state is FAILED
    assert ours.failed is not None
    expected = "HANDSHAKE_FAILED_AUTH" if status else "HANDSHAKE_FAILED_PROTOCOL"
    assert ours.failed.event == expected
    assert ours.outgoing == ([b"\4\x0a\x05ERROR\x03%d" % status] if status in (400, 500) else [])


def _asking() -> Connection:
    """Return a PLAIN server's connection that waits for the handler."""
    options = SocketOptions.for_type(SocketType.DEALER)
    options.mechanism = SecurityMechanism.PLAIN
    options.plain_server = 1
    kinds = frozenset({SocketType.DEALER})
    ours = Connection(SocketType.DEALER, kinds, options, 0.0, announce_id=True)
    ours.incoming.append(_GREETING + _HELLO)
    ours.receive(0.0, 0)
    assert ours.question is not None
    ours.outgoing.clear()
    return ours


class Replies:
    """In place of the authenticator's socket."""

    def __init__(self) -> None:
        self.sent: list[list[bytes]] = []

    def send_multipart(self, frames: list[bytes]) -> None:
        self.sent.append(frames)


class Provider:
    """Knows every second key."""

    def callback(self, domain: str, key: bytes) -> bool:
        return key[0] % 2 == 0


def check_question(auth: Authenticator, frames: list[bytes]) -> None:
    """Assert the invariant for what our authenticator is asked."""
    auth.zap_socket = replies = Replies()
    try:
        auth.handle_zap_message(frames).send(None)
    except StopIteration:
        pass
    finally:
        auth.zap_socket = None
    (reply,) = replies.sent
    assert len(reply) == 6
    assert all(isinstance(frame, bytes) for frame in reply)
    version, request_id, status, _, user_id, metadata = reply
    assert (version, request_id) == (b"1.0", frames[1] if len(frames) > 1 else b"")
    assert status in (b"200", b"400", b"500")
    assert metadata == b""
    if status != b"200":
        assert user_id == b""
    elif frames[5] == b"PLAIN":
        assert frames[6:] == [b"joe", b"secret"]
        assert user_id == b"joe"


def authenticator() -> Authenticator:
    """Return one that knows joe by his password, and half of all keys."""
    log = logging.getLogger("purezmq.fuzz")
    log.propagate = False
    auth = Authenticator(log=log)
    auth.configure_plain(passwords={"joe": "secret"})
    auth.configure_curve_callback(credentials_provider=Provider())
    return auth


def main() -> None:
    """Let atheris look for frames that break the invariant."""
    import atheris  # an optional tool: pip install atheris

    auth = authenticator()

    def one_input(fuzzed: bytes) -> None:
        frames = []
        while fuzzed:
            size, fuzzed = fuzzed[0], fuzzed[1:]
            frames.append(fuzzed[:size])
            fuzzed = fuzzed[size:]
        check_reply(frames)
        check_reply([b"", b"1.0", b"1", *frames])
        check_question(auth, frames)
        check_question(auth, [b"1.0", *frames])

    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
