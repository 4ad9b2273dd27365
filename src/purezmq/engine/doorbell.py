"""The descriptor behind `socket.FD`: readable whenever EVENTS should be read, for users of edges and of levels.

It is an epoll of two: the loop's own epoll, which is readable when a peer's bytes or a time-out wait, and a bell,
which is rung when the engine has taken something in on its own (the keeper, a recv that left more behind, another
thread). Only reading EVENTS, which drives the loop and silences the bell, makes it unreadable.

Where descriptors of loops cannot be polled (no epoll, no kqueue) the bell is all there is, and the keeper rings it.
"""

from __future__ import annotations

from purezmq.engine.unpatched import select
from purezmq.engine.wakeup import Wakeup


class Doorbell:
    """One for each socket whose FD has been asked for, for as long as the socket lives."""

    __slots__ = ("_bell", "_poll")

    def __init__(self, loop_fd: int) -> None:
        self._bell = Wakeup()
        self._poll: select.epoll | None = None
        if loop_fd >= 0 and hasattr(select, "epoll"):
            self._poll = select.epoll()
            self._poll.register(loop_fd, select.EPOLLIN)
            self._poll.register(self._bell.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        """Return the descriptor to poll for reading."""
        return self._poll.fileno() if self._poll is not None else self._bell.fileno()

    def ring(self) -> None:
        """Make the descriptor readable; any thread."""
        self._bell.set()

    def silence(self) -> None:
        """EVENTS is being read: forget the rings so far."""
        self._bell.clear()

    def close(self) -> None:
        """Give the descriptors back."""
        if self._poll is not None:
            self._poll.close()
        self._bell.close()
