"""REP: lock-step, the envelope it keeps, and what it drops. RFC 28."""

from .tools import exchange, refused, silent, take


def test_rep_refuses_send_before_receive(zmq, net):
    _, rep = net.link(zmq.REQ, zmq.REP)
    with refused(zmq, zmq.EFSM):
        rep.send(b"early")


def test_rep_refuses_second_receive_before_reply(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send(b"q")
    rep.recv()
    with refused(zmq, zmq.EFSM):
        rep.recv()


def test_rep_refuses_second_reply(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    exchange(req, rep)
    with refused(zmq, zmq.EFSM):
        rep.send(b"again")


def test_rep_refuses_send_while_a_request_is_half_read(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send_multipart([b"a", b"b"])
    assert rep.recv() == b"a"
    with refused(zmq, zmq.EFSM):
        rep.send(b"early")
    assert rep.recv() == b"b"
    rep.send(b"ok")
    assert req.recv() == b"ok"


def test_rep_refuses_receive_while_a_reply_is_half_sent(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send(b"q")
    rep.recv()
    rep.send(b"a", zmq.SNDMORE)
    with refused(zmq, zmq.EFSM):
        rep.recv()
    rep.send(b"b")
    assert req.recv_multipart() == [b"a", b"b"]


def test_rep_serves_requests_of_many_peers(zmq, net):
    rep, address = net.bind(zmq.REP)
    reqs = [net.connect(zmq.REQ, address) for _ in range(5)]
    for i, req in enumerate(reqs):
        req.send(b"%d" % i)
    for _ in reqs:
        rep.send(b"re " + rep.recv())
    assert [req.recv() for req in reqs] == [b"re %d" % i for i in range(5)]


def test_rep_fair_queues_requests(zmq, inproc):
    rep, address = inproc.bind(zmq.REP)
    for name in (b"a", b"b"):
        dealer = inproc.connect(zmq.DEALER, address)
        for _ in range(3):
            dealer.send_multipart([b"", name])
    turns = []
    for _ in range(6):
        turns.append(rep.recv())
        rep.send(b"")
    assert [set(turns[i : i + 2]) for i in (0, 2, 4)] == [{b"a", b"b"}] * 3


def test_rep_gives_the_whole_envelope_back(zmq, net):
    dealer, rep = net.link(zmq.DEALER, zmq.REP)
    dealer.send_multipart([b"far", b"near", b"", b"q", b"", b"tail"])
    assert rep.recv_multipart() == [b"q", b"", b"tail"]
    rep.send_multipart([b"a", b"", b"z"])
    assert dealer.recv_multipart() == [b"far", b"near", b"", b"a", b"", b"z"]


def test_rep_drops_a_request_without_delimiter(zmq, net):
    dealer, rep = net.link(zmq.DEALER, zmq.REP)
    dealer.send(b"bare")
    dealer.send_multipart([b"no", b"delimiter"])
    dealer.send_multipart([b"", b"good"])
    assert rep.recv() == b"good"


def test_rep_answers_an_empty_request(zmq, net):
    exchange(*net.link(zmq.REQ, zmq.REP), b"", b"")


def test_rep_drops_the_reply_to_a_peer_that_left(zmq, net):
    rep, address = net.bind(zmq.REP)
    gone = net.connect(zmq.REQ, address)
    gone.send(b"q")
    assert rep.recv() == b"q"
    gone.close()
    rep.send(b"to nobody", zmq.DONTWAIT)
    exchange(net.connect(zmq.REQ, address), rep)


def test_rep_drops_the_reply_to_a_full_peer(zmq, inproc):
    rep, address = inproc.bind(zmq.REP, sndhwm=1)
    dealer = inproc.connect(zmq.DEALER, address, rcvhwm=1)
    for i in range(5):
        dealer.send_multipart([b"", b"%d" % i])
        assert rep.recv() == b"%d" % i
        rep.send(b"re %d" % i, zmq.DONTWAIT)
    assert take(dealer, 2) == [[b"", b"re 0"], [b"", b"re 1"]]
    assert silent(dealer)


# libzmq's REP is a ROUTER underneath, and heeds some of its options.


def test_rep_with_probe_router_sends_an_empty_message_to_each_peer(zmq, net):
    dealer, address = net.bind(zmq.DEALER)
    net.connect(zmq.REP, address, probe_router=1)
    assert dealer.recv_multipart() == [b""]


def test_rep_does_not_serve_a_second_peer_of_the_same_name(zmq, wire):
    rep, address = wire.bind(zmq.REP)
    exchange(wire.connect(zmq.REQ, address, routing_id=b"name"), rep)
    wire.connect(zmq.REQ, address, routing_id=b"name").send(b"ignored")
    assert silent(rep)


def test_rep_with_router_handover_serves_the_newer_peer(zmq, wire):
    rep, address = wire.bind(zmq.REP, router_handover=1)
    exchange(wire.connect(zmq.REQ, address, routing_id=b"name"), rep)
    exchange(wire.connect(zmq.REQ, address, routing_id=b"name"), rep)


def test_rep_with_router_mandatory_drops_the_reply_to_a_peer_that_left_all_the_same(zmq, wire):
    rep, address = wire.bind(zmq.REP, router_mandatory=1)
    req = wire.connect(zmq.REQ, address)
    req.send(b"question")
    assert rep.recv() == b"question"
    req.close()
    assert silent(rep)
    rep.send(b"answer")
    exchange(wire.connect(zmq.REQ, address), rep)
