"""Frames of ZMTP 1.0 (RFC 13), both ways: for libzmq 2 and other old peers.

    size  flags  payload        size: 1 byte, or ff and 8 bytes; it counts the flags byte, too
    0x    01     …              flags: MORE 1, nothing else

There are no commands: subscriptions are messages. What is sealed or broadcast never comes here.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNSPECIFIED
from purezmq.core.message import Command, Item, Message, Part, from_parts, parts_of
from purezmq.core.wire.encoder import BY_REFERENCE, OLD_SUBSCRIPTIONS
from purezmq.errors import ProtocolError

MORE = 1
_LONG = 0xFF  # in place of a size
_LONG_HEADER = 10  # bytes: ff, the size, the flags


def encode_frame(flags: int, payload: bytes) -> bytes:
    """Return one whole frame."""
    return _header(flags, len(payload)) + payload


def encode(items: list[Item]) -> list[bytes | memoryview]:
    """Return the buffers to write for these items, small frames joined, large payloads as they are."""
    buffers: list[bytes | memoryview] = []
    small: list[bytes] = []
    for item in items:
        parts = _parts(item)
        left = len(parts)
        for part in parts:
            left -= 1
            size = len(part)
            small.append(_header(MORE if left else 0, size))
            if size < BY_REFERENCE:
                small.append(bytes(part))
                continue
            buffers.append(b"".join(small))
            small = []
            buffers.append(part if isinstance(part, bytes) else part.view)
    if small or not buffers:
        buffers.append(b"".join(small))
    return buffers


class OldFrameDecoder:
    """Bytes in, messages out: as FrameDecoder, for few and old peers, and so without haste."""

    __slots__ = ("_buffer", "_first", "_largest", "_parts", "error", "held")

    def __init__(self, largest: int, first: list[Command]) -> None:
        """largest: bytes of payload that a frame may have. first: what is decoded before anything comes."""
        self._largest = largest
        self._first = first
        self._buffer = bytearray()
        self._parts: list[Part] = []  # of a message whose last part is still to come
        self.held = False
        self.error: ProtocolError | None = None

    def take(self, incoming: deque[bytes]) -> None:
        """Take all that came."""
        self._buffer += b"".join(incoming)
        incoming.clear()

    def limit(self, largest: int) -> None:
        """Let a frame have so many bytes of payload from now on."""
        self._largest = largest

    def frame(self) -> tuple[int, bytes] | None:
        """Return flags and payload of the next frame if it has come, else None. Raises ProtocolError."""
        found = self._find(0)
        if found is None:
            return None
        flags, start, end = found
        payload = bytes(self._buffer[start:end])
        del self._buffer[:end]
        return flags, payload

    def decode(self, incoming: deque[bytes], limit: int) -> list[Message | Command]:
        """Take all of `incoming`; return at most `limit` messages."""
        self.take(incoming)
        messages: list[Message | Command] = list(self._first[:limit])
        taken = len(messages)
        parts = self._parts
        position = 0
        try:
            while len(messages) < limit and self.error is None:
                found = self._find(position)
                if found is None:
                    break
                flags, start, position = found
                part = bytes(self._buffer[start:position])
                if flags & MORE:
                    parts = [*parts, part]
                else:
                    messages.append(from_parts([*parts, part]))
                    parts = []
        except ProtocolError as mistake:
            self.error = mistake
        del self._first[:taken]
        del self._buffer[:position]
        self._parts = parts
        self.held = self.error is None and len(messages) >= limit and bool(self._buffer or self._first)
        return messages

    def _find(self, position: int) -> tuple[int, int, int] | None:
        """Return the flags, the start and the end of the payload of the frame at this position, if it has come."""
        buffer = self._buffer
        have = len(buffer) - position
        if have < 2:
            return None
        size = buffer[position]
        start = position + 2
        if size == _LONG:
            if have < _LONG_HEADER:
                return None
            size = int.from_bytes(buffer[position + 1 : position + 9], "big")
            start = position + _LONG_HEADER
        flags = buffer[start - 1]
        if size == 0 or flags & ~MORE:
            raise ProtocolError(
                f"not ZMTP 1.0: a frame of size {size} with flags {flags:#04x}",
                PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
            )
        size -= 1
        if size > self._largest:
            raise ProtocolError(
                f"frame of {size} bytes exceeds {self._largest}, see MAXMSGSIZE",
                PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
            )
        return (flags, start, start + size) if start + size <= len(buffer) else None


def _header(flags: int, size: int) -> bytes:
    if size + 1 < _LONG:
        return bytes((size + 1, flags))
    return b"\xff" + (size + 1).to_bytes(8, "big") + bytes((flags,))


def _parts(item: Any) -> list[Part]:
    if item.__class__ is Command:
        return [OLD_SUBSCRIPTIONS[item.name] + item.body] if item.name in OLD_SUBSCRIPTIONS else []
    return parts_of(item)
