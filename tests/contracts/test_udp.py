"""udp: RADIO and DISH, unicast and multicast, and DGRAM against plain UDP sockets."""

import errno
import socket as plain

import pytest

from .tools import PATIENCE, refused, take

pytestmark = pytest.mark.usefixtures("drafts")

GROUP = "239.255.77.77"


@pytest.fixture
def port():
    """A port that nobody has."""
    with plain.socket(plain.AF_INET, plain.SOCK_DGRAM) as socket:
        socket.bind(("127.0.0.1", 0))
        return socket.getsockname()[1]


@pytest.fixture
def udp():
    """A plain socket."""
    with plain.socket(plain.AF_INET, plain.SOCK_DGRAM) as socket:
        socket.bind(("127.0.0.1", 0))
        socket.settimeout(PATIENCE / 1000)
        yield socket


def endpoint_of(socket):
    return f"udp://127.0.0.1:{socket.getsockname()[1]}"


def bound(net, kind, endpoint, **options):
    socket = net.socket(kind, **options)
    socket.bind(endpoint)
    return socket


def reach(radio, dish, group="reached"):
    """Send until the dish receives: libzmq binds, and connects, in the background."""
    dish.join(group)
    while not dish.poll(5):
        radio.send(b"?", group=group)
    radio.send(b"!", group=group)
    while dish.recv() != b"!":
        pass
    dish.leave(group.encode())


def asked(udp, dgram, port):
    """Have a plain socket reach a DGRAM; return the address that the DGRAM says."""
    while not dgram.poll(5):
        udp.sendto(b"?", ("127.0.0.1", port))
    udp.sendto(b"!", ("127.0.0.1", port))
    while True:
        address, data = dgram.recv_multipart()
        if data == b"!":
            return address


def test_dish_gets_the_groups_it_joined(zmq, tcp, port):
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    radio = tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}")
    reach(radio, dish)
    dish.join("a")
    dish.join("")
    radio.send(b"1", group="a")
    radio.send(b"no", group="b")
    radio.send(b"2")
    radio.send(b"", group="a")
    frames = [dish.recv(copy=False) for _ in range(3)]
    assert [(frame.bytes, frame.group) for frame in frames] == [(b"1", "a"), (b"2", ""), (b"", "a")]


def test_radio_sends_the_size_of_the_group_the_group_and_the_body(zmq, tcp, udp):
    radio = tcp.connect(zmq.RADIO, endpoint_of(udp))
    radio.send(b"body", group="group")
    assert udp.recv(100) == b"\x05groupbody"
    radio.send(b"body")
    assert udp.recv(100) == b"\x00body"
    radio.send(b"", group="g")
    assert udp.recv(100) == b"\x01g"


def test_radio_sends_to_everybody_it_is_connected_to(zmq, tcp, udp, port):
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    radio = tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}", endpoint_of(udp))
    reach(radio, dish)
    dish.join("a")
    radio.send(b"both", group="a")
    assert dish.recv() == b"both"
    while udp.recv(100) != b"\x01aboth":
        pass


@pytest.mark.parametrize("datagram", [b"", b"\x05grou", b"\x0f"])
def test_a_datagram_shorter_than_its_group_is_dropped(zmq, tcp, udp, port, datagram):
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    reach(tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}"), dish)
    for group in ("grou", "g", ""):
        dish.join(group)
    udp.sendto(datagram, ("127.0.0.1", port))
    udp.sendto(b"\x01gbody", ("127.0.0.1", port))
    assert dish.recv() == b"body"


def test_multicast_reaches_every_member(zmq, tcp, port):
    dishes = [bound(tcp, zmq.DISH, f"udp://127.0.0.1;{GROUP}:{port}") for _ in range(2)]
    radio = tcp.connect(zmq.RADIO, f"udp://127.0.0.1;{GROUP}:{port}")
    for dish in dishes:
        reach(radio, dish)
        dish.join("a")
    radio.send(b"all", group="a")
    assert [dish.recv() for dish in dishes] == [b"all"] * 2


def test_dgram_tells_who_sent_and_sends_to_whom_it_is_told(zmq, tcp, udp, port):
    dgram = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    address = asked(udp, dgram, port)
    assert address == b"127.0.0.1:%d\0" % udp.getsockname()[1]
    for reply_to in (address, address[:-1]):
        dgram.send_multipart([reply_to, b"back"])
        assert udp.recvfrom(100) == (b"back", ("127.0.0.1", port))


def test_dgram_carries_empty_datagrams(zmq, tcp, udp, port):
    dgram = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    address = asked(udp, dgram, port)
    udp.sendto(b"", ("127.0.0.1", port))
    assert dgram.recv_multipart() == [address, b""]
    dgram.send_multipart([address, b""])
    assert udp.recv(100) == b""


def test_dgrams_speak_with_one_another(zmq, tcp, udp, port):
    one = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    asked(udp, one, port)
    with plain.socket(plain.AF_INET, plain.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        other_port = free.getsockname()[1]
    other = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{other_port}")
    asked(udp, other, other_port)
    one.send_multipart([b"127.0.0.1:%d" % other_port, b"question"])
    address, question = other.recv_multipart()
    assert question == b"question"
    other.send_multipart([address, b"answer"])
    assert one.recv_multipart() == [b"127.0.0.1:%d\0" % other_port, b"answer"]


@pytest.mark.parametrize("parts", [[b"one"], [b"127.0.0.1:1", b"2", b"3"]])
def test_dgram_sends_two_parts(zmq, tcp, port, parts):
    dgram = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    with refused(zmq, errno.EINVAL):
        dgram.send_multipart(parts)


@pytest.mark.parametrize("address", [b"nonsense", b"localhost:x", b"127.0.0.1:0", b":5555", b"127.0.0.1"])
def test_dgram_drops_what_has_no_address(zmq, tcp, udp, port, address):
    dgram = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    good = asked(udp, dgram, port)
    dgram.send_multipart([address, b"x"])
    dgram.send_multipart([good, b"y"])
    assert udp.recv(100) == b"y"


def test_dgram_has_its_thread_and_its_parts(zmq, tcp, port):
    dgram = bound(tcp, zmq.DGRAM, f"udp://127.0.0.1:{port}")
    assert dgram.get(zmq.THREAD_SAFE) == 0
    assert dgram.poll(0, zmq.POLLOUT)


@pytest.mark.parametrize(
    ("kind", "method"),
    [("RADIO", "bind"), ("DISH", "connect"), ("DGRAM", "connect"), ("PUB", "bind"), ("PUB", "connect")],
)
def test_udp_is_for_radio_to_connect_and_for_dish_and_dgram_to_bind(zmq, tcp, port, kind, method):
    with refused(zmq, zmq.ENOCOMPATPROTO):
        getattr(tcp.socket(getattr(zmq, kind)), method)(f"udp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "endpoint",
    [
        "udp://127.0.0.1",
        "udp://127.0.0.1:x",
        "udp://127.0.0.1;127.0.0.1:5555",
        "udp://239.0.0.1;239.0.0.1:5555",
    ],
)
@pytest.mark.parametrize(("kind", "method"), [("RADIO", "connect"), ("DISH", "bind"), ("DGRAM", "bind")])
def test_an_address_that_is_none_is_refused(zmq, tcp, endpoint, kind, method):
    with refused(zmq, errno.EINVAL):
        getattr(tcp.socket(getattr(zmq, kind)), method)(endpoint)


def test_radio_needs_a_port(zmq, tcp):
    with refused(zmq, errno.EINVAL):
        tcp.socket(zmq.RADIO).connect("udp://127.0.0.1:*")


@pytest.mark.ours_only
def test_a_free_port_can_be_had_and_is_told(zmq, tcp):
    dish = bound(tcp, zmq.DISH, "udp://127.0.0.1:*")  # libzmq's LAST_ENDPOINT says 127.0.0.1:*
    endpoint = dish.get(zmq.LAST_ENDPOINT).decode()
    dish.join("a")
    radio = tcp.connect(zmq.RADIO, endpoint)
    radio.send(b"x", group="a")
    assert dish.recv() == b"x"
    radio.disconnect(endpoint)
    radio.send(b"nobody", group="a")
    dish.unbind(endpoint)
    again = bound(tcp, zmq.DISH, endpoint)
    assert again.get(zmq.LAST_ENDPOINT).decode() == endpoint


@pytest.mark.ours_only
def test_a_port_in_use_is_told_at_once(zmq, tcp):
    dish = bound(tcp, zmq.DISH, "udp://127.0.0.1:*")
    with refused(zmq, errno.EADDRINUSE):
        bound(tcp, zmq.DGRAM, dish.get(zmq.LAST_ENDPOINT).decode())


@pytest.mark.ours_only
def test_dgram_is_bound_once(zmq, tcp):
    dgram = bound(tcp, zmq.DGRAM, "udp://127.0.0.1:*")
    with refused(zmq, errno.EADDRINUSE):
        dgram.bind("udp://127.0.0.1:*")


@pytest.mark.ours_only
@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://dgram"])
@pytest.mark.parametrize("method", ["bind", "connect"])
def test_dgram_is_for_udp_only(zmq, tcp, endpoint, method):
    with refused(zmq, zmq.ENOCOMPATPROTO):
        getattr(tcp.socket(zmq.DGRAM), method)(endpoint)


@pytest.mark.ours_only
def test_ipv6_unicast(zmq, tcp):
    try:
        with plain.socket(plain.AF_INET6, plain.SOCK_DGRAM) as socket:
            socket.bind(("::1", 0))
    except OSError as reason:
        pytest.skip(f"no IPv6 here: {reason}")
    dgram = bound(tcp, zmq.DGRAM, "udp://[::1]:*", ipv6=1)
    with plain.socket(plain.AF_INET6, plain.SOCK_DGRAM) as peer:
        peer.bind(("::1", 0))
        peer.settimeout(PATIENCE / 1000)
        peer.sendto(b"x", ("::1", int(dgram.get(zmq.LAST_ENDPOINT).decode().rpartition(":")[2])))
        address, data = dgram.recv_multipart()
        assert (address, data) == (b"[::1]:%d\0" % peer.getsockname()[1], b"x")
        dgram.send_multipart([address, b"y"])
        assert peer.recv(10) == b"y"


@pytest.mark.ours_only
def test_a_full_dish_stops_reading_and_goes_on(zmq, tcp):
    dish = bound(tcp, zmq.DISH, "udp://127.0.0.1:*", rcvhwm=2)
    dish.join("a")
    radio = tcp.connect(zmq.RADIO, dish.get(zmq.LAST_ENDPOINT).decode())
    for number in range(6):
        radio.send(b"%d" % number, group="a")
    assert take(dish, 6) == [b"%d" % number for number in range(6)]


@pytest.mark.ours_only
def test_a_datagram_that_is_too_large_is_dropped(zmq, tcp, udp):
    radio = tcp.connect(zmq.RADIO, endpoint_of(udp))  # libzmq writes past its buffer
    radio.send(b"x" * 70_000, group="a")
    radio.send(b"y" * 20_000, group="a")
    assert udp.recv(65536) == b"\x01a" + b"y" * 20_000


# The first interface that has a link-local address.
INTERFACE = next((row.split()[5] for row in open("/proc/net/if_inet6") if row.split()[3] == "20"), None)


@pytest.mark.skipif(INTERFACE is None, reason="no interface has a link-local address")
@pytest.mark.parametrize("address", ["{interface};[ff02::4d]:{port}", "[ff02::4d%{interface}]:{port}"])
def test_ipv6_multicast_reaches_every_member(zmq, tcp, port, address):
    endpoint = f"udp://{address.format(interface=INTERFACE, port=port)}"
    dishes = [bound(tcp, zmq.DISH, endpoint, ipv6=1) for _ in range(2)]
    radio = tcp.socket(zmq.RADIO, ipv6=1)
    radio.connect(endpoint)
    for dish in dishes:
        reach(radio, dish)
    for dish in dishes:
        while dish.poll(0):
            dish.recv()
        dish.join("all")
    radio.send(b"x", group="all")
    assert [dish.recv() for dish in dishes] == [b"x", b"x"]


def test_a_group_of_more_than_255_bytes_is_refused(zmq, tcp, port):
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    with refused(zmq, errno.EINVAL):
        dish.join("x" * 256)


@pytest.mark.ours_only
def test_a_group_may_have_255_bytes(zmq, tcp, port):
    # libzmq aborts the process
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    radio = tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}")
    reach(radio, dish, group="x" * 255)


@pytest.mark.ours_only
@pytest.mark.parametrize("told, there", [(255, 254), (255, 0), (128, 127)])
def test_a_datagram_that_lies_about_a_long_group_is_dropped(zmq, tcp, udp, port, told, there):
    # libzmq takes a size above 127 for a negative one, and aborts the process
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}")
    reach(tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}"), dish)
    dish.join("")
    if there:
        dish.join("x" * there)
    udp.sendto(bytes((told,)) + b"x" * there, ("127.0.0.1", port))
    udp.sendto(b"\x00fine", ("127.0.0.1", port))
    assert dish.recv() == b"fine"


@pytest.mark.ours_only
def test_a_device_that_is_not_there_is_enodev(zmq, tcp, port):
    # libzmq says nothing, and carries nothing
    for kind, method in ((zmq.DISH, "bind"), (zmq.RADIO, "connect")):
        with refused(zmq, errno.ENODEV):
            getattr(tcp.socket(kind, bindtodevice=b"nosuch0"), method)(f"udp://127.0.0.1:{port}")


@pytest.mark.skipif(not hasattr(plain, "SO_BINDTODEVICE"), reason="this system has no SO_BINDTODEVICE")
@pytest.mark.ours_only
def test_what_comes_by_the_device_is_received(zmq, tcp, port):
    # not every build of libzmq knows BINDTODEVICE, and none says so
    dish = bound(tcp, zmq.DISH, f"udp://127.0.0.1:{port}", bindtodevice=b"lo")
    reach(tcp.connect(zmq.RADIO, f"udp://127.0.0.1:{port}", bindtodevice=b"lo"), dish)
