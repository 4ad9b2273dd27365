"""ROUTER: routing ids, and what it does with messages it cannot route. RFC 28."""

import errno

import pytest

from .tools import eventually, refused, silent, take


def introduce(router, *peers):
    """Let each peer send its number; return the routing ids the router knows them by."""
    ids = []
    for i, peer in enumerate(peers):
        peer.send(b"%d" % i)
        routing_id, number = router.recv_multipart()
        assert number == b"%d" % i
        ids.append(routing_id)
    return ids


def unroutable(zmq, router, peer):
    try:
        router.send_multipart([peer, b"still there?"], zmq.DONTWAIT)
    except zmq.ZMQError as error:
        assert error.errno == errno.EHOSTUNREACH
        return True
    return False


def test_router_names_its_peers_with_five_bytes_that_start_with_zero(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    ids = introduce(router, *(net.connect(zmq.DEALER, address) for _ in range(3)))
    assert [(len(each), each[0]) for each in ids] == [(5, 0)] * 3
    assert len(set(ids)) == 3


def test_router_keeps_the_name_of_a_peer(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address)
    assert introduce(router, dealer) == introduce(router, dealer)


def test_router_uses_the_routing_id_the_peer_gives(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    assert introduce(router, dealer) == [b"me"]


def test_router_uses_the_routing_id_of_a_bound_peer(zmq, net):
    dealer, address = net.bind(zmq.DEALER, routing_id=b"bound")
    router = net.connect(zmq.ROUTER, address)
    assert dealer.poll(5000, zmq.POLLOUT)
    assert introduce(router, dealer) == [b"bound"]


@pytest.mark.parametrize("routing_id", [b"x", b"y" * 255, b"a\0b", b"\xff"])
def test_router_takes_routing_ids_of_1_to_255_bytes(zmq, tcp, routing_id):
    router, address = tcp.bind(zmq.ROUTER)
    dealer = tcp.connect(zmq.DEALER, address, routing_id=routing_id)
    assert introduce(router, dealer) == [routing_id]
    router.send_multipart([routing_id, b"back"])
    assert dealer.recv() == b"back"


@pytest.mark.parametrize("routing_id", [b"", b"y" * 256])
def test_routing_id_refuses_0_and_256_bytes(zmq, inproc, routing_id):
    with refused(zmq, errno.EINVAL):
        inproc.socket(zmq.DEALER).set(zmq.ROUTING_ID, routing_id)


def test_router_prepends_the_routing_id_and_keeps_the_parts(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    dealer.send_multipart([b"", b"a", b""])
    assert router.recv_multipart() == [b"me", b"", b"a", b""]
    dealer.send(b"")
    assert router.recv_multipart() == [b"me", b""]


def test_router_sends_to_the_peer_it_is_told(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealers = [net.connect(zmq.DEALER, address, routing_id=b"p%d" % i) for i in range(3)]
    introduce(router, *dealers)
    for i in (2, 0, 1):
        router.send_multipart([b"p%d" % i, b"for %d" % i, b"more"])
    assert [dealer.recv_multipart() for dealer in dealers] == [[b"for %d" % i, b"more"] for i in range(3)]


def test_router_sends_part_by_part(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    introduce(router, dealer)
    router.send(b"me", zmq.SNDMORE)
    router.send(b"a", zmq.SNDMORE)
    router.send(b"b")
    assert dealer.recv_multipart() == [b"a", b"b"]


def test_router_receives_the_routing_id_as_a_part_of_its_own(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    net.connect(zmq.DEALER, address, routing_id=b"me").send(b"body")
    assert (router.recv(), router.get(zmq.RCVMORE)) == (b"me", 1)
    assert (router.recv(), router.get(zmq.RCVMORE)) == (b"body", 0)


def test_router_drops_a_message_for_an_unknown_peer(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    introduce(router, dealer)
    router.send_multipart([b"stranger", b"lost", b"all parts"])
    router.send_multipart([b"me", b"found"])
    assert dealer.recv_multipart() == [b"found"]


def test_router_without_peers_drops_and_says_it_is_writable(zmq, net):
    router, _ = net.bind(zmq.ROUTER)
    assert router.get(zmq.EVENTS) == zmq.POLLOUT
    router.send_multipart([b"stranger", b"lost"], zmq.DONTWAIT)


def test_mandatory_router_says_that_a_peer_is_unreachable(zmq, net):
    router, address = net.bind(zmq.ROUTER, router_mandatory=1)
    with refused(zmq, errno.EHOSTUNREACH):
        router.send_multipart([b"stranger", b"lost"])
    dealer = net.connect(zmq.DEALER, address, routing_id=b"stranger")
    introduce(router, dealer)
    router.send_multipart([b"stranger", b"found"])
    assert dealer.recv() == b"found"


def test_router_mandatory_can_be_set_and_reset_later(zmq, net):
    router, _ = net.bind(zmq.ROUTER)
    router.set(zmq.ROUTER_MANDATORY, 1)
    with refused(zmq, errno.EHOSTUNREACH):
        router.send_multipart([b"stranger", b"lost"])
    router.set(zmq.ROUTER_MANDATORY, 0)
    router.send_multipart([b"stranger", b"lost"])


def test_mandatory_router_learns_that_a_peer_left(zmq, net):
    router, address = net.bind(zmq.ROUTER, router_mandatory=1)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    introduce(router, dealer)
    dealer.close()
    eventually(lambda: unroutable(zmq, router, b"me"))


def test_router_ignores_a_message_of_one_part(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    introduce(router, dealer)
    router.send(b"me")
    router.send_multipart([b"me", b"body"])
    assert dealer.recv_multipart() == [b"body"]


def test_mandatory_router_ignores_a_message_of_one_part_too(zmq, net):
    router, _ = net.bind(zmq.ROUTER, router_mandatory=1)
    router.send(b"stranger")


def test_router_does_not_serve_a_second_peer_of_the_same_name(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    first = net.connect(zmq.DEALER, address, routing_id=b"twin")
    introduce(router, first)
    second = net.connect(zmq.DEALER, address, routing_id=b"twin")
    second.send(b"ignored")
    assert silent(router)
    router.send_multipart([b"twin", b"to the first"])
    assert first.recv() == b"to the first"
    assert silent(second)
    assert introduce(router, first) == [b"twin"]


def test_router_takes_a_name_again_when_its_owner_left(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    first = net.connect(zmq.DEALER, address, routing_id=b"heir")
    introduce(router, first)
    first.close()
    second = eventually(lambda: _served(zmq, net, router, address))
    router.send_multipart([b"heir", b"welcome"])
    assert second.recv() == b"welcome"


def _served(zmq, net, router, address):
    # Whoever comes while the router still knows the first is never served, so each try is a new peer.
    dealer = net.connect(zmq.DEALER, address, routing_id=b"heir")
    dealer.send(b"hello")
    if router.poll(100):
        assert router.recv_multipart() == [b"heir", b"hello"]
        return dealer
    dealer.close()
    return None


def test_router_handover_gives_the_name_to_the_newer_peer(zmq, net):
    router, address = net.bind(zmq.ROUTER, router_handover=1)
    first = net.connect(zmq.DEALER, address, routing_id=b"twin")
    introduce(router, first)
    second = net.connect(zmq.DEALER, address, routing_id=b"twin")
    introduce(router, second)
    router.send_multipart([b"twin", b"to the second"])
    assert second.recv() == b"to the second"
    assert silent(first)


def test_router_fair_queues_message_by_message(zmq, inproc):
    router, address = inproc.bind(zmq.ROUTER)
    for name in (b"a", b"b", b"c"):
        dealer = inproc.connect(zmq.DEALER, address, routing_id=name)
        for _ in range(3):
            dealer.send(b"")
    turns = [parts[0] for parts in take(router, 9)]
    assert [set(turns[i : i + 3]) for i in (0, 3, 6)] == [{b"a", b"b", b"c"}] * 3


def test_router_talks_to_router_by_given_names(zmq, net):
    one, address = net.bind(zmq.ROUTER, routing_id=b"one", router_mandatory=1)
    two = net.connect(zmq.ROUTER, address, routing_id=b"two", router_mandatory=1)
    eventually(lambda: not unroutable(zmq, two, b"one"))
    assert one.recv_multipart() == [b"two", b"still there?"]
    one.send_multipart([b"two", b"back"])
    assert two.recv_multipart() == [b"one", b"back"]


def test_probe_router_sends_an_empty_message_on_connect(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    net.connect(zmq.DEALER, address, probe_router=1, routing_id=b"prober")
    assert router.recv_multipart() == [b"prober", b""]


def test_probe_router_introduces_a_router_to_a_router(zmq, net):
    router, address = net.bind(zmq.ROUTER, routing_id=b"bound")
    prober = net.connect(zmq.ROUTER, address, probe_router=1, routing_id=b"prober")
    assert router.recv_multipart() == [b"prober", b""]
    router.send_multipart([b"prober", b"found you"])
    assert prober.recv_multipart() == [b"bound", b"found you"]


def test_probe_router_works_for_req(zmq, net):
    router, address = net.bind(zmq.ROUTER)
    req = net.connect(zmq.REQ, address, probe_router=1, routing_id=b"prober")
    assert router.recv_multipart() == [b"prober", b""]
    req.send(b"q")
    assert router.recv_multipart() == [b"prober", b"", b"q"]


def test_connect_routing_id_names_the_peer_of_the_next_connect(zmq, net):
    dealer, address = net.bind(zmq.DEALER)
    router = net.connect(zmq.ROUTER, address, connect_routing_id=b"alias", router_mandatory=1)
    router.send_multipart([b"alias", b"hello"])
    assert dealer.recv() == b"hello"
    dealer.send(b"back")
    assert router.recv_multipart() == [b"alias", b"back"]


def test_connect_routing_id_holds_for_one_connect_only(zmq, net):
    (one, first), (two, second) = net.bind(zmq.DEALER), net.bind(zmq.DEALER)
    router = net.connect(zmq.ROUTER, first, connect_routing_id=b"alias")
    router.connect(second)
    assert two.poll(5000, zmq.POLLOUT)
    two.send(b"from two")
    automatic, _ = router.recv_multipart()
    assert (len(automatic), automatic[0]) == (5, 0)
    router.send_multipart([b"alias", b"to one"])
    assert one.recv() == b"to one"


@pytest.mark.ours_only
def test_connect_routing_id_refuses_the_name_of_a_live_peer(zmq, net):
    # libzmq 4.3.5 ends the process here: zmq_assert in router.cpp.
    (one, first), (_, second) = net.bind(zmq.DEALER), net.bind(zmq.DEALER)
    router = net.connect(zmq.ROUTER, first, connect_routing_id=b"alias")
    router.set(zmq.CONNECT_ROUTING_ID, b"alias")
    with pytest.raises(zmq.ZMQError):
        router.connect(second)
    router.send_multipart([b"alias", b"still the first"])
    assert one.recv() == b"still the first"


@pytest.mark.timeout(20)
def test_router_finds_what_comes_while_it_sends(zmq, tcp):
    """One thread echoes a burst: the last of it comes in while the socket looks after its own sends."""
    router, address = tcp.bind(zmq.ROUTER, rcvtimeo=-1)  # a wait that ends would find it
    dealer = tcp.connect(zmq.DEALER, address)
    for _ in range(3):
        for _ in range(100):
            dealer.send(b"x" * 100)
        for _ in range(100):
            router.send_multipart(router.recv_multipart())
        assert take(dealer, 100) == [b"x" * 100] * 100
