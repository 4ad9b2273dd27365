"""Fixtures that run a test on purezmq ("ours") and on PyZMQ ("theirs")."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq as theirs

import purezmq as ours

_PATIENCE = 5000  # ms: no call of a test waits for longer


@pytest.fixture(params=[ours, theirs], ids=["ours", "theirs"])
def zmq(request: pytest.FixtureRequest) -> types.ModuleType:
    module: types.ModuleType = request.param
    return module


@pytest.fixture
def context(zmq: types.ModuleType) -> Iterator[Any]:
    """A context whose sockets neither block for ever nor linger."""
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = _PATIENCE
    yield context
    context.destroy(linger=0)


@pytest.fixture
def connect(zmq: types.ModuleType, context: Any) -> Callable[..., tuple[Any, Any]]:
    """Returns connect("PUSH", "PULL", "tcp"): two connected sockets, the first one bound."""

    def connect(first: str, second: str, transport: str = "inproc") -> tuple[Any, Any]:
        bound = context.socket(getattr(zmq, first))
        other = context.socket(getattr(zmq, second))
        if transport == "tcp":
            bound.bind("tcp://127.0.0.1:*")
        else:
            bound.bind(f"inproc://{id(bound)}")
        other.connect(bound.last_endpoint.decode())
        return bound, other

    return connect


@pytest.fixture
def pair(connect: Callable[..., tuple[Any, Any]]) -> tuple[Any, Any]:
    """Two connected PAIR sockets."""
    return connect("PAIR", "PAIR")
