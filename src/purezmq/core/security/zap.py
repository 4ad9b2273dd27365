"""ZAP: what a program's handler is asked about a peer, and what it answers (RFC 27).

    request   ""  "1.0"  id  domain  address  routing id  mechanism  credentials …
    reply     ""  "1.0"  id  status  text  user id  metadata

Credentials: NULL none, PLAIN user name and password, CURVE the client's public key of 32 bytes, GSSAPI its principal.
Status: 200 come in, 300 try later, 400 no, 500 the handler failed.
"""

from __future__ import annotations

from purezmq.constants import (
    PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
    PROTOCOL_ERROR_ZAP_BAD_VERSION,
    PROTOCOL_ERROR_ZAP_INVALID_METADATA,
    PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
    PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
    PROTOCOL_ERROR_ZAP_UNSPECIFIED,
)
from purezmq.core.wire.commands import parse_metadata
from purezmq.errors import ProtocolError

OK = 200
TEMPORARY = 300

_VERSION = b"1.0"
_STATUSES = {b"200": 200, b"300": 300, b"400": 400, b"500": 500}


class Request:
    """What a handshake wants to know about its peer."""

    __slots__ = ("credentials", "domain", "mechanism", "routing_id")

    def __init__(
        self, domain: bytes, routing_id: bytes, mechanism: bytes, credentials: tuple[bytes, ...]
    ) -> None:
        self.domain = domain
        self.routing_id = routing_id  # ours
        self.mechanism = mechanism
        self.credentials = credentials

    def frames(self, request_id: bytes, address: str) -> list[bytes]:
        """Return the message for the handler; address: the peer's, without a port."""
        return [
            b"",
            _VERSION,
            request_id,
            self.domain,
            address.encode(),
            self.routing_id,
            self.mechanism,
            *self.credentials,
        ]

    def __repr__(self) -> str:
        return f"Request({self.mechanism.decode()})"  # no credentials


class Reply:
    """What the handler has answered."""

    __slots__ = ("properties", "status", "text")

    def __init__(self, status: int, text: str, properties: dict[str, bytes]) -> None:
        self.status = status
        self.text = text
        self.properties = properties  # User-Id, and the handler's metadata


def parse_reply(frames: list[bytes], request_id: bytes) -> Reply:
    """Return what the handler said. ProtocolError: it does not speak ZAP, or means somebody else.

    Checks in libzmq's order, with its numbers.
    """
    if len(frames) != 7:
        raise ProtocolError(
            f"the ZAP handler's reply has {len(frames)} frames, not 7", PROTOCOL_ERROR_ZAP_MALFORMED_REPLY
        )
    delimiter, version, reply_id, status, text, user_id, metadata = frames
    if delimiter:
        raise ProtocolError(
            "the ZAP handler's reply begins with no empty frame", PROTOCOL_ERROR_ZAP_UNSPECIFIED
        )
    if version != _VERSION:
        raise ProtocolError(
            f"the ZAP handler's reply is of version {version[:8]!r}, not b'1.0'",
            PROTOCOL_ERROR_ZAP_BAD_VERSION,
        )
    if reply_id != request_id:
        raise ProtocolError(
            f"the ZAP handler answers request {reply_id[:16]!r}, not {request_id!r}",
            PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
        )
    if status not in _STATUSES:
        raise ProtocolError(
            f"the ZAP handler's status is {status[:8]!r}, not 200, 300, 400 or 500",
            PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
        )
    try:
        properties = parse_metadata(metadata)
    except ProtocolError as mistake:
        raise ProtocolError(
            f"the ZAP handler's metadata: {mistake.args[0]}", PROTOCOL_ERROR_ZAP_INVALID_METADATA
        ) from None
    return Reply(_STATUSES[status], text.decode(errors="replace"), {"User-Id": user_id, **properties})
