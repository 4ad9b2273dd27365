"""Messages and commands to bytes, as frames of ZMTP 3 (RFC 23; the layout is in frames.py).

The rules:

- Small frames go out joined, payloads of `BY_REFERENCE` bytes or more as they are: no copy grows with them.
- A batch of short single-part messages is joined without a loop: headers and payloads are interleaved by slice
  assignment. What does not fit that turns up as an exception, and the loop does it.
- A Broadcast is encoded once; its buffers serve every peer.

Connection.encode calls `encode`. The bytes are pinned in tests/core/wire/test_encoder.py.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from purezmq.core.message import Broadcast, Command, Item
from purezmq.core.wire.commands import CANCEL, SUBSCRIBE, encode_command
from purezmq.core.wire.frames import COMMAND, LONG, MORE

# Payloads from this size on are not copied into a joined buffer: two entries of a scatter list are cheaper.
BY_REFERENCE = 4 * 1024

_SHORT = 256  # sizes below it take one byte
_HEADS = [bytes((0, size)) for size in range(_SHORT)]
_HEADS_MORE = [bytes((MORE, size)) for size in range(_SHORT)]
_head = _HEADS.__getitem__
_long_head = Struct(">BQ").pack


def encode(items: list[Item], *, subscriptions_as_messages: bool = False) -> list[bytes | memoryview]:
    """Return what goes on the wire for `items`, of which there is at least one, in buffers for a scatter write."""
    some: list[Any] = items
    first = some[0]
    if len(some) == 1:
        if first.__class__ is bytes:
            size = len(first)
            if size < _SHORT:
                return [_HEADS[size] + first]
            if size < BY_REFERENCE:
                return [_long_head(LONG, size) + first]
            return [_long_head(LONG, size), first]
        if first.__class__ is list and len(first) == 2:
            one, two = first
            try:
                return [_HEADS_MORE[len(one)] + one + _HEADS[len(two)] + two]
            except (IndexError, TypeError):
                pass  # as below
    elif first.__class__ is bytes:
        joined = some * 2
        try:
            joined[::2] = map(_head, map(len, some))
            joined[1::2] = some
            return [b"".join(joined)]
        except (IndexError, TypeError):
            pass  # a size over 255, or something that is not bytes
    return _encode_any(some, subscriptions_as_messages)


def _encode_any(items: list[Any], subscriptions_as_messages: bool) -> list[bytes | memoryview]:
    out: list[bytes | memoryview] = []
    small: list[bytes | memoryview] = []  # to be joined
    append = small.append
    for item in items:
        if item.__class__ is bytes:
            size = len(item)
            if size < _SHORT:
                append(_HEADS[size])
                append(item)
            elif size < BY_REFERENCE:
                append(_long_head(LONG, size))
                append(item)
            else:
                append(_long_head(LONG, size))
                _flush(small, out)
                out.append(item)
        elif item.__class__ is list:
            left = len(item)
            for part in item:
                left -= 1
                size = len(part)
                if size < _SHORT:
                    append(_HEADS_MORE[size] if left else _HEADS[size])
                else:
                    append(_long_head(LONG | MORE if left else LONG, size))
                if size >= BY_REFERENCE:
                    _flush(small, out)
                    out.append(part if part.__class__ is bytes else part.view)
                elif part.__class__ is bytes:
                    append(part)
                else:
                    append(part.view)
        elif item.__class__ is Broadcast:
            wire = item.wire
            if wire is None:
                messages: list[Any] = item.messages
                wire = item.wire = encode(messages)
            for buffer in wire:
                if len(buffer) < BY_REFERENCE:
                    append(buffer)
                else:
                    _flush(small, out)
                    out.append(buffer)
        else:
            append(encode_frame(*subscription(item, subscriptions_as_messages)))
    if not out:
        return [b"".join(small)]
    _flush(small, out)
    return out


def encode_frame(flags: int, payload: bytes) -> bytes:
    """Return one whole frame."""
    size = len(payload)
    if size < _SHORT:
        return bytes((flags, size)) + payload
    return _long_head(flags | LONG, size) + payload


def subscription(command: Command, as_message: bool) -> tuple[int, bytes]:
    """Return flags and payload of the frame for a command; as_message: SUBSCRIBE and CANCEL to a ZMTP 3.0 peer."""
    if as_message and command.name in OLD_SUBSCRIPTIONS:
        return 0, OLD_SUBSCRIPTIONS[command.name] + command.body
    return COMMAND, encode_command(command.name, command.body)


# ZMTP 3.0 and older: a message whose first byte says what it is.
OLD_SUBSCRIPTIONS = {SUBSCRIBE: b"\x01", CANCEL: b"\x00"}


def _flush(small: list[bytes | memoryview], out: list[bytes | memoryview]) -> None:
    if small:
        out.append(b"".join(small))
        small.clear()
