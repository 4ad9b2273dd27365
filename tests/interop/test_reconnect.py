"""Either end of a link goes away, by close() or with its process, and comes back: traffic goes on."""

import pytest

from .links import cases, pairs
from .sides import eventually

MESSAGES = [[b"%d" % number, b"", b"of many"] for number in range(50)]

each_end_of_every = pytest.mark.parametrize("link", cases(mixed=True), ids=str, indirect=True)
each_end_of_some = pytest.mark.parametrize(
    "link",
    cases(*pairs("REQ-REP", "PUSH-PULL", "XPUB-SUB"), mixed=True),
    ids=str,
    indirect=True,
)


@each_end_of_every
def test_binder_closes_and_another_one_binds(link):
    link.carry(MESSAGES)
    link.close(link.bound)
    link.open(link.bound)
    link.ready()
    link.carry(MESSAGES)


@each_end_of_every
def test_connector_closes_and_another_one_connects(link):
    link.carry(MESSAGES)
    link.close(link.connected)
    link.open(link.connected)
    link.ready()
    link.carry(MESSAGES)


@each_end_of_some
def test_process_of_binder_is_killed_and_another_one_binds(link):
    link.carry(MESSAGES)
    link.kill(link.bound)
    link.open(link.bound)
    link.ready()
    link.carry(MESSAGES)


@each_end_of_some
def test_process_of_connector_is_killed_and_another_one_connects(link):
    link.carry(MESSAGES)
    link.kill(link.connected)
    link.open(link.connected)
    link.ready()
    link.carry(MESSAGES)


def test_binder_is_there_later_than_what_is_sent(both, wire):
    front, back = both
    address = wire.absent()
    push = front.open("PUSH")
    push.connect(address)
    push.send(*MESSAGES)
    pull = back.open("PULL")
    pull.bind(address)
    assert pull.take(len(MESSAGES)) == MESSAGES


def test_request_waits_for_the_one_who_replies(both, wire):
    front, back = both
    address = wire.absent()
    req = front.open("REQ")
    req.connect(address)
    req.send([b"question"])
    rep = back.open("REP")
    rep.bind(address)
    assert rep.take() == [b"question"]
    rep.send([b"answer"])
    assert req.take() == [b"answer"]


def test_subscription_waits_for_the_publisher(both, wire):
    front, back = both
    address = wire.absent()
    sub = front.open("SUB")
    sub.set("SUBSCRIBE", b"topic")
    sub.connect(address)
    xpub = back.open("XPUB")
    xpub.bind(address)
    assert xpub.take() == [b"\x01topic"]
    xpub.send([b"other"], [b"topic: text"])
    assert sub.take() == [b"topic: text"]


def test_what_is_sent_while_nobody_is_there_arrives_when_somebody_is(both, wire):
    front, back = both
    first = back.open("PULL")
    address = first.bind(wire.any())
    push = front.open("PUSH")
    push.connect(address)
    push.send([b"before"])
    assert first.take() == [b"before"]
    first.close()
    second = back.open("PULL")
    # The first of these may go with the connection, if the sender has not seen its end yet; none after one that comes.
    sent = 0
    second.bind(address)
    while not second.poll("POLLIN", 1):
        push.send([b"%d" % sent])
        sent += 1
    push.send([b"end"])
    came = [int(text) for [text] in second.receive_until([b"end"])]
    assert came == list(range(sent - len(came), sent))


def test_disconnect_ends_the_traffic_and_connect_begins_it_again(both, wire):
    front, back = both
    push = front.open("PUSH")
    address = push.bind(wire.any())
    pull = back.open("PULL")
    for message in (b"first", b"second"):
        pull.connect(address)
        push.send([message])
        assert pull.take() == [message]
        pull.disconnect(address)
        # libzmq ends a connection only when somebody calls a method of the socket.
        eventually(lambda: pull.poll("POLLIN", 0) or not push.poll("POLLOUT", 0))


def test_unbind_keeps_new_peers_out_and_bind_lets_them_in(both, wire):
    front, back = both
    pull = back.open("PULL")
    address = pull.bind(wire.any())
    pull.unbind(address)
    push = front.open("PUSH")
    push.connect(address)
    push.send([b"message"])
    assert not pull.poll("POLLIN", 50)
    pull.bind(address)
    assert pull.take() == [b"message"]
