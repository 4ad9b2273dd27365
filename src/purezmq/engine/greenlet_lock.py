"""The lock of a socket in a program with gevent.

A greenlet never gives way while it holds the lock: the engine calls nothing of gevent's. But Python runs finalisers and
weakref callbacks wherever garbage is collected, and those of the program may switch to other greenlets. Then the lock
is held by a greenlet that does not run, and a thread that waited for the lock would wait for itself. So here whoever
waits in a greenlet lets the others run meanwhile.

The hub cannot: what runs there should ask `is_free` first, and come again if it is not.
"""

from __future__ import annotations

import sys
from typing import Any

from purezmq.engine.unpatched import Lock

_MOMENT = 0.001  # s: other threads hold the lock for much less
_AT_ONCE = (False,)  # the argument of a lock's acquire()


def new_lock() -> Any:
    """Return the lock of a new socket: a plain one, unless the program has imported gevent."""
    return GreenLock() if "gevent" in sys.modules else Lock()


class GreenLock:
    """A lock between threads and greenlets, as _thread.lock is one between threads."""

    # `with` looks both up in the class, and calls what they give: releasing is one call in C, as it is with a lock.
    __slots__ = ("__exit__", "_acquire", "locked", "release")

    def __init__(self) -> None:
        lock = Lock()
        self._acquire = lock.acquire
        self.release = lock.release
        self.locked = lock.locked
        self.__exit__ = lock.__exit__

    def __enter__(self) -> None:
        # A signal handler may raise behind every call; what acquire() has returned is kept in the same call.
        acquired: list[bool] = []
        try:
            acquired.extend(map(self._acquire, _AT_ONCE))
            while not acquired[-1]:
                self._let_others_run()
                acquired.extend(map(self._acquire, _AT_ONCE))
        except BaseException:
            if acquired and acquired[-1]:
                self.release()
            raise

    def acquire(self, blocking: bool = True) -> bool:
        """Take the lock; return whether it was free, or became so."""
        if not blocking:
            return self._acquire(False)
        self.__enter__()
        return True

    def is_free(self) -> bool:
        """Return whether the lock is free, or a moment later; if not, no other thread has it but a greenlet."""
        if not self.locked():
            return True
        free = self._acquire(True, _MOMENT)
        if free:
            self.release()
        return free

    def _let_others_run(self) -> None:
        if self.is_free():
            return
        import gevent
        from gevent._hub_local import (
            get_hub_if_exists,
        )  # get_hub() would make one, in the engine's threads too

        hub = get_hub_if_exists()
        if hub is not None and hub is not gevent.getcurrent():
            gevent.sleep(_MOMENT)
