"""No ring is lost that comes while EVENTS is being read, or a watcher served."""

import selectors
import sys

import pytest

import purezmq as zmq
from purezmq.engine.driven_socket import DrivenSocket
from purezmq.engine.lookout import Lookout
from purezmq.engine.socket_core import SocketCore


@pytest.fixture
def pair():
    """A PULL and a PUSH that have met over inproc."""
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.bind("inproc://rings")
        push.connect("inproc://rings")
        push.send(b"first")
        assert pull.recv() == b"first"
        yield pull, push


def call_behind(function, action):
    """Have the action run, once, at the end of the next call of this function."""

    def look(frame, event, argument):
        if event == "return" and frame.f_code is function.__code__:
            sys.setprofile(None)
            action()

    sys.setprofile(look)


def is_readable(fd):
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        return bool(selector.select(0))


def test_descriptor_is_readable_when_something_came_right_behind_the_answer(pair):
    pull, push = pair
    fd = pull.FD
    assert not pull.EVENTS & zmq.POLLIN
    call_behind(SocketCore._events, lambda: push.send(b"behind it"))
    found = pull.EVENTS
    assert found & zmq.POLLIN or is_readable(fd)


def test_wait_elsewhere_is_not_slept_over_what_came_while_the_watcher_was_served(pair):
    pull, push = pair
    with Lookout([pull._core]) as lookout:
        (seat,) = lookout.seats
        call_behind(DrivenSocket._drive, lambda: push.send(b"behind it"))
        seat.serve()
        pull._core.prepare_wait()
        assert seat.stirs or is_readable(pull._core.loop.fileno())
        pull._core.finish_wait()
