"""What buffers of the program's are in use for sending without a copy: `gc.refs`.

PyZMQ needs a thread that libzmq tells when it has done with a buffer. Here whoever uses a buffer holds a Lease
(tracker.py), and the last one to let go takes it off the list: there is no thread, nothing to start or to stop, and
nothing that a fork could break.
"""

from __future__ import annotations

from threading import Event
from typing import Final, NamedTuple

__all__ = ["GarbageCollector", "gc", "gcref"]


class gcref(NamedTuple):
    """A buffer in use, and the event that is set when it is used no more."""

    obj: object
    event: Event | None


class GarbageCollector:
    """The list of the buffers in use.

    thread: None, always; for programs that ask which threads belong to ZeroMQ.
    """

    refs: dict[int, gcref]  # by the number that store() returned
    thread: None = None

    def __init__(self) -> None:
        self.refs = {}

    def store(self, obj: object, event: Event | None = None) -> int:
        """Note that a buffer is in use; return the number for remove()."""
        entry = gcref(obj, event)
        self.refs[id(entry)] = entry  # unique while the entry is in the list
        return id(entry)

    def remove(self, key: int) -> None:
        """Note that it is used no more, and set its event."""
        entry = self.refs.pop(key, None)
        if entry is not None and entry.event is not None:
            entry.event.set()


gc: Final = GarbageCollector()
