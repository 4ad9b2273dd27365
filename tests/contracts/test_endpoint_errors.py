"""Endpoints that bind and connect refuse, and with which errno."""

import errno

import pytest

from .tools import address_of, refused


def test_ipv6_address_without_the_option_is_refused(zmq, tcp):
    with refused(zmq, errno.ENODEV):
        tcp.socket(zmq.PULL).bind("tcp://[::1]:*")


def test_ipc_path_too_long_answers_enametoolong(zmq, inproc):
    path = "/tmp/" + "x" * 103
    for attempt in (inproc.socket(zmq.PULL).bind, inproc.socket(zmq.PUSH).connect):
        with refused(zmq, errno.ENAMETOOLONG):
            attempt("ipc://" + path)


@pytest.mark.parametrize(
    "endpoint, code",
    [
        ("", errno.EINVAL),
        ("no-scheme", errno.EINVAL),
        ("://", errno.EINVAL),
        ("tcp://", errno.EINVAL),
        ("tcp:127.0.0.1:1", errno.EINVAL),
        ("inproc://", errno.EINVAL),
        ("tcp://127.0.0.1", errno.EINVAL),
        ("tcp://127.0.0.1:", errno.EINVAL),
        ("tcp://127.0.0.1:port", errno.EINVAL),
        ("tcp://127.0.0.1:65536", errno.EINVAL),
        ("tcp://no-such-interface0:*", errno.ENODEV),
        ("ipc://@", errno.EINVAL),
        ("ipc:///no/such/folder/s", errno.ENOENT),
        ("unknown://x", errno.EPROTONOSUPPORT),
        ("TCP://127.0.0.1:*", errno.EPROTONOSUPPORT),
        ("pgm://127.0.0.1;239.0.0.1:1", errno.EPROTONOSUPPORT),
    ],
)
def test_bind_refuses(zmq, inproc, endpoint, code):
    with refused(zmq, code):
        inproc.socket(zmq.PUB).bind(endpoint)


@pytest.mark.parametrize(
    "endpoint, code",
    [
        ("", errno.EINVAL),
        ("no-scheme", errno.EINVAL),
        ("tcp://", errno.EINVAL),
        ("inproc://", errno.EINVAL),
        ("tcp://127.0.0.1", errno.EINVAL),
        ("tcp://127.0.0.1:", errno.EINVAL),
        ("tcp://127.0.0.1:*", errno.EINVAL),
        ("tcp://127.0.0.1:port", errno.EINVAL),
        ("tcp://bad host:1", errno.EINVAL),
        ("tcp://*:1", errno.EINVAL),
        ("unknown://x", errno.EPROTONOSUPPORT),
        ("ipc://@", errno.EINVAL),
    ],
)
def test_connect_refuses(zmq, inproc, endpoint, code):
    with refused(zmq, code):
        inproc.socket(zmq.PUB).connect(endpoint)


def test_tcp_port_in_use_answers_eaddrinuse(zmq, tcp):
    _, address = tcp.bind(zmq.PULL)
    with refused(zmq, errno.EADDRINUSE):
        tcp.socket(zmq.PULL).bind(address)


def test_tcp_address_of_another_machine_is_refused(zmq, tcp):
    with pytest.raises(zmq.ZMQError) as caught:
        tcp.socket(zmq.PULL).bind("tcp://192.0.2.1:*")
    assert caught.value.errno in (errno.EADDRNOTAVAIL, errno.ENODEV)


@pytest.mark.parametrize("method", ["bind", "connect"])
def test_udp_is_for_other_types(zmq, tcp, method):
    with refused(zmq, zmq.ENOCOMPATPROTO):
        getattr(tcp.socket(zmq.PUSH), method)("udp://127.0.0.1:5555")


def test_error_names_the_address(zmq, inproc):
    with pytest.raises(zmq.ZMQError, match="unknown://x"):
        inproc.socket(zmq.PULL).bind("unknown://x")


def test_failed_bind_leaves_the_socket_usable(zmq, tcp):
    pull = tcp.socket(zmq.PULL)
    with pytest.raises(zmq.ZMQError):
        pull.bind("tcp://no-such-interface0:*")
    pull.bind("tcp://127.0.0.1:*")
    tcp.connect(zmq.PUSH, address_of(zmq, pull)).send(b"hello")
    assert pull.recv() == b"hello"
