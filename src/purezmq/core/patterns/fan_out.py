"""Fan-out: the same messages to many peers (libzmq's dist.cpp).

The rules:

- A message goes to every matching peer that has room; the others miss it. Nobody waits for anybody.
- Consecutive messages with the same targets travel as one Broadcast: encoded once for all wire pipes.
- Inproc peers get lists of their own, since their application may keep them.
- Where messages differ by whom they are for, more of them go out at once the more peers share them: a write of two
  messages costs a peer as much as one of sixty. No peer gets more at once than it got when all went to everybody.
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
from purezmq.core.pacing import BATCH_COUNT, MOST_SPREAD
from purezmq.core.patterns.subscriptions import PrefixTree
from purezmq.core.pipe import Pipe, run_whole

Targets = tuple[Pipe, ...]

CACHED_KEYS = 100_000
CACHED_KEY_SIZE = 256  # with longer topics, each message is looked up


class _Group(list[Message]):
    """The messages of one `distribute` that are for the same peers. One object for the same peers."""

    __slots__ = ("targets",)
    __hash__ = object.__hash__  # type: ignore[assignment]  # it stands in dicts for itself, not for what it holds

    def __init__(self, targets: Targets) -> None:
        super().__init__()
        self.targets = targets


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
        "_sorted",
        "spread",
        "tree",
        "unwanted",
    )

    def __init__(self, options: SocketOptions, pipes: list[Pipe], dirty: list[Pipe]) -> None:
        self.tree: PrefixTree[Pipe] = PrefixTree()
        self.spread = 1  # so many times more messages have gone out lately than to any one peer
        self._options = options
        self._pipes = pipes
        self._dirty = dirty
        self._cache: dict[bytes, _Group] = {}  # the start of a first part → who gets it
        self._same: dict[frozenset[Pipe], _Group] = {}
        self._sorted: dict[
            _Group, None
        ] = {}  # those that hold messages; after an exception, to be thrown away
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
        return self._look_up(first_part(message)[: self.tree.longest]).targets

    def distribute(self, messages: list[Message]) -> None:
        """Take messages out of the list and give each to everybody it is for; one at least.

        Not all, if they would come to more for one peer than the last ones made expect: write before you go on.
        """
        if len(messages) == 1:
            few = self.targets(messages[0])
            if not few:
                self.unwanted += 1
            self._dirty.extend(few)
            give(few, messages[:], messages)
            return
        self._refresh()
        if self._everybody is not None:
            batch = messages[:BATCH_COUNT]
            if not self._everybody:
                self.unwanted += len(batch)
            self.spread = 1
            self._dirty.extend(self._everybody)
            give(self._everybody, batch, messages)
            return
        batch = messages[: BATCH_COUNT * min(self.spread, MOST_SPREAD)]
        groups = self._sort(batch)
        most = max([len(group) for group in groups if group.targets], default=1)
        if most > BATCH_COUNT:
            batch = messages[:BATCH_COUNT]
            groups = self._sort(batch)
            most = BATCH_COUNT
        self.spread = max(len(batch) // most, 1)
        shares = [(group.targets, group[:]) for group in groups]
        for group in groups:
            group.clear()
        self.unwanted += sum([len(share) for targets, share in shares if not targets])
        touched = dict.fromkeys(chain.from_iterable([targets for targets, _ in shares]))
        self._dirty.extend(touched)
        if sum([len(targets) for targets, _ in shares]) == len(touched):
            # No peer is in two groups: each gets its messages in order.
            give_all(shares, messages)
            return
        who = self._groups_of(batch)
        start = 0
        for index, group in enumerate(who):
            if group is not who[start]:
                give(who[start].targets, batch[start:index], messages)
                start = index
        give(who[start].targets, batch[start:], messages)

    def _sort(self, messages: list[Message]) -> dict[_Group, None]:
        """Put each message into the group of those it is for; return the groups that hold some, in order."""
        for group in self._sorted:
            group.clear()  # what a signal handler has cut short, if anything
        who = self._groups_of(messages)
        self._sorted = dict.fromkeys(who)
        run_whole(map(_Group.append, who, messages))
        return self._sorted

    def _groups_of(self, messages: list[Message]) -> list[_Group]:
        """Return for each message the group of those it is for."""
        longest = self.tree.longest
        keys = [
            message[:longest] if message.__class__ is bytes else first_part(message)[:longest]
            for message in messages
        ]
        try:
            return list(map(self._cache.__getitem__, keys))
        except KeyError:
            return list(map(self._look_up, keys))

    def _refresh(self) -> None:
        inverted = self._options.invert_matching != 0
        if self._fresh and inverted is self._inverted:
            return
        self._inverted = inverted
        self._cache.clear()
        self._same.clear()
        matching = self.tree.everybody()
        self._everybody = None if matching is None else self._unify(matching).targets
        self._fresh = True

    def _look_up(self, key: bytes) -> _Group:
        group = self._cache.get(key)
        if group is None:
            group = self._unify(self.tree.match(key))
            if self.tree.longest <= CACHED_KEY_SIZE:
                if len(self._cache) >= CACHED_KEYS:
                    self._cache.clear()
                    self._same.clear()
                self._cache[key] = group
        return group

    def _unify(self, matching: frozenset[Pipe]) -> _Group:
        group = self._same.get(matching)
        if group is None:
            if self._inverted:
                group = _Group(tuple([pipe for pipe in self._pipes if pipe not in matching]))
            else:
                group = _Group(tuple(matching))
            self._same[matching] = group
        return group


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
