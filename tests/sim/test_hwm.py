"""High-water marks: back-pressure from a reader that does not read to a sender that waits."""

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.errors import ZMQError
from tests.sim.tools import Net, fill, numbered, take_all, try_send

SIZE = 1000
BUFFER = 16 * 1024


@pytest.fixture
def net(make_world):
    return Net(make_world(buffer=BUFFER))


def saturate(net, push):
    """Send whenever there is room, until a simulated minute brings no more; return how many were taken."""
    total = 0
    while (now := fill(push, total)) > total:
        total = now
        net.world.run(60)
    return total


def drain(net, core):
    """Receive until nothing has come for a second."""
    received = []
    while more := take_all(core):
        received += more
        net.world.run(1)
    return received


def test_sender_without_a_peer_takes_sndhwm_messages(net):
    push = net.connect(SocketType.PUSH, sndhwm=7)
    assert fill(push) == 7


def test_sender_is_stopped_by_a_reader_that_does_not_read(net):
    net.bind(SocketType.PULL, rcvhwm=10)
    push = net.connect(SocketType.PUSH, sndhwm=10)
    taken = saturate(net, push)
    # Both marks, what the wire holds, and one read of what comes from it.
    assert 20 <= taken <= 20 + 2 * BUFFER // SIZE + 2


def test_nothing_is_lost_or_reordered_by_back_pressure(net):
    pull = net.bind(SocketType.PULL, rcvhwm=10)
    push = net.connect(SocketType.PUSH, sndhwm=10)
    received, sent = [], 0
    while len(received) < 400:
        sent = fill(push, sent)
        net.world.run(0.005)
        received += take_all(pull)
    assert received == [numbered(number) for number in range(len(received))]


def test_blocking_send_waits_for_the_reader(net):
    pull = net.bind(SocketType.PULL, rcvhwm=1)
    push = net.connect(SocketType.PUSH, sndhwm=1)
    taken = saturate(net, push)
    net.world.clock.call_at(net.world.now + 300, lambda: take_all(pull))
    begin = net.world.now
    push.send(numbered(taken))
    assert taken > 2
    assert 300 <= net.world.now - begin < 301


def test_sndtimeo_ends_the_wait(net):
    net.bind(SocketType.PULL, rcvhwm=1)
    push = net.connect(SocketType.PUSH, sndhwm=1, sndtimeo=2500)
    taken = saturate(net, push)
    begin = net.world.now
    with pytest.raises(ZMQError) as full:
        push.send(numbered(taken))
    assert full.value.errno == Errno.EAGAIN
    assert net.world.now - begin == pytest.approx(2.5)


def test_reader_that_resumes_opens_the_way_again(net):
    pull = net.bind(SocketType.PULL, rcvhwm=4)
    push = net.connect(SocketType.PUSH, sndhwm=4)
    taken = saturate(net, push)
    received = [pull.receive() for _ in range(taken)]
    assert received == [numbered(number) for number in range(taken)]
    net.world.run(1)
    assert try_send(push, b"and on")


def test_push_passes_a_full_peer_over(net):
    push = net.bind(SocketType.PUSH, sndhwm=5)
    idle = net.connect(SocketType.PULL, rcvhwm=5)
    busy = net.connect(SocketType.PULL, rcvhwm=5)
    net.world.run(1)
    received = []
    for number in range(500):
        push.send(numbered(number))
        net.world.run(0.01)
        received += take_all(busy)
    kept = drain(net, idle)
    assert len(received) + len(kept) == 500
    assert 5 < len(kept) < 5 + 5 + 2 * BUFFER // SIZE + 2
    assert received == sorted(received)
    assert kept == sorted(kept)


def test_publisher_drops_for_the_slow_subscriber_alone(net):
    publisher = net.bind(SocketType.PUB, sndhwm=10)
    slow = net.connect(SocketType.SUB, rcvhwm=10, subscribe=b"")
    quick = net.connect(SocketType.SUB, rcvhwm=10, subscribe=b"")
    net.world.run(1)
    received = []
    for number in range(300):
        publisher.send(numbered(number))
        net.world.run(0.01)
        received += take_all(quick)
    assert len(received) == 300
    kept = drain(net, slow)
    assert 10 <= len(kept) < 10 + 10 + 2 * BUFFER // SIZE + 2
    assert kept == received[: len(kept)]
