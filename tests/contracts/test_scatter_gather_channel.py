"""SCATTER and GATHER (RFC 49), CHANNEL (RFC 52): PUSH, PULL and PAIR in messages of one part."""

import pytest

from .tools import eventually, fill, silent, take

pytestmark = pytest.mark.usefixtures("drafts")


def test_gather_gets_what_scatter_sends_in_order(zmq, net):
    scatter, gather = net.link(zmq.SCATTER, zmq.GATHER)
    for number in range(100):
        scatter.send(b"%d" % number)
    assert take(gather, 100) == [b"%d" % number for number in range(100)]


def test_scatter_deals_in_turn(zmq, net):
    scatter, address = net.bind(zmq.SCATTER)
    gathers = [net.connect(zmq.GATHER, address) for _ in range(2)]
    sent = 0
    while not all(gather.poll(5) for gather in gathers):  # until both are there
        scatter.send(b"?")
        sent += 1
    for gather in gathers:
        while sent and gather.poll(20):
            gather.recv()
            sent -= 1
    while sent:  # what took longer
        sent -= sum(bool(gather.poll(5)) and bool(gather.recv()) for gather in gathers)
    for _ in range(4):
        scatter.send(b"work")
    assert [take(gather, 2) for gather in gathers] == [[b"work"] * 2] * 2


def test_gather_receives_from_all(zmq, net):
    gather, address = net.bind(zmq.GATHER)
    for number in range(3):
        net.connect(zmq.SCATTER, address).send(b"%d" % number)
    assert sorted(take(gather, 3)) == [b"0", b"1", b"2"]


def test_scatter_without_peer_has_to_wait(zmq, net):
    scatter, _ = net.bind(zmq.SCATTER)
    assert fill(zmq, scatter) == 0


def test_gather_and_push_do_not_speak(zmq, wire):
    gather, address = wire.bind(zmq.GATHER)
    wire.connect(zmq.PUSH, address).send(b"x")
    assert silent(gather)


def test_channel_carries_both_ways(zmq, net):
    one, other = net.link(zmq.CHANNEL, zmq.CHANNEL)
    one.send(b"there")
    assert other.recv() == b"there"
    other.send(b"back")
    other.send(b"again")
    assert take(one, 2) == [b"back", b"again"]


def test_channel_has_one_peer(zmq, wire):
    bound, address = wire.bind(zmq.CHANNEL)
    first = wire.connect(zmq.CHANNEL, address)
    first.send(b"first")
    assert bound.recv() == b"first"
    second = wire.connect(zmq.CHANNEL, address)
    second.send(b"second")
    assert silent(bound)


def test_channel_without_peer_has_to_wait(zmq, net):
    channel, _ = net.bind(zmq.CHANNEL)
    assert fill(zmq, channel) == 0
    assert not channel.poll(0, zmq.POLLOUT)


def test_channel_takes_the_next_peer_when_the_first_has_left(zmq, net):
    bound, address = net.bind(zmq.CHANNEL)
    first = net.connect(zmq.CHANNEL, address)
    first.send(b"first")
    assert bound.recv() == b"first"
    first.close()
    eventually(lambda: not bound.poll(0, zmq.POLLOUT))
    second = net.connect(zmq.CHANNEL, address)
    second.send(b"second")
    assert bound.recv() == b"second"
