"""REQ and REP together: RFC 28."""

from .tools import exchange


def test_req_gets_the_reply(zmq, net):
    exchange(*net.link(zmq.REQ, zmq.REP))


def test_bound_req_gets_the_reply(zmq, net):
    rep, req = net.link(zmq.REP, zmq.REQ)
    assert req.poll(5000, zmq.POLLOUT)
    exchange(req, rep)


def test_req_and_rep_go_on_for_many_rounds(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    for i in range(100):
        exchange(req, rep, b"q%d" % i, b"a%d" % i)


def test_req_and_rep_carry_multipart_both_ways(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    req.send_multipart([b"", b"a", b""])
    assert rep.recv_multipart() == [b"", b"a", b""]
    rep.send_multipart([b"x", b"", b"y"])
    assert req.recv_multipart() == [b"x", b"", b"y"]


def test_events_of_req_and_rep_follow_the_turn(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    assert [req.get(zmq.EVENTS), rep.get(zmq.EVENTS)] == [zmq.POLLOUT, 0]
    req.send(b"q")
    assert rep.poll(5000) == zmq.POLLIN
    assert [req.get(zmq.EVENTS), rep.get(zmq.EVENTS)] == [0, zmq.POLLIN]
    rep.recv()
    assert rep.get(zmq.EVENTS) == zmq.POLLOUT
    rep.send(b"a")
    assert req.poll(5000) == zmq.POLLIN
    req.recv()
    assert [req.get(zmq.EVENTS), rep.get(zmq.EVENTS)] == [zmq.POLLOUT, 0]


def test_request_and_reply_pass_a_router_and_a_dealer(zmq, net):
    router, front = net.bind(zmq.ROUTER)
    dealer, back = net.bind(zmq.DEALER)
    reqs = [net.connect(zmq.REQ, front) for _ in range(2)]
    rep = net.connect(zmq.REP, back)
    for i, req in enumerate(reqs):
        req.send(b"%d" % i)
    for _ in reqs:
        dealer.send_multipart(router.recv_multipart())
        rep.send(b"re " + rep.recv())
        router.send_multipart(dealer.recv_multipart())
    assert [req.recv() for req in reqs] == [b"re 0", b"re 1"]
