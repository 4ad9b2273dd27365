"""What a security mechanism does: a handshake of commands, then traffic that it may seal.

The rules:

- A mechanism sees bodies of commands, never frames, sockets or clocks.
- The Connection puts what `next_command` returns on the wire, until it returns None, and hands every command it
  receives to `process_command`, until `done`. ERROR commands it handles itself, where the peer may send one.
- With `credentials` a mechanism waits for what the program's ZAP handler says of them. It is told by `admit`;
  a peer that is not admitted is the Connection's business.
- What takes long, as asking a KDC, is an `errand`: a call for whichever thread, whose result `fetched` takes.
- A mechanism that lacks what its own side needs, such as a Kerberos ticket, raises Unable out of `fetched` or
  `process_command`.
- `properties` is the peer's metadata, complete when `done`.
- With `plain_frames` traffic passes untouched, and nothing is ever sealed or opened: NULL and PLAIN cost nothing
  there. Otherwise every frame is, by one call each; or many at once, where a mechanism can do runs of equal ones.

A new mechanism is one file and one row in the table of __init__.py.
"""

from __future__ import annotations

from errno import EINVAL
from typing import ClassVar, NamedTuple

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
)
from purezmq.core.options import SocketOptions
from purezmq.core.wire.commands import parse_command
from purezmq.errors import ProtocolError

TYPE_CHECKING = False  # typing and collections.abc are too slow to import for one name
if TYPE_CHECKING:
    from collections.abc import Callable


class Unable(Exception):
    """Our own side cannot shake hands now, through no fault of the peer's; later it may."""


class Mechanism:
    """One side of one handshake."""

    __slots__ = (
        "_command",
        "credentials",
        "done",
        "errand",
        "metadata",
        "options",
        "properties",
        "random",
        "received",
    )

    name: ClassVar[bytes]  # as the greeting spells it
    plain_frames: bool = True
    overhead: int = 0  # bytes that sealing adds to a frame
    needs_handler: ClassVar[bool] = False  # nobody comes in unless a ZAP handler says so
    speaks_first: ClassVar[bool] = (
        False  # before it knows the peer's mechanism: its first command tells no secret
    )
    may_be_refused: ClassVar[bool] = True  # by an ERROR; a server of PLAIN or CURVE may not: it refuses
    wrong_type: ClassVar[int] = (
        EINVAL  # what libzmq calls a peer whose socket type does not fit; EINVAL: it tells nobody
    )
    no_command: ClassVar[int] = (
        PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED  # what libzmq calls a body that is none
    )

    def __init__(self, options: SocketOptions, metadata: bytes, random: Callable[[int], bytes]) -> None:
        self.options = options  # as of the bind or connect
        self.metadata = metadata  # ours, encoded
        self.random = random  # so many random bytes
        self.properties: dict[str, bytes] = {}
        self.credentials: tuple[bytes, ...] | None = None  # what the ZAP handler is to judge
        self.errand: Callable[[], object] | None = None  # raises nothing
        self.done = False
        self.received = 0  # the number of the peer's last command, where they are numbered
        self._command: bytes | None = None  # to be sent

    @property
    def doubt(self) -> str:
        """What the program should doubt when the peer leaves now, with a leading blank; "": nothing."""
        return ""

    def next_command(self) -> bytes | None:
        """Return the body of the next command to be sent, or None: it is somebody else's turn."""
        command = self._command
        self._command = None
        return command

    def parse(self, body: bytes) -> tuple[bytes, bytes]:
        """Return name and data of a command. Raises ProtocolError when it is none."""
        try:
            return parse_command(body)
        except ProtocolError as mistake:
            raise ProtocolError(mistake.args[0], self.no_command) from None

    def process_command(self, body: bytes) -> None:
        """Take a step on what the peer sent. Raises ProtocolError for a command that does not belong here."""
        raise NotImplementedError

    def fetched(self, result: object) -> None:
        """Go on with what `errand` has returned."""
        raise NotImplementedError

    def admit(self) -> None:
        """Go on: the peer may come in."""
        self.credentials = None

    def seal(self, flags: int, payload: bytes | memoryview) -> bytes | memoryview:
        """Return the frame, header and all, that carries this one."""
        raise NotImplementedError

    def open(
        self, data: bytes, start: int, stop: int, number: int, used_up: bool = False
    ) -> tuple[int, bytes, int]:
        """Return flags, payload and number of a frame that the peer sealed, whose body is data[start:stop].

        `number` is the last one's before it. used_up: nobody else has the data, nor will look at it again. Raises
        ProtocolError for a forged one.
        """
        raise NotImplementedError

    def seal_run(self, payloads: list[bytes], size: int) -> bytes | memoryview:
        """Return the frames that carry these messages of one part and one size."""
        return b"".join([self.seal(0, payload) for payload in payloads])

    def open_run(self, frames: bytes, position: int, most: int, number: int) -> Run | None:
        """Open frames of one size from this position on, at most so many, or None: call `open` for each."""
        return None


class Run(NamedTuple):
    """What was in several sealed frames of one size."""

    flags: bytes  # one byte each
    payloads: tuple[bytes, ...]
    end: int  # the position behind them
    number: int  # of the last of them


def unexpected(name: bytes, expected: bytes) -> ProtocolError:
    """Make the error for a command that comes out of turn; expected: b"" for none at all."""
    instead = f"instead of {expected.decode()}" if expected else "where none belongs"
    return ProtocolError(f"command {name[:16]!r} {instead}", PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND)
