"""What a security mechanism does: a handshake of commands, then traffic that it may seal.

The rules:

- A mechanism sees bodies of commands, never frames, sockets or clocks.
- The Connection puts what `next_command` returns on the wire, until it returns None, and hands every command it
  receives to `process_command`, until `done`. ERROR commands it handles itself.
- `properties` is the peer's metadata, complete when `done`.
- With `plain_frames` traffic passes untouched, and `seal` and `open` are never called: NULL and PLAIN cost
  nothing there. Otherwise every frame is sealed and opened, one call each.

A new mechanism is one file and one row in the table of __init__.py.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.core.options import SocketOptions


class Mechanism:
    """One side of one handshake."""

    __slots__ = ("done", "metadata", "options", "properties")

    name: ClassVar[bytes]  # as the greeting spells it
    plain_frames: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, metadata: bytes) -> None:
        self.options = options  # as of the bind or connect
        self.metadata = metadata  # ours, encoded
        self.properties: dict[str, bytes] = {}
        self.done = False

    def next_command(self) -> bytes | None:
        """Return the body of the next command to be sent, or None: it is the peer's turn."""
        raise NotImplementedError

    def process_command(self, body: bytes) -> None:
        """Take a step on what the peer sent. Raises ProtocolError for a command that does not belong here."""
        raise NotImplementedError

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes:
        """Return the body of the frame that carries this one."""
        raise NotImplementedError

    def open(self, body: bytes) -> tuple[int, bytes]:
        """Return flags and payload of a frame that the peer sealed. Raises ProtocolError for a forged one."""
        raise NotImplementedError
