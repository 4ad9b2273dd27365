"""TOPICS_COUNT, ONLY_FIRST_SUBSCRIBE, XPUB_MANUAL_LAST_VALUE, XSUB_VERBOSE_UNSUBSCRIBE."""

import errno

import pytest

from .tools import eventually, refused, silent, take


def counts(zmq, socket, number):
    socket.poll(1)  # libzmq looks what has come in
    return socket.get(zmq.TOPICS_COUNT) == number


@pytest.mark.parametrize("kinds", [("SUB", "PUB"), ("SUB", "XPUB")])
def test_topics_count_counts_distinct_topics(zmq, net, kinds):
    subscriber, publisher = net.link(*(getattr(zmq, kind) for kind in kinds))
    assert publisher.get(zmq.TOPICS_COUNT) == subscriber.get(zmq.TOPICS_COUNT) == 0
    for topic in (b"a", b"ab", b"", b"b"):
        subscriber.subscribe(topic)
    assert subscriber.get(zmq.TOPICS_COUNT) == 4
    eventually(lambda: counts(zmq, publisher, 4))
    subscriber.unsubscribe(b"a")
    subscriber.unsubscribe(b"ab")
    assert subscriber.get(zmq.TOPICS_COUNT) == 2
    eventually(lambda: counts(zmq, publisher, 2))


def test_topics_count_of_xsub(zmq, net):
    xsub, _ = net.bind(zmq.XSUB)
    xsub.send(b"\x01a")
    xsub.send(b"\x01b")
    assert xsub.get(zmq.TOPICS_COUNT) == 2


def test_topics_count_is_no_option_of_others(zmq, net):
    push, _ = net.bind(zmq.PUSH)
    with refused(zmq, errno.EINVAL):
        push.get(zmq.TOPICS_COUNT)
    pub, _ = net.bind(zmq.PUB)
    with refused(zmq, errno.EINVAL):
        pub.set(zmq.TOPICS_COUNT, 1)


def test_xpub_takes_every_part_for_a_subscription(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    xsub.send_multipart([b"data", b"\x01topic"])
    xsub.send_multipart([b"end"])
    assert take(xpub, 2) == [[b"data", b"\x01topic"], b"end"]
    assert xpub.get(zmq.TOPICS_COUNT) == 1


def test_with_only_first_subscribe_xpub_takes_no_part_behind_data_for_a_subscription(zmq, net):
    xpub, address = net.bind(zmq.XPUB, only_first_subscribe=1)
    xsub = net.connect(zmq.XSUB, address, only_first_subscribe=1)
    xsub.send_multipart([b"data", b"\x01topic", b"\x00more"])
    xsub.send(b"\x01other")
    assert take(xpub, 2) == [[b"data", b"\x01topic", b"\x00more"], b"\x01other"]
    assert xpub.get(zmq.TOPICS_COUNT) == 1


def test_with_only_first_subscribe_xsub_does_not_subscribe_behind_data(zmq, net):
    xsub = net.socket(zmq.XSUB, only_first_subscribe=1)
    xsub.send_multipart([b"data", b"\x01topic"])
    assert xsub.get(zmq.TOPICS_COUNT) == 0
    xsub.send_multipart([b"\x01a", b"\x01b"])
    assert xsub.get(zmq.TOPICS_COUNT) == 2


def test_with_manual_last_value_the_next_message_goes_to_the_newest_only(zmq, net):
    xpub, address = net.bind(zmq.XPUB, xpub_manual_last_value=1)
    subscribers = []
    for _ in range(2):
        subscribers.append(net.connect(zmq.SUB, address))
        subscribers[-1].subscribe(b"t")
        assert xpub.recv() == b"\x01t"
        xpub.set(zmq.SUBSCRIBE, b"t")
        xpub.send(b"t last value")
        assert subscribers[-1].recv() == b"t last value"
    xpub.send(b"t for all")
    assert [subscriber.recv() for subscriber in subscribers] == [b"t for all"] * 2
    assert all(silent(subscriber) for subscriber in subscribers)


def test_manual_last_value_turns_manual_on_and_off(zmq, net):
    xpub, _ = net.bind(zmq.XPUB)
    xpub.set(zmq.XPUB_MANUAL_LAST_VALUE, 1)
    xpub.set(zmq.SUBSCRIBE, b"")
    xpub.set(zmq.XPUB_MANUAL_LAST_VALUE, 0)
    with refused(zmq, errno.EINVAL):
        xpub.set(zmq.SUBSCRIBE, b"")


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("verbose", [0, 1])
def test_xsub_passes_useless_cancellations_on_if_it_is_to(zmq, net, verbose):
    xpub, address = net.bind(zmq.XPUB, xpub_verboser=1)
    xsub = net.connect(zmq.XSUB, address, xsub_verbose_unsubscribe=verbose)
    for message in (b"\x01a", b"\x01a", b"\x00a", b"\x00a", b"end"):
        xsub.send(message)
    expected = [b"\x01a", b"\x01a", b"\x00a", b"\x00a"] if verbose else [b"\x01a", b"\x01a", b"\x00a"]
    assert take(xpub, len(expected) + 1) == [*expected, b"end"]
