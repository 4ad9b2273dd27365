"""Commands of ZMTP 3: READY, ERROR, SUBSCRIBE, CANCEL, PING, PONG (RFC 23, RFC 37), JOIN, LEAVE (RFC 48).

A command's body is one length byte, the name, and the data. READY's data is metadata: for each property one
length byte, the name, four length bytes, the value.

`encode_*` return bodies; frames.py puts a header before them. `parse_*` take a body or its data and raise
ProtocolError when a length points outside. The bytes are pinned in tests/core/wire/test_commands.py as captured
from libzmq 4.3.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
)
from purezmq.errors import ProtocolError

READY = b"READY"
ERROR = b"ERROR"
SUBSCRIBE = b"SUBSCRIBE"
CANCEL = b"CANCEL"
JOIN = b"JOIN"
LEAVE = b"LEAVE"
PING = b"PING"
PONG = b"PONG"

SUBSCRIPTIONS = frozenset({SUBSCRIBE, CANCEL})  # what a publisher takes
MEMBERSHIPS = frozenset({JOIN, LEAVE})  # what a RADIO takes

# RFC 37: names of properties are case-insensitive. These are the ones that somebody here asks for.
_PROPERTIES = {"socket-type": "Socket-Type", "identity": "Identity"}

# RFC 37: a PING's context is at most 16 octets. libzmq cuts what is longer.
_MAX_CONTEXT = 16

_SHORT_METADATA = 256


def encode_command(name: bytes, data: bytes = b"") -> bytes:
    """Return the body of a command."""
    return bytes((len(name),)) + name + data


def parse_command(body: bytes) -> tuple[bytes, bytes]:
    """Return the name and the data."""
    size = body[0] if body else 0
    if not 0 < size < len(body):
        raise ProtocolError(
            f"command of {len(body)} bytes with a name of {size}",
            PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
        )
    return body[1 : 1 + size], body[1 + size :]


def encode_metadata(properties: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return properties as READY carries them, in this order."""
    return b"".join(
        bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value for name, value in properties
    )


def parse_metadata(metadata: bytes) -> dict[str, bytes]:
    """Return the properties; of two with the same name the first, as in libzmq."""
    # Peers of one kind say the same. No secrets are in it, and no more is kept than this.
    parse = _parse_short_metadata if len(metadata) <= _SHORT_METADATA else _parse_metadata
    return parse(metadata).copy()


def _parse_metadata(metadata: bytes) -> dict[str, bytes]:
    properties: dict[str, bytes] = {}
    position, end = 0, len(metadata)
    while position < end:
        value = position + 1 + metadata[position] + 4  # where the value begins, perhaps beyond the end
        size = int.from_bytes(metadata[value - 4 : value], "big")
        if size > end - value:
            raise ProtocolError(
                f"a property at {position} reaches beyond metadata of {end} bytes",
                PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
            )
        name = metadata[position + 1 : value - 4].decode("latin-1")
        properties.setdefault(_PROPERTIES.get(name.lower(), name), metadata[value : value + size])
        position = value + size
    return properties


_parse_short_metadata = lru_cache(64)(_parse_metadata)


def encode_error(reason: bytes) -> bytes:
    """Return the body of ERROR; of reason the first 255 bytes."""
    reason = reason[:255]
    return encode_command(ERROR, bytes((len(reason),)) + reason)


def parse_error(data: bytes) -> bytes:
    """Return the reason; libzmq's are b"300", b"400" and b"500", the status codes of ZAP."""
    if not data or data[0] != len(data) - 1:
        raise ProtocolError(
            f"ERROR with {len(data)} bytes of data, whose reason says {data[:1].hex() or 'nothing'}",
            PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
        )
    return data[1:]


def encode_ping(ttl: int) -> bytes:
    """Return the body of PING without context; ttl in tenths of a second."""
    return encode_command(PING, ttl.to_bytes(2, "big"))


def parse_ping(data: bytes) -> tuple[int, bytes]:
    """Return the TTL in tenths of a second and the context to be answered with."""
    if len(data) < 2:
        raise ProtocolError(
            f"PING with {len(data)} bytes of data, which begins with a TTL of 2",
            PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
        )
    return int.from_bytes(data[:2], "big"), data[2 : 2 + _MAX_CONTEXT]


def encode_pong(context: bytes) -> bytes:
    """Return the body of PONG."""
    return encode_command(PONG, context)
