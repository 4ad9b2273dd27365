"""HELLO_MSG, DISCONNECT_MSG, HICCUP_MSG, ROUTER_NOTIFY: what is said and heard when peers come and go."""

import errno

import pytest

from .tools import address_of, refused, silent, take

pytestmark = pytest.mark.usefixtures("drafts")


@pytest.mark.parametrize("kinds", [("DEALER", "DEALER"), ("CLIENT", "SERVER"), ("DEALER", "ROUTER")])
def test_the_bound_side_says_hello_first(zmq, net, kinds):
    client, server = (getattr(zmq, kind) for kind in kinds)
    bound, address = net.bind(server, hello_msg=b"hello")
    assert net.connect(client, address).recv() == b"hello"
    assert net.connect(client, address).recv() == b"hello"
    assert silent(bound)


@pytest.mark.parametrize("kinds", [("DEALER", "DEALER"), ("CLIENT", "SERVER"), ("PEER", "PEER")])
def test_the_connecting_side_says_hello_first(zmq, net, kinds):
    client, server = (getattr(zmq, kind) for kind in kinds)
    bound, address = net.bind(server)
    connected = net.connect(client, address, hello_msg=b"hello")
    if client not in (zmq.PEER,):
        connected.send(b"then")
        assert take(bound, 2) == [b"hello", b"then"]
    else:
        assert bound.recv() == b"hello"


def test_hello_is_said_again_after_a_reconnect(zmq, wire):
    address = wire.absent()
    client = wire.connect(zmq.CLIENT, address, hello_msg=b"hello", reconnect_ivl=10)
    for _ in range(2):
        server = wire.bind_again(zmq.SERVER, address)
        assert server.recv() == b"hello"
        server.close()
    assert silent(client)


def test_hello_of_a_connect_is_as_it_was_then(zmq, wire):
    server, address = wire.bind(zmq.SERVER)
    client = wire.connect(zmq.CLIENT, address, hello_msg=b"hello")
    client.set(zmq.HELLO_MSG, b"")
    assert server.recv() == b"hello"


def test_a_disconnect_is_delivered_as_if_from_the_peer(zmq, net):
    server, address = net.bind(zmq.SERVER, disconnect_msg=b"gone")
    client = net.connect(zmq.CLIENT, address)
    client.send(b"here")
    here = server.recv(copy=False)
    client.close()
    gone = server.recv(copy=False)
    assert (gone.bytes, gone.routing_id) == (b"gone", here.routing_id)


def test_a_router_hears_of_a_disconnect(zmq, net):
    router, address = net.bind(zmq.ROUTER, disconnect_msg=b"gone")
    dealer = net.connect(zmq.DEALER, address, routing_id=b"me")
    dealer.send(b"here")
    assert router.recv_multipart() == [b"me", b"here"]
    dealer.close()
    assert router.recv_multipart() == [b"me", b"gone"]


def test_a_disconnect_comes_after_what_the_peer_had_sent(zmq, wire):
    server, address = wire.bind(zmq.SERVER, disconnect_msg=b"gone")
    client = wire.connect(zmq.CLIENT, address, linger=-1)
    for number in range(3):
        client.send(b"%d" % number)
    client.close()
    assert take(server, 4) == [b"0", b"1", b"2", b"gone"]


@pytest.mark.parametrize("kinds", [("CLIENT", "SERVER"), ("DEALER", "DEALER")])
def test_a_hiccup_is_delivered_where_the_connection_was_made(zmq, wire, kinds):
    client, server = (getattr(zmq, kind) for kind in kinds)
    bound, address = wire.bind(server)
    connected = wire.connect(client, address, hiccup_msg=b"hiccup")
    connected.send(b"here")
    assert bound.recv() == b"here"
    bound.close()
    assert connected.recv() == b"hiccup"


def test_no_hiccup_before_there_was_a_link(zmq, wire):
    client = wire.connect(zmq.CLIENT, wire.absent(), hiccup_msg=b"hiccup", reconnect_ivl=5)
    assert silent(client)


@pytest.mark.parametrize("notify", [0, 1, 2, 3])
def test_router_is_notified_as_it_wishes(zmq, wire, notify):
    router, address = wire.bind(zmq.ROUTER, router_notify=notify)
    dealer = wire.connect(zmq.DEALER, address, routing_id=b"me", linger=-1)
    dealer.send(b"here")
    expected = [[b"me", b"here"]]
    if notify & zmq.NOTIFY_CONNECT:
        expected.insert(0, [b"me", b""])
    assert take(router, len(expected)) == expected
    dealer.close()
    if notify & zmq.NOTIFY_DISCONNECT:
        assert router.recv_multipart() == [b"me", b""]
    else:
        assert silent(router)


def test_router_that_connected_is_notified_too(zmq, wire):
    dealer, address = wire.bind(zmq.DEALER, routing_id=b"me")
    router = wire.connect(zmq.ROUTER, address, router_notify=3)
    assert router.recv_multipart() == [b"me", b""]
    dealer.close()
    assert router.recv_multipart() == [b"me", b""]


@pytest.mark.parametrize("value", [-1, 4])
def test_router_notify_has_two_flags(zmq, tcp, value):
    router = tcp.socket(zmq.ROUTER)
    with refused(zmq, errno.EINVAL):
        router.set(zmq.ROUTER_NOTIFY, value)
    router.set(zmq.ROUTER_NOTIFY, 3)
    assert router.get(zmq.ROUTER_NOTIFY) == 3


def test_notices_may_be_set_where_nobody_heeds_them(zmq, tcp):
    push, address = tcp.bind(zmq.PUSH, hello_msg=b"1", disconnect_msg=b"2", hiccup_msg=b"3")
    pull = tcp.connect(zmq.PULL, address)
    push.send(b"x")
    assert pull.recv() == b"x"
    assert address == address_of(zmq, push)
