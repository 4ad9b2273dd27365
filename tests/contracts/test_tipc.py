"""tipc: addresses as libzmq reads and spells them; links where the kernel has AF_TIPC."""

import errno
import os
import socket as plain

import pytest

from .tools import address_of, exchange, refused


def has_tipc():
    try:
        plain.socket(plain.AF_TIPC, plain.SOCK_STREAM).close()
    except (AttributeError, OSError):
        return False
    return True


needs_tipc = pytest.mark.skipif(not has_tipc(), reason="this kernel has no AF_TIPC: modprobe tipc")


@pytest.fixture
def service():
    return 1_000_000 + os.getpid()


@pytest.mark.parametrize(
    "given, told",
    [
        ("{5560,7}", "{5560, 7, 16777216}"),
        ("{5560, 7}", "{5560, 7, 16777216}"),
        ("{5560,7}@0.0.0", "{5560, 7, 0}"),
        ("{5560,7}@1.0.0", "{5560, 7, 16777216}"),
        ("{5560,0,99}", "{5560, 0, 99}"),
        ("{5560,7}behind", "{5560, 7, 16777216}"),
        ("<1.1.16:4711>", "<1.1.16:4711>"),
        ("<1.1.16:4711", "<1.1.16:4711>"),
    ],
)
def test_connect_tells_the_address_as_it_read_it(zmq, tcp, given, told):
    push = tcp.socket(zmq.PUSH, reconnect_ivl=-1)
    push.connect(f"tipc://{given}")
    assert address_of(zmq, push) == f"tipc://{told}"


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "{5560",
        "{1,0,0}",
        "{64,0}",
        "{5560,1,0}",
        "{5560,0}@x",
        "{5560,0}@1.2",
        "{,}",
        "<1.2:3>",
        "<*>",
    ],
)
def test_connect_to_what_is_no_address_is_refused(zmq, tcp, address):
    push = tcp.socket(zmq.PUSH)
    with pytest.raises(zmq.ZMQError):  # libzmq forgets to say why, except for <*>
        push.connect(f"tipc://{address}")


@pytest.mark.parametrize("address", ["nonsense", "{1,0,0}", "{5560,1,0}"])
def test_bind_to_what_is_no_address_is_refused(zmq, tcp, address):
    with pytest.raises(zmq.ZMQError):
        tcp.socket(zmq.PULL).bind(f"tipc://{address}")


def test_bind_to_the_port_of_a_node_is_einval(zmq, tcp):
    with refused(zmq, errno.EINVAL):
        tcp.socket(zmq.PULL).bind("tipc://<1.1.16:4711>")


@pytest.mark.skipif(has_tipc(), reason="this kernel has AF_TIPC")
def test_bind_without_tipc_in_the_kernel_is_eafnosupport(zmq, tcp, service):
    with refused(zmq, errno.EAFNOSUPPORT):
        tcp.socket(zmq.PULL).bind(f"tipc://{{{service},0,0}}")


@pytest.mark.ours_only
def test_domain_that_pythons_sockets_cannot_be_told_of_is_einval(zmq, tcp):
    with refused(zmq, errno.EINVAL):
        tcp.socket(zmq.PUSH).connect("tipc://{5560,7}@1.1.16")


@needs_tipc
def test_instance_of_a_service_is_found(zmq, tcp, service):
    rep = tcp.socket(zmq.REP)
    rep.bind(f"tipc://{{{service},0,9}}")
    exchange(tcp.connect(zmq.REQ, f"tipc://{{{service},7}}"), rep)


@needs_tipc
def test_random_port_is_told_and_found(zmq, tcp):
    rep = tcp.socket(zmq.REP)
    rep.bind("tipc://<*>")
    exchange(tcp.connect(zmq.REQ, address_of(zmq, rep)), rep)


@needs_tipc
def test_unbind_takes_the_service_as_it_was_given(zmq, tcp, service):
    rep = tcp.socket(zmq.REP)
    rep.bind(f"tipc://{{{service},0,0}}")
    rep.unbind(f"tipc://{{{service},0,0}}")
    with refused(zmq, errno.ENOENT):
        rep.unbind(f"tipc://{{{service},0,0}}")
