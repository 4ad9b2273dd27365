"""TCP_ACCEPT_FILTER and IPC_FILTER_*: who may connect. Deprecated, and still there."""

import errno
import os

import pytest

from .tools import PATIENCE, SILENCE, Net, refused


@pytest.fixture
def ipc(zmq, ctx, tmp_path):
    return Net(zmq, ctx, "ipc", tmp_path)


def check(zmq, net, let_in, *filters):
    """Check whether a PUSH reaches a PULL with these filters."""
    pull = net.socket(zmq.PULL)
    for name, value in filters:
        pull.set(getattr(zmq, name), value)
    pull.bind(net.endpoint())
    net.connect(zmq.PUSH, pull.get(zmq.LAST_ENDPOINT).decode()).send(b"x")
    assert bool(pull.poll(PATIENCE if let_in else SILENCE)) == let_in


@pytest.mark.parametrize(
    ("filters", "let_in"),
    [
        ([b"127.0.0.1"], True),
        ([b"127.0.0.0/8"], True),
        ([b"10.0.0.0/8"], False),
        ([b"10.0.0.0/8", b"127.0.0.1/32"], True),
        ([b"126.0.0.0/7"], True),
        ([b"128.0.0.0/1"], False),
        ([b"10.0.0.0/0"], True),
    ],
)
def test_tcp_filters_let_their_networks_in(zmq, tcp, filters, let_in):
    check(zmq, tcp, let_in, *[("TCP_ACCEPT_FILTER", text) for text in filters])


@pytest.mark.parametrize(
    "text", [b"", b"x", b"localhost", b"127.0.0.1/33", b"127.0.0.1/x", b"127.0.0.1/-1", b"::1", b"*"]
)
def test_what_is_no_network_is_refused(zmq, tcp, text):
    with refused(zmq, errno.EINVAL):
        tcp.socket(zmq.PULL).set(zmq.TCP_ACCEPT_FILTER, text)


def test_with_ipv6_filters_are_of_both_kinds(zmq, tcp):
    pull = tcp.socket(zmq.PULL, ipv6=1)
    pull.set(zmq.TCP_ACCEPT_FILTER, b"::1/128")


@pytest.mark.parametrize("name", ["IPC_FILTER_UID", "IPC_FILTER_GID", "IPC_FILTER_PID"])
def test_ipc_filters_let_those_in_that_they_name(zmq, ipc, name):
    mine = {"IPC_FILTER_UID": os.getuid(), "IPC_FILTER_GID": os.getgid(), "IPC_FILTER_PID": os.getpid()}[name]
    check(zmq, ipc, True, (name, mine))
    check(zmq, ipc, False, (name, mine + 12345))
    check(zmq, ipc, True, (name, mine + 12345), (name, mine))


def test_one_ipc_filter_suffices(zmq, ipc):
    check(zmq, ipc, True, ("IPC_FILTER_UID", os.getuid() + 12345), ("IPC_FILTER_PID", os.getpid()))
