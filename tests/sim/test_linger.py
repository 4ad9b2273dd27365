"""LINGER: what is unsent when a socket closes."""

import pytest

from purezmq.constants import ETERM, SocketType
from purezmq.errors import ZMQError
from tests.sim.tools import Net, numbered, take_all


def test_linger_0_drops_what_is_unsent_at_once(world, net):
    push = net.connect(SocketType.PUSH, linger=0)
    push.send(b"dropped")
    push.close()
    assert world.term(net.context) == 0


def test_finite_linger_ends_without_a_peer(world, net):
    push = net.connect(SocketType.PUSH, linger=2500)
    push.send(b"dropped in the end")
    push.close()
    assert world.term(net.context) == pytest.approx(2.5)


def test_finite_linger_ends_early_when_all_is_sent(world, net):
    pull = Net(world).bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH, linger=60_000)
    push.send(b"in time")
    push.close()
    assert world.term(net.context) < 1
    assert pull.receive() == b"in time"


def test_linger_minus_1_waits_for_the_peer_for_ever(world, net):
    push = net.connect(SocketType.PUSH)
    push.send(b"patient")
    push.close()
    world.run(3600)
    assert net.context.sockets
    pull = Net(world).bind(SocketType.PULL)
    assert pull.receive() == b"patient"
    world.run(1)
    assert not net.context.sockets


def test_nothing_to_send_closes_at_once_whatever_linger_says(world, net):
    net.bind(SocketType.PULL, linger=-1).close()
    net.connect(SocketType.PUSH, linger=-1).close()
    assert world.term(net.context) == 0


def test_argument_of_close_goes_before_the_option(world, net):
    push = net.connect(SocketType.PUSH, linger=-1)
    push.send(b"dropped")
    push.close(1500)
    assert world.term(net.context) == pytest.approx(1.5)


@pytest.mark.parametrize("after", [step * 0.0005 for step in range(16)])
def test_message_sent_before_the_handshake_is_over_lingers(world, net, after):
    pull = Net(world).bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH)
    push.send(b"not lost")
    world.run(after)
    push.close()
    world.term(net.context, limit=60)
    world.run(1)
    assert take_all(pull) == [b"not lost"]


@pytest.mark.parametrize("after", [step * 0.0005 for step in range(16)])
def test_listening_side_lingers_too(world, net, after):
    push = net.bind(SocketType.PUSH)
    pull = Net(world).connect(SocketType.PULL)
    world.run_until(lambda: push.poll(2, 0))
    push.send(b"not lost")
    world.run(after)
    push.close()
    world.term(net.context, limit=60)
    world.run(1)
    assert take_all(pull) == [b"not lost"]


def test_linger_outlasts_a_slow_wire(make_world):
    world = make_world(bandwidth=10_000, buffer=4096)
    net = Net(world)
    pull = Net(world).bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH)
    for number in range(100):
        push.send(numbered(number))
    push.close()
    assert world.term(net.context) > 9
    world.run(10)
    assert take_all(pull) == [numbered(number) for number in range(100)]


def test_finite_linger_cuts_a_slow_wire_short(make_world):
    world = make_world(bandwidth=10_000, buffer=4096)
    net = Net(world)
    pull = Net(world).bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH)
    for number in range(100):
        push.send(numbered(number))
    push.close(3000)
    assert world.term(net.context) == pytest.approx(3)
    world.run(10)
    received = take_all(pull)
    assert 20 < len(received) < 40
    assert received == [numbered(number) for number in range(len(received))]


def test_linger_outlasts_a_reader_that_does_not_read(make_world):
    world = make_world(buffer=4096)
    net = Net(world)
    pull = Net(world).bind(SocketType.PULL, rcvhwm=5)
    push = net.connect(SocketType.PUSH)
    for number in range(100):
        push.send(numbered(number))
    push.close()
    world.run(3600)
    assert net.context.sockets
    assert [pull.receive() for _ in range(100)] == [numbered(number) for number in range(100)]
    world.run(1)
    assert not net.context.sockets


def test_linger_survives_a_cut(world, net):
    pull = Net(world).bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH)
    world.run(1)
    world.refuse("tcp://server:5555")
    world.cut_all()
    world.run(1)
    push.send(b"after the outage")
    push.close()
    world.run(600)
    world.heal()
    assert pull.receive() == b"after the outage"
    world.run(1)
    assert not net.context.sockets


def test_disconnect_lingers_for_one_endpoint(world, net):
    push = net.connect(SocketType.PUSH, linger=60_000)
    push.send(b"on its way")
    push.disconnect("tcp://server:5555")
    pull = net.bind(SocketType.PULL)
    assert pull.receive() == b"on its way"
    world.run(1)
    assert not world.links(push)


def test_shutdown_ends_a_wait_with_eterm(world, net):
    pull = net.bind(SocketType.PULL)
    world.clock.call_at(5.0, net.context.shutdown)
    with pytest.raises(ZMQError) as ended:
        pull.receive()
    assert ended.value.errno == ETERM
    assert world.now == 5.0
