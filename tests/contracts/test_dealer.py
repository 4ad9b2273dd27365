"""DEALER: RFC 28."""

import pytest

from .tools import drain, fill, take


def test_dealer_adds_nothing_to_the_message(zmq, net):
    one, other = net.link(zmq.DEALER, zmq.DEALER)
    one.send_multipart([b"a", b"", b"b"])
    assert other.recv_multipart() == [b"a", b"", b"b"]
    other.send(b"back")
    assert one.recv() == b"back"


def test_dealer_talks_to_rep_with_a_delimiter(zmq, net):
    dealer, rep = net.link(zmq.DEALER, zmq.REP)
    dealer.send_multipart([b"", b"q"])
    assert rep.recv() == b"q"
    rep.send(b"a")
    assert dealer.recv_multipart() == [b"", b"a"]


def test_dealer_sends_many_requests_without_waiting(zmq, net):
    dealer, rep = net.link(zmq.DEALER, zmq.REP)
    for i in range(10):
        dealer.send_multipart([b"", b"%d" % i])
    for _ in range(10):
        rep.send(rep.recv())
    assert [parts[1] for parts in take(dealer, 10)] == [b"%d" % i for i in range(10)]


def test_dealer_round_robins_strictly(zmq, net):
    peers, addresses = zip(*(net.bind(zmq.DEALER) for _ in range(3)), strict=True)
    dealer = net.connect(zmq.DEALER, *addresses)
    for i in range(6):
        dealer.send(b"%d" % i)
    assert [take(peer, 2) for peer in peers] == [[b"0", b"3"], [b"1", b"4"], [b"2", b"5"]]


def test_dealer_skips_a_full_peer(zmq, inproc):
    full, first = inproc.bind(zmq.DEALER, rcvhwm=1)
    roomy, second = inproc.bind(zmq.DEALER)
    dealer = inproc.connect(zmq.DEALER, first, second, sndhwm=1)
    for i in range(7):
        dealer.send(b"%d" % i, zmq.DONTWAIT)
    assert [drain(zmq, full), drain(zmq, roomy)] == [[b"0", b"2"], [b"1", b"3", b"4", b"5", b"6"]]


def test_dealer_fair_queues_message_by_message(zmq, inproc):
    dealer, address = inproc.bind(zmq.DEALER)
    for name in (b"a", b"b", b"c"):
        peer = inproc.connect(zmq.DEALER, address)
        for _ in range(3):
            peer.send(name)
    turns = take(dealer, 9)
    assert [set(turns[i : i + 3]) for i in (0, 3, 6)] == [{b"a", b"b", b"c"}] * 3


def test_dealer_without_peers_would_block(zmq, net):
    dealer, _ = net.bind(zmq.DEALER)
    with pytest.raises(zmq.Again):
        dealer.send(b"nobody", zmq.DONTWAIT)
    assert dealer.get(zmq.EVENTS) == 0


def test_dealer_at_hwm_would_block(zmq, inproc):
    _, address = inproc.bind(zmq.DEALER, rcvhwm=2)
    dealer = inproc.connect(zmq.DEALER, address, sndhwm=3)
    assert fill(zmq, dealer) == 5
    assert not dealer.poll(0, zmq.POLLOUT)


def test_dealer_connected_twice_to_one_endpoint_has_one_link(zmq, wire):
    # libzmq ignores a duplicate connect for DEALER, SUB, PUB and REQ.
    router, address = wire.bind(zmq.ROUTER)
    dealer = wire.connect(zmq.DEALER, address, address)
    for _ in range(4):
        dealer.send(b"x")
    assert len({router.recv_multipart()[0] for _ in range(4)}) == 1


def test_dealer_goes_on_with_the_successor_of_its_peer(zmq, wire):
    first, address = wire.bind(zmq.DEALER)
    dealer = wire.connect(zmq.DEALER, address, reconnect_ivl=10)
    dealer.send(b"hello")
    assert first.recv() == b"hello"
    first.close()
    second = wire.bind_again(zmq.DEALER, address)
    for i in range(1000):  # the first ones may go down with the old link
        dealer.send(b"%d" % i)
        if second.poll(5):
            break
    start = int(second.recv())
    assert take(second, i - start) == [b"%d" % n for n in range(start + 1, i + 1)]
