"""Connect, handshake, loss of a link, reconnect: on simulated time."""

from itertools import pairwise

import pytest

from purezmq.constants import SocketType
from purezmq.core.options import SocketOptions
from purezmq.engine.transports import Target
from tests.sim.tools import BOUND, SERVER, Net, take_all, try_send

ROUND_TRIP = 0.002
OPTIONS = SocketOptions.for_type(SocketType.PULL)


def gaps(times):
    return [later - earlier for earlier, later in pairwise(times)]


def test_connect_may_come_an_hour_before_bind(world, net):
    push = net.connect(SocketType.PUSH)
    push.send(b"patient")
    world.run(3600)
    pull = net.bind(SocketType.PULL)
    assert pull.receive() == b"patient"


def test_messages_keep_their_order_over_a_slow_wire(make_world):
    world = make_world(delay=0.3, jitter=0.2, bandwidth=20_000)
    net = Net(world)
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    sent = [[b"%d" % number, b"x" * number] for number in range(300)]
    for message in sent:
        push.send(message)
    assert [pull.receive() for _ in sent] == sent
    assert world.now > 2


def test_without_ivl_max_each_gap_is_one_to_two_ivl(world, net):
    net.connect(SocketType.PUSH, reconnect_ivl=100)
    world.run(3600)
    found = [gap - ROUND_TRIP for gap in gaps(world.attempts(SERVER))]
    assert 3600 / 0.21 < len(found) < 3600 / 0.10
    assert 0.0999 <= min(found) < 0.105
    assert 0.195 < max(found) <= 0.2001


def test_with_ivl_max_the_gap_doubles_up_to_it(world, net):
    net.connect(SocketType.PUSH, reconnect_ivl=100, reconnect_ivl_max=2000)
    world.run(12)
    found = [round(gap - ROUND_TRIP, 6) for gap in gaps(world.attempts(SERVER))]
    assert found == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0, 2.0]


def test_attempts_stay_at_ivl_max_for_hours(world, net):
    net.connect(SocketType.PUSH, reconnect_ivl=1000, reconnect_ivl_max=60_000)
    world.run(6 * 3600)
    # 1, 2, 4, 8, 16, 32 s, and then one a minute
    assert len(world.attempts(SERVER)) == 1 + 6 + int((6 * 3600 - 63) / (60 + ROUND_TRIP))


def test_connection_that_came_up_starts_the_back_off_over(world, net):
    pull = net.bind(SocketType.PULL)
    push = net.connect(SocketType.PUSH, reconnect_ivl=100, reconnect_ivl_max=10_000)
    push.send(b"up")
    assert pull.receive() == b"up"
    world.refuse(SERVER)
    for _ in range(2):
        lost = world.now
        world.cut(push)
        world.run(2)
        after = [round(when - lost, 3) for when in world.attempts(SERVER) if when > lost]
        assert after[:3] == [0.1, 0.302, 0.704]
        world.heal()
        world.run_until(lambda: world.links(push))
        world.run(1)
        world.refuse(SERVER)


def test_reconnect_ivl_minus_1_never_tries_again(world, net):
    net.connect(SocketType.PUSH, reconnect_ivl=-1)
    world.run(3600)
    assert len(world.attempts(SERVER)) == 1


def test_every_address_of_a_name_is_tried_before_the_back_off(world, net):
    world.network.hosts["server"] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    pull = net.bind(SocketType.PULL, "tcp://10.0.0.3:5555")
    push = net.connect(SocketType.PUSH, reconnect_ivl=1000)
    push.send(b"third time lucky")
    assert pull.receive() == b"third time lucky"
    assert world.now < 0.1
    assert [address for _, address in world.network.attempts] == [
        "10.0.0.1:5555",
        "10.0.0.2:5555",
        "10.0.0.3:5555",
    ]


def test_what_was_queued_during_an_outage_arrives_after_it(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    push.send(b"before")
    assert pull.receive() == b"before"
    world.refuse(SERVER)
    world.cut_all()
    world.run(1)
    for number in range(10):
        push.send(b"%d" % number)
    world.run(600)
    assert take_all(pull) == []
    world.heal()
    assert [pull.receive() for _ in range(10)] == [b"%d" % number for number in range(10)]


def test_listener_is_found_again_after_it_was_away(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    push.send(b"first")
    assert pull.receive() == b"first"
    pull.close(0)
    world.run(60)
    successor = net.bind(SocketType.PULL)
    push.send(b"second")
    assert successor.receive() == b"second"


def test_connect_timeout_ends_an_attempt_that_nobody_answers(world, net):
    world.freeze()
    net.connect(SocketType.PUSH, connect_timeout=5000, reconnect_ivl=1000, reconnect_ivl_max=1000)
    world.run(20)
    assert world.attempts(SERVER) == pytest.approx([0, 6, 12, 18])


def test_connect_timeout_of_a_refused_attempt_does_not_touch_the_next(world, net):
    net.connect(SocketType.PUSH, connect_timeout=5000, reconnect_ivl=1000, reconnect_ivl_max=1000)
    world.run(20)
    found = gaps(world.attempts(SERVER))
    assert found == pytest.approx([1 + ROUND_TRIP] * 19)


def test_without_connect_timeout_the_attempt_stands(world, net):
    world.freeze()
    push = net.connect(SocketType.PUSH)
    push.send(b"at last")
    world.run(3600)
    assert len(world.attempts(SERVER)) == 1
    pull = net.bind(SocketType.PULL)
    world.heal()
    assert pull.receive() == b"at last"


def test_handshake_ivl_gives_a_silent_listener_up(world, net):
    world.transport.bind("*:5555", OPTIONS)  # takes the connection, and never says a word
    net.connect(SocketType.PUSH, handshake_ivl=2000, reconnect_ivl=500, reconnect_ivl_max=500)
    world.run(10)
    assert world.attempts(SERVER) == pytest.approx([0, 2.502, 5.004, 7.506], abs=0.001)


def test_handshake_ivl_ends_a_silent_client(world, net):
    pull = net.bind(SocketType.PULL, handshake_ivl=2000)
    client = world.transport.connect(Target(0, ("server", 5555)), OPTIONS)
    world.run(1.9)
    assert world.links(pull)
    assert client.recv(10) == b"\xff\0\0\0\0\0\0\0\x01\x7f"
    world.run(0.2)
    assert client.readiness() & 1
    while client.recv(1000):
        pass
    assert not world.links(pull)


def test_handshake_ivl_0_waits_for_ever(world, net):
    pull = net.bind(SocketType.PULL, handshake_ivl=0)
    world.transport.connect(Target(0, ("server", 5555)), OPTIONS)
    world.run(3600)
    assert world.links(pull)


def test_peer_that_breaks_the_protocol_is_not_dialled_again(world, net):
    listening = world.transport.bind("*:5555", OPTIONS)
    net.connect(SocketType.PUSH)
    world.run_until(lambda: listening.readiness())
    stream = listening.accept()
    stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b" " * 64)
    world.run(60)
    assert len(world.attempts(SERVER)) == 1


def test_immediate_refuses_messages_while_nobody_is_there(world, net):
    push = net.connect(SocketType.PUSH, immediate=1)
    assert not try_send(push, b"nobody")
    net.bind(SocketType.PULL)
    world.run(1)
    assert try_send(push, b"somebody")


def test_disconnect_while_dialling_stops_dialling(world, net):
    push = net.connect(SocketType.PUSH)
    world.run(10)
    push.disconnect(SERVER)
    tried = len(world.attempts(SERVER))
    world.run(3600)
    assert len(world.attempts(SERVER)) == tried


def test_unbind_frees_the_port_and_ends_the_peers(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    push.send(b"first")
    assert pull.receive() == b"first"
    pull.unbind("tcp://0.0.0.0:5555")
    world.run(1)
    assert not world.links(pull)
    other = net.bind(SocketType.PULL, BOUND)
    push.send(b"second")
    assert other.receive() == b"second"
