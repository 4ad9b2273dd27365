"""SelectorLoop: when a wait looks before it sleeps."""

import threading

import pytest

from purezmq.engine.loop import SelectorLoop


class SilentPoll:
    """An epoll at which nothing happens; it notes how long it was asked to wait, and waits for nobody."""

    def __init__(self):
        self.asked = []

    def register(self, fd, mask):
        pass

    def poll(self, timeout, most):
        self.asked.append(timeout)
        return []

    def close(self):
        pass


@pytest.fixture
def poll():
    return SilentPoll()


@pytest.fixture
def loop(poll):
    loop = SelectorLoop(poll)
    yield loop
    loop.close()


def look(loop, poll):
    """Wait until a wait looks: threads that waited just now are soon forgotten."""
    while 0 not in poll.asked:
        loop.wait(1)


def test_wait_looks_before_it_sleeps(loop, poll):
    look(loop, poll)
    assert poll.asked[-2:] == [0, 1]


def test_wait_sleeps_at_once_where_another_thread_waited_before(loop, poll):
    look(loop, poll)
    thread = threading.Thread(target=loop.wait, args=(1,))
    thread.start()
    thread.join()
    poll.asked.clear()
    loop.wait(1)
    assert poll.asked == [1]


def test_wait_without_patience_looks_once(loop, poll):
    loop.wait(0)
    assert poll.asked == [0]


def test_waits_in_vain_look_no_more(loop, poll):
    for _ in range(8):  # each costs it 2 of 16
        look(loop, poll)
        poll.asked.clear()
    loop.wait(1)
    assert poll.asked == [1]
