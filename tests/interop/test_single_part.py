"""The types whose messages have one part, against a libzmq that is built with draft sockets (skipped without one)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import zmq

import purezmq

pytestmark = pytest.mark.skipif(not zmq.DRAFT_API, reason="PyZMQ's libzmq is built without draft sockets")

PATIENCE = 5000  # ms
SIDES = [(purezmq, zmq), (zmq, purezmq)]
SIZES = [0, 1, 255, 256, 8192, 100_000]


class Link:
    """A socket of one module bound, and one of the other connected to it."""

    def __init__(self, contexts: dict[Any, Any], binder: Any, connector: Any) -> None:
        self.contexts, self.binder, self.connector = contexts, binder, connector

    def __call__(self, bound: str, connected: str) -> tuple[Any, Any]:
        server = self._socket(self.binder, bound)
        server.bind("tcp://127.0.0.1:*")
        client = self._socket(self.connector, connected)
        client.connect(server.get(zmq.LAST_ENDPOINT).decode())
        return server, client

    def _socket(self, module: Any, kind: str) -> Any:
        socket = self.contexts[module].socket(getattr(module, kind))
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
        return socket


@pytest.fixture(params=SIDES, ids=["ours-binds", "theirs-binds"])
def link(request: pytest.FixtureRequest) -> Iterator[Link]:
    contexts = {module: module.Context() for module in (purezmq, zmq)}
    yield Link(contexts, *request.param)
    for context in contexts.values():
        context.destroy(linger=0)


def joined(radio: Any, dish: Any, group: str) -> None:
    """Wait until the radio knows that the dish has joined."""
    dish.join(group)
    while not dish.poll(5):
        radio.send(b"?", group=group)
    radio.send(b"!", group=group)
    while dish.recv() != b"!":
        pass


@pytest.mark.parametrize("kinds", [("SERVER", "CLIENT"), ("CLIENT", "SERVER")])
def test_client_and_server_answer_each_other(link: Link, kinds: tuple[str, str]) -> None:
    sockets = dict(zip(kinds, link(*kinds), strict=True))
    client, server = sockets["CLIENT"], sockets["SERVER"]
    for size in SIZES:
        client.send(b"x" * size)
        request = server.recv(copy=False)
        assert len(request.bytes) == size
        server.send(b"y" * size, routing_id=request.routing_id)
        assert client.recv() == b"y" * size


@pytest.mark.parametrize("kinds", [("SCATTER", "GATHER"), ("GATHER", "SCATTER")])
def test_scatter_reaches_gather(link: Link, kinds: tuple[str, str]) -> None:
    sockets = dict(zip(kinds, link(*kinds), strict=True))
    for size in SIZES:
        sockets["SCATTER"].send(b"x" * size)
    assert [len(sockets["GATHER"].recv()) for _ in SIZES] == SIZES


def test_channels_speak_both_ways(link: Link) -> None:
    one, other = link("CHANNEL", "CHANNEL")
    for size in SIZES:
        one.send(b"x" * size)
        assert other.recv() == b"x" * size
        other.send(b"y" * size)
        assert one.recv() == b"y" * size


def test_peers_shake_hands(link: Link) -> None:
    one, other = link("PEER", "PEER")
    if link.connector is purezmq:
        other.disconnect(one.get(zmq.LAST_ENDPOINT).decode())
        other.send(b"question", routing_id=other.connect_peer(one.get(zmq.LAST_ENDPOINT).decode()))
        one.send(one.recv(copy=False))
        assert other.recv() == b"question"


@pytest.mark.parametrize("kinds", [("RADIO", "DISH"), ("DISH", "RADIO")])
def test_dish_gets_the_groups_it_joined(link: Link, kinds: tuple[str, str]) -> None:
    sockets = dict(zip(kinds, link(*kinds), strict=True))
    radio, dish = sockets["RADIO"], sockets["DISH"]
    groups = ["g", "x" * 255, ""]
    for group in groups:
        joined(radio, dish, group)
    for size in SIZES:
        for group in [*groups, "other"]:
            radio.send(b"x" * size, group=group)
    for size in SIZES:
        for group in groups:
            frame = dish.recv(copy=False)
            assert (len(frame.bytes), frame.group) == (size, group)


@pytest.mark.parametrize("kinds", [("RADIO", "DISH"), ("DISH", "RADIO")])
def test_dish_that_left_gets_no_more(link: Link, kinds: tuple[str, str]) -> None:
    sockets = dict(zip(kinds, link(*kinds), strict=True))
    radio, dish = sockets["RADIO"], sockets["DISH"]
    joined(radio, dish, "a")
    dish.leave(b"a")
    joined(radio, dish, "b")
    radio.send(b"no", group="a")
    radio.send(b"yes", group="b")
    assert dish.recv() == b"yes"
