"""High-water marks. Exact counts are inproc's: there SNDHWM + RCVHWM messages fit between two sockets."""

import errno

import pytest

from .tools import Background, attend, drain, fill, refused, silent, take

UNLIMITED = 3000  # more than the default 1000 + 1000


@pytest.fixture(params=["PUSH-PULL", "DEALER-DEALER", "PAIR-PAIR", "DEALER-ROUTER"])
def types(request, zmq):
    """A sender that blocks at HWM, and who reads it."""
    return [getattr(zmq, name) for name in request.param.split("-")]


@pytest.mark.parametrize("sndhwm, rcvhwm", [(1, 1), (2, 3), (10, 5), (1, 100)])
def test_sndhwm_plus_rcvhwm_messages_fit(zmq, inproc, types, sndhwm, rcvhwm):
    _, address = inproc.bind(types[1], rcvhwm=rcvhwm)
    sender = inproc.connect(types[0], address, sndhwm=sndhwm)
    assert fill(zmq, sender, most=500) == sndhwm + rcvhwm


@pytest.mark.parametrize("sndhwm, rcvhwm", [(1, 1), (2, 3), (10, 5)])
def test_sndhwm_plus_rcvhwm_messages_fit_when_the_sender_binds(zmq, inproc, sndhwm, rcvhwm):
    push, address = inproc.bind(zmq.PUSH, sndhwm=sndhwm)
    inproc.connect(zmq.PULL, address, rcvhwm=rcvhwm)
    assert fill(zmq, push, most=500) == sndhwm + rcvhwm


@pytest.mark.parametrize("sndhwm, rcvhwm", [(0, 1), (1, 0), (0, 0)])
def test_hwm_zero_on_either_side_is_unlimited(zmq, inproc, types, sndhwm, rcvhwm):
    _, address = inproc.bind(types[1], rcvhwm=rcvhwm)
    sender = inproc.connect(types[0], address, sndhwm=sndhwm)
    assert fill(zmq, sender, most=UNLIMITED) == UNLIMITED


def test_hwm_is_1000_messages_by_default(zmq, inproc):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    assert (push.get(zmq.SNDHWM), pull.get(zmq.RCVHWM)) == (1000, 1000)
    assert fill(zmq, push) == 2000


def test_hwm_counts_messages_not_parts(zmq, inproc):
    _, address = inproc.bind(zmq.PULL, rcvhwm=2)
    push = inproc.connect(zmq.PUSH, address, sndhwm=2)
    assert fill(zmq, push, [b"many", b"parts", b"each"], most=500) == 4


def test_hwm_holds_for_each_peer(zmq, inproc):
    addresses = [inproc.bind(zmq.PULL, rcvhwm=3)[1] for _ in range(3)]
    push = inproc.connect(zmq.PUSH, *addresses, sndhwm=2)
    assert fill(zmq, push, most=500) == 15


def test_connecting_before_bind_holds_the_same_number(zmq, inproc):
    address = inproc.endpoint()
    push = inproc.connect(zmq.PUSH, address, sndhwm=2)
    pull = inproc.socket(zmq.PULL, rcvhwm=3)
    pull.bind(address)
    assert fill(zmq, push, most=500) == 5
    assert len(drain(zmq, pull)) == 5


@pytest.mark.parametrize("sndhwm", [1, 7])
def test_connected_push_queues_sndhwm_messages_while_nobody_is_there(zmq, wire, sndhwm):
    push = wire.connect(zmq.PUSH, wire.absent(), sndhwm=sndhwm)
    assert fill(zmq, push, most=500) == sndhwm


def test_drained_socket_takes_at_least_half_as_many_again(zmq, inproc, types):
    # libzmq's reader gives credit every (hwm + 1) / 2 messages, not after each.
    receiver, address = inproc.bind(types[1], rcvhwm=3)
    sender = inproc.connect(types[0], address, sndhwm=4)
    assert fill(zmq, sender, most=500) == 7
    for _ in range(5):
        drain(zmq, receiver)
        assert sender.poll(5000, zmq.POLLOUT)
        assert 4 <= fill(zmq, sender, most=500) <= 7


def test_full_socket_has_room_again_when_half_is_read(zmq, inproc):
    pull, address = inproc.bind(zmq.PULL, rcvhwm=5)
    push = inproc.connect(zmq.PUSH, address, sndhwm=5)
    assert fill(zmq, push) == 10
    take(pull, 5)
    assert push.poll(5000, zmq.POLLOUT)
    push.send(b"room", zmq.DONTWAIT)


def test_full_socket_is_not_writable(zmq, inproc, types):
    _, address = inproc.bind(types[1], rcvhwm=1)
    sender = inproc.connect(types[0], address, sndhwm=1)
    fill(zmq, sender)
    assert not sender.get(zmq.EVENTS) & zmq.POLLOUT
    assert not sender.poll(0, zmq.POLLOUT)


def test_full_socket_times_out(zmq, inproc, types):
    _, address = inproc.bind(types[1], rcvhwm=1)
    sender = inproc.connect(types[0], address, sndhwm=1, sndtimeo=20)
    fill(zmq, sender)
    with pytest.raises(zmq.Again):
        sender.send(b"too many")


def test_blocked_send_goes_on_when_the_peer_reads(zmq, inproc, types):
    receiver, address = inproc.bind(types[1], rcvhwm=1)
    sender = inproc.connect(types[0], address, sndhwm=1)
    assert fill(zmq, sender) == 2
    blocked = Background(sender.send, b"third")
    messages = [receiver.recv_multipart()[-1] for _ in range(3)]
    assert messages == [b"fill", b"fill", b"third"]
    blocked.join()


def test_refused_multipart_send_leaves_nothing_behind(zmq, inproc):
    pull, address = inproc.bind(zmq.PULL, rcvhwm=1)
    push = inproc.connect(zmq.PUSH, address, sndhwm=1)
    assert fill(zmq, push, [b"a", b"b"]) == 2
    assert take(pull, 2) == [[b"a", b"b"]] * 2
    assert push.poll(5000, zmq.POLLOUT)
    push.send_multipart([b"c", b"d"])
    assert pull.recv_multipart() == [b"c", b"d"]
    assert silent(pull)


def test_sndhwm_can_be_raised_on_a_live_socket(zmq, inproc):
    _, address = inproc.bind(zmq.PULL, rcvhwm=1)
    push = inproc.connect(zmq.PUSH, address, sndhwm=1)
    push.send(b"first")
    push.set(zmq.SNDHWM, 5)
    assert fill(zmq, push) == 5


def test_hwm_refuses_negative_numbers(zmq, inproc):
    push = inproc.socket(zmq.PUSH)
    for option in (zmq.SNDHWM, zmq.RCVHWM):
        with refused(zmq, errno.EINVAL):
            push.set(option, -1)


def test_hwm_property_sets_both(zmq, inproc):
    socket = inproc.socket(zmq.PAIR)
    socket.hwm = 7
    assert (socket.get(zmq.SNDHWM), socket.get(zmq.RCVHWM), socket.hwm) == (7, 7, 7)


def test_wire_push_blocks_when_the_pull_does_not_read_and_loses_nothing(zmq, wire):
    pull, address = wire.bind(zmq.PULL, rcvhwm=1, rcvbuf=4096)
    push = wire.connect(zmq.PUSH, address, sndhwm=1, sndbuf=4096, sndtimeo=100)
    sent = 0
    with pytest.raises(zmq.Again):
        for sent in range(500):
            push.send(b"%06d" % sent + bytes(100_000))
    assert 2 <= sent < 100
    assert [message[:6] for message in take(pull, sent)] == [b"%06d" % i for i in range(sent)]
    assert push.poll(5000, zmq.POLLOUT)


def test_pub_drops_what_a_full_subscriber_cannot_take(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=3)
    sub = inproc.connect(zmq.SUB, address, subscribe=b"m", rcvhwm=2)
    attend(zmq, pub)
    for i in range(20):
        pub.send(b"m%d" % i)
    assert drain(zmq, sub) == [b"m%d" % i for i in range(5)]


def test_pub_goes_on_with_a_subscriber_that_caught_up(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=2)
    sub = inproc.connect(zmq.SUB, address, subscribe=b"m", rcvhwm=2)
    attend(zmq, pub)
    for i in range(10):
        pub.send(b"m%d" % i)
    assert drain(zmq, sub) == [b"m0", b"m1", b"m2", b"m3"]
    attend(zmq, pub)
    pub.send(b"m again")
    assert sub.recv() == b"m again"


def test_pub_drops_only_for_the_full_subscriber(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=1)
    slow = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=1)
    fast = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=100)
    attend(zmq, pub)
    for i in range(10):
        pub.send(b"%d" % i)
    assert drain(zmq, slow) == [b"0", b"1"]
    assert drain(zmq, fast) == [b"%d" % i for i in range(10)]


def test_pub_drops_whole_messages(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=1)
    sub = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=2)
    attend(zmq, pub)
    for i in range(10):
        pub.send_multipart([b"%d" % i, b"tail"])
    assert drain(zmq, sub) == [[b"%d" % i, b"tail"] for i in range(3)]


def test_pub_is_always_writable(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=1)
    inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=1)
    attend(zmq, pub)
    for _ in range(5):
        pub.send(b"x")
    assert pub.get(zmq.EVENTS) == zmq.POLLOUT


def test_xpub_nodrop_refuses_what_one_subscriber_cannot_take(zmq, inproc):
    xpub, address = inproc.bind(zmq.XPUB, sndhwm=2, xpub_nodrop=1)
    sub = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=3)
    assert xpub.recv() == b"\x01"
    assert fill(zmq, xpub, most=500) == 5
    assert len(drain(zmq, sub)) == 5
    attend(zmq, xpub)
    assert 3 <= fill(zmq, xpub, most=500) <= 5


def test_xpub_nodrop_sends_to_nobody_when_one_is_full(zmq, inproc):
    xpub, address = inproc.bind(zmq.XPUB, sndhwm=1, xpub_nodrop=1)
    slow = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=1)
    fast = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=100)
    xpub.recv()
    attend(zmq, xpub)
    assert fill(zmq, xpub, most=500) == 2
    assert [len(drain(zmq, slow)), len(drain(zmq, fast))] == [2, 2]


def test_xpub_nodrop_blocks_until_the_subscriber_reads(zmq, inproc):
    xpub, address = inproc.bind(zmq.XPUB, sndhwm=1, xpub_nodrop=1)
    sub = inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=1)
    xpub.recv()
    fill(zmq, xpub)
    blocked = Background(xpub.send, b"third")
    assert take(sub, 3) == [b"fill", b"fill", b"third"]
    blocked.join()


def test_pub_nodrop_refuses_what_one_subscriber_cannot_take(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, sndhwm=2, xpub_nodrop=1)
    inproc.connect(zmq.SUB, address, subscribe=b"", rcvhwm=3)
    attend(zmq, pub)
    assert fill(zmq, pub, most=500) == 5


def test_router_drops_what_a_full_peer_cannot_take(zmq, inproc):
    router, address = inproc.bind(zmq.ROUTER, sndhwm=2)
    dealer = inproc.connect(zmq.DEALER, address, routing_id=b"me", rcvhwm=3)
    dealer.send(b"hello")
    router.recv_multipart()
    for i in range(20):
        router.send_multipart([b"me", b"%d" % i], zmq.DONTWAIT)
    assert drain(zmq, dealer) == [b"%d" % i for i in range(5)]


def test_mandatory_router_refuses_what_a_full_peer_cannot_take(zmq, inproc):
    router, address = inproc.bind(zmq.ROUTER, sndhwm=2, router_mandatory=1)
    dealer = inproc.connect(zmq.DEALER, address, routing_id=b"me", rcvhwm=3)
    dealer.send(b"hello")
    router.recv_multipart()
    assert fill(zmq, router, [b"me", b"x"], most=500) == 5
    assert len(drain(zmq, dealer)) == 5
    attend(zmq, router)
    assert 3 <= fill(zmq, router, [b"me", b"x"], most=500) <= 5


def test_mandatory_router_refuses_the_first_part_for_a_peer_that_is_full(zmq, inproc):
    router, address = inproc.bind(zmq.ROUTER, sndhwm=1, router_mandatory=1)
    full, roomy = (inproc.connect(zmq.DEALER, address, routing_id=name, rcvhwm=1) for name in (b"a", b"b"))
    for dealer in (full, roomy):
        dealer.send(b"hello")
        router.recv_multipart()
    fill(zmq, router, [b"a", b"x"])
    with pytest.raises(zmq.Again):
        router.send(b"a", zmq.SNDMORE | zmq.DONTWAIT)
    router.send(b"b", zmq.SNDMORE | zmq.DONTWAIT)
    router.send(b"y", zmq.DONTWAIT)
    assert roomy.recv() == b"y"


def test_mandatory_router_still_reaches_others_when_one_is_full(zmq, inproc):
    router, address = inproc.bind(zmq.ROUTER, sndhwm=1, router_mandatory=1)
    full, roomy = (inproc.connect(zmq.DEALER, address, routing_id=name, rcvhwm=1) for name in (b"a", b"b"))
    for dealer in (full, roomy):
        dealer.send(b"hello")
        router.recv_multipart()
    fill(zmq, router, [b"a", b"x"])
    router.send_multipart([b"b", b"y"], zmq.DONTWAIT)
    assert roomy.recv() == b"y"
