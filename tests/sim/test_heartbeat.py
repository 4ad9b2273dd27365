"""Heartbeats over a wire that goes silent: HEARTBEAT_IVL, HEARTBEAT_TIMEOUT, HEARTBEAT_TTL."""

from purezmq.constants import SocketType
from tests.sim.tools import SERVER


def linked(world, net, **options):
    """A PULL, and a PUSH with these options; they have spoken."""
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH, **options)
    push.send(b"hello")
    assert pull.receive() == b"hello"
    return pull, push


def dead_after(world, core, limit=3600.0):
    """Freeze the link, and only that; return how long the socket believes in it."""
    (link,) = world.links(core)
    link.frozen = True
    return world.run_until(lambda: link not in world.links(core), limit)


def test_silent_wire_is_noticed_within_ivl_and_timeout(world, net):
    _, push = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=3000)
    assert 3.0 <= dead_after(world, push) <= 4.01


def test_timeout_is_the_ivl_where_it_is_not_set(world, net):
    _, push = linked(world, net, heartbeat_ivl=1000)
    assert 1.0 <= dead_after(world, push) <= 2.01


def test_listening_side_notices_too(world, net):
    pull = net.bind(SocketType.PULL, heartbeat_ivl=1000, heartbeat_timeout=3000)
    net.connect(SocketType.PUSH).send(b"hello")
    assert pull.receive() == b"hello"
    assert 3.0 <= dead_after(world, pull) <= 4.01


def test_ttl_lets_the_other_side_notice(world, net):
    pull, _ = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=100_000, heartbeat_ttl=5000)
    world.run(10)
    assert 4.0 <= dead_after(world, pull) <= 5.01


def test_without_heartbeats_nobody_notices(world, net):
    pull, push = linked(world, net)
    world.freeze()
    world.run(24 * 3600)
    assert world.links(pull, push)


def test_healthy_link_lives_for_hours(world, net):
    pull, push = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=1000, heartbeat_ttl=2000)
    (link,) = world.links(pull, push)
    world.run(2 * 3600)
    assert world.links(pull, push) == [link]
    assert len(world.attempts(SERVER)) == 1


def test_freeze_shorter_than_the_timeout_is_survived(world, net):
    pull, push = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=5000)
    (link,) = world.links(pull, push)
    for _ in range(10):
        world.freeze()
        world.run(3.5)
        world.heal()
        world.run(3)
    assert world.links(pull, push) == [link]


def test_socket_at_a_dead_link_connects_anew(world, net):
    pull, push = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=1000)
    dead_after(world, push)
    push.send(b"over the new link")
    assert pull.receive() == b"over the new link"
    assert len(world.attempts(SERVER)) == 2


def test_reader_that_is_busy_elsewhere_is_not_taken_for_dead(world, net):
    # PULL is at its HWM and reads nothing, not even PINGs: it must not time its peer out.
    pull = net.bind(SocketType.PULL, rcvhwm=5, heartbeat_ivl=1000, heartbeat_timeout=1000)
    push = net.connect(SocketType.PUSH)
    for number in range(500):
        push.send(b"%d" % number)
    world.run(600)
    assert world.links(pull, push)
    assert [pull.receive() for _ in range(500)] == [b"%d" % number for number in range(500)]


def test_heartbeat_of_a_peer_that_reads_nothing_is_not_answered(world, net):
    # As with libzmq: who does not take what it is sent answers no PING either.
    pull = net.bind(SocketType.PULL, rcvhwm=5)
    push = net.connect(SocketType.PUSH, heartbeat_ivl=1000, heartbeat_timeout=10_000)
    for number in range(50):
        push.send(b"%d" % number)
    world.run(60)
    assert len(world.attempts(SERVER)) > 1
    assert pull.receive() == b"0"


def test_dead_link_is_forgotten_by_both_sides_once_the_wire_is_back(world, net):
    pull, push = linked(world, net, heartbeat_ivl=1000, heartbeat_timeout=1000)
    dead_after(world, push)
    world.heal()
    world.run(1)
    assert world.links(pull) == world.links(push) == world.links(pull, push)
    assert len(world.links(pull)) == 1
