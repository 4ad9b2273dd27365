"""What seldom happens at a socket's descriptors: connections that come, fail and go, but no messages.

A socket in use is looked at by the keeper every 10 ms only, and its user may compute meanwhile. Whoever monitors it
wants to hear sooner. So the descriptors of a monitored socket are in a second epoll, too, with all that may become of a
connection; once messages travel over it, with its hang-up only. The keeper waits for this epoll, and drives the socket
when it tells of something: messages neither wake it nor cost more than before.

Edge-triggered: each change is told once, whoever acts on it.
"""

from __future__ import annotations

from purezmq.engine.unpatched import select

AVAILABLE = hasattr(select, "epoll")  # elsewhere events of sockets in use come when the keeper looks


class Alerts:
    """An epoll of rare events."""

    __slots__ = ("_masks", "_poll")

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._masks: dict[int, int] = {}

    def fileno(self) -> int:
        """Return the descriptor that is readable when something has happened."""
        return self._poll.fileno()

    def watch(self, fd: int, traffic: bool) -> None:
        """Tell of what happens at this descriptor; traffic: messages travel there, which are nothing to tell of."""
        mask = select.EPOLLRDHUP | select.EPOLLET  # errors are told in any case
        if not traffic:
            mask |= select.EPOLLIN | select.EPOLLOUT
        if self._masks.get(fd) != mask:
            self.unwatch(fd)
            try:
                self._poll.register(fd, mask)
                self._masks[fd] = mask
            except OSError:  # somebody has closed it: the loop finds out
                pass

    def unwatch(self, fd: int) -> None:
        """Forget the descriptor; call it before closing it."""
        if self._masks.pop(fd, None) is not None:
            try:
                self._poll.unregister(fd)
            except OSError:  # somebody has closed it
                pass

    def silence(self) -> None:
        """Take note of what has happened: `fileno` is unreadable until more does."""
        self._poll.poll(0)

    def close(self) -> None:
        """Give the descriptor back."""
        self._poll.close()
