"""Z85, keys as text (RFC 32), under PyZMQ's names.

What is no Z85 is a ValueError each time; PyZMQ raises KeyError or struct.error for some of it.
"""

from __future__ import annotations

from typing import Final

from purezmq.core.security import z85

__all__ = ["Z85CHARS", "Z85MAP", "decode", "encode"]

Z85CHARS: Final = z85.ALPHABET
Z85MAP: Final[dict[int, int]] = z85.VALUES


def encode(rawbytes: bytes | bytearray | memoryview) -> bytes:
    """Return the text of a multiple of 4 bytes."""
    return z85.encode(rawbytes)


def decode(z85bytes: str | bytes | bytearray | memoryview) -> bytes:
    """Return the bytes of a text of a multiple of 5 characters."""
    return z85.decode(z85bytes)
