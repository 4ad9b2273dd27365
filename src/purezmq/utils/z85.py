"""Z85, keys as text (RFC 32), under PyZMQ's names.

What is no Z85 is a ValueError each time; PyZMQ raises KeyError or struct.error for some of it.
"""

from __future__ import annotations

from typing import Final

from purezmq.core.security.z85 import ALPHABET, VALUES, decode, encode

Z85CHARS: Final = ALPHABET
Z85MAP: Final[dict[int, int]] = VALUES

__all__ = ["Z85CHARS", "Z85MAP", "decode", "encode"]
