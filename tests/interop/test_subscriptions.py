"""What a subscriber asks for, and what a publisher of the other implementation makes of it: RFC 29."""

import pytest

from .links import assert_same
from .sides import eventually, settle

# A frame gets a long length at 256 bytes: with the name of the SUBSCRIBE command that is a topic of 246, as a
# message with its one byte more it is one of 255.
LENGTHS = [0, 1, 33, 244, 245, 246, 247, 253, 254, 255, 256, 257, 70_000]


@pytest.fixture
def couple(both, wire):
    """A bound XPUB, and a connected SUB without subscriptions."""
    front, back = both
    xpub = front.open("XPUB")
    sub = back.open("SUB")
    sub.connect(xpub.bind(wire.any()))
    return xpub, sub


def test_subscription_before_connect_is_made_when_the_link_is_there(both, wire):
    front, back = both
    sub = back.open("SUB")
    sub.set("SUBSCRIBE", b"a")
    xpub = front.open("XPUB")
    sub.connect(xpub.bind(wire.any()))
    assert xpub.take() == [b"\x01a"]
    xpub.send([b"b"], [b"a", b"yes"])
    assert sub.take() == [[b"a", b"yes"]]


def test_subscription_after_connect_is_made_at_once(couple):
    xpub, sub = couple
    sub.set("SUBSCRIBE", b"a")
    assert xpub.take() == [b"\x01a"]
    sub.set("SUBSCRIBE", b"b")
    assert xpub.take() == [b"\x01b"]
    xpub.send([b"c"], [b"b"], [b""], [b"a"])
    assert sub.take(2) == [b"b", b"a"]


def test_unsubscription_stops_the_topic_and_no_other(couple):
    xpub, sub = couple
    for topic in (b"a", b"b"):
        sub.set("SUBSCRIBE", topic)
    assert xpub.take(2) == [b"\x01a", b"\x01b"]
    sub.set("UNSUBSCRIBE", b"a")
    assert xpub.take() == [b"\x00a"]
    xpub.send([b"a"], [b"b"])
    assert sub.take() == [b"b"]


def test_subscriptions_are_counted_and_the_last_one_ends_the_topic(couple):
    xpub, sub = couple
    sub.set("SUBSCRIBE", b"a")
    sub.set("SUBSCRIBE", b"a")
    sub.set("UNSUBSCRIBE", b"a")
    sub.set("SUBSCRIBE", b"b")
    assert xpub.take(2) == [b"\x01a", b"\x01b"]
    xpub.send([b"a"])
    assert sub.take() == [b"a"]
    sub.set("UNSUBSCRIBE", b"a")
    assert xpub.take() == [b"\x00a"]


def test_topics_of_every_length_come_and_go(couple):
    xpub, sub = couple
    for length in LENGTHS:
        topic = b"t" * length
        sub.set("SUBSCRIBE", topic)
        assert xpub.take() == [b"\x01" + topic], length
        xpub.send([topic, b"head"], [topic + b" and more"])
        assert sub.take(2) == [[topic, b"head"], topic + b" and more"], length
        sub.set("UNSUBSCRIBE", topic)
        assert xpub.take() == [b"\x00" + topic], length


def test_a_thousand_topics_arrive_in_order(couple):
    xpub, sub = couple
    topics = [b"topic %d." % number for number in range(1000)]
    heard = xpub.begin("receive", len(topics))
    for topic in topics:
        sub.set("SUBSCRIBE", topic)
    assert_same(heard.result(), [[b"\x01" + topic] for topic in topics])
    xpub.send([b"topic 7"], [b"topic 77."], [b"topic 1000."], [b"topic 999."])
    assert sub.take(2) == [b"topic 77.", b"topic 999."]


def test_xsub_subscribes_with_messages_and_others_go_to_the_xpub(both, wire):
    front, back = both
    xpub, xsub = front.open("XPUB"), back.open("XSUB")
    xsub.connect(xpub.bind(wire.any()))
    xsub.send([b"\x01a"], [b"a word", b"upstream"], [b"\x00a"], [b"\x01b"])
    assert xpub.take(4) == [b"\x01a", [b"a word", b"upstream"], b"\x00a", b"\x01b"]
    xpub.send([b"a"], [b"b"])
    assert xsub.take() == [b"b"]


def test_xsub_of_a_pub_hears_what_it_asked_for(both, wire):
    front, back = both
    pub, xsub = front.open("PUB"), back.open("XSUB")
    xsub.connect(pub.bind(wire.any()))
    xsub.send([b"a word to nobody"], [b"\x01b"])
    eventually(lambda: pub.send([b"b"]) or xsub.poll("POLLIN", 5))
    pub.send([b"a word to nobody"], [b"b", b"end"])
    assert set(map(tuple, xsub.receive_until([b"b", b"end"]))) == {(b"b",)}


def test_xpub_hears_that_a_subscriber_has_gone(both, wire):
    front, back = both
    xpub, sub = front.open("XPUB"), back.open("SUB")
    for topic in (b"a", b"b"):
        sub.set("SUBSCRIBE", topic)
    sub.connect(xpub.bind(wire.any()))
    assert sorted(xpub.take(2)) == [b"\x01a", b"\x01b"]
    sub.close()
    assert sorted(xpub.take(2)) == [b"\x00a", b"\x00b"]


def test_new_publisher_hears_what_is_still_subscribed(both, wire):
    front, back = both
    old = front.open("XPUB")
    address = old.bind(wire.any())
    sub = back.open("SUB")
    for topic in (b"a", b"b", b"c"):
        sub.set("SUBSCRIBE", topic)
    sub.set("UNSUBSCRIBE", b"b")
    sub.connect(address)
    assert sorted(old.take(2)) == [b"\x01a", b"\x01c"]
    old.close()
    sub.set("UNSUBSCRIBE", b"a")
    sub.set("SUBSCRIBE", b"d")
    new = front.open("XPUB")
    new.bind(address)
    # libzmq subscribes anew only when somebody calls a method of the socket.
    eventually(lambda: sub.poll("POLLIN", 0) or new.poll("POLLIN", 5))
    assert sorted(new.take(2)) == [b"\x01c", b"\x01d"]


def test_each_subscriber_of_one_publisher_hears_its_own(both, wire):
    front, back = both
    pub = front.open("PUB")
    address = pub.bind(wire.any())
    topics = [b"a", b"b", b"ab", b""]
    subs = [side.open("SUB") for side in (front, back, back, front)]
    for sub, topic in zip(subs, topics, strict=True):
        sub.set("SUBSCRIBE", topic)
        sub.connect(address)
    settle(pub, *subs)
    pub.send([b"a"], [b"ab"], [b"b"], [b"c"], [b"a", b"end"], [b"b", b"end"], [b"ab", b"end"])
    heard = [sub.receive_until([topic or b"ab", b"end"]) for sub, topic in zip(subs, topics, strict=True)]
    assert [[b"".join(parts) for parts in messages if parts[0][:1] != b"\xff"] for messages in heard] == [
        [b"a", b"ab"],
        [b"b"],
        [b"ab"],
        [b"a", b"ab", b"b", b"c", b"aend", b"bend"],
    ]


def test_subscriber_that_does_not_read_holds_up_nobody(both, wire):
    front, back = both
    pub = front.open("PUB", SNDHWM=10)
    address = pub.bind(wire.any())
    idle = back.open("SUB", RCVHWM=10)
    idle.set("SUBSCRIBE", b"")
    idle.connect(address)
    settle(pub, idle)
    reader = back.open("SUB", RCVHWM=0)
    reader.set("SUBSCRIBE", b"")
    reader.connect(address)
    settle(pub, reader)
    for number in range(30):
        pub.send([b"%d" % number, 2**20])
        assert reader.take() == [[b"%d" % number, 2**20]]
