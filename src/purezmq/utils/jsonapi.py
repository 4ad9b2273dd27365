"""JSON to and from UTF-8 bytes, with the standard library's json."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["dumps", "loads"]

jsonmod = json  # programs of PyZMQ's early days look at it


def dumps(o: object, **kwargs: Any) -> bytes:
    """Return an object as JSON in UTF-8. kwargs go to json.dumps()."""
    return json.dumps(o, **kwargs).encode()


def loads(s: bytes | str, **kwargs: Any) -> dict[str, Any] | list[Any] | str | float:
    """Return the object that JSON text or UTF-8 bytes stand for. kwargs go to json.loads()."""
    text = s.decode() if isinstance(s, bytes) else s
    value: dict[str, Any] | list[Any] | str | float = json.loads(text, **kwargs)
    return value
