"""How many items have gone through a queue, without anybody counting them.

inproc's fast paths append to a deque, and pop from it, in any thread and without a lock. A counter there would cost
every message, and go wrong between threads. But a deque counts by itself: CPython raises a number of it with each
append and each pop, by which iterators see that it has changed (`state` in Modules/_collectionsmodule.c). That number
is the sum of appends and pops, and the length their difference; so both are known, exactly and at any time.

The rules:

- Length and number are read from the deque's memory together, with nobody in between. What is read is tried out on a
  deque of our own first: where CPython lays it out otherwise (or is another Python) the answer is None, for "unknown".
- Only appends and pops, of whatever kind, leave the sum right: no clear(), no rotate().
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any, Final

# PyObject_VAR_HEAD, the blocks at both ends, the places in them, and `state`.
_HEAD: Final = struct.Struct("@nPnPPnnN")


def passed(queue: deque[Any]) -> tuple[int, int] | None:
    """Return how many items were put into the queue and how many were taken out; None: nobody knows.

    What was overwritten in a Newest was never in it.
    """
    read = _reader()
    if read is None:
        return None
    length, changes = read(queue)
    if isinstance(queue, Newest):
        return queue.taken() + length, queue.taken()
    return (changes + length) // 2, (changes - length) // 2


class Newest(deque[Any]):
    """A queue of one item, the newest (CONFLATE); it knows how many gave way to a newer one."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        super().__init__(maxlen=1)
        self._taken = count()  # advanced in C: threads may pop at once

    def popleft(self) -> Any:
        item = super().popleft()
        next(self._taken)
        return item

    def pop(self) -> Any:  # type: ignore[override]  # a deque's takes no index
        item = super().pop()
        next(self._taken)
        return item

    def taken(self) -> int:
        """Return how many items were taken out."""
        return int(repr(self._taken).strip("count()"))

    def overwritten(self) -> int:
        """Return how many items were overwritten: put in, not taken out, and not there. 0 where nobody knows."""
        read = _reader()
        if read is None:
            return 0
        length, changes = read(self)
        # An append that overwrites is one change, too; so there were `changes - taken` appends.
        return max(changes - 2 * self.taken() - length, 0)


@cache
def _reader() -> Callable[[deque[Any]], tuple[int, int]] | None:
    """Return what reads the length of a deque and the number of its changes; None: they are not where we look."""
    if deque.__basicsize__ < _HEAD.size:
        return None
    try:
        from ctypes import string_at  # keeps the GIL
    except ImportError:
        return None

    def read(queue: deque[Any]) -> tuple[int, int]:
        fields = _HEAD.unpack(string_at(id(queue), _HEAD.size))
        return fields[2], fields[7]

    return read if _is_right(read) else None


def _is_right(read: Callable[[deque[Any]], tuple[int, int]]) -> bool:
    trial: deque[Any] = deque()
    trial.extend(range(200))
    for _ in range(150):
        trial.popleft()
    trial.append(None)
    newest: deque[Any] = deque(maxlen=1)
    newest.extend(range(3))
    return (read(trial), read(newest)) == ((51, 351), (1, 3))
