"""PAIR: RFC 31. One peer, and only one."""

import pytest

from .tools import Background, eventually, silent, take


def test_pair_talks_both_ways(zmq, net):
    one, other = net.link(zmq.PAIR, zmq.PAIR)
    one.send(b"ping")
    assert other.recv() == b"ping"
    other.send(b"pong")
    assert one.recv() == b"pong"


def test_pair_needs_no_turns(zmq, net):
    one, other = net.link(zmq.PAIR, zmq.PAIR)
    for i in range(10):
        one.send(b"%d" % i)
    other.send_multipart([b"a", b"", b"b"])
    assert take(other, 10) == [b"%d" % i for i in range(10)]
    assert one.recv_multipart() == [b"a", b"", b"b"]


def test_pair_without_peer_would_block(zmq, net):
    pair, _ = net.bind(zmq.PAIR)
    with pytest.raises(zmq.Again):
        pair.send(b"nobody", zmq.DONTWAIT)
    with pytest.raises(zmq.Again):
        pair.recv(zmq.DONTWAIT)
    assert pair.get(zmq.EVENTS) == 0


def test_pair_refuses_a_second_peer(zmq, net):
    pair, address = net.bind(zmq.PAIR)
    first = net.connect(zmq.PAIR, address)
    first.send(b"first")
    assert pair.recv() == b"first"
    second = net.connect(zmq.PAIR, address)
    refusal = Background(_send, zmq, second, b"second")
    assert silent(pair)
    refusal.join()
    pair.send(b"to the first")
    assert first.recv() == b"to the first"
    assert silent(second)


def _send(zmq, socket, message):
    try:
        socket.send(message, zmq.DONTWAIT)
    except zmq.Again:
        pass  # the refused end has no peer: it may say so


def test_pair_takes_a_new_peer_when_the_first_has_left(zmq, net):
    pair, address = net.bind(zmq.PAIR)
    first = net.connect(zmq.PAIR, address)
    first.send(b"first")
    assert pair.recv() == b"first"
    first.close()
    second = eventually(lambda: _heard(net, zmq, pair, address))
    pair.send(b"welcome")
    assert second.recv() == b"welcome"


def _heard(net, zmq, pair, address):
    peer = net.connect(zmq.PAIR, address)
    _send(zmq, peer, b"second")
    if pair.poll(100):
        assert pair.recv() == b"second"
        return peer
    peer.close()
    return None


def test_pair_keeps_messages_of_a_peer_that_left(zmq, net):
    pair, address = net.bind(zmq.PAIR)
    peer = net.connect(zmq.PAIR, address, linger=-1)
    for i in range(3):
        peer.send(b"%d" % i)
    peer.close()
    assert take(pair, 3) == [b"0", b"1", b"2"]


def test_pair_serves_two_threads_ping_pong(zmq, net):
    one, other = net.link(zmq.PAIR, zmq.PAIR)

    def echo():
        for _ in range(200):
            other.send(other.recv())

    echoing = Background(echo)
    for i in range(200):
        one.send(b"%d" % i)
        assert one.recv() == b"%d" % i
    echoing.join()
