"""What udp descriptors are made with, and what the engine keeps of them."""

import socket

import pytest

import purezmq as zmq

GROUP = "239.255.77.78"


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context


def descriptor(made):
    """Return the plain socket under the one udp endpoint."""
    return made._core.pattern.pipes[0].link._socket


@pytest.mark.parametrize("hops, loop", [(1, 1), (7, 0)])
def test_multicast_options_are_those_of_the_connect(context, hops, loop):
    with context.socket(zmq.RADIO) as radio:
        radio.multicast_hops, radio.multicast_loop = hops, loop
        radio.connect(f"udp://127.0.0.1;{GROUP}:5555")
        made = descriptor(radio)
        assert made.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == hops
        assert made.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP) == loop
        interface = made.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4)
        assert interface == socket.inet_aton("127.0.0.1")


def test_unicast_leaves_multicast_options_alone(context):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as untouched, context.socket(zmq.RADIO) as radio:
        radio.multicast_hops = 7
        radio.connect("udp://127.0.0.1:5555")
        number = socket.IPPROTO_IP, socket.IP_MULTICAST_TTL
        assert descriptor(radio).getsockopt(*number) == untouched.getsockopt(*number)


def test_buffers_are_as_the_options_say(context):
    with context.socket(zmq.DISH) as dish:
        dish.rcvbuf = 20_000
        dish.bind("udp://127.0.0.1:*")
        assert descriptor(dish).getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 40_000  # Linux doubles it


def test_a_multicast_port_may_be_bound_twice(context):
    with context.socket(zmq.DISH) as one, context.socket(zmq.DISH) as other:
        one.bind(f"udp://127.0.0.1;{GROUP}:*")
        port = descriptor(one).getsockname()[1]
        other.bind(f"udp://127.0.0.1;{GROUP}:{port}")
        assert descriptor(other).getsockname()[1] == port


def test_interfaces_have_names(context):
    with context.socket(zmq.DISH) as dish, context.socket(zmq.DGRAM) as dgram:
        dish.bind(f"udp://lo;{GROUP}:*")
        dgram.bind("udp://lo:*")
        assert descriptor(dgram).getsockname()[0] == "127.0.0.1"


def test_a_dish_keeps_no_joins_for_udp(context):
    with context.socket(zmq.DISH) as dish:
        dish.bind("udp://127.0.0.1:*")
        for number in range(100):
            dish.join(str(number))
        assert not dish._core.pattern.pipes[0].outbox


def test_what_nobody_takes_is_not_kept(context):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with context.socket(zmq.RADIO) as radio:
        radio.connect(f"udp://127.0.0.1:{port}")
        for _ in range(100):
            radio.send(b"x", group="g")
        radio.get(zmq.EVENTS)
        assert not radio._core.pattern.pipes[0].outbox


@pytest.mark.parametrize("kind, method", [(zmq.DISH, "bind"), (zmq.DGRAM, "bind"), (zmq.RADIO, "connect")])
def test_unbind_and_disconnect_give_the_descriptor_back(context, kind, method):
    with context.socket(kind) as made:
        getattr(made, method)("udp://127.0.0.1:5999" if method == "connect" else "udp://127.0.0.1:*")
        plain = descriptor(made)
        (made.unbind if method == "bind" else made.disconnect)(made.get(zmq.LAST_ENDPOINT))
        assert plain.fileno() == -1
        assert made._core.pattern.pipes == []


def test_unread_datagrams_do_not_grow_the_inbox_past_its_limit(context):
    with context.socket(zmq.DGRAM) as dgram, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        dgram.rcvhwm = 3
        dgram.bind("udp://127.0.0.1:*")
        pipe = dgram._core.pattern.pipes[0]
        for _ in range(20):
            sender.sendto(b"x", descriptor(dgram).getsockname())
        while not pipe.paused:
            dgram.get(zmq.EVENTS)
        assert len(pipe.inbox) == 3
        assert len([dgram.recv_multipart() for _ in range(10)]) == 10


@pytest.mark.parametrize("host", [b"a" * 70 + b".b", b"..", b"\xe9" * 100, b"[", b"no such host"])
def test_address_that_cannot_be_one_loses_its_datagram_only(context, host):
    # Python looks at a host before the system does, and raises UnicodeError for some.
    with context.socket(zmq.DGRAM) as dgram, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        dgram.bind("udp://127.0.0.1:*")
        dgram.send_multipart([host + b":5", b"lost"])
        dgram.send_multipart([b"127.0.0.1:%d" % receiver.getsockname()[1], b"found"])
        assert receiver.recv(100) == b"found"
