"""The simulated world itself: what its clock and its wire promise."""

from errno import ECONNREFUSED, ECONNRESET, EPIPE

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.core.options import SocketOptions
from purezmq.engine.transports import Target
from purezmq.errors import ZMQError
from tests.sim.tools import BOUND, SERVER, Net, take_all, try_send

OPTIONS = SocketOptions.for_type(SocketType.PAIR)


def pair_of_streams(world):
    listening = world.transport.bind("*:7000", OPTIONS)
    ours = world.transport.connect(Target(0, ("server", 7000)), OPTIONS)
    world.run_until(lambda: ours.connected)
    theirs = listening.accept()
    assert theirs is not None
    return ours, theirs


def test_bytes_arrive_after_the_delay(make_world):
    world = make_world(delay=0.25)
    ours, theirs = pair_of_streams(world)
    ours.send(b"hello")
    world.run(0.24)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    world.run(0.02)
    assert theirs.recv(100) == b"hello"


def test_bandwidth_spreads_bytes_over_time(make_world):
    world = make_world(delay=0, bandwidth=1000)
    ours, theirs = pair_of_streams(world)
    ours.send(b"a" * 500)
    ours.send(b"b" * 500)
    world.run(0.6)
    assert theirs.recv(1000) == b"a" * 500
    world.run(0.5)
    assert theirs.recv(1000) == b"b" * 500


def test_jitter_keeps_the_order(make_world):
    world = make_world(delay=0.001, jitter=1.0)
    ours, theirs = pair_of_streams(world)
    for number in range(50):
        ours.send(bytes([number]))
        world.run(0.01)
    world.run(2)
    assert theirs.recv(100) == bytes(range(50))


def test_send_stops_at_a_full_buffer_and_goes_on_when_it_is_read(make_world):
    world = make_world(buffer=100)
    ours, theirs = pair_of_streams(world)
    assert ours.send(b"x" * 150) == 100
    world.run(1)
    with pytest.raises(BlockingIOError):
        ours.send(b"y")
    assert theirs.recv(40) == b"x" * 40
    assert ours.send(b"y" * 100) == 40


def test_frozen_link_delivers_in_order_once_it_is_healed(world):
    ours, theirs = pair_of_streams(world)
    ours.send(b"before ")
    world.freeze()
    ours.send(b"after")
    ours.close()
    world.run(3600)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    world.heal()
    assert theirs.recv(100) == b"before after"
    assert theirs.recv(100) == b""


def test_cut_loses_what_is_under_way_and_keeps_what_has_arrived(world):
    ours, theirs = pair_of_streams(world)
    ours.send(b"arrived")
    world.run(1)
    ours.send(b"lost")
    assert world.cut_all() == 1
    world.run(1)
    assert theirs.recv(100) == b"arrived"
    with pytest.raises(OSError) as reset:
        theirs.recv(100)
    assert reset.value.errno == ECONNRESET
    with pytest.raises(OSError) as broken:
        ours.send(b"more")
    assert broken.value.errno == EPIPE


def test_bytes_sent_to_a_closed_end_are_answered_by_a_reset(world):
    ours, theirs = pair_of_streams(world)
    theirs.close()
    world.run(1)
    assert ours.recv(100) == b""
    ours.send(b"too late")
    world.run(1)
    assert ours.error == ECONNRESET


def test_closing_over_unread_bytes_resets(world):
    ours, theirs = pair_of_streams(world)
    ours.send(b"unread")
    world.run(1)
    theirs.close()
    world.run(1)
    assert ours.error == ECONNRESET


def test_nobody_listening_refuses(world):
    stream = world.transport.connect(Target(0, ("nobody", 1)), OPTIONS)
    world.run(1)
    assert world.transport.connect_error(stream) == ECONNREFUSED


def test_refused_endpoint_refuses_until_healed(world, net):
    net.bind(SocketType.PULL)
    world.refuse(SERVER)
    push = net.connect(SocketType.PUSH, SERVER)
    world.run(10)
    assert not world.links(push)
    world.heal()
    world.run_until(lambda: world.links(push))


def test_port_in_use_is_eaddrinuse(net):
    net.bind(SocketType.PULL)
    with pytest.raises(ZMQError) as used:
        net.bind(SocketType.PULL, "tcp://127.0.0.1:5555")
    assert used.value.errno == Errno.EADDRINUSE


def test_port_0_is_a_free_port(net):
    first = net.bind(SocketType.PULL, "tcp://127.0.0.1:*")
    second = net.bind(SocketType.PULL, "tcp://127.0.0.1:0")
    assert first.endpoints.last != second.endpoints.last


def test_wait_that_can_never_end_is_a_deadlock(net):
    pull = net.bind(SocketType.PULL)
    with pytest.raises(AssertionError, match="deadlock in the simulated world"):
        pull.receive()


def test_wait_with_a_timeout_ends_on_time(world, net):
    pull = net.bind(SocketType.PULL, rcvtimeo=1500)
    with pytest.raises(ZMQError) as late:
        pull.receive()
    assert late.value.errno == Errno.EAGAIN
    assert world.now == pytest.approx(1.5)


def test_run_until_says_when(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    push.send(b"x")
    # SYN, its answer, our greeting (both send at once), READY each way; the message goes with it.
    assert world.run_until(lambda: pull.poll(1, 0)) < 0.01


def test_run_until_gives_up_at_its_limit(world):
    with pytest.raises(AssertionError, match="not within 5"):
        world.run_until(lambda: False, 5)
    assert world.now == 5


def chronicle(make_world, seed):
    """Everything that can be seen of a busy world."""
    world = make_world(seed, jitter=0.01)
    net = Net(world)
    pull = net.bind(SocketType.PULL)
    pushes = [net.connect(SocketType.PUSH) for _ in range(5)]
    for number in range(50):
        for which, push in enumerate(pushes):
            try_send(push, b"%d:%d" % (which, number))
        world.run(0.05)
        if number % 10 == 9:
            world.cut(pushes[number // 10])
    world.run(10)
    return take_all(pull), world.attempts(SERVER), world.drives


def test_same_seed_gives_the_same_world(make_world):
    assert chronicle(make_world, 5) == chronicle(make_world, 5)


def test_another_seed_gives_another_world(make_world):
    assert chronicle(make_world, 5) != chronicle(make_world, 6)


def test_inproc_works_in_the_simulated_world(net):
    pull = net.bind(SocketType.PULL, "inproc://there")
    net.connect(SocketType.PUSH, "inproc://there").send(b"hello")
    assert pull.receive() == b"hello"


def test_endpoint_is_reported_as_tcp_reports_it(net):
    assert net.bind(SocketType.PULL, BOUND).endpoints.last == "tcp://0.0.0.0:5555"
