"""NULL: both sides send READY with their metadata, at once and in any order (RFC 23).

With a ZAP_DOMAIN the peer's address is judged first, and READY is sent when it may come in.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
from purezmq.core.options import SocketOptions
from purezmq.core.security.mechanism import Mechanism, unexpected
from purezmq.core.wire.commands import READY, encode_command, parse_command, parse_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
_READY = encode_command(READY)


class Null(Mechanism):
    """No confidentiality; who comes in may depend on the address."""

    __slots__ = ()

    name: ClassVar[bytes] = b"NULL"
    no_command: ClassVar[int] = PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        super().__init__(options, metadata, random)
        if options.zap_domain:
            self.credentials = ()
        else:
            self._command = encode_command(READY, metadata)

    def admit(self) -> None:
        """Send READY."""
        super().admit()
        self._command = encode_command(READY, self.metadata)

    def process_command(self, body: bytes) -> None:
        """Take the peer's READY."""
        if not body.startswith(_READY):
            raise unexpected(parse_command(body)[0], READY)
        self.properties = parse_metadata(body[len(_READY) :])
        self.done = True
