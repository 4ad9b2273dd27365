"""zmq.sugar.tracker: MessageTracker."""

from __future__ import annotations

from purezmq.errors import NotDone as NotDone
from purezmq.frame import Frame as Frame
from purezmq.tracker import _FINISHED_TRACKER, MessageTracker

__all__ = ["MessageTracker", "_FINISHED_TRACKER"]
