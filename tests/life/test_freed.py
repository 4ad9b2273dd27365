"""What is closed is freed at once, and not when the garbage is collected: it is no cycle."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

import purezmq as zmq
from purezmq.engine.session import Session

TIMEOUT = 5  # s


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


def ask(context: zmq.Context, rep: zmq.Socket) -> threading.Event:
    """Have a REQ make one round trip, and close it; return what is set when it is freed."""
    freed = threading.Event()
    with context.socket(zmq.REQ) as req:
        weakref.finalize(req._core, freed.set)
        req.rcvtimeo = rep.rcvtimeo = TIMEOUT * 1000
        req.connect(rep.last_endpoint)
        req.send(b"question")
        rep.send(rep.recv())
        assert req.recv() == b"question"
    return freed


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*"])
def test_a_closed_socket_is_freed(context, endpoint) -> None:
    with context.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        assert ask(context, rep).wait(TIMEOUT)


def test_a_peer_that_has_left_leaves_no_session(context) -> None:
    with context.socket(zmq.REP) as rep:
        rep.bind("tcp://127.0.0.1:*")
        for _ in range(3):
            ask(context, rep)
        ask(context, rep).wait(TIMEOUT)  # by then it has heard that the others have left
        sessions = [
            found for found in gc.get_objects() if type(found) is Session and found._core is rep._core
        ]
        assert len(sessions) <= 1
