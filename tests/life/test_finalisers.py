"""Finalisers of the program's that Python runs while the engine is at work, with a socket's lock held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

import purezmq as zmq

_LARGE = 100_000  # bytes, which copy=False does not copy


class Buffer(bytearray):
    """Calls something when it is collected: at the latest when the engine has written it and lets go of it."""

    def __init__(self, size: int, at_the_end: Callable[[], object]) -> None:
        super().__init__(size)
        self._at_the_end = at_the_end

    def __del__(self) -> None:
        self._at_the_end()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.parametrize("linger", [None, 0, 1000])
def test_finaliser_may_close_the_socket_that_is_at_work(linger: int | None) -> None:
    with zmq.Context() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        pull.rcvtimeo = 10_000
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint.decode())
        # Before they have shaken hands: so it is the keeper who writes it, and lets go of it.
        push.send(Buffer(_LARGE, lambda: push.close(linger)), copy=False, track=False)
        wait_for(lambda: push.closed)
        if linger != 0:
            assert pull.recv() == bytes(_LARGE)


def test_finaliser_may_close_another_socket() -> None:
    with zmq.Context() as context:
        push, pull, other = (context.socket(kind) for kind in (zmq.PUSH, zmq.PULL, zmq.PUB))
        pull.rcvtimeo = 10_000
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint.decode())
        push.send(Buffer(_LARGE, other.close), copy=False)
        assert pull.recv() == bytes(_LARGE)
        wait_for(lambda: other.closed)
        push.send(b"goes on")
        assert pull.recv() == b"goes on"


def test_close_waits_for_another_thread_that_is_at_work() -> None:
    with zmq.Context() as context:
        socket = context.socket(zmq.PULL)
        socket._core.lock.acquire()  # as the keeper does, now and then
        closing = threading.Thread(target=socket.close)
        closing.start()
        assert not socket.closed
        socket._core.lock.release()
        closing.join()
        assert socket.closed
