"""The queues of one peer: what is taken for encoding, and what counts against the HWM meanwhile."""

from __future__ import annotations

import pytest

from purezmq.constants import SocketType
from purezmq.core.message import Command, Item
from purezmq.core.monitor import NOWHERE, EndpointPair
from purezmq.core.options import SocketOptions
from purezmq.core.pipe import Pipe


class Nowhere:
    """A Link of which nothing is asked."""

    def flush(self) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...
    def dismiss(self) -> None: ...
    def counts(self) -> None: ...

    @property
    def ends(self) -> EndpointPair:
        return NOWHERE


def pipe(*items: Item, limit: int = 10) -> Pipe:
    made = Pipe(Nowhere(), SocketOptions.for_type(SocketType.PUSH), limit, limit)
    made.outbox.extend(items)
    return made


def test_take_takes_all_and_it_counts_until_it_is_sent() -> None:
    ours = pipe(b"a", b"b")
    assert ours.take() == [b"a", b"b"]
    assert not ours.outbox
    assert ours.room() == 8
    ours.sent()
    assert ours.room() == 10


@pytest.mark.parametrize(
    ("size", "taken"),
    [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2), (201, 3), (400, 3), (401, 4), (10_000, 5)],
)
def test_take_some_takes_about_so_many_bytes_and_one_message_at_least(size: int, taken: int) -> None:
    items: list[Item] = [
        bytes(100),
        bytes(100),
        [bytes(100), bytes(100)],
        Command(b"SUBSCRIBE", b"x"),
        b"last",
    ]
    ours = pipe(*items)
    assert ours.take_some(size) == items[:taken]
    assert list(ours.outbox) == items[taken:]
    assert ours.room() == 5  # nothing has been sent
    ours.sent()
    assert ours.room() == 5 + taken


def test_take_some_leaves_a_conflated_queue_conflated() -> None:
    ours = Pipe(Nowhere(), SocketOptions.for_type(SocketType.PUSH), 0, 0, conflate=True)
    ours.push(b"old")
    ours.push(b"new")
    assert ours.take_some(1) == [b"new"]
    ours.push(b"a")
    ours.push(b"b")
    assert list(ours.outbox) == [b"b"]
