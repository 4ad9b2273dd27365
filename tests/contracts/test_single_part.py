"""What the types whose messages have one part refuse, and what their frames bear. RFCs 41, 48, 49, 51, 52."""

import errno

import pytest

from .tools import refused

pytestmark = pytest.mark.usefixtures("drafts")

SENDERS = ["CLIENT", "SERVER", "RADIO", "SCATTER", "PEER", "CHANNEL"]
RECEIVERS = ["DISH", "GATHER"]


@pytest.fixture(params=SENDERS)
def sender(request, zmq, tcp):
    return tcp.bind(getattr(zmq, request.param))[0]


@pytest.fixture(params=RECEIVERS)
def receiver(request, zmq, tcp):
    return tcp.bind(getattr(zmq, request.param))[0]


def test_several_parts_are_refused(zmq, sender):
    with refused(zmq, errno.EINVAL):
        sender.send_multipart([b"1", b"2"], zmq.DONTWAIT)


def test_a_part_that_others_are_to_follow_is_refused(zmq, sender):
    with refused(zmq, errno.EINVAL):
        sender.send(b"1", zmq.SNDMORE | zmq.DONTWAIT)


def test_several_parts_are_refused_with_a_peer_and_none_of_them_is_sent(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"before")
    with refused(zmq, errno.EINVAL):
        client.send_multipart([b"1", b"2"])
    with refused(zmq, errno.EINVAL):
        client.send(b"1", zmq.SNDMORE)
    client.send(b"after")
    assert [server.recv(), server.recv()] == [b"before", b"after"]


def test_a_receiver_does_not_send(zmq, receiver):
    with refused(zmq, errno.ENOTSUP):
        receiver.send(b"x", zmq.DONTWAIT)


@pytest.mark.parametrize("kind", ["RADIO", "SCATTER"])
def test_a_sender_does_not_receive(zmq, tcp, kind):
    socket, _ = tcp.bind(getattr(zmq, kind))
    with refused(zmq, errno.ENOTSUP):
        socket.recv(zmq.DONTWAIT)


@pytest.mark.parametrize("kind", SENDERS + RECEIVERS)
def test_these_types_call_themselves_thread_safe(zmq, tcp, kind):
    socket, _ = tcp.bind(getattr(zmq, kind))
    assert socket.get(zmq.THREAD_SAFE) == 1


@pytest.mark.parametrize("kind", [*SENDERS, "GATHER"])
def test_only_dish_joins(zmq, tcp, kind):
    socket, _ = tcp.bind(getattr(zmq, kind))
    with refused(zmq, errno.ENOTSUP):
        socket.join("group")
    with refused(zmq, errno.ENOTSUP):
        socket.leave(b"group")


@pytest.mark.ours_only
def test_a_frame_has_no_routing_id_and_no_group_at_first(zmq):
    frame = zmq.Frame(b"x")
    assert (frame.routing_id, frame.group) == (0, "")


@pytest.mark.parametrize("routing_id", [1, 2**32 - 1])
def test_a_frame_takes_a_routing_id_of_32_bits(zmq, routing_id):
    frame = zmq.Frame(b"x")
    frame.routing_id = routing_id
    assert frame.routing_id == frame.get("routing_id") == routing_id


@pytest.mark.parametrize("routing_id", [-1, 2**32])
def test_a_frame_takes_no_routing_id_of_more_bits(zmq, routing_id):
    with pytest.raises(OverflowError):
        zmq.Frame(b"x").routing_id = routing_id


def test_0_is_no_routing_id(zmq):
    with refused(zmq, errno.EINVAL):
        zmq.Frame(b"x").routing_id = 0


@pytest.mark.parametrize("group", ["g", b"g", "", "ü", "x" * 255])
def test_a_frame_takes_a_group(zmq, group):
    frame = zmq.Frame(b"x")
    frame.group = group
    assert frame.group == frame.get("group") == (group.decode() if isinstance(group, bytes) else group)


def test_a_frame_bears_both(zmq):
    frame = zmq.Frame(b"x")
    frame.set("group", "g")
    frame.set("routing_id", 7)
    assert (frame.routing_id, frame.group) == (7, "g")


@pytest.mark.parametrize("attribute", ["routing_id", "group"])
def test_an_address_of_the_wrong_type_is_refused(zmq, attribute):
    with pytest.raises(TypeError):
        setattr(zmq.Frame(b"x"), attribute, None)


@pytest.mark.ours_only
@pytest.mark.parametrize("group", ["x" * 256, "a\0b"])
def test_a_group_that_libzmq_would_cut_is_refused(zmq, group):
    with refused(zmq, errno.EINVAL):
        zmq.Frame(b"x").group = group


def test_a_socket_without_addresses_ignores_them(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"1", routing_id=7)
    push.send(b"2", group="g")
    assert [pull.recv(), pull.recv()] == [b"1", b"2"]
