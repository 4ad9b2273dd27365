"""Small things that programs import from zmq.utils: keys as text, monitor events, JSON, strings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purezmq.utils import interop as interop
    from purezmq.utils import jsonapi as jsonapi
else:

    def __getattr__(name: str) -> object:
        """Import what is an attribute of PyZMQ's package, too, when it is asked for: json takes its time."""
        if name in ("interop", "jsonapi"):
            return import_module(f"purezmq.utils.{name}")
        raise AttributeError(f"module 'purezmq.utils' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return [*globals(), "interop", "jsonapi"]
