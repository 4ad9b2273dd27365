"""GSSAPI: Kerberos tells each side who the other is, and encrypts (RFC 38; its details are libzmq's).

    client  INITIATE ──► INITIATE ──► an empty command ──► READY ──► READY  server, then MESSAGE both ways
                                              └ the ZAP handler judges the client's principal

    INITIATE   size 4   token of the security context
    READY      metadata; inside a MESSAGE unless GSSAPI_PLAINTEXT is set
    MESSAGE    size 4   wrapped (flags 1, payload)

The client comes first with each kind but READY. The empty command is libzmq's: its client has one more turn when the
context is complete, and nothing to say; its server asks nobody, and sends no READY, before it.

The rules:

- The package gssapi is imported with this module, and this module when GSSAPI is used for the first time. Without
  it that is ZMQError(ENOTSUP), and the message names the package.
- The numbers in what a peer has wrapped rise strictly, or the connection ends. libzmq takes messages in any order.
- A context counts when both sides are known, and replays are noticed and, unless GSSAPI_PLAINTEXT is set, payloads
  can be encrypted. What is only signed is refused.
- What is wrong with a peer's token is a ProtocolError. That our own side has no ticket, no keytab, or no KDC that
  answers is Unable: it may be otherwise the next time, so a client tries again. libzmq waits for HANDSHAKE_IVL then.
- A client's first step may ask the KDC, and wait for one that is dead for half a minute: it is an errand. All else
  asks nobody, and reads at most a keytab.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

from purezmq.constants import (
    ENOTSUP,
    PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
    PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
)
from purezmq.core.options import SocketOptions
from purezmq.core.security.mechanism import Mechanism, Unable, unexpected
from purezmq.core.wire.commands import (
    CANCEL,
    READY,
    SUBSCRIBE,
    encode_command,
    parse_command,
    parse_metadata,
)
from purezmq.core.wire.encoder import encode_frame
from purezmq.core.wire.frames import COMMAND, MORE
from purezmq.errors import ProtocolError, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from gssapi import raw
    from gssapi.raw.misc import GSSError
    from gssapi.raw.types import MechType, NameType, RequirementFlag
except (ImportError, OSError):  # OSError: the package is there, the Kerberos library is not
    raise error(ENOTSUP, "GSSAPI needs the package gssapi: pip install purezmq[gssapi]") from None

INITIATE = b"INITIATE"
MESSAGE = b"MESSAGE"

_NAME_TYPES = (NameType.hostbased_service, NameType.user, NameType.kerberos_principal)  # by ZMQ_GSSAPI_NT_*

# What libzmq's clients ask for. Not sequence detection, which finds gaps too: a PONG may be sealed and then give way to
# a later one. That tokens come in their order is checked here.
_WANTED = [RequirementFlag.mutual_authentication, RequirementFlag.replay_detection]

# Flags within the seal; the last two are those of libzmq after 4.3.5, before a bare topic.
_MORE, _COMMAND, _SUBSCRIBE, _CANCEL = 1, 2, 4, 8
_SEALED_FLAGS = {0: b"\0", MORE: b"\1", COMMAND: b"\2"}

_HEAD = 12  # of a MESSAGE, before the wrapped token
# Kerberos has many ciphers, none of which adds more than 100 bytes. `open` is exact about MAXMSGSIZE.
_OVERHEAD = _HEAD + 1 + 128


class _Gssapi(Mechanism):
    """What both sides have in common: tokens, READY, traffic."""

    __slots__ = ("_context", "_expected", "_opened", "_opening", "overhead", "plain_frames")

    name: ClassVar[bytes] = b"GSSAPI"

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self.plain_frames = bool(options.gssapi_plaintext)
        self.overhead = 0 if self.plain_frames else _OVERHEAD
        self._context: Any = None
        self._expected = INITIATE
        self._opening = -1  # the number of the frame that `_opened` has been made of
        self._opened: deque[Any] = deque()

    # -- handshake -----------------------------------------------------------------------------------------

    def _check(self, flags: Any) -> None:
        """Check what a complete context can do."""
        needed = [*_WANTED] if self.plain_frames else [*_WANTED, RequirementFlag.confidentiality]
        missing = [flag.name.replace("_", " ") for flag in needed if flag not in flags]
        if missing:
            raise ProtocolError(
                f"a security context without {', '.join(missing)}", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
            )

    def _ready(self) -> bytes:
        """Return our READY."""
        body = encode_command(READY, self.metadata)
        return body if self.plain_frames else self._message(b"\0", body)

    def _take_ready(self, body: bytes) -> None:
        """Take the peer's READY: there is nothing after it but traffic."""
        if not self.plain_frames:
            opened: deque[Any] = deque()
            token = _wrapped(body)
            _unwrap(opened, self._context, token)
            self.received = _risen(token, 0)
            _, body = _cut(opened[0])
        name, data = parse_command(body)
        if name != READY:
            raise unexpected(name, READY)
        self.properties = parse_metadata(data)

    # -- traffic -------------------------------------------------------------------------------------------

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes:
        """Return a frame with a MESSAGE."""
        return encode_frame(0, self._message(_SEALED_FLAGS[flags], payload))

    def open(
        self, data: bytes, start: int, stop: int, number: int, used_up: bool = False
    ) -> tuple[int, bytes, int]:
        """Return flags and payload of the peer's next MESSAGE, and its number, which must be higher than the last."""
        token = _wrapped(data[start:stop])
        # A token opens once. Who was interrupted behind that, by a signal handler, asks again with the same number.
        opened = self._opened
        if self._opening != number:
            opened.clear()
            self._opening = number
        if not opened:
            _unwrap(opened, self._context, token)
        received = _risen(token, number)
        flags, payload = _cut(opened[0])
        if flags & _COMMAND:
            return COMMAND, payload, received
        if flags & _SUBSCRIBE:
            return COMMAND, encode_command(SUBSCRIBE, payload), received
        if flags & _CANCEL:
            return COMMAND, encode_command(CANCEL, payload), received
        if 0 <= self.options.maxmsgsize < len(payload):
            raise ProtocolError(
                f"frame of {len(payload)} bytes, beyond the limit of {self.options.maxmsgsize}",
                PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
            )
        return flags & _MORE, payload, received

    def _message(self, flags: bytes, payload: bytes | memoryview) -> bytes:
        token = raw.wrap(self._context, b"".join((flags, payload))).message
        return encode_command(MESSAGE, len(token).to_bytes(4, "big") + token)


class GssapiClient(_Gssapi):
    """The side that has a ticket, and knows the server's principal."""

    __slots__ = ("_credentials", "_target")

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._expected = b""
        self.errand = self._begin

    def process_command(self, body: bytes) -> None:
        """Take INITIATE, then READY."""
        if self._expected == INITIATE:
            try:
                step = raw.init_sec_context(
                    self._target,
                    self._credentials,
                    self._context,
                    MechType.kerberos,
                    _WANTED,
                    input_token=_token(body),
                )
            except GSSError as reason:
                raise _forged(INITIATE, reason) from None
            self._go_on(step)
        elif self._expected == READY:
            self._take_ready(body)
            self._command = self._ready()
            self.done = True
        else:
            raise unexpected(parse_command(body)[0], b"")

    def fetched(self, result: Any) -> None:
        """Send the first INITIATE."""
        if isinstance(result, Unable):
            raise result
        self._expected = INITIATE
        self._go_on(result)

    def _begin(self) -> object:
        """Begin the context; return its first step, or Unable."""
        options = self.options
        try:
            self._target = raw.import_name(
                options.gssapi_service_principal, _NAME_TYPES[options.gssapi_service_principal_nametype]
            )
            self._credentials = _acquire(options, "initiate") if options.gssapi_principal else None
            return raw.init_sec_context(self._target, self._credentials, None, MechType.kerberos, _WANTED)
        except GSSError as reason:
            return Unable(f"no ticket for {options.gssapi_service_principal!r}: {reason}")

    def _go_on(self, step: Any) -> None:
        self._context = step.context
        if step.more_steps:
            self._command = _initiate(step)
            return
        self._check(step.flags)
        self._command = b""
        self._expected = READY


class GssapiServer(_Gssapi):
    """The side that has a keytab."""

    __slots__ = ("_client",)

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._client = b""

    def parse(self, body: bytes) -> tuple[bytes, bytes]:
        """Return name and data of a command; those of the empty one are empty."""
        return super().parse(body) if body else (b"", b"")

    def process_command(self, body: bytes) -> None:
        """Take INITIATE, the empty command, then READY."""
        if self._expected == INITIATE:
            self._take_token(_token(body))
        elif self._expected == READY:
            self._take_ready(body)
            self.done = True
        elif body:
            raise unexpected(parse_command(body)[0], b"")
        else:
            self.credentials = (self._client,)
            self._expected = READY

    def admit(self) -> None:
        """Send READY."""
        super().admit()
        self._command = self._ready()

    def _take_token(self, token: bytes) -> None:
        credentials = server_credentials(self.options)
        try:
            step = raw.accept_sec_context(token, credentials, self._context)
        except GSSError as reason:
            raise _forged(INITIATE, reason) from None
        self._context = step.context
        if not step.more_steps:
            self._check(step.flags)
            self._client = raw.display_name(step.initiator_name, False).name
            self._expected = b""
        self._command = _initiate(step)


def server_credentials(options: SocketOptions) -> Any:
    """Return what a server proves itself with. Unable: its principal is in no keytab."""
    try:
        return _acquire(options, "accept")
    except GSSError as reason:
        raise Unable(f"no key for a GSSAPI server (is KRB5_KTNAME set?): {reason}") from None


def _acquire(options: SocketOptions, usage: str) -> Any:
    """Return the credentials of GSSAPI_PRINCIPAL, or the default ones."""
    name = None
    if options.gssapi_principal:
        name = raw.import_name(options.gssapi_principal, _NAME_TYPES[options.gssapi_principal_nametype])
    return raw.acquire_cred(name, usage=usage).creds


def _initiate(step: Any) -> bytes:
    """Return the INITIATE with this step's token. A context without one would never be complete."""
    token = step.token
    if not token:
        raise ProtocolError(
            "INITIATE to which Kerberos has no answer: not a token of this step",
            PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
        )
    return encode_command(INITIATE, len(token).to_bytes(4, "big") + token)


def _token(body: bytes) -> bytes:
    """Return the token in an INITIATE."""
    return _sized(body, INITIATE, PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE)


def _wrapped(body: bytes) -> bytes:
    """Return the token in a MESSAGE."""
    return _sized(body, MESSAGE, PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE)


def _sized(body: bytes, expected: bytes, malformed: int) -> bytes:
    start = 1 + len(expected)
    if body[:start] != encode_command(expected):
        raise ProtocolError(
            f"{body[:start]!r} instead of {expected.decode()}", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
        )
    data = body[start:]
    if len(data) < 4 or int.from_bytes(data[:4], "big") != len(data) - 4:
        raise ProtocolError(
            f"{expected.decode()} with {len(data)} bytes of data that are no size and a token", malformed
        )
    return data[4:]


def _unwrap(opened: deque[Any], context: Any, token: bytes) -> None:
    """Put what is in a token into `opened`, in one call."""
    try:
        opened.extend(map(raw.unwrap, (context,), (token,)))
    except GSSError as reason:
        raise _forged(MESSAGE, reason) from None


def _risen(token: bytes, last: int) -> int:
    """Return the number of a token that has been unwrapped. ProtocolError: it is not higher than the last one."""
    # RFC 4121, 4.2.6.2. Tokens of RFC 1964, of ciphers that are no longer in use, do not show theirs: they are counted.
    received = int.from_bytes(token[8:16], "big") + 1 if token.startswith(b"\x05\x04") else last + 1
    if received <= last:
        raise ProtocolError(
            f"number {received} after {last}: not in order", PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE
        )
    return received


def _cut(result: Any) -> tuple[int, bytes]:
    """Return flags and payload of what was in a token."""
    if not result.encrypted:
        raise ProtocolError("MESSAGE that is not encrypted", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
    plaintext: bytes = result.message
    if not plaintext:
        raise ProtocolError("MESSAGE without flags", PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE)
    return plaintext[0], plaintext[1:]


def _forged(command: bytes, reason: GSSError) -> ProtocolError:
    return ProtocolError(
        f"{command.decode()} that Kerberos does not take: {reason}", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
    )
