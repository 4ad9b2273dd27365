"""What a security mechanism does: a handshake of commands, then traffic that it may seal.

The rules:

- A mechanism sees bodies of commands, never frames, sockets or clocks.
- The Connection puts what `next_command` returns on the wire, until it returns None, and hands every command it
  receives to `process_command`, until `done`. ERROR commands it handles itself.
- While `asks`, a mechanism waits for what the program's ZAP handler says of the credentials. It is told by `admit`;
  a peer that is not admitted is the Connection's business.
- `properties` is the peer's metadata, complete when `done`.
- With `plain_frames` traffic passes untouched, and `seal` and `open` are never called: NULL and PLAIN cost
  nothing there. Otherwise every frame is sealed and opened, one call each.

A new mechanism is one file and one row in the table of __init__.py.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
from purezmq.core.options import SocketOptions
from purezmq.core.wire.commands import parse_command
from purezmq.errors import ProtocolError

TYPE_CHECKING = False  # typing and collections.abc are too slow to import for one name
if TYPE_CHECKING:
    from collections.abc import Callable


class Mechanism:
    """One side of one handshake."""

    __slots__ = ("_command", "credentials", "done", "metadata", "options", "properties", "random")

    name: ClassVar[bytes]  # as the greeting spells it
    plain_frames: ClassVar[bool] = True
    overhead: ClassVar[int] = 0  # bytes that sealing adds to a frame
    needs_handler: ClassVar[bool] = False  # nobody comes in unless a ZAP handler says so

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        self.options = options  # as of the bind or connect
        self.metadata = metadata  # ours, encoded
        self.random = random  # so many random bytes
        self.properties: dict[str, bytes] = {}
        self.credentials: tuple[bytes, ...] | None = None  # what the ZAP handler is to judge
        self.done = False
        self._command: bytes | None = None  # to be sent

    @property
    def asks(self) -> bool:
        """Whether nothing goes on before the ZAP handler has spoken."""
        return self.credentials is not None

    def next_command(self) -> bytes | None:
        """Return the body of the next command to be sent, or None: it is somebody else's turn."""
        command = self._command
        self._command = None
        return command

    def parse(self, body: bytes) -> tuple[bytes, bytes]:
        """Return name and data of a command. Raises ProtocolError when it is none."""
        return parse_command(body)

    def process_command(self, body: bytes) -> None:
        """Take a step on what the peer sent. Raises ProtocolError for a command that does not belong here."""
        raise NotImplementedError

    def admit(self) -> None:
        """Go on: the peer may come in."""
        self.credentials = None

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes:
        """Return the body of the frame that carries this one."""
        raise NotImplementedError

    def open(self, body: bytes) -> tuple[int, bytes]:
        """Return flags and payload of a frame that the peer sealed. Raises ProtocolError for a forged one."""
        raise NotImplementedError


def unexpected(name: bytes, expected: bytes) -> ProtocolError:
    """Make the error for a command that comes out of turn; expected: b"" for none at all."""
    instead = f"instead of {expected.decode()}" if expected else "where none belongs"
    return ProtocolError(f"command {name[:16]!r} {instead}", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND)
