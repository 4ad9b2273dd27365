"""Looking up names without holding anybody up.

getaddrinfo() blocks, for half a minute when a name server is dead, and cannot be interrupted. So each
look-up has a daemon thread of its own for as long as it lasts, a few at a time; the rest queue. Nobody
waits for a look-up: not the socket, not the keeper, not close(), not the end of the program.
"""

from __future__ import annotations

from collections import deque
from errno import EAGAIN
from typing import TYPE_CHECKING, Any

from purezmq.engine.unpatched import Lock, new_thread

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 4


class Resolver:
    """The look-ups of one context. Thread-safe."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._lock = Lock()
        self._waiting: deque[tuple[Callable[[], Any], Callable[[Any], None]]] = deque()
        self._running = 0
        self._closed = False

    def resolve(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Call function, which may block, in a thread; then done with what it returned, or with its OSError.

        done is called in that thread, or, when there is no thread to be had, in this one: it must be brief, and
        thread-safe (a loop's call_soon_threadsafe). It is not called at all for what close() drops.
        """
        with self._lock:
            if self._closed:
                return
            self._waiting.append((function, done))
        self._start_waiting()

    def close(self) -> None:
        """Drop what waits, and what is to come of the look-ups under way. A second call does nothing.

        Waits for nothing: a done that was being called just now may still run.
        """
        with self._lock:
            self._closed = True
            self._waiting.clear()

    def _start_waiting(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._running == self._at_once:
                    return
                function, done = self._waiting.popleft()
                self._running += 1
            try:
                new_thread(self._look_up, (function, done), "purezmq-resolver").start()
            except RuntimeError as no_thread:  # too many of them, or the interpreter is about to end
                with self._lock:
                    self._running -= 1
                done(OSError(EAGAIN, str(no_thread)))

    def _look_up(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            try:
                result = function()
            except OSError as failure:
                result = failure
            if not self._closed:
                done(result)
        finally:
            with self._lock:
                self._running -= 1
            self._start_waiting()
