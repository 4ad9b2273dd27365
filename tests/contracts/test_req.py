"""REQ: lock-step, the envelope it makes, and the replies it takes. RFC 28."""

import errno

import pytest

from .tools import attend, eventually, exchange, refused, silent


def test_req_refuses_receive_before_send(zmq, net):
    req, _ = net.link(zmq.REQ, zmq.REP)
    with refused(zmq, zmq.EFSM):
        req.recv()


def test_req_refuses_second_send_before_reply(zmq, net):
    req, _ = net.link(zmq.REQ, zmq.REP)
    req.send(b"one")
    with refused(zmq, zmq.EFSM):
        req.send(b"two")


def test_req_refuses_second_receive(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    exchange(req, rep)
    with refused(zmq, zmq.EFSM):
        req.recv()


def test_req_refuses_send_while_a_reply_is_half_read(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send(b"q")
    rep.recv()
    rep.send_multipart([b"a", b"b"])
    assert req.recv() == b"a"
    with refused(zmq, zmq.EFSM):
        req.send(b"early")
    assert req.recv() == b"b"


def test_req_refuses_receive_while_a_request_is_half_sent(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send(b"a", zmq.SNDMORE)
    with refused(zmq, zmq.EFSM):
        req.recv()
    req.send(b"b")
    assert rep.recv_multipart() == [b"a", b"b"]


def test_req_without_peers_would_block_and_stays_ready_to_send(zmq, net):
    req, address = net.bind(zmq.REQ)
    with pytest.raises(zmq.Again):
        req.send(b"nobody", zmq.DONTWAIT)
    rep = net.connect(zmq.REP, address)
    assert req.poll(5000, zmq.POLLOUT)
    exchange(req, rep)


def test_req_puts_an_empty_delimiter_before_the_request(zmq, net):
    req, router = net.link(zmq.REQ, zmq.ROUTER)
    req.send_multipart([b"a", b"b"])
    assert router.recv_multipart()[1:] == [b"", b"a", b"b"]


def test_req_takes_off_the_delimiter_of_the_reply(zmq, net):
    req, router = net.link(zmq.REQ, zmq.ROUTER)
    req.send(b"q")
    peer, *_ = router.recv_multipart()
    router.send_multipart([peer, b"", b"a", b"b"])
    assert req.recv_multipart() == [b"a", b"b"]


def test_req_round_robins_over_its_peers(zmq, net):
    reps, addresses = zip(*(net.bind(zmq.REP) for _ in range(3)), strict=True)
    req = net.connect(zmq.REQ, *addresses)
    for _ in range(2):
        for rep in reps:
            exchange(req, rep)


def test_req_takes_the_reply_only_from_the_peer_it_asked(zmq, net):
    (one, first), (two, second) = net.bind(zmq.ROUTER), net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, first, second)
    req.send(b"1")
    peer, *_ = one.recv_multipart()
    one.send_multipart([peer, b"", b"reply 1"])
    assert req.recv() == b"reply 1"
    req.send(b"2")
    asked, *_ = two.recv_multipart()
    one.send_multipart([peer, b"", b"nobody asked"])  # libzmq's poll() shows it, its recv() drops it
    two.send_multipart([asked, b"", b"reply 2"])
    assert req.recv() == b"reply 2"


def test_req_forgets_a_second_reply_to_one_request(zmq, inproc):
    # inproc, since over a wire the second reply may come after the next request, and nothing tells it apart.
    req, router = inproc.link(zmq.REQ, zmq.ROUTER)
    req.send(b"1")
    peer, *_ = router.recv_multipart()
    router.send_multipart([peer, b"", b"reply"])
    router.send_multipart([peer, b"", b"reply too many"])
    assert req.recv() == b"reply"
    attend(zmq, req)
    req.send(b"2")
    router.recv_multipart()
    router.send_multipart([peer, b"", b"second"])
    assert req.recv() == b"second"


def test_req_drops_a_reply_without_delimiter(zmq, inproc):
    req, router = inproc.link(zmq.REQ, zmq.ROUTER)
    req.send(b"q")
    peer, *_ = router.recv_multipart()
    router.send_multipart([peer, b"no delimiter", b"bad"])
    router.send_multipart([peer, b"", b"good"])
    assert req.recv() == b"good"


def test_req_ends_the_link_to_a_peer_that_replies_without_delimiter(zmq, wire):
    req, router = wire.link(zmq.REQ, zmq.ROUTER)
    router.set(zmq.ROUTER_MANDATORY, 1)
    req.send(b"q")
    peer, *_ = router.recv_multipart()
    router.send_multipart([peer, b"no delimiter", b"bad"])
    eventually(lambda: _unroutable(zmq, router, peer))
    assert silent(req)


def _unroutable(zmq, router, peer):
    try:
        router.send_multipart([peer, b"", b"still there?"], zmq.DONTWAIT)
    except zmq.ZMQError as error:
        return error.errno == errno.EHOSTUNREACH
    return False


def test_req_relaxed_may_send_again_before_the_reply(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, address, req_relaxed=1, req_correlate=1)
    req.send(b"one")
    req.send(b"two")
    first, second = router.recv_multipart(), router.recv_multipart()
    assert [first[-1], second[-1]] == [b"one", b"two"]
    router.send_multipart([*second[:-1], b"to two"])
    assert req.recv() == b"to two"


def test_req_correlate_puts_a_fresh_four_byte_id_before_the_delimiter(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, address, req_correlate=1)
    ids = []
    for _ in range(2):
        req.send(b"q")
        peer, request_id, delimiter, body = router.recv_multipart()
        assert [len(request_id), delimiter, body] == [4, b"", b"q"]
        router.send_multipart([peer, request_id, b"", b"a"])
        assert req.recv() == b"a"
        ids.append(request_id)
    assert ids[0] != ids[1]


def test_req_correlate_drops_the_reply_to_an_older_request(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, address, req_relaxed=1, req_correlate=1)
    req.send(b"one")
    peer, old, *_ = router.recv_multipart()
    req.send(b"two")
    peer, new, *_ = router.recv_multipart()
    router.send_multipart([peer, old, b"", b"late"])
    router.send_multipart([peer, new, b"", b"right"])
    assert req.recv() == b"right"


def test_req_correlate_works_with_rep(zmq, net):
    rep, address = net.bind(zmq.REP)
    req = net.connect(zmq.REQ, address, req_correlate=1)
    for _ in range(3):
        exchange(req, rep)
