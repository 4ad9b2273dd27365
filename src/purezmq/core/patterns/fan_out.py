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
from collections.abc import Iterable
from itertools import chain
from typing import Any

from purezmq.core.message import Broadcast, Message, first_part
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.subscriptions import PrefixTree
from purezmq.core.pipe import Pipe, run_whole

Targets = tuple[Pipe, ...]

CACHED_KEYS = 100_000
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
        batch = messages[:]
        who = self._all_targets(batch)
        self.unwanted += who.count(())
        groups: dict[Targets, list[Message]] = {}
        current: Targets | None = None
        for targets, message in zip(who, batch, strict=True):
            if targets is not current:
                current = targets
                add = groups.setdefault(targets, []).append
            add(message)
        touched = dict.fromkeys(chain.from_iterable(groups))
        self._dirty.extend(touched)
        if sum(map(len, groups)) == len(touched):  # no peer is in two groups: each gets its messages in order
            give_all(groups.items(), messages)
            return
        start = 0
        for index, targets in enumerate(who):
            if targets is not who[start]:
                give(who[start], batch[start:index], messages)
                start = index
        give(who[start], batch[start:], messages)

    def _all_targets(self, messages: list[Message]) -> list[Targets]:
        """Return for each message who is to get it; equal ones are one object."""
        longest = self.tree.longest
        keys = [
            message[:longest] if message.__class__ is bytes else first_part(message)[:longest]
            for message in messages
        ]
        found = list(map(self._cache.get, keys))
        if None in found:
            found = list(map(self._look_up, keys))
        return found  # type: ignore[return-value]  # none is None

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


def give(targets: Targets, messages: list[Message], source: list[Message] | None = None) -> None:
    """Queue messages at each of these pipes, as many as it has room for. The list is kept: give one of yours.

    As many are taken off the front of `source`: when a signal handler raises, all has been done or nothing.
    """
    give_all([(targets, messages)], source)


def give_all(groups: Iterable[tuple[Targets, list[Message]]], source: list[Message] | None = None) -> None:
    """Do what `give` does for several groups at once; no pipe is in two of them."""
    outboxes: list[deque[Any]] = []
    shares: list[list[Any]] = []
    total = 0
    for targets, messages in groups:
        count = len(messages)
        total += count
        outboxes += [pipe.outbox for pipe in targets]
        if len(targets) == 1:
            shares.append(_share(targets[0], messages))
            continue
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
        del source[:total]
    run_whole(handing)


def _share(pipe: Pipe, messages: list[Message]) -> list[Any]:
    room = pipe.room()
    if room < len(messages):
        pipe.dropped += len(messages) - max(room, 0)
        messages = messages[: max(room, 0)]
    if pipe.inproc:
        return [part if part.__class__ is bytes else [*part] for part in messages]
    return messages
