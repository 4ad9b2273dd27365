"""zmq.sugar.stopwatch: Stopwatch."""

from __future__ import annotations

from purezmq.stopwatch import Stopwatch

__all__ = ["Stopwatch"]
