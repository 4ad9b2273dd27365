"""What a deque knows of what has gone through it."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from purezmq.core.queue_counts import Newest, passed

OPERATIONS = st.lists(
    st.sampled_from(["append", "appendleft", "extend", "popleft", "pop", "look"]), max_size=300
)


def run(queue: deque[Any], operations: list[str]) -> tuple[int, int]:
    """Do these to the queue; return how many items were put in and taken out."""
    put = taken = 0
    for operation in operations:
        if operation == "extend":
            queue.extend(range(5))
            put += 5
        elif operation.startswith("append"):
            getattr(queue, operation)(None)
            put += 1
        elif operation == "look":
            assert len(list(queue)) == len(queue)
        elif queue:
            getattr(queue, operation)()
            taken += 1
    return put, taken


@given(OPERATIONS)
def test_all_that_is_put_in_and_taken_out_is_known(operations):
    queue: deque[Any] = deque()
    assert passed(queue) == (0, 0)
    assert run(queue, operations) == passed(queue)


@given(OPERATIONS)
def test_newest_knows_what_was_overwritten(operations):
    queue = Newest()
    put, taken = run(queue, operations)
    assert passed(queue) == (taken + len(queue), taken)
    assert queue.overwritten() == put - taken - len(queue)


def test_threads_lose_no_count():
    queue: deque[Any] = deque()
    newest = Newest()

    def put() -> None:
        for number in range(5000):
            queue.append(number)
            newest.append(number)

    def take() -> None:
        count = 0
        while count < 5000:
            try:
                queue.popleft()
                count += 1
                newest.popleft()
            except IndexError:
                pass

    threads = [threading.Thread(target=target) for target in (put, take) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed(queue) == (15_000, 15_000)
    assert newest.overwritten() + newest.taken() + len(newest) == 15_000
