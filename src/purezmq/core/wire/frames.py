"""Frames of ZMTP 2 and 3 (RFC 23), and the hot loop: bytes to messages. encoder.py is the way back.

    flags  size                 payload
    0x     1 byte, or 8 (LONG)  …          x: MORE 1 | LONG 2 | COMMAND 4

The rules:

- Decoding is one flat loop with an index over one bytes object, a whole batch at a time.
- An exception out of a signal handler leaves the decoder as it was before the call, or as after it. CPython runs
  handlers only after a call, on entering a function, and when jumping back; so every change of state is a row
  of plain stores, at most one call, and that one last. `take` takes what came in, `decode` ends with such a row.
- A frame whose payload is incomplete is gathered: a large one in a Payload, which the session may have the kernel
  fill (`space`, `filled`), others in pieces that are joined once. With the rest of a payload the kernel fills what
  comes behind it, up to _AHEAD bytes: the next frame's header costs no system call of its own.
- A run of messages with the same headers, as telemetry has them, is cut many at a time (`_uniform`). Every
  header is compared; none is guessed.

tests/core/wire/test_frames.py has the bytes of the RFC; PERFORMANCE.md the measurements.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from itertools import repeat
from struct import Struct

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNSPECIFIED
from purezmq.core.message import Command, Message, Part, from_parts
from purezmq.core.wire.payload import Payload
from purezmq.errors import ProtocolError

MORE = 1
LONG = 2
COMMAND = 4

UNLIMITED = 2**63 - 1  # RFC 23: the top bit of a size is 0

# A limit on messages must not keep commands out: so large they may always be. During the handshake, when nobody
# has been let in yet, no frame may be larger.
LARGEST_COMMAND = 64 * 1024

_SHORT = 256  # sizes below it take one byte
_long_size = Struct(">Q").unpack_from

# A run of equal frames is looked for where this many may follow, and cut in blocks of as many.
_RUN = 32
_RUN_BYTES = 2 * _RUN
_RUN_PARTS = 4  # of a message that may make up a run
# After a vain look this many frames are taken singly, then twice as many, up to the second number.
_SINGLES, _MOST_SINGLES = 64, 4096

# A chunk shorter than this may be one short message, as in a conversation of requests and replies: see `lone`.
LONE = 4 + _SHORT
_ENVELOPE = b"\1\0\0"  # an empty part, and the flags of a last one

# Up to here the beginning of an incomplete payload is copied, so that it does not keep a whole buffer alive.
_COPIED_PIECE = 16 * 1024
# From this size on the kernel may fill a payload.
_DIRECT = 64 * 1024
# How much may be read behind the end of a payload.
_AHEAD = 8 * 1024
# This many pieces are joined when they are small on average: a peer that sends byte by byte costs bytes, not objects.
_PIECES, _SMALL_PIECES = 256, 256 * 1024


class _Large:
    """A frame whose payload has not arrived in full."""

    __slots__ = ("count", "flags", "gathered", "joined", "payload", "pieces", "size")

    def __init__(self, flags: int, size: int, piece: bytes | memoryview) -> None:
        self.flags = flags
        self.size = size
        self.payload: Payload | None = None  # then the rest is not used
        self.pieces: list[bytes | memoryview] = [piece]
        self.count = 1  # how many of `pieces` count: an interrupted call may have appended more
        self.joined = 0  # how many of them need no more joining
        self.gathered = len(piece)  # bytes in them


def _nobody(body: bytes) -> None:
    """Take a command after the end."""


class FrameDecoder:
    """Bytes in, messages out. For traffic that is not sealed call `decode`, else `take` and then `frame`.

    `command` is called for each command's body, in order; what it returns takes its place among the messages.
    It is called again for the same command when a signal handler raised in between.
    """

    __slots__ = (
        "_ahead",
        "_buffer",
        "_command",
        "_count",
        "_large",
        "_largest",
        "_parts",
        "_position",
        "_whole",
        "error",
        "filled",
        "held",
    )

    def __init__(self, command: Callable[[bytes], Command | None], largest: int) -> None:
        self._command = command
        self._largest = largest  # bytes of payload that a frame may have
        self._buffer = b""
        self._position = 0  # of the first byte in `_buffer` that is not decoded
        self._large: _Large | None = None  # then `_buffer` is empty
        self._whole: tuple[int, bytes] | None = None  # flags and payload of a frame in front of `_buffer`
        self._parts: list[Part] = []  # of a message whose last part is still to come
        self._count = 0  # how many of `_parts` count, as in _Large
        self._ahead: memoryview | None = None  # what is read behind a payload, once there was a large one
        self.filled: list[int] = []  # how many bytes were written to `space`, and not counted yet
        self.held = False  # bytes were left undecoded because of the limit
        self.error: ProtocolError | None = None  # the peer's mistake that ended decoding

    def end(self) -> None:
        """Decode no more, and let go of whoever takes the commands: then nobody waits for the garbage collector."""
        self._command = _nobody

    def limit(self, largest: int) -> None:
        """Let a frame have so many bytes of payload from now on."""
        self._largest = largest

    def rest(self) -> bool:
        """Return whether there is something that `frame` has not looked at, or not found complete."""
        return self._position < len(self._buffer) or self._whole is not None

    def gathers(self) -> bool:
        """Return whether there is `space`."""
        large = self._large
        return large is not None and large.payload is not None

    def space(self) -> list[memoryview] | None:
        """Return where the next bytes belong, in this order, while a frame is gathered; None: give them to `take`.

        Whoever writes to it appends the number of bytes to `filled`. It is valid until the next call of anything here.
        """
        if self.filled:
            self.advance()
        large = self._large
        if large is None or large.payload is None:
            return None
        payload = large.payload
        space = payload.space()
        if payload.gathered + len(space) < payload.size:
            return [space]
        ahead = self._ahead
        if ahead is None:
            ahead = self._ahead = memoryview(bytearray(_AHEAD))
        return [space, ahead]

    def advance(self) -> None:
        """Count what was written to `space`."""
        large = self._large
        assert large is not None
        payload = large.payload
        assert payload is not None
        gathered = payload.gathered + self.filled[0]
        if gathered >= payload.size:
            ahead = self._ahead
            behind = b"" if ahead is None else ahead[: gathered - payload.size].tobytes()
            whole = (large.flags, payload.finish())
            self._buffer = behind
            self._position = 0
            self._whole = whole
            self._large = None
        payload.gathered = gathered
        del self.filled[0]

    def decode(self, chunks: deque[bytes], limit: int) -> list[Message | Command]:
        """Take all of `chunks`; return at most `limit` messages and commands. Look at `held` and `error` after.

        What came before a mistake is returned; after it nothing is decoded any more.
        """
        if self.filled:
            self.advance()
        if chunks:
            if len(chunks[0]) < LONE and limit > 0:
                message = self.lone(chunks)
                if message is not None:
                    self.held = False
                    del chunks[0]
                    return [message]
            self.take(chunks)
        data = self._buffer
        position = self._position
        end = len(data)
        last = end - 1
        parts = self._parts
        if len(parts) != self._count:
            del parts[self._count :]
        largest = self._largest
        # Flags of the frames that need nothing but to be cut out; within a message of several parts: none.
        plain = -1 if parts or largest < _SHORT else 0
        small = 0 if largest < _SHORT else LONG
        out: list[Message | Command] = []
        append = out.append
        more = parts.append
        singles = _SINGLES
        whole = self._whole
        error: ProtocolError | None = None
        large = self._large
        room = limit
        try:
            if whole is not None and room > 0:
                flags, part = whole
                if flags & COMMAND:
                    command = self._command(part)
                    if command is not None:
                        append(command)
                else:
                    more(part)
                    plain = -1
                    if not flags & MORE:
                        append(from_parts(parts))
                        parts = []
                        more = parts.append
                        plain = -1 if largest < _SHORT else 0
                whole = None
                room = limit - len(out)
            while room > 0 and position < last:
                if end - position >= _RUN_BYTES + _RUN * data[position + 1] and room >= _RUN and not parts:
                    after = self._uniform(position, room, out)
                    if after != position:
                        position = after
                        room = limit - len(out)
                        singles = _SINGLES
                        continue
                    count = singles if singles < room else room
                    if singles < _MOST_SINGLES:
                        singles *= 2
                else:
                    count = room
                # A frame ends at most one message, so `count` frames are never too many.
                for _ in repeat(None, count):
                    if position >= last:
                        break
                    flags = data[position]
                    if flags == plain:
                        start = position + 2
                        stop = start + data[position + 1]
                        if stop > end:
                            last = 0  # no more whole frames
                            break
                        append(data[start:stop])
                        position = stop
                        continue
                    if flags < small:
                        start = position + 2
                        stop = start + data[position + 1]
                        if stop > end:
                            last = 0
                            break
                        more(data[start:stop])
                        position = stop
                        if flags:
                            plain = -1
                        else:
                            append(parts)
                            parts = []
                            more = parts.append
                            plain = 0
                        continue
                    if flags & LONG:
                        start = position + 9
                        if start > end:
                            last = 0
                            break
                        (size,) = _long_size(data, position + 1)
                    else:
                        start = position + 2
                        size = data[position + 1]
                    if flags > 3 or size > largest:
                        _check_header(flags, size, largest)
                    stop = start + size
                    if stop > end:
                        last = 0
                        break
                    if flags & MORE:
                        more(data[start:stop])
                        plain = -1
                    elif flags & COMMAND:
                        command = self._command(data[start:stop])
                        if command is not None:
                            append(command)
                    elif parts:
                        more(data[start:stop])
                        append(parts)
                        parts = []
                        more = parts.append
                        plain = -1 if largest < _SHORT else 0
                    else:
                        append(data[start:stop])
                    position = stop
                room = limit - len(out)
            if room > 0 and position < end:
                large = self._begin_large(data, position, end)
        except ProtocolError as mistake:
            error = mistake
        pending = len(parts)
        held = room <= 0 and (position < end or whole is not None)
        if large is not None or position == end:
            data = b""
            position = 0
        # From here on no calls: see the rules.
        self._buffer = data
        self._position = position
        self._large = large
        self._whole = whole
        self._parts = parts
        self._count = pending
        self.held = held
        self.error = error
        return out

    def lone(self, chunks: deque[bytes]) -> Message | None:
        """Return the message, if it is short and all there is; with or without REQ's envelope.

        It stays in `chunks`: whoever has it takes the one chunk away, else `decode` finds it.
        """
        if (
            self._buffer
            or self._count
            or self._large is not None
            or self._whole is not None
            or self._largest < _SHORT
            or len(chunks) != 1
        ):
            return None
        data = chunks[0]
        end = len(data)
        if end < 2:
            return None
        if data[1] == end - 2 and not data[0]:
            return data[2:]
        if data.startswith(_ENVELOPE) and end > 3 and data[3] == end - 4:
            return [b"", data[4:]]
        return None

    def frame(self) -> tuple[int, bytes] | None:
        """Return flags and payload of one frame, or None: `take` more bytes first. Raises ProtocolError.

        For handshakes and sealed traffic.
        """
        whole = self._whole
        if whole is not None:
            self._whole = None
            return whole
        data = self._buffer
        position = self._position
        end = len(data)
        start = position + (9 if position < end and data[position] & LONG else 2)
        if start > end:
            return None
        flags = data[position]
        size = int.from_bytes(data[position + 1 : start], "big")
        _check_header(flags, size, self._largest)
        if start + size > end:
            self._large = self._begin_large(data, position, end)
            self._buffer = b""
            self._position = 0
            return None
        payload = data[start : start + size]
        self._position = start + size
        return flags, payload

    def check(self, flags: int, size: int) -> None:
        """Raise ProtocolError for a header that no frame here may have."""
        _check_header(flags, size, self._largest)

    def take(self, chunks: deque[bytes]) -> None:
        """Take all of `chunks` into the buffer, or into the payload that is being gathered."""
        large = self._large
        if large is not None:
            self._gather(large, chunks)
            return
        if self._position < len(self._buffer):
            buffer = b"".join((memoryview(self._buffer)[self._position :], *chunks))
        elif len(chunks) == 1:
            buffer = chunks[0]
        else:
            buffer = b"".join(chunks)
        self._buffer = buffer
        self._position = 0
        chunks.clear()

    def _gather(self, large: _Large, chunks: deque[bytes]) -> None:
        if large.payload is not None:
            self._copy(large, large.payload, chunks)
            return
        pieces = large.pieces
        del pieces[large.count :]
        arrived = sum(map(len, chunks))
        missing = large.size - large.gathered
        if arrived < missing:
            pieces.extend(chunks)
            count = len(pieces)
            joined = large.joined
            if count - joined >= _PIECES:
                fresh = pieces[joined:]
                block = [b"".join(fresh)] if sum(map(len, fresh)) < _SMALL_PIECES else fresh
                count = joined = joined + len(block)
                pieces[large.joined :] = block
            large.count = count
            large.joined = joined
            large.gathered += arrived
            chunks.clear()
            return
        buffer = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if arrived == missing:
            payload = b"".join((*pieces, buffer))
            buffer = b""
            missing = 0
        else:
            payload = b"".join((*pieces, memoryview(buffer)[:missing]))
        self._large = None
        self._whole = (large.flags, payload)
        self._buffer = buffer
        self._position = missing
        chunks.clear()

    def _copy(self, large: _Large, payload: Payload, chunks: deque[bytes]) -> None:
        """Gather what came by `take`."""
        buffer = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        missing = payload.size - payload.gathered
        if len(buffer) < missing:
            payload.add(buffer)
            chunks.clear()
            return
        payload.add(memoryview(buffer)[:missing])
        content = payload.finish()
        self._large = None
        self._whole = (large.flags, content)
        self._buffer = buffer if len(buffer) > missing else b""
        self._position = missing if len(buffer) > missing else 0
        chunks.clear()

    @staticmethod
    def _begin_large(data: bytes, position: int, end: int) -> _Large | None:
        """Begin to gather the frame at `position`, whose header has been checked; None: it is incomplete."""
        flags = data[position]
        start = position + (9 if flags & LONG else 2)
        if start > end:
            return None
        size = int.from_bytes(data[position + 1 : start], "big")
        if size >= _DIRECT:
            large = _Large(flags, size, b"")
            large.payload = Payload(size)
            large.payload.add(memoryview(data)[start:])
            return large
        piece = data[start:] if end - start < _COPIED_PIECE else memoryview(data)[start:]
        return _Large(flags, size, piece)

    def _uniform(self, position: int, room: int, out: list[Message | Command]) -> int:
        """Cut a run of messages with the same headers, in blocks of _RUN; return where it ends."""
        data = self._buffer
        headers, step = self._shape(position)
        if not headers:
            return position
        blocks = min((len(data) - position) // step, room) // _RUN
        span = step * _RUN
        # Two headers for a start: traffic that is not uniform shall cost little.
        if not blocks or not (
            data.startswith(headers[0], position + step)
            and data.startswith(headers[-1], position + span - len(headers[-1]) - _size(headers[-1]))
        ):
            return position
        cut, columns = _run_of(headers)
        count = len(headers)
        for _ in range(blocks):
            for offset, column in columns:
                if data[position + offset : position + span : step] != column:
                    return position
            parts = cut(data, position)
            if count == 1:
                out.extend(parts)
            else:
                out.extend(map(list, zip(*[parts[part::count] for part in range(count)], strict=True)))
            position += span
        return position

    def _shape(self, position: int) -> tuple[tuple[bytes, ...], int]:
        """Return the headers of the message at `position`, and its length; no headers: not worth a look."""
        data = self._buffer
        start = position
        headers: list[bytes] = []
        while len(headers) < _RUN_PARTS and position < len(data):
            flags = data[position]
            header = data[position : position + (9 if flags & LONG else 2)]
            size = _size(header)
            if flags > 3 or size > self._largest:
                break
            headers.append(header)
            position += len(header) + size
            if not flags & MORE:
                return tuple(headers), position - start
        return (), 0


def _size(header: bytes) -> int:
    return int.from_bytes(header[1:], "big")


@lru_cache(maxsize=256)
def _run_of(
    headers: tuple[bytes, ...],
) -> tuple[Callable[[bytes, int], tuple[bytes, ...]], list[tuple[int, bytes]]]:
    """Return what cuts _RUN messages with these headers, and the headers' bytes one below the other."""
    columns = []
    position = 0
    for header in headers:
        columns += [(position + offset, bytes((byte,)) * _RUN) for offset, byte in enumerate(header)]
        position += len(header) + _size(header)
    cut = Struct("".join(f"{len(header)}x{_size(header)}s" for header in headers) * _RUN).unpack_from
    return cut, columns


def _check_header(flags: int, size: int, largest: int) -> None:
    if flags > 6 or flags & 5 == 5:
        raise ProtocolError(
            f"frame flags {flags:#04x}: MORE 1, LONG 2, COMMAND 4 are allowed, and no command with MORE",
            PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
        )
    if flags & COMMAND:
        largest = max(largest, LARGEST_COMMAND)
    if size > largest:
        limit = "2^63-1, the limit of RFC 23" if largest == UNLIMITED else f"the limit of {largest}"
        raise ProtocolError(f"frame of {size} bytes, beyond {limit}", PROTOCOL_ERROR_ZMTP_UNSPECIFIED)
