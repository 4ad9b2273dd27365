"""What links sockets and what ends a link: disconnect, unbind, and peers that come back."""

import errno

import pytest

from .tools import Background, attend, eventually, refused, settle, silent, take


def until_heard(sender, receiver, message=b"again"):
    """Send until one arrives: what was under way when the link broke may be lost."""
    eventually(lambda: sender.send(message) or receiver.poll(5))


def test_disconnect_stops_the_traffic(zmq, net):
    pull, address = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, address)
    push.send(b"before")
    assert pull.recv() == b"before"
    push.disconnect(address)
    with pytest.raises(zmq.Again):
        push.send(b"after", zmq.DONTWAIT)


def test_disconnect_of_an_unknown_endpoint_answers_enoent(zmq, net):
    _, address = net.bind(zmq.PAIR)
    with refused(zmq, errno.ENOENT):
        net.socket(zmq.PAIR).disconnect(address)


def test_disconnect_also_undoes_a_bind(zmq, net):
    # In libzmq unbind and disconnect are one function.
    socket, address = net.bind(zmq.PULL)
    socket.disconnect(address)
    net.bind_again(zmq.PULL, address)


def test_unbind_also_undoes_a_connect(zmq, net):
    _, address = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, address)
    push.unbind(address)
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)


def test_disconnecting_twice_answers_enoent(zmq, net):
    _, address = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, address)
    push.disconnect(address)
    with refused(zmq, errno.ENOENT):
        push.disconnect(address)


def test_socket_connects_again_after_disconnect(zmq, net):
    pull, address = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, address)
    push.disconnect(address)
    push.connect(address)
    push.send(b"back")
    assert pull.recv() == b"back"


def test_unbind_refuses_new_peers(zmq, net):
    pull, address = net.bind(zmq.PULL)
    pull.unbind(address)
    push = net.connect(zmq.PUSH, address, reconnect_ivl=10)
    push.send(b"nobody listens")
    assert silent(pull)


def test_unbind_of_an_unknown_endpoint_answers_enoent(zmq, net):
    socket = net.socket(zmq.PULL)
    with refused(zmq, errno.ENOENT):
        socket.unbind("inproc://never" if net.transport == "inproc" else "tcp://127.0.0.1:1")


def test_unbinding_twice_answers_enoent(zmq, net):
    pull, address = net.bind(zmq.PULL)
    pull.unbind(address)
    with refused(zmq, errno.ENOENT):
        pull.unbind(address)


def test_unbind_lets_another_socket_bind(zmq, net):
    first, address = net.bind(zmq.PULL)
    first.unbind(address)
    second = net.bind_again(zmq.PULL, address)
    net.connect(zmq.PUSH, address).send(b"to the second")
    assert second.recv() == b"to the second"


def test_close_lets_another_socket_bind(zmq, net):
    first, address = net.bind(zmq.PULL)
    first.close()
    second = net.bind_again(zmq.PULL, address)
    net.connect(zmq.PUSH, address).send(b"to the second")
    assert second.recv() == b"to the second"


def test_socket_binds_again_where_it_unbound(zmq, net):
    pull, address = net.bind(zmq.PULL)
    for _ in range(3):
        pull.unbind(address)
        eventually(lambda: _binds(zmq, pull, address))
    net.connect(zmq.PUSH, address).send(b"hello")
    assert pull.recv() == b"hello"


def _binds(zmq, socket, address):
    try:
        socket.bind(address)
    except zmq.ZMQError as error:
        assert error.errno == errno.EADDRINUSE
        return False
    return True


def test_socket_binds_and_connects_to_many_endpoints(zmq, net):
    pull, first = net.bind(zmq.PULL)
    pull.bind(net.endpoint())
    second = pull.get(zmq.LAST_ENDPOINT).decode()
    other, third = net.bind(zmq.PUSH)
    pull.connect(third)
    net.connect(zmq.PUSH, first).send(b"1")
    net.connect(zmq.PUSH, second).send(b"2")
    other.send(b"3")
    assert sorted(take(pull, 3)) == [b"1", b"2", b"3"]


def test_bind_and_connect_are_undone_at_the_end_of_their_with_block(zmq, net):
    pull, push = net.socket(zmq.PULL), net.socket(zmq.PUSH)
    with pull.bind(net.endpoint()):
        address = pull.get(zmq.LAST_ENDPOINT).decode()
        with push.connect(address):
            push.send(b"inside")
            assert pull.recv() == b"inside"
        with pytest.raises(zmq.Again):
            push.send(b"outside", zmq.DONTWAIT)
    with refused(zmq, errno.ENOENT):
        pull.unbind(address)


def test_push_goes_on_with_the_successor_of_its_pull(zmq, wire):
    first, address = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, address, reconnect_ivl=10)
    push.send(b"hello")
    assert first.recv() == b"hello"
    first.close()
    second = wire.bind_again(zmq.PULL, address)
    until_heard(push, second)
    assert second.recv() == b"again"


def test_pull_goes_on_with_the_successor_of_its_push(zmq, wire):
    first, address = wire.bind(zmq.PUSH)
    pull = wire.connect(zmq.PULL, address, reconnect_ivl=10)
    first.send(b"hello")
    assert pull.recv() == b"hello"
    first.close()
    second = wire.bind_again(zmq.PUSH, address)
    second.send(b"again")
    assert pull.recv() == b"again"


def test_sub_renews_its_subscriptions_at_the_successor_of_its_publisher(zmq, wire):
    first, address = wire.bind(zmq.XPUB)
    sub = wire.connect(zmq.SUB, address, reconnect_ivl=10)
    for topic in (b"a", b"b", b"b", b"gone"):
        sub.subscribe(topic)
    sub.unsubscribe(b"gone")
    assert [first.recv() for _ in range(4)] == [b"\x01a", b"\x01b", b"\x01gone", b"\x00gone"]
    first.close()
    second = wire.bind_again(zmq.XPUB, address)
    # libzmq's SUB notices the new link, and renews, only while the program uses the socket.
    eventually(lambda: attend(zmq, sub) or second.poll(5))
    assert sorted(take(second, 2)) == [b"\x01a", b"\x01b"]
    second.send(b"b again")
    assert sub.recv() == b"b again"


def test_req_goes_on_with_the_successor_of_its_rep(zmq, wire):
    first, address = wire.bind(zmq.REP)
    req = wire.connect(zmq.REQ, address, reconnect_ivl=10, req_relaxed=1, req_correlate=1)
    req.send(b"1")
    first.recv()
    first.close()
    second = wire.bind_again(zmq.REP, address)
    until_heard(req, second, b"2")
    req.send(b"3")
    while (request := second.recv()) != b"3":
        second.send(b"reply to " + request)
    second.send(b"reply")
    assert req.recv() == b"reply"


def test_router_knows_a_named_peer_again_after_it_was_replaced(zmq, wire):
    first, address = wire.bind(zmq.ROUTER)
    dealer = wire.connect(zmq.DEALER, address, reconnect_ivl=10, routing_id=b"me")
    dealer.send(b"hello")
    assert first.recv_multipart() == [b"me", b"hello"]
    first.close()
    second = wire.bind_again(zmq.ROUTER, address)
    until_heard(dealer, second)
    assert second.recv_multipart() == [b"me", b"again"]
    second.send_multipart([b"me", b"welcome"])
    assert dealer.recv() == b"welcome"


def test_connect_comes_before_bind(zmq, wire):
    address = wire.absent()
    req = wire.connect(zmq.REQ, address, reconnect_ivl=10)
    req.send(b"early")
    rep = wire.bind_again(zmq.REP, address)
    assert rep.recv() == b"early"
    rep.send(b"late")
    assert req.recv() == b"late"


def test_reconnect_ivl_minus_one_never_reconnects(zmq, wire):
    first, address = wire.bind(zmq.PUSH)
    pull = wire.connect(zmq.PULL, address, reconnect_ivl=-1)
    first.send(b"hello")
    assert pull.recv() == b"hello"
    first.close()
    second = wire.bind_again(zmq.PUSH, address)
    assert not second.poll(200, zmq.POLLOUT)


def test_peers_of_different_kinds_do_not_talk(zmq, wire):
    sub, address = wire.bind(zmq.SUB, subscribe=b"")
    push = wire.connect(zmq.PUSH, address)
    push.send(b"wrong")
    assert silent(sub)
    pub = wire.connect(zmq.PUB, address)
    settle(pub, sub)  # the socket still serves others


def test_messages_of_a_closed_peer_are_still_received(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, address, linger=-1)
    push.send(b"1")
    push.send(b"2")
    push.close()
    assert take(pull, 2) == [b"1", b"2"]


def test_hundred_peers_come_and_go(zmq, net):
    pull, address = net.bind(zmq.PULL)

    def visit(number):
        for i in range(25):
            push = net.connect(zmq.PUSH, address, linger=-1)
            push.send(b"%d.%d" % (number, i))
            push.close()

    visitors = [Background(visit, number) for number in range(4)]
    heard = set(take(pull, 100))
    for visitor in visitors:
        visitor.join()
    assert len(heard) == 100


@pytest.mark.parametrize(
    "connector, binder, links",
    [
        ("DEALER", "ROUTER", 1),
        ("REQ", "ROUTER", 1),
        ("SUB", "XPUB", 1),
        ("PUB", "SUB", 1),
        ("XSUB", "XPUB", 2),
        ("XPUB", "SUB", 2),
        ("ROUTER", "DEALER", 2),
        ("REP", "DEALER", 2),
        ("PUSH", "PULL", 2),
        ("PULL", "PUSH", 2),
    ],
)
def test_second_connect_to_the_same_endpoint_is_ignored_by_some_types(zmq, tcp, connector, binder, links):
    bound, address = tcp.bind(getattr(zmq, binder))
    events = bound.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    tcp.connect(getattr(zmq, connector), address, address)
    for _ in range(links):
        assert events.poll(5000)
        events.recv_multipart()
    assert silent(events)
    bound.disable_monitor()
