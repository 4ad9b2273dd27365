"""PEER: SERVER among its equals. RFC 51."""

import errno

import pytest

from .tools import eventually, refused, silent

pytestmark = pytest.mark.usefixtures("drafts")


def test_peers_answer_one_another(zmq, net):
    one, other = net.link(zmq.PEER, zmq.PEER)
    if hasattr(one, "connect_peer"):  # PyZMQ cannot say to whom
        address = other.get(zmq.LAST_ENDPOINT).decode()
        one.send(b"question", routing_id=one.connect_peer(address))
        request = other.recv(copy=False)
        other.send(b"answer", routing_id=request.routing_id)
        assert one.recv() == b"answer"


def test_peer_cannot_send_to_nobody(zmq, net):
    one, _ = net.link(zmq.PEER, zmq.PEER)
    with refused(zmq, errno.EHOSTUNREACH):
        one.send(b"x")
    with refused(zmq, errno.EHOSTUNREACH):
        one.send(b"x", group="g")


@pytest.mark.ours_only
def test_connect_peer_tells_the_routing_id_before_anybody_is_there(zmq, wire):
    address = wire.absent()
    one = wire.socket(zmq.PEER)
    routing_id = one.connect_peer(address)
    one.send(b"early", routing_id=routing_id)
    other = wire.bind_again(zmq.PEER, address)
    assert other.recv() == b"early"


@pytest.mark.ours_only
def test_connect_peer_tells_its_peers_apart(zmq, net):
    one = net.socket(zmq.PEER)
    others = [net.bind(zmq.PEER) for _ in range(3)]
    routing_ids = [one.connect_peer(address) for _, address in others]
    for routing_id in routing_ids:
        one.send(b"%d" % routing_id, routing_id=routing_id)
    assert [other.recv() for other, _ in others] == [b"%d" % routing_id for routing_id in routing_ids]


@pytest.mark.ours_only
def test_connect_peer_is_not_for_immediate(zmq, wire):
    _, address = wire.bind(zmq.PEER)
    one = wire.socket(zmq.PEER, immediate=1)
    with refused(zmq, errno.EFAULT):
        one.connect_peer(address)


@pytest.mark.ours_only
@pytest.mark.parametrize("kind", ["SERVER", "CLIENT", "DEALER", "ROUTER"])
def test_connect_peer_is_for_peer_only(zmq, tcp, kind):
    socket = tcp.socket(getattr(zmq, kind))
    with refused(zmq, errno.ENOTSUP):
        socket.connect_peer("tcp://127.0.0.1:1")


@pytest.mark.ours_only
@pytest.mark.parametrize("kinds", [("CLIENT", "SERVER"), ("PEER", "PEER")])
def test_disconnect_peer_lets_one_peer_go_with_all_that_was_sent_to_it(zmq, net, kinds):
    connector, binder = (getattr(zmq, kind) for kind in kinds)
    server, address = net.bind(binder)
    client = net.socket(connector)
    if connector == zmq.PEER:
        client.send(b"hello", routing_id=client.connect_peer(address))
    else:
        client.connect(address)
        client.send(b"hello")
    routing_id = server.recv(copy=False).routing_id
    server.send(b"goodbye", routing_id=routing_id)
    server.disconnect_peer(routing_id)
    assert client.recv() == b"goodbye"
    with refused(zmq, errno.EHOSTUNREACH):
        server.send(b"too late", routing_id=routing_id)
    with refused(zmq, errno.EHOSTUNREACH):
        server.disconnect_peer(routing_id)


@pytest.mark.ours_only
def test_disconnect_peer_ends_what_connect_peer_began(zmq, net):
    other, address = net.bind(zmq.PEER)
    one = net.socket(zmq.PEER, reconnect_ivl=1)
    routing_id = one.connect_peer(address)
    one.send(b"hello", routing_id=routing_id)
    theirs = other.recv(copy=False).routing_id
    one.disconnect_peer(routing_id)

    def gone():
        try:
            other.send(b"x", routing_id=theirs)
        except zmq.ZMQError as error:
            return error.errno == errno.EHOSTUNREACH
        return False

    eventually(gone)
    assert silent(one)


@pytest.mark.ours_only
@pytest.mark.parametrize("kind", ["CLIENT", "DEALER", "ROUTER"])
def test_disconnect_peer_is_for_server_and_peer(zmq, tcp, kind):
    socket = tcp.socket(getattr(zmq, kind))
    with refused(zmq, errno.ENOTSUP):
        socket.disconnect_peer(1)
