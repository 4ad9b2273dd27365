"""What the tests of the transports share: options, streams, and PyZMQ to ask."""

import select
import socket

import pytest
import zmq

from purezmq import constants
from purezmq.core.options import SocketOptions


@pytest.fixture
def options():
    """Return SocketOptions with some of them set."""

    def make(**values):
        made = SocketOptions.for_type(constants.PAIR)
        for name, value in values.items():
            setattr(made, name, value)
        return made

    return make


@pytest.fixture
def theirs():
    """Call bind or connect of PyZMQ: LAST_ENDPOINT, or the errno. All is closed when it returns."""

    def call(verb, endpoint, **values):
        with zmq.Context() as context, context.socket(zmq.PAIR) as made:
            made.linger = 0
            made.reconnect_ivl = -1
            for name, value in values.items():
                setattr(made, name, value)
            try:
                getattr(made, verb)(endpoint)
            except zmq.ZMQError as refused:
                return refused.errno
            return made.last_endpoint.decode()

    return call


@pytest.fixture
def keep():
    """Close these after the test."""
    kept = []

    def keep_one(closable):
        kept.append(closable)
        return closable

    yield keep_one
    for closable in reversed(kept):
        closable.close()


@pytest.fixture
def wait():
    """Wait until a descriptor can be read or written."""

    def until(reader=None, writer=None):
        ready = select.select([reader] if reader else [], [writer] if writer else [], [], 10)
        assert any(ready), "nothing happened in 10 s"

    return until


@pytest.fixture
def free_port():
    """Return the number of a port that was free just now."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return finder.getsockname()[1]
