"""Options of descriptors, as the kernel tells them of the descriptors that a monitor names: accepted and connected."""

import os
import socket as plain
from importlib import import_module

import pytest

OPTIONS = {
    "tos": (0x28, plain.IPPROTO_IP, plain.IP_TOS, 0x28),
    "tcp_keepalive": (1, plain.SOL_SOCKET, plain.SO_KEEPALIVE, 1),
    "tcp_maxrt": (1234, plain.IPPROTO_TCP, plain.TCP_USER_TIMEOUT, 1234),
    "sndbuf": (20_000, plain.SOL_SOCKET, plain.SO_SNDBUF, 40_000),  # Linux doubles it
    "rcvbuf": (30_000, plain.SOL_SOCKET, plain.SO_RCVBUF, 60_000),
}
KEEPALIVE = {
    "tcp_keepalive_cnt": (5, plain.TCP_KEEPCNT),
    "tcp_keepalive_idle": (60, plain.TCP_KEEPIDLE),
    "tcp_keepalive_intvl": (7, plain.TCP_KEEPINTVL),
}


@pytest.fixture
def ends(zmq, tcp):
    """Make a link whose sides have these options; return a copy of each side's descriptor, accepted and connected."""
    kept = []

    def make(**options):
        monitors = []
        pull, push = (tcp.socket(kind, **options) for kind in (zmq.PULL, zmq.PUSH))
        for made, event in ((pull, zmq.EVENT_ACCEPTED), (push, zmq.EVENT_CONNECTED)):
            monitors.append(made.get_monitor_socket(event))
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.get(zmq.LAST_ENDPOINT).decode())
        push.send(b"x")
        assert pull.recv() == b"x"
        receive = import_module(f"{zmq.__name__}.utils.monitor").recv_monitor_message
        for monitor in monitors:
            kept.append(plain.socket(fileno=os.dup(receive(monitor)["value"])))
        return kept

    yield make
    for copy in kept:
        copy.close()


@pytest.mark.parametrize("name", OPTIONS)
def test_both_sides_have_the_option(ends, name):
    value, level, number, expected = OPTIONS[name]
    assert [end.getsockopt(level, number) for end in ends(**{name: value})] == [expected, expected]


def test_keepalive_has_its_numbers_on_both_sides(ends):
    options = {name: value for name, (value, _) in KEEPALIVE.items()}
    for end in ends(tcp_keepalive=1, **options):
        for value, number in KEEPALIVE.values():
            assert end.getsockopt(plain.IPPROTO_TCP, number) == value


def test_keepalive_may_be_off(ends):
    for end in ends(tcp_keepalive=0, tcp_keepalive_cnt=5):
        assert end.getsockopt(plain.SOL_SOCKET, plain.SO_KEEPALIVE) == 0


@pytest.mark.skipif(not hasattr(plain, "SO_BINDTODEVICE"), reason="this system has no SO_BINDTODEVICE")
def test_both_sides_are_bound_to_the_device(ends):
    for end in ends(bindtodevice=b"lo"):
        assert end.getsockopt(plain.SOL_SOCKET, plain.SO_BINDTODEVICE, 16).rstrip(b"\0") == b"lo"


@pytest.mark.usefixtures("drafts")
def test_both_sides_have_the_priority(ends):
    for end in ends(priority=3):
        assert end.getsockopt(plain.SOL_SOCKET, plain.SO_PRIORITY) == 3
