"""Which topics are subscribed to, and by whom. A topic matches what begins with it (RFC 29).

Both structures are hash tables asked once per *length* of topic, so matching costs the same with 10 topics and
with 100,000. Few distinct lengths are what programs have; a trie in Python costs a step per byte instead, and an
object per byte of memory.

- `PrefixTree`: a publisher's. A subscriber counts once per topic, however often it asked (libzmq's mtrie).
- `TopicSet`: a subscriber's. Every subscribe wants its unsubscribe (libzmq's trie.cpp).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

from purezmq.core.message import first_part

Who = TypeVar("Who", bound=Hashable)

NOBODY: frozenset[Any] = frozenset()
FEW = 8  # bench: up to here bytes.startswith(tuple) beats looking lengths up


class _Lengths:
    """The distinct lengths of a set of topics, in order."""

    __slots__ = ("_counts", "ordered")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.ordered: list[int] = []

    def add(self, length: int) -> None:
        count = self._counts.get(length, 0)
        if not count:
            self.ordered = sorted({*self._counts, length})
        self._counts[length] = count + 1

    def remove(self, length: int) -> None:
        self._counts[length] -= 1
        if not self._counts[length]:
            del self._counts[length]
            self.ordered.remove(length)


class PrefixTree(Generic[Who]):
    """Topics, each with those who subscribed to it."""

    __slots__ = ("_holders", "_lengths", "_topics")

    def __init__(self) -> None:
        self._holders: dict[bytes, dict[Who, None]] = {}
        self._topics: dict[Who, set[bytes]] = {}
        self._lengths = _Lengths()

    def __len__(self) -> int:
        """Return the number of distinct topics."""
        return len(self._holders)

    @property
    def longest(self) -> int:
        """The length of the longest topic; no byte after that many matters to `match`."""
        lengths = self._lengths.ordered
        return lengths[-1] if lengths else 0

    def add(self, topic: bytes, who: Who) -> bool:
        """Note a subscription; return whether it is the first to this topic."""
        holders = self._holders.get(topic)
        first = holders is None
        self._topics.setdefault(who, set()).add(topic)
        if holders is None:
            self._lengths.add(len(topic))
            self._holders[topic] = {who: None}  # last: whatever a signal handler cuts short is done again
        else:
            holders[who] = None
        return first

    def remove(self, topic: bytes, who: Who) -> bool:
        """Take a subscription back; return whether it was there, and the last to this topic."""
        topics = self._topics.get(who)
        if topics is None or topic not in topics:
            return False
        topics.remove(topic)
        if not topics:
            del self._topics[who]
        return self._release(topic, who)

    def remove_all(self, who: Who, every: bool = False) -> list[bytes]:
        """Take back all that someone subscribed to; return, in order, every topic or only those nobody has now."""
        topics = sorted(self._topics.pop(who, ()))
        return [topic for topic in topics if self._release(topic, who) or every]

    def match(self, start: bytes) -> frozenset[Who]:
        """Return who subscribed to something that these bytes begin with."""
        holders = self._holders
        size = len(start)
        found: list[dict[Who, None]] = []
        for length in self._lengths.ordered:
            if length > size:
                break
            some = holders.get(start[:length])
            if some is not None:
                found.append(some)
        if len(found) == 1:
            return frozenset(found[0])
        return NOBODY.union(*found)

    def everybody(self) -> frozenset[Who] | None:
        """Return who gets every message, or None when that depends on its topic."""
        if not self._topics:
            return NOBODY
        holders = self._holders.get(b"")
        if holders is None or len(holders) < len(self._topics):
            return None
        return frozenset(holders)

    def _release(self, topic: bytes, who: Who) -> bool:
        holders = self._holders[topic]
        del holders[who]
        if holders:
            return False
        del self._holders[topic]
        self._lengths.remove(len(topic))
        return True


class TopicSet:
    """Topics, each with the number of times it was subscribed to."""

    __slots__ = ("_counts", "_few", "_lengths")

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}
        self._lengths = _Lengths()
        self._few: tuple[bytes, ...] | None = ()  # all topics, when they are few

    def __len__(self) -> int:
        """Return the number of distinct topics."""
        return len(self._counts)

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the distinct topics."""
        return iter(self._counts)

    def __contains__(self, topic: bytes) -> bool:
        """Return whether this very topic is subscribed to."""
        return topic in self._counts

    def add(self, topic: bytes) -> bool:
        """Count a subscription; return whether it is the first to this topic."""
        count = self._counts.get(topic, 0)
        self._counts[topic] = count + 1
        if count:
            return False
        self._lengths.add(len(topic))
        self._few = tuple(self._counts) if len(self._counts) <= FEW else None
        return True

    def remove(self, topic: bytes) -> bool:
        """Take one subscription back; return whether it was the last to this topic."""
        count = self._counts.get(topic, 0)
        if count > 1:
            self._counts[topic] = count - 1
        if count != 1:
            return False
        del self._counts[topic]
        self._lengths.remove(len(topic))
        self._few = tuple(self._counts) if len(self._counts) <= FEW else None
        return True

    def match(self, start: bytes) -> bool:
        """Return whether these bytes begin with some topic."""
        if self._few is not None:
            return start.startswith(self._few)
        counts = self._counts
        size = len(start)
        for length in self._lengths.ordered:
            if length > size:
                return False
            if start[:length] in counts:
                return True
        return False

    def select(self, messages: list[Any], inverted: bool) -> list[Any]:
        """Return the messages whose first part matches, or, inverted, those whose first part does not."""
        few = self._few
        lengths = self._lengths.ordered
        if few is None and len(lengths) == 1 and not inverted:
            size, counts = lengths[0], self._counts
            return [
                message
                for message in messages
                if (message if message.__class__ is bytes else first_part(message))[:size] in counts
            ]
        if few is None or inverted:
            match = self.match
            return [message for message in messages if match(first_part(message)) is not inverted]
        return [
            message
            for message in messages
            if (message if message.__class__ is bytes else first_part(message)).startswith(few)
        ]
