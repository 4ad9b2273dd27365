"""Fair queueing: one whole message from each peer in turn (libzmq's fq.cpp).

The rules:

- A pipe stands in the queue while `pipe.active` is set. It leaves when a reader finds its inbox empty, and
  comes back with `activate`. An inproc peer appends without a lock and calls nobody while the flag is set, so
  the inbox is looked at once more after the flag went down.
- `direct` readers pop an inbox behind the queue's back, so an inbox may be empty at any moment.
- A detached pipe stays until its inbox is drained.
- A session that stopped reading because the inbox was full is told to go on once half of it has been read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe


class FairQueue:
    """Takes messages from many inboxes in turn; `last` is the pipe of the last one."""

    __slots__ = ("_active", "leaving", "last", "pipes")

    def __init__(self) -> None:
        self.pipes: list[Pipe] = []
        self.leaving: list[Pipe] = []  # detached, and not yet drained
        self.last: Pipe | None = None
        self._active: deque[Pipe] = deque()

    def attach(self, pipe: Pipe) -> None:
        """Let this peer take part."""
        self.pipes.append(pipe)
        self.activate(pipe)

    def detach(self, pipe: Pipe) -> None:
        """Let this peer go once its inbox is drained."""
        self.pipes.remove(pipe)
        pipe.paused = False  # there is nobody left to resume
        if pipe.inbox:
            self.leaving.append(pipe)
            self.activate(pipe)
        elif pipe.active:
            self._active.remove(pipe)
            pipe.active = False

    def drop(self, pipe: Pipe) -> None:
        """Let this peer go at once, with all that its inbox holds."""
        pipe.inbox.clear()
        self.detach(pipe)

    def activate(self, pipe: Pipe) -> None:
        """Give this pipe its turns: its inbox holds something."""
        if not pipe.active and pipe.inbox:
            pipe.active = True
            self._active.append(pipe)

    def pop(self) -> Any:
        """Return the next message, or None."""
        active = self._active
        while active:
            pipe = active[0]
            inbox = pipe.inbox
            if not inbox:
                self._retire(pipe)
                continue
            try:
                item = inbox.popleft()
            except IndexError:  # a direct reader was faster
                continue
            self.last = pipe
            if pipe.paused or len(active) > 1:
                self.pass_on(pipe)
            return item
        return None

    def pass_on(self, pipe: Pipe) -> None:
        """Let the next pipe take its turn: a message was taken from this one, by `pop` or behind a `peek`."""
        if len(self._active) > 1:
            self._active.rotate(-1)
        if pipe.paused and len(pipe.inbox) <= pipe.low_mark():
            pipe.link.resume()

    def peek(self) -> Any:
        """Return what `pop` would return, and leave it there."""
        active = self._active
        while active:
            pipe = active[0]
            if not pipe.inbox:
                self._retire(pipe)
                continue
            try:
                item = pipe.inbox[0]
            except IndexError:  # a direct reader was faster
                continue
            self.last = pipe
            return item
        return None

    def sole_inbox(self) -> deque[Any] | None:
        """Return the one inbox that messages can come from, or None when there are several."""
        if len(self.pipes) == 1 and not self.leaving:
            return self.pipes[0].inbox
        return None

    def _retire(self, pipe: Pipe) -> None:
        pipe.active = False
        self._active.popleft()  # last, see frames.py: a signal handler may raise behind it
        if pipe.inbox:
            self.activate(pipe)
        elif pipe.paused:
            pipe.link.resume()
        elif self.leaving and pipe in self.leaving:
            self.leaving.remove(pipe)


class FairQueued(Pattern):
    """The base of the socket types that receive from all their peers in turn."""

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._queue = FairQueue()

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        self._queue.attach(pipe)
        self._set_direct()

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        self._queue.detach(pipe)
        self._set_direct()

    def arrived(self, pipe: Pipe) -> None:
        self._queue.activate(pipe)

    def receive(self) -> Message | None:
        queue = self._queue
        message: Message | None = queue.pop()
        if message is None:
            # Whoever was leaving is drained now.
            self._set_direct()
        else:
            self.last_pipe = queue.last
        return message

    def readable(self) -> bool:
        return self._queue.peek() is not None

    def _set_direct(self) -> None:
        self.direct = self._queue.sole_inbox()
        if self.direct is not None:
            self.last_pipe = self._queue.pipes[0]
