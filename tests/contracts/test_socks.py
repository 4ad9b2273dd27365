"""SOCKS_PROXY: tcp through a SOCKS 5 proxy, which may refuse, talk nonsense, hang, or die.

In each test the link is made in the end: libzmq aborts the process when a socket is closed after its proxy refused.
"""

import errno
from importlib import import_module

import pytest

from .proxies import NO_PASSWORD, Proxy, answering, saying, serve, serve_users, silent
from .tools import exchange, refused, take

REFUSED = b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"


@pytest.fixture
def proxied(zmq, tcp):
    """Make a ROUTER and a DEALER that reaches it through a proxy with these scripts; close the proxy at the end."""
    proxies = []

    def make(*scripts, host="127.0.0.1", destination="127.0.0.1", monitored=False, **options):
        proxy = Proxy(*scripts, host=host)
        proxies.append(proxy)
        router, address = tcp.bind(zmq.ROUTER)
        port = address.rpartition(":")[2]
        options = {"reconnect_ivl": 10, "socks_proxy": proxy.address.encode(), **options}
        dealer = tcp.socket(zmq.DEALER, routing_id=b"dealer", **options)
        monitor = dealer.get_monitor_socket() if monitored else None
        dealer.connect(f"tcp://{destination}:{port}")
        return proxy, router, dealer, monitor

    yield make
    tcp.context.destroy(linger=0)
    for proxy in proxies:
        proxy.close()


def converse(router, dealer):
    """Check that messages go both ways."""
    dealer.send(b"question")
    assert router.recv_multipart() == [b"dealer", b"question"]
    router.send_multipart([b"dealer", b"answer"])
    assert dealer.recv() == b"answer"


def request_for(dealer, address, zmq):
    port = int(dealer.get(zmq.LAST_ENDPOINT).rpartition(b":")[2])
    return b"\x05\x01\x00" + address + port.to_bytes(2, "big")


def test_proxy_without_password_connects(zmq, proxied):
    proxy, router, dealer, _ = proxied(serve)
    converse(router, dealer)
    assert proxy.heard == [b"\x05\x01\x00", request_for(dealer, b"\x01\x7f\x00\x00\x01", zmq)]


def test_proxy_with_password_connects(zmq, proxied):
    proxy, router, dealer, _ = proxied(serve_users, socks_username=b"me", socks_password=b"secret")
    converse(router, dealer)
    assert proxy.heard[:2] == [b"\x05\x01\x02", b"\x01\x02me\x06secret"]


def test_password_without_user_name_is_not_offered(zmq, proxied):
    proxy, router, dealer, _ = proxied(serve, socks_password=b"secret")
    converse(router, dealer)
    assert proxy.heard[0] == b"\x05\x01\x00"


def test_proxy_that_wants_no_password_gets_none(zmq, proxied):
    proxy, router, dealer, _ = proxied(serve, socks_username=b"me", socks_password=b"secret")
    converse(router, dealer)
    assert len(proxy.heard) == 2


@pytest.mark.parametrize(
    "destination, address",
    [
        ("somewhere.invalid", b"\x03\x11somewhere.invalid"),
        ("localhost", b"\x03\x09localhost"),
        ("127.1", b"\x01\x7f\x00\x00\x01"),
        ("[::1]", b"\x04" + bytes(15) + b"\x01"),
        ("[::1%lo]", b"\x03\x06::1%lo"),
    ],
)
def test_proxy_is_told_a_name_as_it_is_and_an_address_packed(zmq, proxied, destination, address):
    proxy, router, dealer, _ = proxied(serve, destination=destination)
    converse(router, dealer)
    assert proxy.heard[1] == request_for(dealer, address, zmq)


def test_proxy_may_be_a_name(zmq, proxied, tcp):
    proxy, router, dealer, _ = proxied(serve)
    other = tcp.socket(zmq.DEALER, socks_proxy=proxy.address.replace("127.0.0.1", "localhost").encode())
    converse(router, dealer)
    dealer.close()
    other.connect(router.get(zmq.LAST_ENDPOINT).decode())
    other.send(b"by name")
    assert router.recv_multipart()[1] == b"by name"


def test_proxy_may_be_reached_by_ipv6(zmq, proxied):
    _, router, dealer, _ = proxied(serve, host="::1", ipv6=1)
    converse(router, dealer)


def test_link_that_breaks_is_made_anew_through_the_proxy(zmq, proxied):
    def cut(proxy, stream):
        proxy.hear_methods(stream)
        stream.sendall(NO_PASSWORD)
        proxy.hear_request(stream)
        stream.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00\xff")  # as if a peer had begun to greet

    proxy, router, dealer, _ = proxied(cut, serve)
    converse(router, dealer)
    assert len(proxy.heard) == 4


@pytest.mark.parametrize(
    "script",
    [
        answering(REFUSED),
        answering(b"\x05\x00\x00"),
        answering(b"\x05\x00\x00\x09\x00\x00"),
        answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        saying(b"\x05\xff"),
        saying(b"\x04\x00"),
        saying(b"\x05"),
        saying(b""),
        saying(NO_PASSWORD),
    ],
    ids=[
        "refuses",
        "half",
        "no address",
        "http",
        "no method",
        "socks 4",
        "half method",
        "gone",
        "gone midway",
    ],
)
def test_proxy_that_does_not_connect_is_asked_again(zmq, proxied, script):
    _, router, dealer, monitor = proxied(script, serve, monitored=True)
    converse(router, dealer)
    names = [event.name for event in events_until(zmq, monitor, zmq.Event.HANDSHAKE_SUCCEEDED)]
    assert names == [
        "CONNECT_DELAYED",
        "CLOSED",
        "CONNECT_RETRIED",
        "CONNECT_DELAYED",
        "CONNECTED",
        "HANDSHAKE_SUCCEEDED",
    ]


def events_until(zmq, monitor, last):
    """Return the events up to this one."""
    found = []
    while not found or found[-1] != last:
        assert monitor.poll(5000), found
        found.append(receive(zmq, monitor)["event"])
    return found


def receive(zmq, monitor):
    return import_module(f"{zmq.__name__}.utils.monitor").recv_monitor_message(monitor)


def test_wrong_password_is_tried_again(zmq, proxied):
    script = answering(b"", login=b"\x01\x01")
    proxy, router, dealer, _ = proxied(script, serve_users, socks_username=b"me", socks_password=b"secret")
    converse(router, dealer)
    assert [heard[:1] for heard in proxy.heard] == [b"\x05", b"\x01", b"\x05", b"\x01", b"\x05"]


def test_events_name_the_proxy(zmq, proxied):
    proxy, router, dealer, monitor = proxied(serve, monitored=True)
    converse(router, dealer)
    for _ in range(3):
        assert receive(zmq, monitor)["endpoint"] == f"tcp://{proxy.address}".encode()


def test_last_endpoint_names_the_destination(zmq, proxied):
    _, router, dealer, _ = proxied(serve)
    converse(router, dealer)
    assert dealer.get(zmq.LAST_ENDPOINT) == router.get(zmq.LAST_ENDPOINT)


@pytest.mark.parametrize("net", ["ipc", "inproc"], indirect=True)
def test_proxy_is_for_tcp_only(zmq, net):
    rep, address = net.bind(zmq.REP)
    exchange(net.connect(zmq.REQ, address, socks_proxy=b"nowhere.invalid:1"), rep)


def test_proxy_is_not_for_what_binds(zmq, tcp):
    rep, address = tcp.bind(zmq.REP, socks_proxy=b"nowhere.invalid:1")
    exchange(tcp.connect(zmq.REQ, address), rep)


# -- beyond libzmq ---------------------------------------------------------------------------------------


@pytest.mark.ours_only
@pytest.mark.parametrize("option", ["handshake_ivl", "connect_timeout"])
def test_proxy_that_hangs_is_left(zmq, proxied, option):
    # libzmq waits for ever
    _, router, dealer, _ = proxied(silent, serve, **{option: 30})
    converse(router, dealer)


@pytest.mark.ours_only
def test_refusal_by_the_proxy_is_one_of_the_peer_for_reconnect_stop(zmq, proxied):
    # libzmq looks at RECONNECT_STOP only where there is no proxy
    proxy, _, _, monitor = proxied(
        answering(REFUSED), serve, reconnect_stop=zmq.RECONNECT_STOP_CONN_REFUSED, monitored=True
    )
    assert events_until(zmq, monitor, zmq.Event.CLOSED)[-1] == zmq.Event.CLOSED
    assert not monitor.poll(60)
    assert len(proxy.heard) == 2


@pytest.mark.ours_only
def test_proxy_that_is_nonsense_is_no_error_of_connect(zmq, tcp):
    # libzmq aborts the process when the socket is closed
    for proxy in (b"nonsense", b"a b:1", b"127.0.0.1:0"):
        tcp.connect(zmq.DEALER, "tcp://127.0.0.1:5555", socks_proxy=proxy, reconnect_ivl=-1)


@pytest.mark.ours_only
def test_name_that_socks_cannot_say_is_refused(zmq, tcp):
    # libzmq aborts the process
    dealer = tcp.socket(zmq.DEALER, socks_proxy=b"127.0.0.1:1")
    with refused(zmq, errno.EINVAL):
        dealer.connect(f"tcp://{'x' * 256}:5555")


@pytest.mark.ours_only
def test_connect_goes_through_the_proxy_from_the_source(zmq, proxied):
    _, router, dealer, _ = proxied(serve, destination="127.0.0.2:0;127.0.0.1")
    converse(router, dealer)


@pytest.mark.ours_only
def test_messages_queue_while_the_proxy_says_nothing(zmq, proxied):
    _, router, dealer, _ = proxied(silent, serve, handshake_ivl=100)
    for i in range(100):
        dealer.send(b"%d" % i, zmq.DONTWAIT)
    assert take(router, 100) == [[b"dealer", b"%d" % i] for i in range(100)]
