"""What happens to a monitored socket is told at once while its user computes, though the keeper looks at it seldom."""

from __future__ import annotations

import os
import select
import socket as plain
from collections.abc import Iterator
from typing import Any

import pytest

import purezmq as zmq
from purezmq.constants import Event
from purezmq.engine import keeper
from purezmq.engine.alerts import AVAILABLE, Alerts
from purezmq.engine.loop import READ, SelectorLoop

TIMEOUT = 5000  # ms

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="there is no epoll")


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the keeper look at sockets in use once a minute."""
    monkeypatch.setattr(keeper, "HOT_TICK", 60.0)
    monkeypatch.setattr(keeper, "GATHERING_TICK", 60.0)


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def pull(context: zmq.Context) -> Any:
    """A socket in use."""
    socket = context.socket(zmq.PULL)
    socket.bind("tcp://127.0.0.1:*")
    use(socket)
    return socket


def use(socket: Any) -> None:
    with pytest.raises(zmq.Again):
        socket.recv(zmq.DONTWAIT)


def knock(socket: Any) -> plain.socket:
    """Connect to a bound socket."""
    port = int(socket.last_endpoint.decode().rpartition(":")[2])
    return plain.create_connection(("127.0.0.1", port), TIMEOUT / 1000)


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
READY = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"


def test_peer_that_comes_shakes_hands_and_goes_is_told_of(pull):
    with pull.monitor_events() as events:
        with knock(pull) as stranger:
            assert events.next(TIMEOUT).event is Event.ACCEPTED
            use(pull)
            stranger.sendall(GREETING + READY)
            assert events.next(TIMEOUT).event is Event.HANDSHAKE_SUCCEEDED
            use(pull)
        assert events.next(TIMEOUT).event is Event.DISCONNECTED


def test_connection_that_was_there_before_is_told_of(pull):
    with knock(pull) as stranger:
        stranger.sendall(GREETING + READY)
        pull.wait_for_peers(timeout=TIMEOUT)
        use(pull)
        with pull.get_monitor_socket() as reader:
            reader.rcvtimeo = TIMEOUT
            stranger.close()
            assert reader.recv_multipart()[0][:2] == int(Event.DISCONNECTED).to_bytes(2, "little")


def test_connect_that_is_refused_is_told_of(context):
    push = context.socket(zmq.PUSH)
    push.reconnect_ivl = -1
    with plain.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with push.monitor_events() as events:
        push.connect(f"tcp://127.0.0.1:{port}")
        assert [events.next(TIMEOUT).event for _ in range(2)] == [Event.CONNECT_DELAYED, Event.CLOSED]


def test_messages_alert_nobody(pull, context):
    with pull.monitor_events() as events:
        with knock(pull) as stranger:
            stranger.sendall(GREETING + READY)
            assert [events.next(TIMEOUT).event for _ in range(2)] == [
                Event.ACCEPTED,
                Event.HANDSHAKE_SUCCEEDED,
            ]
            with pull._core.lock:  # the keeper waits
                pull._core.loop.alerts.silence()
                poll = select.poll()
                poll.register(pull._core.loop.alerts.fileno(), select.POLLIN)
                stranger.sendall(b"\x00\x07message")
                arrived = select.poll()
                arrived.register(pull._core.loop.fileno(), select.POLLIN)
                assert arrived.poll(TIMEOUT)
                assert not poll.poll(0)
                stranger.close()
                assert poll.poll(TIMEOUT)
        assert pull.recv() == b"message"


def test_nothing_is_left_when_nobody_monitors_any_more(pull, context):
    keeper = context._core.keeper
    for _ in range(2):
        first, second = pull.monitor_events(), pull.monitor_events()
        assert list(keeper._heeded.values()) == [pull._core]
        first.close()
        assert pull._core.loop.alerts is not None
        second.close()
        assert pull._core.loop.alerts is None
        assert not keeper._heeded
    pull.get_monitor_socket().close()
    pull.close()
    assert not keeper._heeded


def test_descriptor_may_be_watched_again_and_for_other_things():
    alerts = Alerts()
    one, other = plain.socketpair()
    try:
        alerts.watch(one.fileno(), traffic=True)
        alerts.watch(one.fileno(), traffic=True)
        poll = select.poll()
        poll.register(alerts.fileno(), select.POLLIN)
        assert not poll.poll(0)
        alerts.watch(one.fileno(), traffic=False)
        assert poll.poll(TIMEOUT)  # it can be written to
        alerts.silence()
        assert not poll.poll(0)
        alerts.unwatch(one.fileno())
        alerts.unwatch(one.fileno())
    finally:
        one.close()
        other.close()
        alerts.close()


def test_descriptor_that_has_taken_the_number_of_a_closed_one_is_heard():
    class Quiet:
        traffic = True

        def on_ready(self, mask: int) -> None:
            """Do nothing."""

    loop = SelectorLoop()
    ours, its_peer = plain.socketpair()
    other, farther = plain.socketpair()
    try:
        loop.open_alerts()
        assert loop.alerts is not None
        loop.watch(ours.fileno(), Quiet(), READ)
        os.dup2(other.fileno(), ours.fileno())  # the program closes ours, and the number is given away again
        loop.watch(ours.fileno(), Quiet(), READ)
        loop.alerts.silence()
        farther.close()
        poll = select.poll()
        poll.register(loop.alerts.fileno(), select.POLLIN)
        assert poll.poll(0)
    finally:
        for end in (ours, its_peer, other, farther):
            end.close()
        loop.close()
