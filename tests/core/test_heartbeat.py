"""When PING is due, and when silence is too long; seconds are plain numbers."""

from __future__ import annotations

import pytest

from purezmq.constants import SocketType
from purezmq.core.heartbeat import Heartbeat
from purezmq.core.options import SocketOptions


def heartbeat(ivl: int = 1000, timeout: int = -1, ttl: int = 0) -> Heartbeat:
    options = SocketOptions.for_type(SocketType.DEALER)
    options.heartbeat_ivl, options.heartbeat_timeout, options.heartbeat_ttl = ivl, timeout, ttl
    return Heartbeat.from_options(options, 100.0)


def test_first_ping_is_due_after_the_interval():
    ours = heartbeat()
    assert ours.deadline() == 101.0
    assert not ours.ping_due(100.9)
    assert ours.ping_due(101.0)


def test_pings_go_on_while_the_peer_answers():
    ours = heartbeat()
    for second in range(101, 110):
        assert ours.deadline() == second
        assert not ours.overdue(second)
        assert ours.ping_due(second)
        ours.heard(second + 0.5)


def test_timeout_is_the_interval_unless_it_is_given():
    ours = heartbeat()
    ours.ping_due(101.0)
    assert not ours.overdue(101.9)
    assert "within 1 s of a PING" in ours.overdue(102.0)


def test_timeout_is_not_prolonged_by_later_pings():
    ours = heartbeat(timeout=2500)
    for second in (101, 102, 103):
        assert ours.ping_due(second)
    assert ours.deadline() == 103.5
    assert not ours.overdue(103.4)
    assert ours.overdue(103.5)


def test_timeout_of_0_is_none():
    ours = heartbeat(timeout=0)
    ours.ping_due(101.0)
    assert not ours.overdue(10_000.0)


def test_anything_heard_ends_the_wait():
    ours = heartbeat()
    ours.ping_due(101.0)
    ours.heard(101.0)
    assert not ours.overdue(102.0)


@pytest.mark.parametrize("milliseconds, tenths", [(0, 0), (2500, 25), (6_553_599, 65535)])
def test_ping_carries_the_ttl(milliseconds, tenths):
    assert heartbeat(ttl=milliseconds).ping == b"\x04PING" + tenths.to_bytes(2, "big")


def test_peer_that_promised_a_ttl_is_dead_after_it():
    ours = Heartbeat(100.0)
    assert ours.deadline() is None
    ours.ttl = 0.5
    assert ours.deadline() == 100.5
    assert not ours.overdue(100.4)
    assert "its own TTL of 0.5 s" in ours.overdue(100.5)


def test_anything_heard_starts_the_ttl_anew():
    ours = Heartbeat(100.0)
    ours.ttl = 0.5
    ours.heard(100.4)
    assert not ours.overdue(100.8)
    assert ours.overdue(100.9)
