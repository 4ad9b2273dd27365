"""Traffic under a mechanism that seals frames: each frame carries, sealed, the flags and payload of another.

The Connection uses this pair in place of FrameDecoder.decode and encode when its mechanism has no `plain_frames`.

The rules:

- A run of frames of one size is opened, or sealed, by one call: libsodium is called for each, Python is not.
- As in frames.py, an exception out of a signal handler leaves all as it was before a frame or run, or as after it:
  what is opened, the position in the FrameDecoder, and the peer's last number change together, by plain stores.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNSPECIFIED
from purezmq.core.message import Broadcast, Command, Item, Message, Part, from_parts
from purezmq.core.security.mechanism import Mechanism
from purezmq.core.wire.encoder import BY_REFERENCE, subscription
from purezmq.core.wire.frames import COMMAND, LONG, MORE, FrameDecoder
from purezmq.errors import ProtocolError

# A run is sealed or opened in a piece of memory of at most so many bytes: from 128 kB on, malloc would ask the system
# for it and give it back each time, and every page of it would cost as much as a kB of cryptography.
_RUN_BYTES = 96 * 1024
_LARGEST_OF_RUN = 16 * 1024
_LARGEST_HEADER = 64


class SealedDecoder:
    """Bytes in, opened messages out; to be used as FrameDecoder is."""

    __slots__ = ("_command", "_frames", "_mechanism", "_number", "_opened", "_parts", "error", "held")

    def __init__(
        self, frames: FrameDecoder, mechanism: Mechanism, command: Callable[[bytes], Command | None]
    ) -> None:
        self._frames = frames
        self._mechanism = mechanism
        self._command = command
        self._number = mechanism.received
        self._opened: list[Message | Command] = []  # not returned yet
        self._parts: list[Part] = []  # of a message whose last part is still to come
        self.held = False
        self.error: ProtocolError | None = None

    def decode(self, chunks: deque[bytes], limit: int) -> list[Message | Command]:
        """Take all of `chunks`; return at most `limit` messages and commands. Look at `held` and `error` after."""
        frames = self._frames
        if frames.filled:
            frames.advance()
        if chunks:
            frames.take(chunks)
        try:
            while len(self._opened) < limit and self._step(frames, limit - len(self._opened)):
                pass
        except ProtocolError as mistake:
            self.error = mistake
        self.held = len(self._opened) >= limit and frames.rest()
        opened = self._opened
        self._opened = []
        return opened

    def _step(self, frames: FrameDecoder, room: int) -> bool:
        """Open what is next; return whether there was something."""
        mechanism = self._mechanism
        whole = frames._whole
        data = frames._buffer
        position = frames._position
        if whole is not None:
            flags, data = whole  # nobody else has it
            start, stop, end = 0, len(data), position
        else:
            left = len(data) - position
            if left < 2:
                return False
            flags = data[position]
            start = position + (9 if flags & LONG else 2)
            stop = start + int.from_bytes(data[position + 1 : start], "big")
            end = stop
            if start > len(data) or stop > len(data) or flags > MORE | LONG | COMMAND:
                return frames.frame() is not None  # it is large, incomplete, or nonsense
            # The same two bytes may begin a run.
            if (
                stop + 2 <= len(data)
                and data[stop + 1] == data[position + 1]
                and room > 1
                and data[stop] == flags
            ):
                most = min(room, _RUN_BYTES // (stop - position))
                run = mechanism.open_run(data, position, most, self._number) if most > 1 else None
                if run is not None:
                    messages, parts = self._messages(run.flags, run.payloads)
                    end = run.end
                    number = run.number
                    # In a row, and one call.
                    frames._position = end
                    self._number = number
                    self._parts = parts
                    self._opened.extend(messages)
                    return True
            frames.check(flags, stop - start)
        if flags & MORE:
            raise ProtocolError("a sealed frame with MORE outside the seal", PROTOCOL_ERROR_ZMTP_UNSPECIFIED)
        flags, payload, number = mechanism.open(data, start, stop, self._number, whole is not None)
        parts = self._parts
        if not flags:
            messages = [[*parts, payload] if parts else payload]
            parts = []
        elif flags & COMMAND:
            command = self._command(payload)
            messages = [] if command is None else [command]
        else:
            messages = []
            parts = [*parts, payload]
        # In a row, and one call.
        frames._whole = None
        frames._position = end
        self._number = number
        self._parts = parts
        self._opened.extend(messages)
        return True

    def _messages(
        self, flags: bytes, payloads: tuple[bytes, ...]
    ) -> tuple[Sequence[Message | Command], list[Part]]:
        """Return the messages that these frames end, and the parts of one that they do not."""
        parts = self._parts
        if not parts and not any(flags):
            return payloads, parts
        parts = parts.copy()
        messages: list[Message | Command] = []
        for flag, payload in zip(flags, payloads, strict=True):
            if flag & COMMAND:
                command = self._command(payload)
                if command is not None:
                    messages.append(command)
                continue
            parts.append(payload)
            if not flag & MORE:
                messages.append(from_parts(parts))
                parts = []
        return messages, parts


def encode_sealed(
    items: list[Item], mechanism: Mechanism, *, subscriptions_as_messages: bool = False
) -> list[bytes | memoryview]:
    """Return what goes on the wire for `items`, each frame sealed for this one peer."""
    some: list[Any] = items
    if len(some) > 1 and set(map(type, some)) == {bytes}:
        sizes = set(map(len, some))
        size = sizes.pop()
        if not sizes and size < _LARGEST_OF_RUN:
            most = _RUN_BYTES // (size + _LARGEST_HEADER)
            return [mechanism.seal_run(some[at : at + most], size) for at in range(0, len(some), most)]
    seal = mechanism.seal
    sealed: list[bytes | memoryview] = []
    for item in some:
        if item.__class__ is bytes:
            sealed.append(seal(0, item))
        elif item.__class__ is list:
            left = len(item)
            for part in item:
                left -= 1
                sealed.append(seal(MORE if left else 0, part if part.__class__ is bytes else part.view))
        elif isinstance(item, Command):
            sealed.append(seal(*subscription(item, subscriptions_as_messages)))
        else:
            assert isinstance(item, Broadcast)
            sealed += encode_sealed(list(item.messages), mechanism)
    return _joined(sealed) if len(sealed) > 1 else sealed


def _joined(frames: list[bytes | memoryview]) -> list[bytes | memoryview]:
    """Return the frames with the small ones joined."""
    out: list[bytes | memoryview] = []
    small: list[bytes | memoryview] = []
    for frame in frames:
        if len(frame) < BY_REFERENCE:
            small.append(frame)
            continue
        if small:
            out.append(b"".join(small))
            small = []
        out.append(frame)
    if small:
        out.append(b"".join(small))
    return out
