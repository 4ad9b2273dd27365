"""Messages that were taken out of several inboxes, when peers leave before they are received."""

import pytest

from purezmq.constants import SocketType
from tests.sim.tools import take_all


@pytest.fixture
def staged(world, net):
    """A PULL that has received one of the five messages of two peers, and the peers."""
    pull = net.bind(SocketType.PULL)
    pushes = [net.connect(SocketType.PUSH) for _ in range(2)]
    for push in pushes:
        push.send(b"1")
        push.send(b"2")
    pushes[1].send(b"3")
    world.run(1)
    pull.events()
    assert pull.receive(1) == b"1"
    assert len(pull.inbox) == 2
    return pull, pushes


def test_what_is_behind_the_staged_messages_is_found_when_one_peer_is_left(world, staged):
    pull, (leaving, left) = staged
    left.send(b"4")
    leaving.close(0)
    world.run(1)
    pull.events()
    while pull.inbox:
        pull.inbox.popleft()
    messages = []
    while (message := pull.take()) is not None:
        messages.append(message)
    assert messages == [b"2", b"3", b"4"]


def test_burst_of_what_peers_sent_that_have_left_all(world, staged):
    pull, pushes = staged
    for push in pushes:
        push.close(0)
    world.run(1)
    pull.events()
    assert pull.receive_burst(100) == [b"1", b"2", b"2", b"3"]


def test_burst_of_the_cancellations_of_subscribers_that_have_left_all(world, net):
    publisher = net.bind(SocketType.XPUB)
    subscribers = [net.connect(SocketType.SUB, subscribe=topic) for topic in (b"a", b"b", b"c")]
    world.run(1)
    assert len(take_all(publisher)) == 3
    for subscriber in subscribers:
        subscriber.close(0)
    world.run(1)
    publisher.events()
    assert sorted(publisher.receive_burst(100)) == [b"\0a", b"\0b", b"\0c"]
