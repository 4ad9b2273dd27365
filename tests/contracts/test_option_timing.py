"""When an option begins to count: at once, or for later binds and connects only."""

import errno

import pytest

from purezmq.core.options import OPTIONS

from .tools import Background, attend, eventually, exchange, fill, refused, settle, silent

# -- at once: set behind bind or connect -------------------------------------------------------------------------


def test_req_relaxed_counts_at_once(zmq, net):
    rep, address = net.bind(zmq.REP)
    req = net.connect(zmq.REQ, address)
    req.send(b"1")
    with refused(zmq, zmq.EFSM):
        req.send(b"2")
    req.set(zmq.REQ_RELAXED, 1)
    req.send(b"2")
    assert rep.recv() in (b"1", b"2")


def test_req_correlate_counts_at_once(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, address)
    req.set(zmq.REQ_CORRELATE, 1)
    req.send(b"q")
    _, number, delimiter, body = router.recv_multipart()
    assert (len(number), delimiter, body) == (4, b"", b"q")


def test_router_handover_counts_at_once(zmq, wire):
    router, address = wire.bind(zmq.ROUTER)
    first = wire.connect(zmq.DEALER, address, routing_id=b"name")
    first.send(b"1")
    assert router.recv_multipart() == [b"name", b"1"]
    router.set(zmq.ROUTER_HANDOVER, 1)
    wire.connect(zmq.DEALER, address, routing_id=b"name").send(b"2")
    assert router.recv_multipart() == [b"name", b"2"]


def test_router_mandatory_counts_at_once(zmq, net):
    router, _ = net.bind(zmq.ROUTER)
    router.send_multipart([b"nobody", b""])
    router.set(zmq.ROUTER_MANDATORY, 1)
    with refused(zmq, errno.EHOSTUNREACH):
        router.send_multipart([b"nobody", b""])


def test_probe_router_counts_for_the_next_peer(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    router.set(zmq.PROBE_ROUTER, 1)
    dealer = net.connect(zmq.DEALER, address)
    eventually(lambda: attend(zmq, router) or dealer.poll(5))
    assert dealer.recv() == b""


@pytest.mark.parametrize("option, news", [("XPUB_VERBOSE", [b"\1t"]), ("XPUB_VERBOSER", [b"\1t", b"\0t"])])
def test_verbosity_counts_at_once(zmq, net, option, news):
    xpub, address = net.bind(zmq.XPUB)
    one, other = net.connect(zmq.XSUB, address), net.connect(zmq.XSUB, address)
    one.send(b"\1t")
    assert xpub.recv() == b"\1t"
    xpub.set(getattr(zmq, option), 1)
    other.send(b"\1t")
    assert xpub.recv() == news[0]
    if len(news) == 2:
        one.send(b"\0t")
        assert xpub.recv() == news[1]


def test_xpub_manual_counts_at_once(zmq, net):
    xpub, address = net.bind(zmq.XPUB)
    xpub.set(zmq.XPUB_MANUAL, 1)
    sub = net.connect(zmq.SUB, address, subscribe=b"a")
    assert xpub.recv() == b"\1a"
    xpub.send(b"a")
    assert silent(sub)


def test_xpub_nodrop_counts_at_once(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=1)
    inproc.connect(zmq.SUB, address, rcvhwm=1, subscribe=b"")
    pub.set(zmq.XPUB_NODROP, 1)
    attend(zmq, pub)
    assert fill(zmq, pub, most=10) == 2


def test_welcome_message_counts_at_once(zmq, inproc):
    xpub, address = inproc.bind(zmq.XPUB)
    xpub.set(zmq.XPUB_WELCOME_MSG, b"welcome")
    sub = inproc.connect(zmq.SUB, address, subscribe=b"")
    assert xpub.recv() == b"\1"
    assert sub.recv() == b"welcome"


def test_inverted_matching_counts_at_once(zmq, net):
    pub, address = net.bind(zmq.PUB)
    sub = net.connect(zmq.SUB, address, subscribe=b"a")
    settle(pub, sub)
    pub.set(zmq.INVERT_MATCHING, 1)
    sub.set(zmq.INVERT_MATCHING, 1)
    pub.send(b"a")
    pub.send(b"b")
    assert sub.recv() == b"b"


def test_only_first_subscribe_counts_at_once(zmq, net):
    xpub, address = net.bind(zmq.XPUB)
    xpub.set(zmq.ONLY_FIRST_SUBSCRIBE, 1)
    net.connect(zmq.XSUB, address).send_multipart([b"data", b"\1t"])
    assert xpub.recv_multipart() == [b"data", b"\1t"]


def test_linger_counts_at_once(zmq, wire):
    push = wire.connect(zmq.PUSH, wire.absent(), linger=-1)
    push.send(b"never")
    push.set(zmq.LINGER, 0)
    push.close()
    Background(wire.context.term).join()


# -- later binds and connects: what is there goes on ------------------------------------------------------------


def test_maxmsgsize_counts_later(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    pull.set(zmq.MAXMSGSIZE, 1)
    wire.connect(zmq.PUSH, address).send(b"longer")
    assert pull.recv() == b"longer"


def test_immediate_counts_later(zmq, wire):
    push = wire.connect(zmq.PUSH, wire.absent())
    push.set(zmq.IMMEDIATE, 1)
    push.send(b"queued", zmq.DONTWAIT)


def test_conflate_counts_later(zmq, inproc):
    pull, address = inproc.bind(zmq.PULL)
    push = inproc.connect(zmq.PUSH, address)
    push.set(zmq.CONFLATE, 1)
    pull.set(zmq.CONFLATE, 1)
    for number in (b"1", b"2"):
        push.send(number)
    assert [pull.recv(), pull.recv()] == [b"1", b"2"]


def test_mechanism_counts_later(zmq, wire):
    rep, address = wire.bind(zmq.REP)
    rep.set(zmq.PLAIN_SERVER, 1)
    exchange(wire.connect(zmq.REQ, address), rep)


def test_accept_filter_counts_later(zmq, tcp):
    pull, address = tcp.bind(zmq.PULL)
    pull.set(zmq.TCP_ACCEPT_FILTER, b"127.0.0.77/32")
    tcp.connect(zmq.PUSH, address).send(b"let in")
    assert pull.recv() == b"let in"


# -- and the table says the same ---------------------------------------------------------------------------------


@pytest.mark.ours_only
def test_table_knows_which_count_at_once(zmq):
    at_once = """LINGER SNDHWM RCVHWM SNDTIMEO RCVTIMEO INVERT_MATCHING PROBE_ROUTER REQ_CORRELATE REQ_RELAXED
        ROUTER_HANDOVER ROUTER_MANDATORY ONLY_FIRST_SUBSCRIBE XPUB_MANUAL XPUB_MANUAL_LAST_VALUE XPUB_NODROP
        XPUB_VERBOSE XPUB_VERBOSER XPUB_WELCOME_MSG XSUB_VERBOSE_UNSUBSCRIBE SUBSCRIBE UNSUBSCRIBE"""
    assert {option.name for option in OPTIONS.values() if option.live} == set(at_once.split())
