"""What these tests share: a context, children, and the check that a test leaves nothing behind."""

import gc
import os
import sys
import threading
import time

import pytest

import purezmq as zmq

from .tools import Child

PATIENCE = 3.0  # s: descriptors and threads of what was closed go in the background


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Check that no descriptor and no thread is left."""
    before = held()
    yield
    deadline = time.monotonic() + PATIENCE
    while any(now > then for now, then in zip(held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {held()}"
        gc.collect()
        time.sleep(0.005)  # the pace of the polling


def held():
    """Return how many descriptors and threads there are."""
    return len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.fixture
def ctx(nothing_left_behind):
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def other(nothing_left_behind):
    """A second context, which has a keeper of its own."""
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def child(nothing_left_behind):
    """Start children that run a piece of Python; those that still run at the end of the test are killed."""
    children = []

    def start(text, **names):
        children.append(Child(text, **names))
        return children[-1]

    yield start
    for one in children:
        one.kill()


@pytest.fixture
def switching():
    """Let a test set the interval at which threads take turns."""
    usual = sys.getswitchinterval()
    yield sys.setswitchinterval
    sys.setswitchinterval(usual)
