"""What the front ends share whose callers wait by other means than threads: greenlets, trio's tasks.

The rules:

- Those who receive, and those who send, are served in the order in which they began to wait: the head of a queue is
  woken, makes its attempt, and passes on. Whoever is stopped while it waits has taken and sent nothing.
- A waiter joins its queue first, and looks then: from there on nothing is missed, for the engine rings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from purezmq.constants import PollEvent
from purezmq.errors import Again, ZMQError

if TYPE_CHECKING:
    from purezmq.engine.socket_core import SocketCore

NOT_YET: Any = object()  # what an attempt returns when there is nothing to receive, or no room to send

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_ALL = -1

T = TypeVar("T")
W = TypeVar("W")  # a waiter


class WaitingRoom(Generic[W]):
    """Those who wait for one socket by one means, and who of them is next."""

    def __init__(self, core: SocketCore) -> None:
        self.core = core
        self.receivers: deque[W] = deque()
        self.senders: deque[W] = deque()
        self.pollers: list[tuple[W, int]] = []

    def busy(self) -> bool:
        """Return whether anybody waits."""
        return bool(self.receivers or self.senders or self.pollers)

    def wake(self, waiter: W) -> None:
        """Have a waiter make its attempt, now or soon."""
        raise NotImplementedError

    def ring(self) -> bool:
        """See engine's Watcher."""
        raise NotImplementedError

    def look(self, driving: bool = False) -> None:
        """Wake those whose event is there. driving: have the engine look at its descriptors first."""
        core = self.core
        wanted = (_POLLIN if self.receivers else 0) | (_POLLOUT if self.senders else 0)
        for _, flags in self.pollers:
            wanted |= flags
        try:
            found = core.serve(self, wanted) if driving else core.known_events(wanted)
        except ZMQError:
            found = _ALL  # ETERM, ENOTSOCK: each finds out for itself
        if core.closed:
            found = _ALL
        # Whoever is woken may run at once, and leave.
        if found & _POLLIN and self.receivers:
            self.wake(self.receivers[0])
        if found & _POLLOUT and self.senders:
            self.wake(self.senders[0])
        for waiter, flags in list(self.pollers):
            if found & flags:
                self.wake(waiter)


class _Nobody:
    """Looks at a socket's descriptors for somebody who does not wait (engine's Watcher)."""

    def ring(self) -> bool:
        """Nobody is there."""
        return False


_NOBODY = _Nobody()


def take(core: SocketCore) -> Any:
    """Return the next message, or NOT_YET: the engine has taken in none."""
    try:
        message = core.inbox.popleft()
    except IndexError:
        message = core.take()
        return NOT_YET if message is None else message
    if core.attention:
        core.attend()
    return message


def take_now(core: SocketCore) -> Any:
    """Return the next message, or NOT_YET; the engine looks at its descriptors, too."""
    message = take(core)
    if message is NOT_YET and core.serve(_NOBODY, _POLLIN):
        return take(core)
    return message


def attempted(attempt: Callable[[], T]) -> T:
    """Make an attempt that raises Again into one that returns NOT_YET."""
    try:
        return attempt()
    except Again:
        not_yet: T = NOT_YET
        return not_yet
