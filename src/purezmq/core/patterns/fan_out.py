"""Fan-out: the same messages to many peers (libzmq's dist.cpp).

The rules:

- A message goes to every matching peer that has room; the others miss it. Nobody waits for anybody.
- Consecutive messages with the same targets travel as one Broadcast: encoded once for all wire pipes.
- Inproc peers get lists of their own, since their application may keep them.
- Who gets a message depends on the first bytes of its first part only, as many as the longest topic has. The
  answer is kept by those bytes until a subscription changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from purezmq.core.message import Broadcast, Message, first_part
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.subscriptions import PrefixTree
from purezmq.core.pipe import Pipe, run_whole

Targets = tuple[Pipe, ...]

CACHED_KEYS = 10_000
CACHED_KEY_SIZE = 256  # with longer topics, each message is looked up


class FanOut:
    """Distributes a publisher's messages; the pipes that got some go into `dirty`, which is the pattern's."""

    __slots__ = (
        "_cache",
        "_dirty",
        "_everybody",
        "_fresh",
        "_inverted",
        "_options",
        "_pipes",
        "_same",
        "tree",
        "unwanted",
    )

    def __init__(self, options: SocketOptions, pipes: list[Pipe], dirty: list[Pipe]) -> None:
        self.tree: PrefixTree[Pipe] = PrefixTree()
        self._options = options
        self._pipes = pipes
        self._dirty = dirty
        self._cache: dict[bytes, Targets] = {}  # the start of a first part → targets
        self._same: dict[frozenset[Pipe], Targets] = {}  # equal targets are one object
        self._everybody: Targets | None = ()  # whoever gets every message, if topics do not matter
        self._inverted = False
        self._fresh = False
        self.unwanted = 0  # messages that went to nobody

    def changed(self) -> None:
        """Forget what was worked out: a pipe or a subscription came or went."""
        self._fresh = False

    def targets(self, message: Message) -> Targets:
        """Return who is to get this message."""
        self._refresh()
        if self._everybody is not None:
            return self._everybody
        return self._look_up(first_part(message)[: self.tree.longest])

    def distribute(self, messages: list[Message]) -> None:
        """Take the messages out of the list and give each to everybody it is for."""
        if len(messages) == 1:
            few = self.targets(messages[0])
            if not few:
                self.unwanted += 1
            self._dirty.extend(few)
            give(few, messages[:], messages)
            return
        self._refresh()
        if self._everybody is not None:
            if not self._everybody:
                self.unwanted += len(messages)
            self._dirty.extend(self._everybody)
            give(self._everybody, messages[:], messages)
            return
        longest = self.tree.longest
        cached = self._cache.get
        touched: dict[int, Targets] = {}
        current: Targets = ()
        start = unwanted = 0
        batch = messages[:]
        for index, message in enumerate(batch):
            key = (message if message.__class__ is bytes else first_part(message))[:longest]
            targets = cached(key)
            if targets is None:
                targets = self._look_up(key)
            if not targets:
                unwanted += 1
            if targets is not current:
                if index:
                    touched[id(current)] = current
                    give(current, batch[start:index], messages)
                current = targets
                start = index
        self.unwanted += unwanted
        touched[id(current)] = current
        give(current, batch[start:], messages)
        self._dirty.extend(dict.fromkeys(pipe for some in touched.values() for pipe in some))

    def _refresh(self) -> None:
        inverted = self._options.invert_matching != 0
        if self._fresh and inverted is self._inverted:
            return
        self._inverted = inverted
        self._cache.clear()
        self._same.clear()
        matching = self.tree.everybody()
        self._everybody = None if matching is None else self._unify(matching)
        self._fresh = True

    def _look_up(self, key: bytes) -> Targets:
        targets = self._cache.get(key)
        if targets is None:
            targets = self._unify(self.tree.match(key))
            if self.tree.longest <= CACHED_KEY_SIZE:
                if len(self._cache) >= CACHED_KEYS:
                    self._cache.clear()
                    self._same.clear()
                self._cache[key] = targets
        return targets

    def _unify(self, matching: frozenset[Pipe]) -> Targets:
        targets = self._same.get(matching)
        if targets is None:
            if self._inverted:
                targets = tuple(pipe for pipe in self._pipes if pipe not in matching)
            else:
                targets = tuple(matching)
            self._same[matching] = targets
        return targets


def give(targets: Sequence[Pipe], messages: list[Message], source: list[Message] | None = None) -> None:
    """Queue messages at each of these pipes, as many as it has room for. The list is kept: give one of yours.

    As many are taken off the front of `source`: when a signal handler raises, all has been done or nothing.
    """
    count = len(messages)
    outboxes = [pipe.outbox for pipe in targets]
    if len(targets) == 1:
        shares: list[list[Any]] = [_share(targets[0], messages)]
    else:
        shares = []
        batch: list[Any] = []
        for pipe in targets:
            # Pipe.room and Pipe.broadcast, written out. bench: 32 peers cost a third of what they cost with calls.
            if (
                pipe.shares_encoding
                and not pipe.conflate
                and pipe.send_limit - len(pipe.outbox) - pipe.extra - pipe.unsent >= count
            ):
                if not batch:
                    batch = [Broadcast(messages)]
                shares.append(batch)
                pipe.extra += count - 1
            else:
                shares.append(_share(pipe, messages))
    handing = map(deque.extend, outboxes, shares)
    if source is not None:
        del source[:count]
    run_whole(handing)


def _share(pipe: Pipe, messages: list[Message]) -> list[Any]:
    room = pipe.room()
    if room < len(messages):
        pipe.dropped += len(messages) - max(room, 0)
        messages = messages[: max(room, 0)]
    if pipe.inproc:
        return [part if part.__class__ is bytes else [*part] for part in messages]
    return messages
