"""PUB and SUB: RFC 29. Prefixes, reference counts, and what is filtered where."""

import errno

import pytest

from .tools import attend, drain, refused, settle, silent, take


@pytest.fixture
def couple(zmq, net):
    """A bound PUB and a connected SUB without subscriptions."""
    sub, pub = net.link(zmq.SUB, zmq.PUB)
    return pub, sub


def publish(pub, *messages):
    for message in messages:
        pub.send_multipart(message if isinstance(message, list) else [message])


def heard(pub, sub, *messages):
    """Publish these, then a message that does arrive; return what came before it."""
    settle(pub, sub)
    sub.subscribe(b"\xfeend")
    settle(pub, sub)
    publish(pub, *messages, b"\xfeend")
    came = []
    while not came or came[-1] != b"\xfeend":
        came += take(sub, 1)
    sub.unsubscribe(b"\xfeend")
    return came[:-1]


def test_sub_without_subscription_hears_nothing(zmq, couple):
    assert heard(*couple, b"a", b"", b"b") == []


def test_sub_hears_what_starts_with_its_topic(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"ab")
    assert heard(pub, sub, b"ab", b"a", b"abc", b"b", b"Ab", b"", b"ab\0") == [b"ab", b"abc", b"ab\0"]


def test_sub_with_the_empty_topic_hears_everything(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"")
    assert heard(pub, sub, b"", b"a", b"\0", b"zz") == [b"", b"a", b"\0", b"zz"]


def test_sub_with_overlapping_topics_hears_each_message_once(zmq, couple):
    pub, sub = couple
    for topic in (b"", b"a", b"ab"):
        sub.subscribe(topic)
    assert heard(pub, sub, b"abc", b"x") == [b"abc", b"x"]


@pytest.mark.parametrize("topic", [b"\0", b"\0\0", b"\x01a", b"\xff\0", bytes(range(256)), b"t" * 1000])
def test_topics_are_any_bytes(zmq, tcp, topic):
    sub, pub = tcp.link(zmq.SUB, zmq.PUB)
    sub.subscribe(topic)
    assert heard(pub, sub, topic[:-1] + b"\x7f", topic, topic + b"!") == [topic, topic + b"!"]


def test_only_the_first_part_is_matched(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"a")
    assert heard(pub, sub, [b"a", b"x"], [b"x", b"a"], [b"a", b"", b"y"]) == [[b"a", b"x"], [b"a", b"", b"y"]]


def test_subscribing_twice_needs_unsubscribing_twice(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"a")
    sub.subscribe(b"a")
    sub.unsubscribe(b"a")
    assert heard(pub, sub, b"a1") == [b"a1"]
    sub.unsubscribe(b"a")
    assert heard(pub, sub, b"a2") == []


def test_unsubscribing_stops_one_topic_only(zmq, couple):
    pub, sub = couple
    for topic in (b"a", b"ab", b"b"):
        sub.subscribe(topic)
    sub.unsubscribe(b"a")
    assert heard(pub, sub, b"a", b"abc", b"b") == [b"abc", b"b"]


def test_unsubscribing_an_unknown_topic_does_nothing(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"a")
    sub.unsubscribe(b"unknown")
    sub.unsubscribe(b"")
    assert heard(pub, sub, b"a", b"unknown") == [b"a"]


def test_unsubscribing_too_often_does_not_eat_a_later_subscription(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"a")
    sub.unsubscribe(b"a")
    sub.unsubscribe(b"a")
    sub.subscribe(b"a")
    assert heard(pub, sub, b"a") == [b"a"]


def test_sub_drops_queued_messages_it_unsubscribed_from(zmq, inproc):
    sub, pub = inproc.link(zmq.SUB, zmq.PUB)
    for topic in (b"a", b"b"):
        sub.subscribe(topic)
    attend(zmq, pub)
    publish(pub, b"a queued", [b"a", b"too"], b"b queued")
    sub.unsubscribe(b"a")
    assert sub.recv() == b"b queued"
    assert silent(sub)


def test_subscription_made_before_connect_holds(zmq, net):
    pub, address = net.bind(zmq.PUB)
    sub = net.socket(zmq.SUB)
    sub.subscribe(b"early")
    sub.connect(address)
    assert heard(pub, sub, b"early bird", b"late") == [b"early bird"]


def test_subscription_holds_at_every_publisher(zmq, net):
    pubs, addresses = zip(*(net.bind(zmq.PUB) for _ in range(3)), strict=True)
    sub = net.connect(zmq.SUB, *addresses, subscribe=b"n")
    for i, pub in enumerate(pubs):
        assert heard(pub, sub, b"n%d" % i, b"x") == [b"n%d" % i]


def test_bound_sub_hears_connected_publishers(zmq, net):
    sub, address = net.bind(zmq.SUB, subscribe=b"n")
    for i in range(3):
        pub = net.connect(zmq.PUB, address)
        assert heard(pub, sub, b"n%d" % i, b"x") == [b"n%d" % i]


def test_pub_sends_to_every_subscriber_what_it_wants(zmq, net):
    pub, address = net.bind(zmq.PUB)
    topics = [b"a", b"b", b"", b"ab"]
    subs = [net.connect(zmq.SUB, address, subscribe=topic) for topic in topics]
    settle(pub, *subs)
    settle(pub, *reversed(subs))
    for sub in subs:
        drain(zmq, sub)
    messages = [b"a", b"b", b"ab", b"c", b"end", b"a end", b"b end", b"ab end"]
    publish(pub, *messages)
    for sub, topic in zip(subs, topics, strict=True):
        wanted = [message for message in messages if message.startswith(topic)]
        assert take(sub, len(wanted)) == wanted


def test_messages_arrive_in_order(zmq, couple):
    pub, sub = couple
    sub.subscribe(b"m")
    messages = [b"m%d" % i for i in range(500)]
    assert heard(pub, sub, *messages) == messages


def test_pub_without_subscribers_drops_silently(zmq, net):
    pub, _ = net.bind(zmq.PUB)
    for _ in range(5000):
        pub.send(b"nobody", zmq.DONTWAIT)
    assert pub.get(zmq.EVENTS) == zmq.POLLOUT


def test_pub_that_is_neither_bound_nor_connected_drops_silently(zmq, inproc):
    inproc.socket(zmq.PUB).send_multipart([b"nobody", b"here"], zmq.DONTWAIT)


def test_sub_misses_what_was_sent_before_it_subscribed(zmq, couple):
    pub, sub = couple
    publish(pub, b"before")
    sub.subscribe(b"")
    settle(pub, sub)
    publish(pub, b"after")
    assert sub.recv() == b"after"


def test_pub_refuses_to_receive(zmq, couple):
    with refused(zmq, errno.ENOTSUP):
        couple[0].recv(zmq.DONTWAIT)


def test_sub_refuses_to_send(zmq, couple):
    with refused(zmq, errno.ENOTSUP):
        couple[1].send(b"no", zmq.DONTWAIT)


@pytest.mark.parametrize("kind", ["PUB", "XSUB", "PUSH", "DEALER"])
def test_only_sub_takes_the_subscribe_option(zmq, inproc, kind):
    with refused(zmq, errno.EINVAL):
        inproc.socket(getattr(zmq, kind)).set(zmq.SUBSCRIBE, b"a")


def test_subscribe_takes_text_as_utf8(zmq, couple):
    pub, sub = couple
    sub.subscribe("é")
    assert heard(pub, sub, "é!".encode(), b"e") == ["é!".encode()]
    sub.unsubscribe("é")
    assert heard(pub, sub, "é!".encode()) == []


def test_set_subscribe_refuses_text(zmq, inproc):
    with pytest.raises(TypeError):
        inproc.socket(zmq.SUB).set(zmq.SUBSCRIBE, "text")


def test_sub_fair_queues_message_by_message(zmq, inproc):
    sub, address = inproc.bind(zmq.SUB, subscribe=b"")
    pubs = [inproc.connect(zmq.PUB, address) for _ in range(3)]
    attend(zmq, sub, *pubs)
    for i, pub in enumerate(pubs):
        for _ in range(3):
            pub.send(b"%d" % i)
    turns = take(sub, 9)
    assert [set(turns[i : i + 3]) for i in (0, 3, 6)] == [{b"0", b"1", b"2"}] * 3


def test_sub_stops_hearing_a_publisher_it_disconnected_from(zmq, net):
    pub, address = net.bind(zmq.PUB)
    sub = net.connect(zmq.SUB, address, subscribe=b"")
    settle(pub, sub)
    sub.disconnect(address)
    publish(pub, b"gone")
    assert silent(sub)


def test_inverted_matching_delivers_what_does_not_match(zmq, net):
    xpub, address = net.bind(zmq.XPUB, invert_matching=1)
    sub = net.connect(zmq.SUB, address, invert_matching=1, subscribe=b"no")
    assert xpub.recv() == b"\x01no"
    publish(xpub, b"no", b"nothing", b"n", b"yes", b"", b"end")
    assert take(sub, 4) == [b"n", b"yes", b"", b"end"]


def test_many_topics_of_one_subscriber_all_match(zmq, tcp):
    sub, pub = tcp.link(zmq.SUB, zmq.PUB)
    for i in range(500):
        sub.subscribe(b"%04d" % i)
    messages = [b"%04d." % i for i in range(500)]
    assert heard(pub, sub, *messages, b"0500.") == messages


def test_a_subscription_that_comes_while_publishing_costs_nobody_a_message(zmq, wire):
    pub, address = wire.bind(zmq.PUB)
    subs = [wire.connect(zmq.SUB, address, subscribe=b"") for _ in range(2)]
    settle(pub, *subs)
    pub.send(b"begin")
    messages = [b"%d" % i for i in range(100)]
    for message in messages:
        subs[0].subscribe(b"topic" + message)
        publish(pub, message)
    for sub in subs:
        while take(sub, 1) != [b"begin"]:
            pass  # what settled the other one
        assert take(sub, 100) == messages
