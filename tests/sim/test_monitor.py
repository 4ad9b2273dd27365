"""What is told of connections, and counted, over hours of simulated time."""

from itertools import pairwise

import pytest

from purezmq.constants import Event, SocketType
from purezmq.engine.event_stream import KEPT, EventStream
from purezmq.errors import Again
from tests.sim.tools import SERVER, take_all

ALL = int(Event.ALL)


def told(stream):
    """Return the events that are there now."""
    events = []
    while True:
        try:
            events.append(stream.next(0))
        except Again:
            return events


def test_interval_that_is_told_is_the_one_that_is_kept(world, net):
    push = net.socket(SocketType.PUSH, reconnect_ivl=100, reconnect_ivl_max=60_000)
    retried = EventStream(push, int(Event.CONNECT_RETRIED))
    push.connect(SERVER)
    world.run(300)
    intervals = [event.value / 1000 for event in told(retried)]
    times = world.attempts(SERVER)
    assert len(intervals) == len(times)
    for interval, (earlier, later) in zip(intervals, pairwise(times), strict=False):
        assert later - earlier == pytest.approx(interval + 0.002, abs=0.001)  # a round trip to be refused


def test_endless_refusals_are_told_in_bounded_memory(world, net):
    push = net.socket(SocketType.PUSH, reconnect_ivl=1000)
    stream = EventStream(push, ALL)
    push.connect(SERVER)
    world.run(1800)
    attempts = len(world.attempts(SERVER))
    assert stream.lost > 0
    assert len(told(stream)) == KEPT
    assert stream.lost + KEPT == 3 * attempts  # delayed, closed, retried


def test_death_by_silence_is_told_with_its_reason(world, net):
    pull = net.bind(SocketType.PULL)
    push = net.socket(SocketType.PUSH, heartbeat_ivl=1000, heartbeat_timeout=3000, reconnect_ivl=100)
    stream = EventStream(push, ALL)
    push.connect(SERVER)
    push.send(b"hello")
    assert pull.receive() == b"hello"
    assert [event.event.name for event in told(stream)] == [
        "CONNECT_DELAYED",
        "CONNECTED",
        "HANDSHAKE_SUCCEEDED",
    ]
    world.freeze()
    world.run(5)
    gone = told(stream)[0]
    assert gone.event is Event.DISCONNECTED
    assert "no sign of life" in gone.reason


def test_handshake_that_never_ends_is_told(world, net):
    net.bind(SocketType.PULL)
    push = net.socket(SocketType.PUSH, handshake_ivl=500, reconnect_ivl=-1)
    stream = EventStream(push, int(Event.HANDSHAKE_FAILED_NO_DETAIL | Event.DISCONNECTED))
    push.connect(SERVER)
    world.run(0.003)
    world.freeze()
    world.run(1)
    failed, gone = told(stream)
    assert (failed.event, gone.event) == (Event.HANDSHAKE_FAILED_NO_DETAIL, Event.DISCONNECTED)
    assert "500 ms" in failed.reason
    assert push.stats()["handshake_failures"] == 1


def test_every_cut_is_counted_and_nothing_else(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH, reconnect_ivl=10)
    cuts, sent = 50, 0
    for _ in range(cuts):
        assert world.run_until(lambda: push.stats()["peers"]) is not None
        for _ in range(10):
            push.send(b"message")
            sent += 1
        world.run(0.1)
        world.cut(push)
        world.run(0.1)
    world.run_until(lambda: push.stats()["peers"])
    world.run(1)
    here, there = push.stats(), pull.stats()
    assert len(take_all(pull)) == sent
    assert (here["messages_out"], there["messages_in"]) == (sent, sent)
    assert (here["connections"], here["reconnects"], here["disconnects"]) == (cuts + 1, cuts, cuts)
    assert (there["connections"], there["reconnects"], there["disconnects"]) == (cuts + 1, 0, cuts)
    assert here["bytes_out"] == there["bytes_in"]
