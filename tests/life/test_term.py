"""The end of contexts and sockets: it wakes whoever waits, is bounded by LINGER, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from errno import ENOTSOCK
from pathlib import Path
from typing import Any

import pytest

import purezmq as ours

PATIENCE = 20  # s
PROC = Path("/proc/self/fd")

needs_proc = pytest.mark.skipif(not PROC.exists(), reason="needs /proc")


@pytest.fixture
def context() -> Iterator[ours.Context]:
    context = ours.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def absent() -> Iterator[str]:
    """An endpoint where nobody answers, and nobody else can listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def eventually(predicate: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (value := predicate()):
        assert time.monotonic() < deadline, "it stayed false"
        time.sleep(0.002)  # the pace of the polling
    return value


def link(context: ours.Context, binds: int, connects: int, endpoint: str = "tcp://127.0.0.1:*") -> Any:
    """Two sockets, connected to each other."""
    one, other = context.socket(binds), context.socket(connects)
    one.bind(endpoint)
    other.connect(one.get_string(ours.LAST_ENDPOINT))
    return one, other


# -- whoever waits -----------------------------------------------------------------------------------------


def idle(context: ours.Context, _: str = "") -> Any:
    """A socket to which nobody sends."""
    one, _ = link(context, ours.PULL, ours.PUSH)
    return one


def full(context: ours.Context, absent: str) -> Any:
    """A socket at its HWM."""
    push = context.socket(ours.PUSH)
    push.linger = 0
    push.sndhwm = 1
    push.connect(absent)
    push.send(b"fills it")
    return push


def polled_by_a_poller(waiter: Any) -> Any:
    poller = ours.Poller()
    poller.register(waiter, ours.POLLIN)
    return poller.poll()


def polled_with_a_descriptor(waiter: Any) -> Any:
    reading, writing = os.pipe()
    try:
        poller = ours.Poller()
        poller.register(waiter, ours.POLLIN)
        poller.register(reading, ours.POLLIN)
        return poller.poll()
    finally:
        os.close(reading)
        os.close(writing)


WAITS = {
    "recv": (idle, lambda waiter: waiter.recv()),
    "recv with a time-out": (idle, lambda waiter: (setattr(waiter, "rcvtimeo", 60_000), waiter.recv())),
    "recv_multipart": (idle, lambda waiter: waiter.recv_multipart()),
    "send": (full, lambda waiter: waiter.send(b"too much")),
    "send_multipart": (full, lambda waiter: waiter.send_multipart([b"too", b"much"])),
    "poll": (idle, lambda waiter: waiter.poll()),
    "poll for POLLOUT": (full, lambda waiter: waiter.poll(None, ours.POLLOUT)),
    "Poller.poll": (idle, polled_by_a_poller),
    "Poller.poll with a descriptor": (idle, polled_with_a_descriptor),
}


@pytest.fixture(params=WAITS)
def waiting(
    request: pytest.FixtureRequest, context: ours.Context, pool: ThreadPoolExecutor, absent: str
) -> tuple[Any, Future[Any]]:
    """A socket, and a thread that waits in it; the thread closes all sockets when it was woken."""
    make, wait = WAITS[request.param]
    waiter = make(context, absent)

    def run() -> int | str:
        try:
            return f"went through: {wait(waiter)!r}"
        except ours.ZMQError as woken:
            return woken.errno
        finally:
            for left in context._open_sockets():
                left.close(linger=0)

    result = pool.submit(run)
    eventually(lambda: waiter._core.waiters)
    return waiter, result


def test_term_wakes_whoever_waits_with_eterm(context, waiting) -> None:
    _, result = waiting
    context.term()
    assert result.result(PATIENCE) == ours.ETERM


def test_destroy_ends_every_wait(context, waiting) -> None:
    _, result = waiting
    context.destroy(linger=0)
    # The sockets are closed first, then the context ends: which of the two the waiting thread sees is a race.
    assert result.result(PATIENCE) in (ENOTSOCK, ours.ETERM)


def test_close_by_another_thread_ends_every_wait_with_enotsock(context, waiting) -> None:
    waiter, result = waiting
    waiter.close(linger=0)
    assert result.result(PATIENCE) == ENOTSOCK


def test_term_wakes_every_thread_that_waits_in_one_socket(context, pool) -> None:
    waiter = idle(context)
    results = [pool.submit(waiter.recv) for _ in range(4)]
    eventually(lambda: waiter._core.waiters == 4)
    ending = pool.submit(context.term)
    for result in results:
        with pytest.raises(ours.ContextTerminated):
            result.result(PATIENCE)
    for left in context._open_sockets():
        left.close()
    ending.result(PATIENCE)


# -- LINGER ------------------------------------------------------------------------------------------------


def test_term_waits_for_an_absent_peer_as_long_as_linger_says(context, absent) -> None:
    push = context.socket(ours.PUSH)
    push.linger = 100
    push.connect(absent)
    for _ in range(100):
        push.send(b"unsent")
    begun = time.monotonic()
    push.close()
    context.term()
    assert 0.09 < time.monotonic() - begun < 3


def test_lingers_of_many_sockets_run_at_the_same_time(context, absent) -> None:
    for _ in range(50):
        push = context.socket(ours.PUSH)
        push.linger = 100
        push.connect(absent)
        push.send(b"unsent")
        push.close()
    begun = time.monotonic()
    context.term()
    assert time.monotonic() - begun < 3


def test_destroy_with_linger_zero_waits_for_nobody(context, absent) -> None:
    pushes = [context.socket(ours.PUSH) for _ in range(10)]
    for push in pushes:
        push.connect(absent)
        push.send(b"unsent")
    begun = time.monotonic()
    context.destroy(linger=0)
    assert time.monotonic() - begun < 3


def test_term_by_several_threads_at_once_returns_in_all(context, pool) -> None:
    one, other = link(context, ours.PULL, ours.PUSH)
    ending = [pool.submit(context.term) for _ in range(4)]
    for left in (one, other):
        left.close()
    for end in ending:
        end.result(PATIENCE)


# -- the collector -----------------------------------------------------------------------------------------


def descriptors() -> int:
    return len(os.listdir(PROC))


def collected(make: Callable[[], Any]) -> None:
    """Make something, and drop it."""
    made: Any = make()
    del made
    gc.collect()


def warns() -> AbstractContextManager[Any]:
    return pytest.warns(ResourceWarning, match="Unclosed")


def bound(context: ours.Context) -> Any:
    made = context.socket(ours.PULL)
    made.bind("tcp://127.0.0.1:*")
    assert made.fd
    return made


@needs_proc
def test_collected_socket_warns_and_gives_its_descriptors_back(context) -> None:
    bound(context).close()  # the keeper runs
    before = eventually(lambda: None if context._core.sockets else descriptors())
    with warns():
        collected(lambda: bound(context))
    eventually(lambda: descriptors() == before)
    assert not context._core.sockets


@needs_proc
def test_collected_context_warns_and_gives_everything_back() -> None:
    before, threads = descriptors(), threading.active_count()

    def make() -> None:
        context = ours.Context()
        sockets = [bound(context) for _ in range(3)]
        assert len(sockets) == 3

    with warns():
        collected(make)
    eventually(lambda: descriptors() == before and threading.active_count() == threads)


@needs_proc
@pytest.mark.parametrize("what", ["socket", "context"])
def test_collected_things_are_closed_even_if_warnings_are_errors(what, monkeypatch) -> None:
    raised = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_type))
    gc.collect()
    before = descriptors()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        context = ours.Context()
        if what == "socket":
            collected(lambda: bound(context))
            eventually(lambda: not context._core.sockets)
            context.term()
        else:
            bound(context).close()
            del context
            gc.collect()
    assert raised == [ResourceWarning]
    eventually(lambda: descriptors() == before)


def test_context_manager_destroys_even_if_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ResourceWarning), ours.Context() as context:
            left = bound(context)
    assert left.closed
    assert context.closed


# -- nothing is left ---------------------------------------------------------------------------------------


@needs_proc
@pytest.mark.parametrize("end", ["term", "destroy"])
def test_contexts_one_after_another_leave_threads_and_descriptors_flat(end) -> None:
    def use() -> None:
        context = ours.Context()
        pull, push = link(context, ours.PULL, ours.PUSH)
        pull.rcvtimeo = PATIENCE * 1000
        push.send(b"used")
        assert pull.recv() == b"used"
        if end == "term":
            pull.close()
            push.close()
        getattr(context, end)()

    use()
    gc.collect()
    before = descriptors(), threading.active_count()
    for _ in range(50):
        use()
    assert (descriptors(), threading.active_count()) == before
