"""A peer of plain sockets, PyNaCl and the RFCs, without a line of ours: what it sends may be wrong on purpose.

A Stranger speaks frames over tcp. CurveClient and CurveServer make the commands of RFC 26 for it; whatever is given by
name takes the place of what would be right.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from nacl import bindings as nacl

PATIENCE = 5.0  # s

COMMAND = 4


class Stranger:
    """One connection, from the outside."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        stream.settimeout(PATIENCE)

    @classmethod
    def calls(cls, server: Any) -> Stranger:
        """Connect to a socket that is bound to tcp."""
        port = int(server.last_endpoint.decode().rpartition(":")[2])
        return cls(socket.create_connection(("127.0.0.1", port), PATIENCE))

    @classmethod
    def is_called_by(cls, client: Any) -> Stranger:
        """Have a socket connect, and accept it."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)
            client.connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
            return cls(listener.accept()[0])

    def greet(self, mechanism: str) -> None:
        """Exchange greetings of ZMTP 3.1."""
        self.stream.sendall(
            b"\xff" + bytes(8) + b"\x7f\x03\x01" + mechanism.encode().ljust(20, b"\0") + bytes(32)
        )
        self.read_bytes(64)

    def send(self, *bodies: bytes, flags: int = COMMAND) -> None:
        """Send each of these in a frame."""
        for body in bodies:
            self.stream.sendall(frame(body, flags))

    def read(self) -> bytes:
        """Return the body of the next frame."""
        flags = self.read_bytes(1)[0]
        return self.read_bytes(int.from_bytes(self.read_bytes(8 if flags & 2 else 1), "big"))

    def read_bytes(self, size: int) -> bytes:
        """Return so many bytes."""
        received = b""
        while len(received) < size:
            some = self.stream.recv(size - len(received))
            assert some, f"hung up after {received!r}"
            received += some
        return received

    def is_hung_up(self) -> bool:
        """Return whether the other side ends the connection; what it says before does not matter."""
        try:
            self.read_to_end()
        except TimeoutError:
            return False
        return True

    def read_to_end(self) -> bytes:
        """Return what comes until the other side ends the connection."""
        received = b""
        try:
            while some := self.stream.recv(65536):
                received += some
        except ConnectionError:
            pass
        return received

    def close(self) -> None:
        self.stream.close()


def frame(body: bytes, flags: int = COMMAND) -> bytes:
    """Return a frame (RFC 23)."""
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body


def number(value: int) -> bytes:
    return value.to_bytes(8, "big")


class CurveClient:
    """What a client of RFC 26 says."""

    def __init__(self, server_key: bytes, keys: tuple[bytes, bytes]) -> None:
        self.server_key = server_key  # S
        self.public, self.secret = keys  # C, c
        self.short_public, self.short_secret = nacl.crypto_box_keypair()  # C', c'
        self.server_short_key = self.cookie = b""  # S'

    def hello(
        self,
        *,
        version: bytes = b"\1\0",
        padding: bytes = bytes(72),
        short: bytes = b"",
        signature: bytes = bytes(64),
    ) -> bytes:
        box = nacl.crypto_box(signature, b"CurveZMQHELLO---" + number(1), self.server_key, self.short_secret)
        return b"\x05HELLO" + version + padding + (short or self.short_public) + number(1) + box

    def take_welcome(self, body: bytes) -> None:
        assert (body[:8], len(body)) == (b"\x07WELCOME", 168)
        opened = nacl.crypto_box_open(body[24:], b"WELCOME-" + body[8:24], self.server_key, self.short_secret)
        self.server_short_key, self.cookie = opened[:32], opened[32:]

    def initiate(
        self,
        *,
        value: int = 2,
        cookie: bytes = b"",
        public: bytes = b"",
        vouched: bytes = b"",
        server_key: bytes = b"",
        vouch_secret: bytes = b"",
        metadata: bytes = b"\x0bSocket-Type\0\0\0\4PUSH",
    ) -> bytes:
        random = os.urandom(16)
        vouch = nacl.crypto_box(
            (vouched or self.short_public) + (server_key or self.server_key),
            b"VOUCH---" + random,
            self.server_short_key,
            vouch_secret or self.secret,
        )
        box = nacl.crypto_box(
            (public or self.public) + random + vouch + metadata,
            b"CurveZMQINITIATE" + number(value),
            self.server_short_key,
            self.short_secret,
        )
        return b"\x08INITIATE" + (cookie or self.cookie) + number(value) + box

    def message(
        self, value: int, payload: bytes, flags: int = 0, prefix: bytes = b"CurveZMQMESSAGEC"
    ) -> bytes:
        box = nacl.crypto_box(
            bytes((flags,)) + payload, prefix + number(value), self.server_short_key, self.short_secret
        )
        return b"\x07MESSAGE" + number(value) + box


class CurveServer:
    """What a server of RFC 26 says."""

    def __init__(self, keys: tuple[bytes, bytes]) -> None:
        self.public, self.secret = keys  # S, s
        self.short_public, self.short_secret = nacl.crypto_box_keypair()  # S', s'
        self.client_short_key = b""  # C'
        self.cookie = os.urandom(96)  # only we look at it

    def take_hello(self, body: bytes) -> None:
        assert (body[:8], len(body)) == (b"\x05HELLO\1\0", 200)
        self.client_short_key = body[80:112]
        nacl.crypto_box_open(
            body[120:], b"CurveZMQHELLO---" + body[112:120], self.client_short_key, self.secret
        )

    def welcome(self, *, secret: bytes = b"", short: bytes = b"", more: bytes = b"") -> bytes:
        random = os.urandom(16)
        box = nacl.crypto_box(
            (short or self.short_public) + self.cookie + more,
            b"WELCOME-" + random,
            self.client_short_key,
            secret or self.secret,
        )
        return b"\x07WELCOME" + random + box

    def ready(
        self, *, value: int = 1, secret: bytes = b"", metadata: bytes = b"\x0bSocket-Type\0\0\0\4PULL"
    ) -> bytes:
        box = nacl.crypto_box(
            metadata, b"CurveZMQREADY---" + number(value), self.client_short_key, secret or self.short_secret
        )
        return b"\x05READY" + number(value) + box

    def message(
        self, value: int, payload: bytes, flags: int = 0, prefix: bytes = b"CurveZMQMESSAGES"
    ) -> bytes:
        box = nacl.crypto_box(
            bytes((flags,)) + payload, prefix + number(value), self.client_short_key, self.short_secret
        )
        return b"\x07MESSAGE" + number(value) + box
