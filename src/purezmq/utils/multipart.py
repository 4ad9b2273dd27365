"""Several parts in one (RFC 50): for CLIENT, SERVER and the other types whose messages have one part.

    client.send(multipart.encode([b"header", b"body"]))
    header, body = multipart.decode(server.recv())

Each part is one byte, its size, and the part; from 255 bytes on ff, the size in 4 bytes, and the part. This is what
CZMQ's zmsg_encode() makes.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["decode", "encode"]

_LONG = 0xFF
_LARGEST = 2**32 - 1


def encode(parts: Iterable[bytes | bytearray | memoryview]) -> bytes:
    """Return the parts, none or more, as one. ValueError: a part has more than 4 GiB."""
    pieces: list[bytes | bytearray | memoryview] = []
    for part in parts:
        size = part.nbytes if isinstance(part, memoryview) else len(part)
        if size > _LARGEST:
            raise ValueError(f"a part of {size} bytes: RFC 50 has room for {_LARGEST}")
        pieces.append(bytes((size,)) if size < _LONG else b"\xff" + size.to_bytes(4, "big"))
        pieces.append(part)
    return b"".join(pieces)


def decode(whole: bytes | bytearray | memoryview) -> list[bytes]:
    """Return the parts of what `encode` made. ValueError: it is cut short."""
    content = bytes(whole)
    parts: list[bytes] = []
    position, end = 0, len(content)
    while position < end:
        size = content[position]
        position += 1
        if size == _LONG:
            if position + 4 > end:
                raise ValueError(f"the size of part {len(parts)} is cut short")
            size = int.from_bytes(content[position : position + 4], "big")
            position += 4
        if position + size > end:
            raise ValueError(f"part {len(parts)} has {size} bytes, of which {end - position} are there")
        parts.append(content[position : position + size])
        position += size
    return parts
