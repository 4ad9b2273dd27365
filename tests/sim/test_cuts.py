"""What each pattern does when links are cut under it and come back."""

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.errors import ZMQError
from tests.sim.tools import SERVER, Net, numbered, take_all, try_receive, try_send


def test_push_gives_a_lost_peers_share_to_the_others(world, net):
    push = net.bind(SocketType.PUSH)
    lost, left = net.connect(SocketType.PULL), net.connect(SocketType.PULL)
    world.run(1)
    world.refuse(SERVER)
    world.cut(lost)
    world.run(1)
    for number in range(10):
        push.send(b"%d" % number)
    world.run(1)
    assert take_all(left) == [b"%d" % number for number in range(10)]
    assert take_all(lost) == []


def test_push_counts_a_peer_that_came_back(world, net):
    push = net.bind(SocketType.PUSH)
    one, other = net.connect(SocketType.PULL), net.connect(SocketType.PULL)
    world.run(1)
    world.cut(one)
    world.run(1)
    for number in range(10):
        push.send(b"%d" % number)
    world.run(1)
    assert [len(take_all(one)), len(take_all(other))] == [5, 5]


def test_push_that_dialled_keeps_a_lost_peers_share_for_it(world, net):
    first, second = net.bind(SocketType.PULL, "tcp://*:1"), net.bind(SocketType.PULL, "tcp://*:2")
    push = net.socket(SocketType.PUSH)
    push.connect("tcp://server:1")
    push.connect("tcp://server:2")
    world.run(1)
    world.refuse("tcp://server:1")
    world.cut(push, first)
    world.run(1)
    for number in range(4):
        push.send(b"%d" % number)
    world.run(10)
    assert len(take_all(second)) == 2
    world.heal()
    world.run(10)
    assert len(take_all(first)) == 2


def test_push_with_immediate_turns_to_the_others(world, net):
    first, second = net.bind(SocketType.PULL, "tcp://*:1"), net.bind(SocketType.PULL, "tcp://*:2")
    push = net.socket(SocketType.PUSH, immediate=1)
    push.connect("tcp://server:1")
    push.connect("tcp://server:2")
    world.run(1)
    world.refuse("tcp://server:1")
    world.cut(push, first)
    world.run(1)
    for number in range(4):
        push.send(b"%d" % number)
    world.run(10)
    assert len(take_all(second)) == 4


def test_subscriptions_are_sent_again_after_a_reconnect(world, net):
    publisher = net.bind(SocketType.PUB)
    subscriber = net.connect(SocketType.SUB, subscribe=b"a")
    world.run(1)
    for round_ in range(3):
        publisher.send(b"a%d" % round_)
        publisher.send(b"b%d" % round_)
        world.run(1)
        assert take_all(subscriber) == [b"a%d" % round_]
        world.cut_all()
        world.run(1)


def test_subscription_made_during_an_outage_counts_after_it(world, net):
    publisher = net.bind(SocketType.PUB)
    subscriber = net.connect(SocketType.SUB, subscribe=b"a")
    world.run(1)
    world.refuse(SERVER)
    world.cut_all()
    world.run(1)
    subscriber.set(6, b"b")
    subscriber.set(7, b"a")
    world.heal()
    world.run(1)
    publisher.send(b"a")
    publisher.send(b"b")
    world.run(1)
    assert take_all(subscriber) == [b"b"]


def test_publisher_forgets_the_subscriptions_of_a_lost_peer(world, net):
    publisher = net.bind(SocketType.XPUB)
    subscriber = net.connect(SocketType.SUB, subscribe=b"topic")
    assert publisher.receive() == b"\1topic"
    world.refuse(SERVER)
    world.cut(subscriber)
    assert publisher.receive() == b"\0topic"


def test_reconnected_subscriber_is_not_counted_twice(world, net):
    publisher = net.bind(SocketType.PUB)
    subscriber = net.connect(SocketType.SUB, subscribe=b"")
    for _ in range(5):
        world.run(1)
        world.cut_all()
    world.run(1)
    publisher.send(b"once")
    world.run(1)
    assert take_all(subscriber) == [b"once"]


def test_rounds_of_request_and_reply_go_on_after_cuts(world, net):
    rep, req = net.bind(SocketType.REP), net.connect(SocketType.REQ)
    for number in range(20):
        req.send(b"%d" % number)
        assert rep.receive() == b"%d" % number
        rep.send(b"re %d" % number)
        assert req.receive() == b"re %d" % number
        world.cut_all()
        world.run(0.1)


def test_request_whose_link_is_cut_is_not_answered(world, net):
    rep, req = net.bind(SocketType.REP), net.connect(SocketType.REQ, rcvtimeo=5000)
    req.send(b"lost")
    assert rep.receive() == b"lost"
    world.cut_all()
    rep.send(b"for nobody")
    with pytest.raises(ZMQError) as nothing:
        req.receive()
    assert nothing.value.errno == Errno.EAGAIN


def test_relaxed_request_is_asked_again_after_a_cut(world, net):
    rep = net.bind(SocketType.REP)
    req = net.connect(SocketType.REQ, req_relaxed=1, req_correlate=1)
    req.send(b"first")
    assert rep.receive() == b"first"
    world.cut_all()
    rep.send(b"for nobody")
    world.run(1)
    req.send(b"second")
    assert rep.receive() == b"second"
    rep.send(b"answer")
    assert req.receive() == b"answer"


def test_request_asked_during_an_outage_is_answered_after_it(world, net):
    rep, req = net.bind(SocketType.REP), net.connect(SocketType.REQ)
    world.run(1)
    world.refuse(SERVER)
    world.cut_all()
    world.run(1)
    req.send(b"?")
    world.run(3600)
    world.heal()
    assert rep.receive() == b"?"
    rep.send(b"!")
    assert req.receive() == b"!"


def test_router_knows_a_peer_that_came_back_by_its_routing_id(world, net):
    router = net.bind(SocketType.ROUTER)
    dealer = net.connect(SocketType.DEALER, routing_id=b"me")
    dealer.send(b"hello")
    assert router.receive() == [b"me", b"hello"]
    for _ in range(3):
        world.cut_all()
        world.run(1)
        router.send([b"me", b"still there?"])
        assert dealer.receive() == b"still there?"
        dealer.send(b"yes")
        assert router.receive() == [b"me", b"yes"]


def test_router_drops_what_is_for_a_lost_peer(world, net):
    router = net.bind(SocketType.ROUTER)
    dealer = net.connect(SocketType.DEALER, routing_id=b"me")
    world.run(1)
    world.refuse(SERVER)
    world.cut_all()
    world.run(1)
    router.send([b"me", b"dropped"])
    world.heal()
    world.run(1)
    assert try_receive(dealer) is None


def test_mandatory_router_refuses_what_is_for_a_lost_peer(world, net):
    router = net.bind(SocketType.ROUTER, router_mandatory=1)
    net.connect(SocketType.DEALER, routing_id=b"me")
    world.run(1)
    router.send([b"me", b"there"])
    world.refuse(SERVER)
    world.cut_all()
    world.run(1)
    with pytest.raises(ZMQError) as gone:
        router.send([b"me", b"not there"])
    assert gone.value.errno == Errno.EHOSTUNREACH


def half_open(world, net, **options):
    """A ROUTER with a link that is dead without its knowledge, and the DEALER that has connected anew."""
    router = net.bind(SocketType.ROUTER, **options)
    dealer = net.connect(SocketType.DEALER, routing_id=b"me", heartbeat_ivl=1000)
    dealer.send(b"hello")
    assert router.receive() == [b"me", b"hello"]
    (link,) = world.links(router, dealer)
    world.freeze(router, dealer)
    world.run_until(lambda: [new for new in world.links(router, dealer) if new is not link])
    world.run(1)
    return router, dealer


def test_handover_gives_a_routing_id_to_the_new_link_at_once(world, net):
    router, dealer = half_open(world, net, router_handover=1)
    router.send([b"me", b"on the new link"])
    assert dealer.receive() == b"on the new link"


def test_without_handover_the_half_open_link_keeps_the_routing_id(world, net):
    router, dealer = half_open(world, net)
    router.send([b"me", b"into the void"])
    world.run(10)
    assert try_receive(dealer) is None


def test_pair_keeps_its_one_peer_over_a_reconnect(world, net):
    bound, connected = net.bind(SocketType.PAIR), net.connect(SocketType.PAIR)
    for _ in range(3):
        bound.send(b"ping")
        assert connected.receive() == b"ping"
        connected.send(b"pong")
        assert bound.receive() == b"pong"
        world.cut_all()
        world.run(1)


def test_cut_in_the_middle_of_a_large_message_delivers_no_part_of_it(world, net):
    pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
    world.run(1)
    large = numbered(1, 1_000_000)
    world.network.bandwidth = 1_000_000
    push.send([large, b"tail"])
    world.run(0.5)
    world.cut_all()
    world.network.bandwidth = float("inf")
    # Not taken whole by the buffers of the wire: it is sent again on the next link, from its start.
    assert pull.receive() == [large, b"tail"]
    assert try_receive(pull) is None


def test_every_cut_during_the_handshake_is_survived(make_world):
    for step in range(1, 40):
        world = make_world(seed=step)
        net = Net(world)
        pull, push = net.bind(SocketType.PULL), net.connect(SocketType.PUSH)
        world.run(step * 0.00025)
        world.cut_all()
        world.run(1)
        assert try_send(push, b"hello")
        assert pull.receive() == b"hello"
