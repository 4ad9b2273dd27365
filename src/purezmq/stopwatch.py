"""Stopwatch: deprecated, as in PyZMQ. Python has time.perf_counter()."""

from __future__ import annotations

import warnings
from time import monotonic

__all__ = ["Stopwatch"]


class Stopwatch:
    """Measures the microseconds from start() to stop(). Deprecated: use time.perf_counter()."""

    _start: float

    def __init__(self) -> None:
        warnings.warn(
            "zmq.Stopwatch is deprecated: use time.monotonic() or time.perf_counter()",
            DeprecationWarning,
            stacklevel=2,
        )
        self._start = 0

    def start(self) -> None:
        """Start, or start anew."""
        self._start = monotonic()

    def stop(self) -> int:
        """Return the microseconds since start()."""
        return int((monotonic() - self._start) * 1e6)
