"""Routing ids across implementations: given, made up by the ROUTER, told by neither; and the options around them."""

import pytest

from .links import routes
from .sides import eventually

GIVEN = [b"x", b"a name", b"\xff\x00\x01", b"\x01", bytes(range(1, 256))]


@pytest.mark.parametrize("kind, delimiter", [("DEALER", []), ("REQ", [b""])])
def test_router_knows_a_peer_by_the_id_that_it_gives(both, wire, kind, delimiter):
    front, back = both
    router = back.open("ROUTER")
    address = router.bind(wire.any())
    peers = [front.open(kind, ROUTING_ID=name) for name in GIVEN]
    for peer, name in zip(peers, GIVEN, strict=True):
        peer.connect(address)
        peer.send([b"from", name])
        assert router.take() == [[name, *delimiter, b"from", name]]
    router.send(*[[name, *delimiter, b"to", name] for name in reversed(GIVEN)])
    assert [peer.take() for peer in peers] == [[[b"to", name]] for name in GIVEN]


@pytest.mark.parametrize("kind, delimiter", [("DEALER", []), ("REQ", [b""])])
def test_router_makes_up_an_id_for_a_peer_that_gives_none(both, wire, kind, delimiter):
    front, back = both
    router = back.open("ROUTER")
    address = router.bind(wire.any())
    peers = [front.open(kind) for _ in range(3)]
    for number, peer in enumerate(peers):
        peer.connect(address)
        peer.send([b"%d" % number])
    requests = sorted(router.take(3), key=lambda request: request[-1])
    names = [request[0] for request in requests]
    assert requests == [[name, *delimiter, b"%d" % number] for number, name in enumerate(names)]
    assert [(name[0], len(name)) for name in names] == [(0, 5)] * 3
    assert len(set(names)) == 3
    router.send(*[[name, *delimiter, b"to", name] for name in names])
    assert [peer.take() for peer in peers] == [[[b"to", name]] for name in names]


def test_second_peer_of_an_id_is_not_served_until_handover(both, wire):
    front, back = both
    router = back.open("ROUTER")
    address = router.bind(wire.any())
    first, second, third = (front.open("DEALER", ROUTING_ID=b"twin") for _ in range(3))
    first.connect(address)
    first.send([b"first"])
    assert router.take() == [[b"twin", b"first"]]
    second.connect(address)
    second.send([b"second"])
    assert not router.poll("POLLIN", 50)
    router.set("ROUTER_HANDOVER", 1)
    third.connect(address)
    third.send([b"third"])
    assert router.take() == [[b"twin", b"third"]]
    router.send([b"twin", b"answer"])
    assert third.take() == [b"answer"]


def test_router_names_the_peer_that_it_connects_to(both, wire):
    front, back = both
    named, other = back.open("DEALER"), back.open("DEALER", ROUTING_ID=b"its own name")
    router = front.open("ROUTER", ROUTER_MANDATORY=1)
    for dealer, name in ((named, b"first"), (other, b"second")):
        address = dealer.bind(wire.any())
        router.set("CONNECT_ROUTING_ID", name)
        router.connect(address)
        router.send([name, b"hello", name])
    assert named.take() == [[b"hello", b"first"]]
    assert other.take() == [[b"hello", b"second"]]
    other.send([b"answer"])
    assert router.take() == [[b"second", b"answer"]]


@pytest.mark.parametrize("kind", ["DEALER", "REQ", "ROUTER"])
def test_probe_tells_a_router_that_somebody_is_there(both, wire, kind):
    front, back = both
    router = back.open("ROUTER")
    address = router.bind(wire.any())
    front.open(kind, PROBE_ROUTER=1, ROUTING_ID=b"peer").connect(address)
    assert router.take() == [[b"peer", b""]]


def test_correlated_request_carries_an_id_and_takes_no_other_reply(both, wire):
    front, back = both
    router = back.open("ROUTER")
    req = front.open("REQ", REQ_CORRELATE=1, REQ_RELAXED=1, ROUTING_ID=b"req")
    req.connect(router.bind(wire.any()))
    eventually(lambda: req.poll("POLLOUT", 10))
    req.send([b"lost"])
    [first] = router.take()
    req.send([b"question"])
    [second] = router.take()
    assert [first[0], *first[2:]] == [b"req", b"", b"lost"]
    assert [second[0], *second[2:]] == [b"req", b"", b"question"]
    assert first[1] != second[1]
    assert len(second[1]) == 4
    router.send([*first[:-1], b"late"], [*second[:-1], b"answer"])
    assert req.take() == [b"answer"]


def test_mandatory_router_refuses_a_peer_that_it_does_not_know(mixed, wire):
    front, back = mixed
    router = back.open("ROUTER", ROUTER_MANDATORY=1)
    dealer = front.open("DEALER", ROUTING_ID=b"dealer")
    dealer.connect(router.bind(wire.any()))
    dealer.send([b"here"])
    assert router.take() == [[b"dealer", b"here"]]
    assert not routes(router, b"stranger")
    assert routes(router, b"dealer")
    dealer.take()
