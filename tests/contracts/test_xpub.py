"""XPUB and XSUB: subscriptions as messages. RFC 29."""

import errno

import pytest

from .tools import attend, drain, eventually, refused, silent, take


@pytest.fixture
def xpub(zmq, net):
    """Make a bound XPUB with these options; give it and its address."""
    return lambda **options: net.bind(zmq.XPUB, **options)


def test_xpub_receives_subscriptions_and_cancellations(zmq, net):
    sub, xpub = net.link(zmq.SUB, zmq.XPUB)
    sub.subscribe(b"topic")
    assert xpub.recv() == b"\x01topic"
    sub.unsubscribe(b"topic")
    assert xpub.recv() == b"\x00topic"


def test_xpub_receives_the_empty_subscription(zmq, net):
    sub, xpub = net.link(zmq.SUB, zmq.XPUB)
    sub.subscribe(b"")
    assert xpub.recv() == b"\x01"
    sub.unsubscribe(b"")
    assert xpub.recv() == b"\x00"


def test_xpub_receives_subscriptions_made_before_connect(zmq, xpub, net):
    publisher, address = xpub()
    sub = net.socket(zmq.SUB)
    for topic in (b"b", b"a", b"a"):
        sub.subscribe(topic)
    sub.connect(address)
    assert sorted(take(publisher, 2)) == [b"\x01a", b"\x01b"]


def test_xpub_hides_a_subscription_another_peer_made_before(zmq, xpub, net):
    publisher, address = xpub()
    one, two = (net.connect(zmq.SUB, address) for _ in range(2))
    one.subscribe(b"same")
    assert publisher.recv() == b"\x01same"
    two.subscribe(b"same")
    two.subscribe(b"other")
    assert publisher.recv() == b"\x01other"


def test_xpub_hides_a_cancellation_while_another_peer_still_subscribes(zmq, xpub, net):
    publisher, address = xpub()
    one, two = (net.connect(zmq.SUB, address) for _ in range(2))
    for sub in (one, two):
        sub.subscribe(b"same")
        sub.subscribe(b"mark %d" % (sub is two))
    assert len(take(publisher, 3)) == 3
    one.unsubscribe(b"same")
    one.unsubscribe(b"mark 0")
    assert publisher.recv() == b"\x00mark 0"
    two.unsubscribe(b"same")
    assert publisher.recv() == b"\x00same"


def test_verbose_xpub_passes_every_subscription(zmq, xpub, net):
    publisher, address = xpub(xpub_verbose=1)
    one, two = (net.connect(zmq.SUB, address) for _ in range(2))
    for sub in (one, two):
        sub.subscribe(b"same")
        assert publisher.recv() == b"\x01same"
    one.unsubscribe(b"same")
    one.subscribe(b"mark")
    assert publisher.recv() == b"\x01mark"


def test_verboser_xpub_passes_every_cancellation_too(zmq, xpub, net):
    publisher, address = xpub(xpub_verboser=1)
    subs = [net.connect(zmq.SUB, address) for _ in range(2)]
    for sub in subs:
        sub.subscribe(b"same")
        assert publisher.recv() == b"\x01same"
    for sub in subs:
        sub.unsubscribe(b"same")
        assert publisher.recv() == b"\x00same"


def test_sub_sends_every_subscription_but_only_the_last_cancellation(zmq, xpub, net):
    publisher, address = xpub(xpub_verboser=1)
    sub = net.connect(zmq.SUB, address)
    for topic in (b"a", b"a", b"b"):
        sub.subscribe(topic)
    for topic in (b"a", b"b", b"a", b"unknown"):
        sub.unsubscribe(topic)
    sub.subscribe(b"end")
    assert take(publisher, 6) == [b"\x01a", b"\x01a", b"\x01b", b"\x00b", b"\x00a", b"\x01end"]


def test_xpub_learns_the_cancellations_of_a_peer_that_left(zmq, xpub, net):
    publisher, address = xpub()
    sub = net.connect(zmq.SUB, address)
    for topic in (b"a", b"b"):
        sub.subscribe(topic)
    assert sorted(take(publisher, 2)) == [b"\x01a", b"\x01b"]
    sub.close()
    assert sorted(take(publisher, 2)) == [b"\x00a", b"\x00b"]


def test_xsub_subscribes_by_sending(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    xsub.send(b"\x01a")
    assert xpub.recv() == b"\x01a"
    xpub.send_multipart([b"abc", b"body"])
    xpub.send(b"b")
    xpub.send(b"a end")
    assert take(xsub, 2) == [[b"abc", b"body"], b"a end"]


def test_xsub_cancels_by_sending(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    xsub.send(b"\x01a")
    xsub.send(b"\x00a")
    assert take(xpub, 2) == [b"\x01a", b"\x00a"]
    xpub.send(b"a")
    assert silent(xsub)


def test_xsub_keeps_a_cancellation_of_an_unknown_topic_to_itself(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    xsub.send(b"\x00unknown")
    xsub.send(b"\x01known")
    assert xpub.recv() == b"\x01known"


def test_xsub_counts_its_subscriptions(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    for message in (b"\x01a", b"\x01a", b"\x00a", b"\x01mark"):
        xsub.send(message)
    assert take(xpub, 2) == [b"\x01a", b"\x01mark"]
    xsub.send(b"\x00a")
    assert xpub.recv() == b"\x00a"


def test_user_messages_go_upstream_from_xsub_to_xpub(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    messages = [b"hello", b"\x02", b"", [b"more", b"\x01parts"]]
    for message in messages:
        xsub.send_multipart(message if isinstance(message, list) else [message])
    assert take(xpub, 4) == messages


def test_pub_ignores_user_messages_from_upstream(zmq, net):
    xsub, pub = net.link(zmq.XSUB, zmq.PUB)
    xsub.send(b"ignored")
    xsub.send(b"\x01")
    eventually(lambda: pub.send(b"x") or xsub.poll(5))
    assert xsub.recv() == b"x"


def test_xsub_without_peers_drops_silently(zmq, net):
    xsub, _ = net.bind(zmq.XSUB)
    xsub.send(b"nobody", zmq.DONTWAIT)
    assert xsub.get(zmq.EVENTS) == zmq.POLLOUT


def test_xsub_sends_to_every_publisher(zmq, net):
    xpubs, addresses = zip(*(net.bind(zmq.XPUB) for _ in range(2)), strict=True)
    xsub = net.connect(zmq.XSUB, *addresses)
    xsub.send(b"\x01a")
    xsub.send(b"user")
    for xpub in xpubs:
        assert take(xpub, 2) == [b"\x01a", b"user"]


def test_xpub_and_xsub_forward_for_pub_and_sub(zmq, net):
    xsub, back = net.bind(zmq.XSUB)
    xpub, front = net.bind(zmq.XPUB)
    pub, sub = net.connect(zmq.PUB, back), net.connect(zmq.SUB, front, subscribe=b"t")
    xsub.send(xpub.recv())
    eventually(lambda: pub.send_multipart([b"topic", b"body"]) or xsub.poll(5))
    xpub.send_multipart(xsub.recv_multipart())
    assert sub.recv_multipart() == [b"topic", b"body"]


def test_welcome_message_greets_every_subscriber(zmq, xpub, net):
    publisher, address = xpub(xpub_welcome_msg=b"welcome")
    for _ in range(2):
        sub = net.connect(zmq.SUB, address, subscribe=b"w")
        # The greeting passes the filter of SUB like any message. libzmq's XPUB greets when it is used.
        eventually(lambda sub=sub: attend(zmq, publisher) or sub.poll(5))
        assert sub.recv() == b"welcome"


def test_manual_xpub_subscribes_peers_to_what_it_chooses(zmq, xpub, net):
    publisher, address = xpub(xpub_manual=1)
    sub = net.connect(zmq.XSUB, address)
    sub.send(b"\x01asked")
    assert publisher.recv() == b"\x01asked"
    publisher.set(zmq.SUBSCRIBE, b"given")
    for message in (b"asked", b"given", b"given end"):
        publisher.send(message)
    assert take(sub, 2) == [b"given", b"given end"]


def test_manual_xpub_unsubscribes_peers_from_what_it_chooses(zmq, xpub, net):
    publisher, address = xpub(xpub_manual=1)
    sub = net.connect(zmq.XSUB, address)
    sub.send(b"\x01a")
    publisher.recv()
    for topic in (b"x", b"y"):
        publisher.set(zmq.SUBSCRIBE, topic)
    sub.send(b"\x00a")
    assert publisher.recv() == b"\x00a"
    publisher.set(zmq.UNSUBSCRIBE, b"x")
    for message in (b"x", b"y"):
        publisher.send(message)
    assert sub.recv() == b"y"


def test_manual_xpub_serves_nobody_on_its_own(zmq, xpub, net):
    publisher, address = xpub(xpub_manual=1)
    sub = net.connect(zmq.SUB, address, subscribe=b"a")
    assert publisher.recv() == b"\x01a"
    publisher.send(b"a")
    assert silent(sub)


def test_manual_xpub_keeps_peers_apart(zmq, xpub, net):
    publisher, address = xpub(xpub_manual=1)
    one, two = (net.connect(zmq.XSUB, address) for _ in range(2))
    for sub, topic in ((one, b"1"), (two, b"2")):
        sub.send(b"\x01" + topic)
        assert publisher.recv() == b"\x01" + topic
        publisher.set(zmq.SUBSCRIBE, b"for " + topic)
    publisher.send(b"for 1")
    publisher.send(b"for 2")
    assert [one.recv(), two.recv()] == [b"for 1", b"for 2"]
    assert drain(zmq, one) == drain(zmq, two) == []


@pytest.mark.parametrize("option", ["SUBSCRIBE", "UNSUBSCRIBE"])
def test_xpub_takes_subscribe_in_manual_mode_only(zmq, inproc, option):
    with refused(zmq, errno.EINVAL):
        inproc.socket(zmq.XPUB).set(getattr(zmq, option), b"a")


def test_xpub_is_always_writable(zmq, xpub):
    publisher, _ = xpub()
    assert publisher.get(zmq.EVENTS) == zmq.POLLOUT
