"""PLAIN: a user name and a password, in clear (RFC 24).

    client  HELLO ──► WELCOME ──► INITIATE ──► READY  server
                └ the ZAP handler judges

    HELLO   size 1  user name  size 1  password
    INITIATE, READY   metadata

Without a ZAP handler a server lets nobody in.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
)
from purezmq.core.options import SocketOptions
from purezmq.core.security.mechanism import Mechanism, unexpected
from purezmq.core.wire.commands import ERROR, READY, encode_command, parse_command, parse_metadata
from purezmq.errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = b"HELLO"
WELCOME = b"WELCOME"
INITIATE = b"INITIATE"

# What PLAIN servers of libzmq 4.3.5 and before send for b"\x05ERROR": in C the escape "\x05E" is one byte. Their
# clients know nothing else either, and take the real one for an unexpected command, to the same effect.
_MISSPELT_ERROR = b"^RROR"


class PlainClient(Mechanism):
    """The side that has a name and a password."""

    __slots__ = ("_expected",)

    name: ClassVar[bytes] = b"PLAIN"
    no_command: ClassVar[int] = PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
    wrong_type: ClassVar[int] = PROTOCOL_ERROR_ZMTP_INVALID_METADATA

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._command = encode_command(
            HELLO, b"".join(_short(text) for text in (options.plain_username, options.plain_password))
        )
        self._expected = WELCOME

    def parse(self, body: bytes) -> tuple[bytes, bytes]:
        """Return name and data of a command; of libzmq's ERROR too."""
        if body.startswith(_MISSPELT_ERROR):
            return ERROR, body[len(_MISSPELT_ERROR) :]
        return super().parse(body)

    def process_command(self, body: bytes) -> None:
        """Take WELCOME, then READY."""
        name, data = parse_command(body)
        if name != self._expected:
            raise unexpected(name, self._expected)
        if name == WELCOME:
            if data:
                raise ProtocolError(
                    f"WELCOME with {len(data)} bytes of data, where none belong",
                    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME,
                )
            self._command = encode_command(INITIATE, self.metadata)
            self._expected = READY
        else:
            self.properties = parse_metadata(data)
            self.done = True


class PlainServer(Mechanism):
    """The side that asks for them."""

    __slots__ = ("_expected",)

    name: ClassVar[bytes] = b"PLAIN"
    needs_handler: ClassVar[bool] = True
    may_be_refused: ClassVar[bool] = False

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        self._expected = HELLO

    def process_command(self, body: bytes) -> None:
        """Take HELLO, then INITIATE."""
        name, data = parse_command(body)
        if name != self._expected:
            raise unexpected(name, self._expected)
        if name == HELLO:
            self.credentials = _name_and_password(data)
            self._expected = INITIATE
        else:
            self.properties = parse_metadata(data)
            self._command = encode_command(READY, self.metadata)
            self.done = True

    def admit(self) -> None:
        """Send WELCOME."""
        super().admit()
        self._command = encode_command(WELCOME)


def _short(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def _name_and_password(data: bytes) -> tuple[bytes, bytes]:
    middle = 1 + data[0] if data else 0
    if not 0 < middle < len(data) or middle + 1 + data[middle] != len(data):
        raise ProtocolError(
            f"HELLO with {len(data)} bytes of data that are no user name and password",
            PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
        )
    return data[1:middle], data[middle + 1 :]
