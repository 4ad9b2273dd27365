"""Load balancing: messages to peers strictly in turn, past the full ones (RFCs 28, 30; libzmq's lb.cpp)."""

from __future__ import annotations

from purezmq.core.message import Message
from purezmq.core.pipe import UNLIMITED, Pipe


class LoadBalancer:
    """Gives messages out; the pipes that got some go into `dirty`, which is the pattern's."""

    __slots__ = ("_dirty", "_next", "pipes")

    def __init__(self, dirty: list[Pipe]) -> None:
        self.pipes: list[Pipe] = []
        self._dirty = dirty
        self._next = 0

    def attach(self, pipe: Pipe) -> None:
        """Let this peer take its turn, after those that are there."""
        self.pipes.append(pipe)

    def detach(self, pipe: Pipe) -> None:
        """Take this peer out; the turn passes on."""
        index = self.pipes.index(pipe)
        del self.pipes[index]
        if index < self._next:
            self._next -= 1
        if self._next >= len(self.pipes):
            self._next = 0

    def pick(self) -> Pipe | None:
        """Return the peer whose turn it is and pass the turn on; None: all are full or nobody is there."""
        pipes = self.pipes
        for _ in range(len(pipes)):
            pipe = pipes[self._next]
            self._next += 1
            if self._next == len(pipes):
                self._next = 0
            if pipe.room() > 0:
                return pipe
        return None

    def send(self, message: Message) -> Pipe | None:
        """Give one message to the peer whose turn it is, and return that peer; None: nobody can take it."""
        pipe = self.pick()
        if pipe is not None:
            pipe.outbox.append(message)
            self._dirty.append(pipe)
        return pipe

    def distribute(self, messages: list[Message]) -> int:
        """Give messages out in turn; return how many were taken."""
        count = len(self.pipes)
        if count == 1:
            pipe = self.pipes[0]
            taken = min(pipe.room(), len(messages))
            if taken <= 0:
                return 0
            pipe.outbox.extend(messages if taken == len(messages) else messages[:taken])
            self._dirty.append(pipe)
            return taken
        share = -(-len(messages) // count) if count else 0
        if share and all(pipe.room() >= share for pipe in self.pipes):
            self._deal(messages)
            return len(messages)
        return self._hand_out(messages)

    def room(self) -> int:
        """Return how many messages are surely taken now."""
        total = 0
        for pipe in self.pipes:
            room = pipe.room()
            if room > 0:
                total += room
        return min(total, UNLIMITED)

    def writable(self) -> bool:
        """Return whether some peer has room."""
        return any(pipe.room() > 0 for pipe in self.pipes)

    def _deal(self, messages: list[Message]) -> None:
        # Nobody is full, so every count-th message goes to the same peer.
        pipes = self.pipes
        count = len(pipes)
        for offset in range(min(count, len(messages))):
            pipe = pipes[(self._next + offset) % count]
            pipe.outbox.extend(messages[offset::count])
            self._dirty.append(pipe)
        self._next = (self._next + len(messages)) % count

    def _hand_out(self, messages: list[Message]) -> int:
        touched: dict[Pipe, None] = {}
        taken = 0
        for message in messages:
            pipe = self.pick()
            if pipe is None:
                break
            pipe.outbox.append(message)
            touched[pipe] = None
            taken += 1
        self._dirty.extend(touched)
        return taken
