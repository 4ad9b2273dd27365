"""str to bytes and back, as programs for Python 2 and 3 needed it. Deprecated: use encode() and decode()."""

from __future__ import annotations

import builtins
import warnings

__all__ = ["asbytes", "b", "basestring", "bytes", "cast_bytes", "cast_unicode", "u", "unicode"]

bytes = builtins.bytes
unicode = str
basestring = (str,)


def cast_bytes(s: str | builtins.bytes, encoding: str = "utf8", errors: str = "strict") -> builtins.bytes:
    """Return bytes as they are, and a str encoded."""
    _warn()
    if isinstance(s, builtins.bytes):
        return s
    if isinstance(s, str):
        return s.encode(encoding, errors)
    raise TypeError(f"Expected unicode or bytes, got {s!r}")


def cast_unicode(s: str | builtins.bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """Return a str as it is, and bytes decoded."""
    _warn()
    if isinstance(s, builtins.bytes):
        return s.decode(encoding, errors)
    if isinstance(s, str):
        return s
    raise TypeError(f"Expected unicode or bytes, got {s!r}")


b = asbytes = cast_bytes
u = cast_unicode


def _warn() -> None:
    warnings.warn("zmq.utils.strtypes is deprecated in pyzmq 23.", DeprecationWarning, stacklevel=3)
