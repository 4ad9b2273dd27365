"""CURVE: encrypted and authenticated by public keys, with perfect forward secrecy (RFC 25, RFC 26).

    client  HELLO ──► WELCOME ──► INITIATE ──► READY  server, then MESSAGE both ways
                                        └ the ZAP handler judges the client's key

C, c and S, s are the long-term keys, C', c' and S', s' are made for one connection; capitals are public. A box
[x](C→S) opens with either secret key of the two pairs. Every box has a nonce of 24 bytes: a prefix that says what it
is for, and 16 random bytes, or a number of 8 bytes that rises with each command of one side.

    HELLO     1.0 2   0… 72   C' 32   number 8   [0… 64](C'→S)
    WELCOME   random 16   [S' 32, cookie 96](S→C')
    cookie    random 16   [C' 32, s' 32] under a key that never leaves this connection
    INITIATE  cookie 96   number 8   [C 32, random 16, vouch 80, metadata](C'→S')
    vouch     [C' 32, S 32](C→S')
    READY     number 8   [metadata](S'→C')
    MESSAGE   number 8   [flags 1, payload](either way, S' and C')

The rules:

- Between WELCOME and INITIATE a server keeps the cookie's key and nothing about the client: its keys come back in
  the cookie. The key serves one cookie on one connection, so no INITIATE can be replayed elsewhere.
- The numbers of what a peer sends rise strictly, or the connection ends. Ours begin at 1.
- Short-term secrets are dropped with the last box that needs them; what is left is the shared key of S' and C'.
- What does not open, and what opens and is not what it ought to be, is one ProtocolError that names no secret.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import ClassVar

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
)
from purezmq.core.options import SocketOptions
from purezmq.core.security import crypto
from purezmq.core.security.mechanism import Mechanism, Run, unexpected
from purezmq.core.wire.commands import READY, encode_command, parse_command, parse_metadata
from purezmq.core.wire.frames import COMMAND, LONG, MORE
from purezmq.errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = b"HELLO"
WELCOME = b"WELCOME"
INITIATE = b"INITIATE"
MESSAGE = b"\x07MESSAGE"

_hello = Struct("<2s72s32s8s80s")  # version, padding, C', number, box
_welcome = Struct("<16s144s")  # random, box
_initiate = Struct("<96s8s")  # cookie, number; the box follows
_proof = Struct("<32s16s80s")  # C, random, vouch; metadata follows
_number = Struct(">Q")

_VERSION = b"\x01\x00"
_SIGNATURE = bytes(64)  # what HELLO seals, to show that the client knows S
_COOKIE_SIZE = 96
_SMALLEST_INITIATE = _initiate.size + crypto.MAC_SIZE + _proof.size
_SMALLEST_READY = _number.size + crypto.MAC_SIZE
_HEAD = len(MESSAGE) + _number.size
_SMALLEST_MESSAGE = _HEAD + crypto.MAC_SIZE + 1

# Inside the seal COMMAND is 2, where a frame has LONG.
_SEALED_FLAGS = {0: b"\0", MORE: b"\1", COMMAND: b"\2"}
_OPENED_FLAGS = (0, MORE, COMMAND, COMMAND)
_FLAGS_OF_RUN = bytes(_OPENED_FLAGS) * 64  # for bytes.translate

_BYTES = [bytes((byte,)) for byte in range(256)]


class _Curve(Mechanism):
    """What both sides have in common: traffic."""

    __slots__ = ("_expected", "_key", "_opener", "_sealer", "_sent")

    name: ClassVar[bytes] = b"CURVE"
    plain_frames: bool = False
    overhead: int = _SMALLEST_MESSAGE
    sends: ClassVar[bytes]  # the prefixes of the nonces of MESSAGE
    receives: ClassVar[bytes]

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._key = b""  # shared by S' and C'
        self._sent = 0  # the number of the last command that we sent
        self._expected = b""  # the next command of the handshake

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes | memoryview:
        """Return a frame with a MESSAGE."""
        number = self._next_number()
        return self._sealer.seal(_head(len(payload)) + number, number, _SEALED_FLAGS[flags], payload)

    def seal_run(self, payloads: list[bytes], size: int) -> memoryview:
        """Return the frames of messages of one part and one size."""
        first = self._sent + 1
        self._sent += len(payloads)
        return self._sealer.seal_run(_head(size), first, _SEALED_FLAGS[0], payloads, size)

    def open(
        self, data: bytes, start: int, stop: int, number: int, used_up: bool = False
    ) -> tuple[int, bytes, int]:
        """Return flags and payload of the peer's next MESSAGE, and its number, which must be higher than the last."""
        if data[start : start + len(MESSAGE)] != MESSAGE:
            raise unexpected(parse_command(data[start:stop])[0], b"MESSAGE")
        if stop - start < _SMALLEST_MESSAGE:
            raise ProtocolError(
                f"MESSAGE of {stop - start} bytes, of at least {_SMALLEST_MESSAGE}",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
            )
        given = data[start + len(MESSAGE) : start + _HEAD]
        received = _risen(given, number)
        flags, payload = self._opener.open(data, start + _HEAD, stop, given, used_up)
        return _OPENED_FLAGS[flags & 3], payload, received

    def open_run(self, frames: bytes, position: int, most: int, number: int) -> Run | None:
        """Open frames of one size whose numbers follow each other, differing in the last byte only."""
        if frames[position] & ~LONG:
            return None
        start = position + (9 if frames[position] else 2)
        number_end = start + _HEAD
        step = number_end - position + int.from_bytes(frames[position + 1 : start], "big") - _HEAD
        head = frames[position : number_end - 1]  # all but the last byte of the number
        size = step - len(head) - 1
        if (
            size <= crypto.MAC_SIZE
            or frames[start : start + len(MESSAGE)] != MESSAGE
            or frames[position + step : position + step + len(head)] != head
        ):
            return None
        first = frames[number_end - 1]
        count = min((len(frames) - position) // step, most, 256 - first)
        last_bytes = _BYTES[first : first + count]
        end = position + step * count
        if count < 2 or frames[number_end - 1 : end : step] != b"".join(last_bytes):
            return None
        for offset, byte in enumerate(head):
            if frames[position + offset : end : step] != _BYTES[byte] * count:
                return None
        leading = head[-7:]
        if int.from_bytes(leading + last_bytes[0], "big") <= number:
            return None
        plaintexts = self._opener.open_run(frames, number_end, step, leading, last_bytes, size, count)
        if plaintexts is None:
            return None
        inside = size - crypto.MAC_SIZE
        flags = plaintexts[::inside].tobytes().translate(_FLAGS_OF_RUN)
        payloads = _cutter(inside - 1, count)(plaintexts)
        return Run(flags, payloads, end, int.from_bytes(leading + last_bytes[-1], "big"))

    def _next_number(self) -> bytes:
        self._sent += 1
        return _number.pack(self._sent)

    def _begin_traffic(self, key: bytes) -> None:
        self._key = b""
        self._sealer = crypto.Sealer(key, self.sends)
        self._opener = crypto.Opener(key, self.receives)
        self.done = True

    def _check(self, name: bytes) -> None:
        if name != self._expected:
            raise unexpected(name, self._expected)


def _risen(number: bytes, last: int) -> int:
    """Return the number of what the peer sent. ProtocolError: it is not higher than the last one."""
    received = int.from_bytes(number, "big")
    if received <= last:
        raise ProtocolError(f"number {received} after {last}: a replay", PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE)
    return received


@lru_cache(maxsize=256)
def _head(size: int) -> bytes:
    """Return what is before the number in a frame with a MESSAGE of so many bytes of payload."""
    body = size + _SMALLEST_MESSAGE
    return (bytes((0, body)) if body < 256 else bytes((LONG,)) + body.to_bytes(8, "big")) + MESSAGE


@lru_cache(maxsize=256)
def _cutter(size: int, count: int) -> Callable[[memoryview], tuple[bytes, ...]]:
    """Return what cuts so many payloads out of plaintexts, each behind a byte of flags."""
    return Struct(f"x{size}s" * count).unpack_from


# What is wrong, most often, when the server leaves instead of sending this command.
_DOUBTS = {
    WELCOME: " after our HELLO: is CURVE_SERVERKEY its public key? Does it speak CURVE?",
    READY: " after our INITIATE: do CURVE_PUBLICKEY and CURVE_SECRETKEY belong together, and are they welcome?",
}


class CurveClient(_Curve):
    """The side that knows the server's public key."""

    __slots__ = ("_our_public", "_our_secret")

    speaks_first: ClassVar[bool] = True  # HELLO with the greeting: one round trip less
    no_command: ClassVar[int] = PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
    wrong_type: ClassVar[int] = PROTOCOL_ERROR_ZMTP_INVALID_METADATA
    sends: ClassVar[bytes] = b"CurveZMQMESSAGEC"
    receives: ClassVar[bytes] = b"CurveZMQMESSAGES"

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._our_secret = random(crypto.KEY_SIZE)  # c'
        self._our_public = crypto.public_key(self._our_secret)  # C'
        # The key for [..](C'→S) and [..](S→C'), until WELCOME is open.
        self._key = crypto.shared_key(options.curve_serverkey, self._our_secret)
        number = self._next_number()
        box = crypto.seal(self._key, b"CurveZMQHELLO---" + number, _SIGNATURE)
        self._command = encode_command(
            HELLO, _hello.pack(_VERSION, b"", self._our_public, number, box)
        )  # packing pads with zeros
        self._expected = WELCOME

    @property
    def doubt(self) -> str:
        """A server of libzmq closes the connection of who has wrong keys, without a word."""
        return _DOUBTS[self._expected] if self._command is None else ""

    def process_command(self, body: bytes) -> None:
        """Take WELCOME, then READY."""
        name, data = parse_command(body)
        self._check(name)
        if name == WELCOME:
            self._take_welcome(data)
        else:
            self._take_ready(data)

    def _take_welcome(self, data: bytes) -> None:
        if len(data) != _welcome.size:
            # libzmq has a number for a malformed WELCOME, and uses it under PLAIN only.
            raise ProtocolError(
                f"WELCOME with {len(data)} bytes of data, not {_welcome.size}",
                PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
            )
        random, box = _welcome.unpack(data)
        plaintext = crypto.open_box(self._key, b"WELCOME-" + random, box, "WELCOME")
        their_public, cookie = plaintext[: crypto.KEY_SIZE], plaintext[crypto.KEY_SIZE :]
        self._key = crypto.shared_key(their_public, self._our_secret)
        options = self.options
        random = self.random(16)
        vouch = crypto.seal(
            crypto.shared_key(their_public, options.curve_secretkey),
            b"VOUCH---" + random,
            self._our_public + options.curve_serverkey,
        )
        number = self._next_number()
        box = crypto.seal(
            self._key,
            b"CurveZMQINITIATE" + number,
            _proof.pack(options.curve_publickey, random, vouch) + self.metadata,
        )
        self._command = encode_command(INITIATE, cookie + number + box)
        self._expected = READY
        self._our_secret = b""

    def _take_ready(self, data: bytes) -> None:
        if len(data) < _SMALLEST_READY:
            raise ProtocolError(
                f"READY with {len(data)} bytes of data, of at least {_SMALLEST_READY}",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY,
            )
        number = data[: _number.size]
        metadata = crypto.open_box(self._key, b"CurveZMQREADY---" + number, data[_number.size :], "READY")
        self.received = _risen(number, 0)
        self.properties = parse_metadata(metadata)
        self._begin_traffic(self._key)


class CurveServer(_Curve):
    """The side that clients know the public key of."""

    __slots__ = ("_cookie_key",)

    may_be_refused: ClassVar[bool] = False
    sends: ClassVar[bytes] = b"CurveZMQMESSAGES"
    receives: ClassVar[bytes] = b"CurveZMQMESSAGEC"

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._cookie_key = b""
        self._expected = HELLO

    def process_command(self, body: bytes) -> None:
        """Take HELLO, then INITIATE."""
        name, data = parse_command(body)
        self._check(name)
        if name == HELLO:
            self._take_hello(data)
        else:
            self._take_initiate(data)

    def _take_hello(self, data: bytes) -> None:
        if len(data) != _hello.size or data[:2] != _VERSION:
            raise ProtocolError(
                f"HELLO with {len(data)} bytes of data, of CurveZMQ version {data[:2].hex('.')}; "
                f"{_hello.size} and 01.00 are known",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
            )
        _, padding, their_public, number, box = _hello.unpack(data)
        key = crypto.shared_key(their_public, self.options.curve_secretkey)
        signature = crypto.open_box(key, b"CurveZMQHELLO---" + number, box, "HELLO")
        if padding.strip(b"\0") or signature.strip(b"\0"):
            raise ProtocolError(
                "HELLO with padding or a signature that is not zeros",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
            )
        our_secret = self.random(crypto.KEY_SIZE)  # s'
        self._cookie_key = self.random(crypto.KEY_SIZE)
        random = self.random(16)
        cookie = random + crypto.seal(self._cookie_key, b"COOKIE--" + random, their_public + our_secret)
        random = self.random(16)
        box = crypto.seal(key, b"WELCOME-" + random, crypto.public_key(our_secret) + cookie)
        self._command = encode_command(WELCOME, random + box)
        self._expected = INITIATE

    def _take_initiate(self, data: bytes) -> None:
        if len(data) < _SMALLEST_INITIATE:
            raise ProtocolError(
                f"INITIATE with {len(data)} bytes of data, of at least {_SMALLEST_INITIATE}",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
            )
        cookie, number = _initiate.unpack_from(data)
        secrets = crypto.open_box(self._cookie_key, b"COOKIE--" + cookie[:16], cookie[16:], "the cookie")
        self._cookie_key = b""
        their_short, our_short = secrets[: crypto.KEY_SIZE], secrets[crypto.KEY_SIZE :]
        key = crypto.shared_key(their_short, our_short)
        plaintext = crypto.open_box(key, b"CurveZMQINITIATE" + number, data[_initiate.size :], "INITIATE")
        their_public, random, vouch = _proof.unpack_from(plaintext)
        vouched = crypto.open_box(
            crypto.shared_key(their_public, our_short), b"VOUCH---" + random, vouch, "the vouch"
        )
        if not crypto.equal(vouched[: crypto.KEY_SIZE], their_short):
            raise ProtocolError(
                "the vouch is for another short-term key than the client's", PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE
            )
        # libzmq does not look at it. RFC 26 has put it there so that a vouch counts for one server only.
        if not crypto.equal(vouched[crypto.KEY_SIZE :], self.options.curve_publickey):
            raise ProtocolError("the vouch is for another server", PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE)
        self.received = _risen(number, 0)
        self.properties = parse_metadata(plaintext[_proof.size :])
        self._key = key
        self._expected = b""
        if self.options.zap_domain or not self.options.zap_enforce_domain:
            self.credentials = (their_public,)
        else:
            self.admit()

    def admit(self) -> None:
        """Send READY."""
        super().admit()
        number = self._next_number()
        box = crypto.seal(self._key, b"CurveZMQREADY---" + number, self.metadata)
        self._command = encode_command(READY, number + box)
        self._begin_traffic(self._key)
