"""Traffic under a mechanism that seals frames: each frame carries, sealed, the flags and payload of another.

The Connection uses this pair in place of FrameDecoder.decode and encode when its mechanism has no `plain_frames`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNSPECIFIED
from purezmq.core.message import Broadcast, Command, Item, Message, Part, SharedPart, from_parts, parts_of
from purezmq.core.security.mechanism import Mechanism
from purezmq.core.wire.encoder import encode_frame, subscription
from purezmq.core.wire.frames import COMMAND, MORE, FrameDecoder
from purezmq.errors import ProtocolError


class SealedDecoder:
    """Bytes in, opened messages out; to be used as FrameDecoder is.

    A frame is opened once, for its nonce counts; so messages are kept here until `decode` returns.
    """

    __slots__ = ("_command", "_frames", "_mechanism", "_opened", "_parts", "error", "held")

    def __init__(
        self, frames: FrameDecoder, mechanism: Mechanism, command: Callable[[bytes], Command | None]
    ) -> None:
        self._frames = frames
        self._mechanism = mechanism
        self._command = command
        self._opened: list[Message | Command] = []
        self._parts: list[Part] = []
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
            while len(self._opened) < limit:
                frame = frames.frame()
                if frame is None:
                    break
                self._open(*frame)
        except ProtocolError as mistake:
            self.error = mistake
        self.held = len(self._opened) >= limit and frames.rest()
        opened = self._opened
        self._opened = []
        return opened

    def _open(self, flags: int, body: bytes) -> None:
        if flags & MORE:
            raise ProtocolError("a sealed frame with MORE outside the seal", PROTOCOL_ERROR_ZMTP_UNSPECIFIED)
        flags, payload = self._mechanism.open(body)
        if flags & COMMAND:
            command = self._command(payload)
            if command is not None:
                self._opened.append(command)
            return
        self._parts.append(payload)
        if not flags & MORE:
            parts = self._parts
            self._parts = []
            self._opened.append(from_parts(parts))


def encode_sealed(
    items: list[Item], mechanism: Mechanism, *, subscriptions_as_messages: bool = False
) -> list[bytes | memoryview]:
    """Return what goes on the wire for `items`, each frame sealed for this one peer."""
    out: list[bytes | memoryview] = []
    for item in items:
        if isinstance(item, Command):
            frames: list[tuple[int, Any]] = [subscription(item, subscriptions_as_messages)]
        else:
            messages = item.messages if isinstance(item, Broadcast) else [item]
            frames = [frame for message in messages for frame in _frames_of(message)]
        out += [encode_frame(0, mechanism.seal(flags, payload)) for flags, payload in frames]
    return out


def _frames_of(message: Message) -> list[tuple[int, bytes | memoryview]]:
    parts = [part.view if isinstance(part, SharedPart) else part for part in parts_of(message)]
    return [(MORE, part) for part in parts[:-1]] + [(0, parts[-1])]
