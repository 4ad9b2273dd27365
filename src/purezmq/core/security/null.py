"""NULL: both sides send READY with their metadata, at once and in any order (RFC 23)."""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
from purezmq.core.options import SocketOptions
from purezmq.core.security.mechanism import Mechanism
from purezmq.core.wire.commands import READY, encode_command, parse_command, parse_metadata
from purezmq.errors import ProtocolError


class Null(Mechanism):
    """No authentication, no confidentiality."""

    __slots__ = ("_ready_sent",)

    name: ClassVar[bytes] = b"NULL"

    def __init__(self, options: SocketOptions, metadata: bytes) -> None:
        super().__init__(options, metadata)
        self._ready_sent = False

    def next_command(self) -> bytes | None:
        """Return READY, once."""
        if self._ready_sent:
            return None
        self._ready_sent = True
        return encode_command(READY, self.metadata)

    def process_command(self, body: bytes) -> None:
        """Take the peer's READY."""
        name, data = parse_command(body)
        if name != READY:
            raise ProtocolError(f"command {name!r} instead of READY", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND)
        self.properties = parse_metadata(data)
        self.done = True
