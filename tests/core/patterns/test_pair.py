"""PAIR: RFC 31."""

from purezmq.constants import SocketType
from tests.core.patterns.tools import attach, deliver, make, receive_all, sent


def test_pair_carries_messages_both_ways(link):
    one, other = make(SocketType.PAIR), make(SocketType.PAIR)
    wire = link(one, other)
    one.distribute([b"1", [b"2", b"3"]])
    other.send(b"back")
    wire.pump()
    assert receive_all(other) == [b"1", [b"2", b"3"]]
    assert receive_all(one) == [b"back"]


def test_pair_sends_a_second_peer_away():
    pair = make(SocketType.PAIR)
    first, second = attach(pair), attach(pair)
    assert second.link.closed
    assert not first.link.closed
    pair.send(b"x")
    assert [sent(first), sent(second)] == [[b"x"], []]


def test_pair_does_not_hear_the_peer_it_sent_away():
    pair = make(SocketType.PAIR)
    attach(pair)
    second = attach(pair)
    deliver(pair, second, b"x")
    assert not pair.readable()
    pair.detach(second)
    assert pair.receive() is None


def test_pair_takes_a_new_peer_when_the_first_has_left():
    pair = make(SocketType.PAIR)
    pair.detach(attach(pair))
    pipe = attach(pair)
    assert not pipe.link.closed
    assert pair.send(b"x")
    assert sent(pipe) == [b"x"]


def test_pair_receives_what_its_former_peer_sent_before_what_the_new_one_sends():
    pair = make(SocketType.PAIR)
    former = attach(pair)
    deliver(pair, former, b"1", b"2", b"3")
    pair.detach(former)
    pipe = attach(pair)
    deliver(pair, pipe, b"4", b"5")
    assert pair.direct is pipe.inbox
    assert receive_all(pair) == [b"1", b"2", b"3", b"4", b"5"]


def test_pair_without_peer_takes_nothing():
    pair = make(SocketType.PAIR)
    assert [pair.room(), pair.writable(), pair.send(b"x")] == [0, False, False]


def test_pair_with_a_full_peer_takes_nothing():
    pair = make(SocketType.PAIR)
    pipe = attach(pair, send_limit=2)
    assert pair.distribute([b"0", b"1", b"2"]) == 2
    assert [pair.room(), pair.writable(), pair.send(b"x")] == [0, False, False]
    assert sent(pipe) == [b"0", b"1"]


def test_pair_lets_readers_pop_the_inbox():
    pair = make(SocketType.PAIR)
    assert pair.direct is None
    pipe = attach(pair)
    assert pair.direct is pipe.inbox
    pair.detach(pipe)
    assert pair.direct is None
