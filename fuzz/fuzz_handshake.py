"""Fuzz target: a handshake and some traffic under one mechanism, in one role, with a peer whose every chunk is spoilt.

    python fuzz/fuzz_handshake.py ROLE corpus/        ROLE: null, plain-client, plain-server, curve-client,
                                                      curve-server, gssapi-client, gssapi-server

The peer is an honest one of ours. The input says what befalls each chunk it sends (a greeting, a command, the frames of
a message): it is altered, cut short or extended, left out, sent twice, changed places with the next, or replaced by
other bytes, or by an earlier chunk.

The invariant, for every input:

- no call raises;
- a connection that fails says so once and keeps no question, no errand, and, before traffic, no key;
- what is queued to be sent has a bound;
- under CURVE and GSSAPI: whoever comes to traffic has told its true properties, and the parts that arrive are parts
  that were sent, each once at the most and in their order.

tests/core/security/test_spoilt_handshakes.py runs `check` with hypothesis. GSSAPI needs a realm: the environment of
tests/kerberos.py.
"""

from __future__ import annotations

import sys
from random import Random

from purezmq.constants import SecurityMechanism, SocketType
from purezmq.core.connection import FAILED, TRAFFIC, Connection
from purezmq.core.message import Command
from purezmq.core.options import SocketOptions

ROLES = {
    "null": ("NULL", False),
    "plain-client": ("PLAIN", False),
    "plain-server": ("PLAIN", True),
    "curve-client": ("CURVE", False),
    "curve-server": ("CURVE", True),
    "gssapi-client": ("GSSAPI", False),
    "gssapi-server": ("GSSAPI", True),
}

# zmq_curve(7)
CLIENT_PUBLIC = bytes.fromhex("bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518")
CLIENT_SECRET = bytes.fromhex("7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888")
SERVER_PUBLIC = bytes.fromhex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652")
SERVER_SECRET = bytes.fromhex("8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7")

SENT = [b"one", [b"two", b"three" * 100], b"4" * 40, b"5" * 40, b"6" * 40, b"", b"seven" * 2000]
PROPERTIES = {"Socket-Type": b"DEALER", "Identity": b"", "X-Side": b"honest"}
_METADATA = b"\x06X-Side\0\0\0\6honest"

_ADMITTED = [b"", b"1.0", b"1", b"200", b"OK", b"joe", b""]
_MOST_OUTGOING = 10_000
_MOST_TURNS = 12


class Spoiler:
    """What the input does to the chunks of the honest peer."""

    def __init__(self, script: bytes) -> None:
        self._script = script
        self._at = 0
        self._earlier: list[bytes] = []
        self._held = b""

    def next(self) -> int:
        """Return the next byte of the input; 0, which spoils nothing, when it is used up."""
        self._at += 1
        return self._script[self._at - 1] if self._at <= len(self._script) else 0

    def spoil(self, chunk: bytes) -> bytes:
        """Return what goes over the wire instead of the chunk."""
        held, self._held = self._held, b""
        deed = self.next() % 10
        if deed == 1:
            altered = bytearray(chunk)
            altered[self._index(chunk)] ^= self.next() | 1
            spoilt = bytes(altered)
        elif deed == 2:
            spoilt = chunk[: self._index(chunk)]
        elif deed == 3:
            spoilt = chunk + self._some()
        elif deed == 4:
            spoilt = b""
        elif deed == 5:
            spoilt = chunk + chunk
        elif deed == 6:
            spoilt, self._held = b"", chunk
        elif deed == 7:
            spoilt = self._some()
        elif deed == 8:
            body = self._some()
            spoilt = bytes((self.next() % 8 & ~2, len(body))) + body
        elif deed == 9 and self._earlier:
            spoilt = self._earlier[self.next() % len(self._earlier)]
        else:
            spoilt = chunk
        self._earlier.append(chunk)
        return spoilt + held

    def rest(self) -> bytes:
        """Return what was to change places with a next chunk, when there is none."""
        held, self._held = self._held, b""
        return held

    def _index(self, chunk: bytes) -> int:
        return (self.next() << 8 | self.next()) % len(chunk)

    def _some(self) -> bytes:
        size = self.next()
        self._at += size
        return self._script[self._at - size : self._at]


def connection(mechanism: str, serves: bool, seed: int) -> Connection:
    """Return one side."""
    options = SocketOptions.for_type(SocketType.DEALER)
    options.mechanism = SecurityMechanism[mechanism]
    options.metadata = _METADATA
    if mechanism == "PLAIN":
        options.plain_server = int(serves)
        options.plain_username, options.plain_password = b"joe", b"secret"
    elif mechanism == "CURVE":
        options.curve_server = int(serves)
        options.curve_publickey, options.curve_secretkey = (
            (SERVER_PUBLIC, SERVER_SECRET) if serves else (CLIENT_PUBLIC, CLIENT_SECRET)
        )
        options.curve_serverkey = b"" if serves else SERVER_PUBLIC
    elif mechanism == "GSSAPI":
        options.gssapi_server = int(serves)
        options.gssapi_service_principal = b"" if serves else b"zmq@localhost"
    return Connection(
        SocketType.DEALER,
        frozenset({SocketType.DEALER}),
        options,
        0.0,
        announce_id=True,
        random=Random(seed).randbytes,
    )


def check(role: str, script: bytes) -> str:
    """Assert the invariant for this input; return the state that it leads to."""
    mechanism, serves = ROLES[role]
    ours, theirs = connection(mechanism, serves, 1), connection(mechanism, not serves, 2)
    spoiler = Spoiler(script)
    piece = spoiler.next()
    got: list[bytes] = []
    for _ in range(_MOST_TURNS):
        chunks = list(map(bytes, theirs.outgoing))
        theirs.outgoing.clear()
        for chunk in chunks:
            got += hear(ours, spoiler.spoil(chunk), piece)
        said = b"".join(ours.outgoing)
        assert len(said) <= _MOST_OUTGOING
        ours.outgoing.clear()
        hear(theirs, said, 0)
        if not theirs.outgoing:
            break
    if theirs.state is TRAFFIC:
        for message in SENT:
            got += hear(ours, spoiler.spoil(b"".join(theirs.encode([message]))), piece)
    got += hear(ours, spoiler.rest(), piece)
    if not any(script):
        assert got == [part for message in SENT for part in _parts(message)]
    if ours.failed is None and mechanism in ("CURVE", "GSSAPI") and ours.state is TRAFFIC:
        assert ours.peer is not None
        told = {name: value for name, value in ours.peer.properties.items() if name != "User-Id"}
        assert told == PROPERTIES, told
    if mechanism in ("CURVE", "GSSAPI"):
        sent = iter(part for message in SENT for part in _parts(message))
        assert all(part in sent for part in got), "a part that was not sent, or not then"
    return ours.state


def hear(ours: Connection, received: bytes, piece: int) -> list[bytes]:
    """Have one side hear this, in pieces of so many bytes; return the parts that come out."""
    got: list[bytes] = []
    step = piece or len(received) or 1
    for start in range(0, len(received), step):
        ours.incoming.append(received[start : start + step])
        failed = ours.failed
        items = ours.receive(0.0, 1000)
        while ours.held:
            items += ours.receive(0.0, 1000)
        if failed is not None:
            assert ours.failed is failed
            assert not items
        _go_on(ours)
        for item in items:
            assert isinstance(item, bytes | list | Command)
            if not isinstance(item, Command):
                got += _parts(item)
        if ours.failed is not None:
            _assert_nothing_is_kept(ours)
    return got


def _parts(message: bytes | list[bytes]) -> list[bytes]:
    return message if isinstance(message, list) else [message]


def _go_on(ours: Connection) -> None:
    """Say for the ZAP handler that the peer may come in; run what takes long."""
    while ours.failed is None and (ours.question is not None or ours.errand is not None):
        if ours.question is not None:
            ours.answer(list(_ADMITTED), b"1")
        elif ours.errand is not None:
            ours.fetched(ours.errand())
        ours.receive(0.0, 0)


def _assert_nothing_is_kept(ours: Connection) -> None:
    assert ours.state is FAILED
    assert ours.question is None
    assert ours.errand is None
    assert ours.deadline() is None
    assert ours.peer is not None or (not ours.incoming and not hasattr(ours, "_mechanism"))
    assert ours.failed is not None
    assert ours.failed.event.startswith("HANDSHAKE_FAILED") or ours.failed.event == ""


def main() -> None:
    """Let atheris look for inputs that break the invariant."""
    import atheris  # an optional tool: pip install atheris

    role = sys.argv.pop(1)
    assert check(role, b"") is TRAFFIC
    atheris.instrument_all()
    atheris.Setup(sys.argv, lambda script: check(role, script))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
