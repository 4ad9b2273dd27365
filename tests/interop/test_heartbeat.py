"""HEARTBEAT options across implementations: who lives keeps the link, who hangs loses it. RFC 37."""

import time

import pytest

from .sides import eventually

EVERY_30_MS = {"HEARTBEAT_IVL": 30, "HEARTBEAT_TIMEOUT": 250}
LONG_ENOUGH = 400  # ms: a peer without PONG is lost by then
QUICK = {"HEARTBEAT_IVL": 20, "HEARTBEAT_TIMEOUT": 100}

who_asks = pytest.mark.parametrize("asks", ["ours", "theirs", "both"])
who_binds = pytest.mark.parametrize("binds", ["ours", "theirs"])


@who_asks
@who_binds
def test_idle_link_stays_up(ours, theirs, tcp, asks, binds):
    # Nobody calls a method of ours in the meantime: what keeps the link is in the background.
    push = ours.open("PUSH", **(EVERY_30_MS if asks != "theirs" else {}))
    pull = theirs.open("PULL", **(EVERY_30_MS if asks != "ours" else {}))
    pull.watch()
    join(*((push, pull) if binds == "ours" else (pull, push)), tcp)
    push.send([b"before"])
    assert pull.take() == [b"before"]
    assert not pull.happens("DISCONNECTED", LONG_ENOUGH)
    push.send([b"after"])
    assert pull.take() == [b"after"]


def join(binder, connector, wire):
    connector.connect(binder.bind(wire.any()))


def test_traffic_goes_on_among_heartbeats(both, wire):
    front, back = both
    options = {"HEARTBEAT_IVL": 1, "HEARTBEAT_TIMEOUT": 5000, "HEARTBEAT_TTL": 5000}
    left, right = front.open("DEALER", **options), back.open("DEALER", **options)
    left.connect(right.bind(wire.any()))
    messages = [[b"%d" % number, b"", 500] for number in range(3000)]
    running = [end.begin("send_and_receive", messages, len(messages)) for end in (left, right)]
    for end in running:
        assert end.result() == messages


@pytest.mark.parametrize("asks", ["PUSH", "PULL"])
def test_process_that_hangs_is_given_up_and_taken_back(mixed, tcp, asks):
    waiting, hanging = mixed
    push = waiting.open("PUSH", IMMEDIATE=1, **(QUICK if asks == "PUSH" else {}))
    # TTL asks the other one to give up: the side that hangs has told it before.
    pull = hanging.open("PULL", **({"HEARTBEAT_IVL": 20, "HEARTBEAT_TTL": 100} if asks == "PULL" else {}))
    push.connect(pull.bind(tcp.any()))
    told = time.monotonic() + 0.1
    while time.monotonic() < told:  # the first PING comes after one interval
        push.send([b"before"])
        assert pull.take() == [b"before"]
    hanging.freeze()
    try:
        eventually(lambda: not push.poll("POLLOUT", 0))
    finally:
        hanging.thaw()
    push.send([b"after"])
    assert pull.take() == [b"after"]


def test_link_without_heartbeats_outlives_a_process_that_hangs(mixed, tcp):
    waiting, hanging = mixed
    push, pull = waiting.open("PUSH", IMMEDIATE=1), hanging.open("PULL")
    push.connect(pull.bind(tcp.any()))
    push.send([b"before"])
    assert pull.take() == [b"before"]
    hanging.freeze()
    try:
        push.send([b"meanwhile"])
        assert push.poll("POLLOUT", 150)
    finally:
        hanging.thaw()
    assert pull.take() == [b"meanwhile"]
