"""Options that change how sockets behave: CONFLATE, IMMEDIATE, timeouts, MAXMSGSIZE, and the rest."""

import errno
import time

import pytest

from .tools import Background, attend, drain, eventually, fill, refused, silent, take


def test_conflating_pull_keeps_the_last_message(zmq, inproc):
    pull, address = inproc.bind(zmq.PULL, conflate=1)
    push = inproc.connect(zmq.PUSH, address, conflate=1)
    for i in range(10):
        push.send(b"%d" % i)
    assert pull.recv() == b"9"
    assert silent(pull)


def test_conflating_sub_over_a_wire_keeps_the_last_message(zmq, wire):
    pub, address = wire.bind(zmq.PUB, sndhwm=0)
    sub = wire.connect(zmq.SUB, address, conflate=1, subscribe=b"")
    eventually(lambda: pub.send(b"start") or sub.poll(5))
    for i in range(1000):
        pub.send(b"%d" % i)
    last = b""
    while last != b"999":  # the last one is always kept, whatever is dropped before
        last = sub.recv()
    assert silent(sub)


def test_conflating_push_sends_the_last_message_when_a_peer_comes(zmq, wire):
    address = wire.absent()
    push = wire.connect(zmq.PUSH, address, conflate=1, reconnect_ivl=10)
    for i in range(10):
        push.send(b"%d" % i, zmq.DONTWAIT)
    pull = wire.bind_again(zmq.PULL, address)
    assert pull.recv() == b"9"
    assert silent(pull)


def test_conflating_dealer_keeps_the_last_message(zmq, inproc):
    dealer, address = inproc.bind(zmq.DEALER, conflate=1)
    peer = inproc.connect(zmq.DEALER, address, conflate=1)
    for i in range(5):
        peer.send(b"%d" % i)
    assert dealer.recv() == b"4"


@pytest.mark.ours_only  # libzmq keeps the last part of the last message, as if it were one
def test_conflation_keeps_messages_whole(zmq, net):
    pull, address = net.bind(zmq.PULL, conflate=1)
    push = net.connect(zmq.PUSH, address, conflate=1)
    for i in range(3):
        push.send_multipart([b"%d" % i, b"and more"])
    last = [b""]
    while last[0] != b"2":
        last = pull.recv_multipart()
        assert last[1:] == [b"and more"]


def test_conflate_does_nothing_for_types_that_need_every_message(zmq, inproc):
    one, address = inproc.bind(zmq.PAIR, conflate=1)
    other = inproc.connect(zmq.PAIR, address, conflate=1)
    for i in range(5):
        other.send(b"%d" % i)
    assert take(one, 5) == [b"0", b"1", b"2", b"3", b"4"]


def test_immediate_zero_queues_for_a_peer_that_is_not_there_yet(zmq, wire):
    first = wire.absent()
    present, second = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, first, second, reconnect_ivl=10)
    for i in range(4):
        push.send(b"%d" % i)
    assert take(present, 2) == [b"1", b"3"]
    assert take(wire.bind_again(zmq.PULL, first), 2) == [b"0", b"2"]


def test_immediate_one_sends_only_to_peers_that_are_there(zmq, wire):
    first = wire.absent()
    present, second = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, first, second, immediate=1)
    assert push.poll(5000, zmq.POLLOUT)
    for i in range(4):
        push.send(b"%d" % i)
    assert take(present, 4) == [b"0", b"1", b"2", b"3"]


def test_immediate_one_would_block_while_nobody_is_there(zmq, wire):
    address = wire.absent()
    push = wire.connect(zmq.PUSH, address, immediate=1, reconnect_ivl=10)
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)
    pull = wire.bind_again(zmq.PULL, address)
    push.send(b"at last")
    assert pull.recv() == b"at last"


def test_immediate_one_stops_sending_when_the_peer_leaves(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, address, immediate=1)
    push.send(b"hello")
    assert pull.recv() == b"hello"
    pull.close()
    eventually(lambda: not push.poll(0, zmq.POLLOUT))


def test_rcvtimeo_ends_a_receive(zmq, net):
    pull, _ = net.bind(zmq.PULL, rcvtimeo=50)
    start = time.monotonic()
    with pytest.raises(zmq.Again) as caught:
        pull.recv()
    assert caught.value.errno == errno.EAGAIN
    assert 0.045 <= time.monotonic() - start < 3


def test_sndtimeo_ends_a_send(zmq, net):
    push, _ = net.bind(zmq.PUSH, sndtimeo=50)
    start = time.monotonic()
    with pytest.raises(zmq.Again):
        push.send(b"nobody")
    assert 0.045 <= time.monotonic() - start < 3


@pytest.mark.parametrize("option, call", [("RCVTIMEO", "recv"), ("SNDTIMEO", "send")])
def test_timeout_zero_never_waits(zmq, inproc, option, call):
    pair, _ = inproc.bind(zmq.PAIR)
    pair.set(getattr(zmq, option), 0)
    with pytest.raises(zmq.Again):
        pair.recv() if call == "recv" else pair.send(b"")


def test_rcvtimeo_does_not_end_a_receive_that_gets_its_message(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    receiver = Background(pull.recv)
    push.send(b"in time")
    assert receiver.join() == b"in time"


def test_timeouts_can_change_on_a_live_socket(zmq, net):
    pull, _ = net.bind(zmq.PULL, rcvtimeo=-1)
    pull.set(zmq.RCVTIMEO, 1)
    with pytest.raises(zmq.Again):
        pull.recv()


def test_maxmsgsize_ends_the_link_of_a_peer_that_sends_more(zmq, wire):
    pull, address = wire.bind(zmq.PULL, maxmsgsize=100)
    honest, rude = wire.connect(zmq.PUSH, address), wire.connect(zmq.PUSH, address)
    honest.send(bytes(100))
    assert pull.recv() == bytes(100)
    rude.send(bytes(101))
    assert silent(pull)
    honest.send(b"still here")
    assert pull.recv() == b"still here"


def test_maxmsgsize_holds_for_each_part(zmq, wire):
    pull, address = wire.bind(zmq.PULL, maxmsgsize=100)
    push = wire.connect(zmq.PUSH, address)
    push.send_multipart([bytes(100)] * 3)
    assert pull.recv_multipart() == [bytes(100)] * 3


def test_routing_id_set_after_connect_holds_for_later_links_only(zmq, wire):
    router, address = wire.bind(zmq.ROUTER)
    dealer = wire.connect(zmq.DEALER, address, routing_id=b"early")
    dealer.send(b"")
    assert router.recv_multipart()[0] == b"early"
    dealer.set(zmq.ROUTING_ID, b"late")
    dealer.send(b"")
    assert router.recv_multipart()[0] == b"early"


def test_events_tell_both_directions(zmq, net):
    one, other = net.link(zmq.PAIR, zmq.PAIR)
    other.send(b"in")
    assert one.poll(5000)
    assert one.get(zmq.EVENTS) == zmq.POLLIN | zmq.POLLOUT
    one.recv()
    assert one.get(zmq.EVENTS) == zmq.POLLOUT


def test_type_is_the_type_of_the_socket(zmq, ctx):
    for kind in (zmq.PAIR, zmq.PUB, zmq.SUB, zmq.REQ, zmq.REP, zmq.DEALER, zmq.ROUTER, zmq.PULL, zmq.PUSH):
        with ctx.socket(kind) as socket:
            assert socket.get(zmq.TYPE) == kind


def test_unknown_socket_type_answers_einval(zmq, ctx):
    with refused(zmq, errno.EINVAL):
        ctx.socket(999)


def test_unknown_option_answers_einval(zmq, ctx):
    with ctx.socket(zmq.PAIR) as socket:
        with refused(zmq, errno.EINVAL):
            socket.set(9999, 1)
        with refused(zmq, errno.EINVAL):
            socket.get(9999)


def test_context_options_become_defaults_of_its_sockets(zmq, ctx):
    ctx.sndhwm = 17
    with ctx.socket(zmq.PUSH) as socket:
        assert socket.get(zmq.SNDHWM) == 17


def test_heartbeats_keep_a_silent_link(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, address, heartbeat_ivl=20, heartbeat_timeout=2000)
    push.send(b"before")
    assert pull.recv() == b"before"
    assert silent(pull, 200)
    push.send(b"after")
    assert pull.recv() == b"after"


def test_pub_conflates_for_each_subscriber(zmq, inproc):
    pub, address = inproc.bind(zmq.PUB, conflate=1)
    subs = [inproc.connect(zmq.SUB, address, conflate=1, subscribe=b"") for _ in range(2)]
    attend(zmq, pub)
    for i in range(5):
        pub.send(b"%d" % i)
    assert [drain(zmq, sub) for sub in subs] == [[b"4"], [b"4"]]


def test_hwm_of_later_links_follows_the_option(zmq, inproc):
    _, first = inproc.bind(zmq.PULL, rcvhwm=1)
    _, second = inproc.bind(zmq.PULL, rcvhwm=1)
    push = inproc.connect(zmq.PUSH, first, sndhwm=1)
    push.disconnect(first)
    push.set(zmq.SNDHWM, 9)
    push.connect(second)
    assert fill(zmq, push, most=100) == 10
