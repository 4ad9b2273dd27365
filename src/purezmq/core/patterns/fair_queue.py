"""Fair queueing: one whole message from each peer in turn (libzmq's fq.cpp).

The rules:

- A pipe stands in the queue while `pipe.active` is set. It leaves when a reader finds its inbox empty, and
  comes back with `activate`. An inproc peer appends without a lock and calls nobody while the flag is set, so
  the inbox is looked at once more after the flag went down.
- `direct` readers pop an inbox behind the queue's back, so an inbox may be empty at any moment.
- When several inboxes hold messages of one part, some are `staged`: taken out of them in turn, in one queue that
  readers pop as they pop the one inbox of a single peer. `owners` says who sent them. Where a message is received
  with its sender's routing id before it (ROUTER), what is staged has it; those of several parts are staged, too.
- A detached pipe stays until its inbox is drained.
- A session that stopped reading because the inbox was full is told to go on once half of it has been read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from operator import add, itemgetter
from typing import Any, ClassVar

from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe

_BODY, _PARTS = itemgetter(1), itemgetter(slice(1, None))
_STAGED = 64  # messages: what is staged is in front of what the HWM counts


class FairQueue:
    """Takes messages from many inboxes in turn; `last` is the pipe of the last one."""

    __slots__ = ("_active", "_addressed", "_body", "leaving", "last", "owners", "pipes", "staged")

    def __init__(self, addressed: bool = False) -> None:
        """addressed: what is staged has the routing id of its sender before it; what `pop` takes elsewhere has not."""
        self.pipes: list[Pipe] = []
        self.leaving: list[Pipe] = []  # detached, and not yet drained
        self.last: Pipe | None = None
        self.staged: deque[Any] = deque()
        self.owners: list[Pipe] = []  # of all that was staged last, whether received by now or not
        self._active: deque[Pipe] = deque()
        self._addressed = addressed
        self._body: itemgetter[Any] = _BODY  # takes out of what is staged what the inbox held

    def attach(self, pipe: Pipe) -> None:
        """Let this peer take part. Done again when a signal handler has cut it short."""
        if pipe not in self.pipes[-1:]:
            self.pipes.append(pipe)
        self.activate(pipe)

    def detach(self, pipe: Pipe) -> None:
        """Let this peer go once its inbox is drained."""
        if pipe in self.pipes:  # else `attach` was cut short
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
        while pipe.inbox:  # not `clear`, see queue_counts.py
            pipe.inbox.popleft()
        self.detach(pipe)

    def activate(self, pipe: Pipe) -> None:
        """Give this pipe its turns: its inbox holds something."""
        if not pipe.active and pipe.inbox:
            pipe.active = True
            self._active.append(pipe)

    def pop(self) -> Any:
        """Return the next message, or None."""
        if self.staged:
            self.last = self.owners[-len(self.staged)]
            try:
                return self.staged.popleft()
            except IndexError:  # a direct reader was faster
                pass
        if self.owners:
            self.owners = []
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

    def throw_away(self, pattern: Pattern) -> bool:
        """Take the next message for nothing, and count it; return whether there was one."""
        taken = self.pop() is not None
        if taken and self.last is not None:
            pattern.thrown_away(self.last)
        return taken

    def pass_on(self, pipe: Pipe) -> None:
        """Let the next pipe take its turn: a message was taken from this one, by `pop` or behind a `peek`."""
        if len(self._active) > 1:
            self._active.rotate(-1)
        if pipe.paused and len(pipe.inbox) <= pipe.low_mark():
            pipe.link.resume()

    def peek(self) -> Any:
        """Return what `pop` would return, and leave it there."""
        if self.staged:
            self.last = self.owners[-len(self.staged)]
            try:
                return self.staged[0]
            except IndexError:  # a direct reader was faster
                pass
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
        if len(self.pipes) == 1 and not self.leaving and not self.staged:
            return self.pipes[0].inbox
        return None

    def stage(self) -> None:
        """Stage what several inboxes hold, as many from each, if nothing is staged yet."""
        active = self._active
        if self.staged or len(active) < 2:
            return
        some = [pipe for pipe in islice(active, _STAGED) if pipe.inbox]
        if len(some) < 2:
            return
        if [pipe for pipe in some if pipe.conflate]:  # what is newer would have to replace what is staged
            return
        rounds = min(min([len(pipe.inbox) for pipe in some]), max(_STAGED // len(some), 1))
        inboxes = [pipe.inbox for pipe in some]
        kinds = set(map(type, chain.from_iterable(map(islice, inboxes, repeat(rounds)))))
        turns: Iterator[Any] = map(deque.popleft, inboxes * rounds)
        if self._addressed and kinds == {bytes}:
            self._body = _BODY
            turns = map(list, zip([pipe.routing_id for pipe in some] * rounds, turns, strict=True))
        elif self._addressed and kinds == {list}:
            self._body = _PARTS
            turns = map(add, [[pipe.routing_id] for pipe in some] * rounds, turns)
        # Who sent the rest of a message is asked when its first part was received: only whole ones.
        elif self._addressed or kinds != {bytes}:
            return
        self.owners = some * rounds
        self.staged.extend(turns)
        for _ in range(min(len(active), _STAGED)):
            pipe = active[0]
            if pipe.inbox or pipe.inproc or pipe.paused or self.leaving:
                active.rotate(-1)
            else:  # as `_retire`, for all that have been emptied
                pipe.active = False
                active.popleft()
        for pipe in some:
            if pipe.paused and len(pipe.inbox) <= pipe.low_mark():
                pipe.link.resume()

    def unstage(self) -> None:
        """Put what is staged back where it came from."""
        owners = self.owners[len(self.owners) - len(self.staged) :]
        for pipe in dict.fromkeys(
            owners
        ):  # first: what is back in an inbox must be found, whatever comes between
            if pipe not in self.pipes and pipe not in self.leaving:
                self.leaving.append(pipe)
            if not pipe.active:
                pipe.active = True
                self._active.append(pipe)
        back: list[None] = []
        try:
            # One C call: no signal handler comes between taking a message and putting it back.
            inboxes = [pipe.inbox for pipe in reversed(owners)]
            items: Iterator[Any] = iter(self.staged.pop, None)
            back.extend(map(deque.appendleft, inboxes, map(self._body, items) if self._addressed else items))
        except IndexError:  # a direct reader has taken the first ones meanwhile
            pass
        start = len(self.owners) - len(back)
        for pipe in self.owners[start:]:
            pipe.own += 1  # it has gone through the inbox twice, see queue_counts.py
        self.owners = self.owners[:start]

    def sender(self) -> Pipe | None:
        """Return who sent the message that was received last, if it was staged."""
        owners = self.owners  # one list: whoever reads it without the lock is asked while others receive
        received = len(owners) - len(self.staged)
        return owners[received - 1] if received > 0 else None

    def left_behind(self) -> int:
        """Return how many messages there are of peers that have left."""
        return sum(len(pipe.inbox) for pipe in self.leaving)

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

    stages: ClassVar[bool] = False  # what is in the inboxes is what the program gets
    reads_inboxes: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._queue = FairQueue()

    def attach(self, pipe: Pipe) -> None:
        self._queue.attach(pipe)
        super().attach(pipe)
        self._set_direct()

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        self._queue.detach(pipe)
        self._set_direct()

    def arrived(self, pipe: Pipe) -> None:
        if not pipe.active:
            self._queue.activate(pipe)

    def receive(self) -> Message | None:
        queue = self._queue
        message: Message | None = queue.pop()
        if message is None:
            if len(queue.pipes) < 2:
                self._set_direct()  # whoever was leaving is drained now
        else:
            self.last_pipe = queue.last
            if self.direct is queue.staged:
                queue.stage()
        return message

    def listening(self, pipe: Pipe) -> bool:
        return self.direct is pipe.inbox and not pipe.inbox

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        if not self.listening(pipe):
            return None
        # In a row: no signal handler comes between taking the message and returning it.
        self.last_pipe = pipe
        del chunks[0]
        return message

    def readable(self) -> bool:
        return self._queue.peek() is not None

    def queued_in(self) -> int:
        return super().queued_in() + self._queue.left_behind()

    def _set_direct(self) -> None:
        self.direct = self._queue.sole_inbox()
        if self.direct is not None:
            self._queue.owners = []
            self.last_pipe = self._queue.pipes[0]
        elif self.stages and not self.options.conflate:
            self.direct = self._queue.staged

    def unstage(self) -> None:
        self._queue.unstage()

    def sender(self) -> Pipe | None:
        return self._queue.sender() or super().sender()
