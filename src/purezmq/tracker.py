"""MessageTracker: when may a buffer that was sent with ``copy=False`` be used again?

A Lease stands for the engine's and the frame's hold on one buffer. Whoever holds the buffer holds the lease; when
the last of them lets go, Python collects it, and that takes the buffer off the list of those in use
(zmq.utils.garbage.gc) and sets the event that the tracker watches. So "done" means that every byte went to the kernel
(or the message was dropped), and that the Frame is gone too.
"""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Any

from purezmq.errors import NotDone
from purezmq.utils.garbage import gc

if TYPE_CHECKING:
    from purezmq.frame import Frame

__all__ = ["_FINISHED_TRACKER", "Lease", "MessageTracker"]


class Lease:
    """Keeps a buffer on the list of those in use while anybody holds this.

    event: set at the end. Callable, to serve as SharedPart's release.
    """

    __slots__ = ("_key",)

    def __init__(self, buffer: object, event: Event | None) -> None:
        self._key = gc.store(buffer, event)

    def __call__(self) -> None:
        """Do nothing: that the caller drops this object is what counts."""

    def __del__(self) -> None:
        gc.remove(self._key)


class MessageTracker:
    """Tells when all messages that it watches have been released: their buffers may be written to again.

    Watches events, frames that are tracked, and other trackers.
    """

    events: set[Event]
    peers: set[MessageTracker]

    def __init__(self, *towatch: MessageTracker | Event | Frame) -> None:
        self.events = set()
        self.peers = set()
        for watched in towatch:
            if isinstance(watched, Event):
                self.events.add(watched)
            elif isinstance(watched, MessageTracker):
                self.peers.add(watched)
            else:
                self.peers.add(_tracker_of(watched))

    @property
    def done(self) -> bool:
        """Whether everything that this watches has been released."""
        return all(event.is_set() for event in self.events) and all(peer.done for peer in self.peers)

    def wait(self, timeout: float | int = -1) -> None:
        """Wait until done; raise NotDone after so many seconds. Negative: no limit."""
        deadline = None if timeout is None or timeout < 0 else time.monotonic() + timeout
        for event in self.events:
            if not event.wait(_left(deadline)):
                raise NotDone
        for peer in self.peers:
            left = _left(deadline)
            peer.wait(-1 if left is None else left)


def _tracker_of(watched: Any) -> MessageTracker:
    from purezmq.frame import Frame

    if not isinstance(watched, Frame):
        raise TypeError(f"Require Events or Message Frames, not {type(watched)}")
    if watched.tracker is None:
        raise ValueError("Not a tracked message")
    return watched.tracker


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - time.monotonic(), 0)


_FINISHED_TRACKER = MessageTracker()
