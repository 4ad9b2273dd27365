"""Addresses as other libraries hand them over: numbers, or cffi's pointers."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["cast_int_addr"]


def cast_int_addr(n: Any) -> int:
    """Return the number for Socket.shadow() or Context.shadow(). ValueError: this is no address."""
    if isinstance(n, int):
        return n
    cffi = sys.modules.get("cffi")  # who has a pointer of cffi has imported it
    if cffi is not None:
        ffi = cffi.FFI()
        if isinstance(n, ffi.CData):
            return int(ffi.cast("size_t", n))
    raise ValueError(f"Cannot cast {n!r} to int")
