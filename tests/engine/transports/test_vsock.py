"""vsock: addresses as libzmq's development head reads them (PyZMQ's has no vsock); links where there is a loopback."""

import socket
from errno import EADDRNOTAVAIL, EINVAL, ENOENT

import pytest

import purezmq as zmq
from purezmq.utils.monitor import recv_monitor_message

ANY = 0xFFFFFFFF


def has_vsock():
    try:
        socket.socket(socket.AF_VSOCK).close()
    except (AttributeError, OSError):
        return False
    return True


pytestmark = pytest.mark.skipif(not has_vsock(), reason="this kernel has no AF_VSOCK: modprobe vsock")


def has_loopback():
    with socket.socket(socket.AF_VSOCK) as listening, socket.socket(socket.AF_VSOCK) as stream:
        try:
            listening.bind((ANY, ANY))
            listening.listen()
            stream.settimeout(0.3)
            stream.connect((1, listening.getsockname()[1]))
        except OSError:
            return False
    return True


@pytest.fixture
def ctx():
    with zmq.Context() as context:
        yield context
        context.destroy(linger=0)


@pytest.fixture
def pull(ctx):
    return ctx.socket(zmq.PULL)


def test_bind_at_any_port_tells_which(pull):
    pull.bind("vsock://*:*")
    scheme, _, port = pull.last_endpoint.decode().rpartition(":")
    assert scheme == "vsock://*"
    assert 0 < int(port) < ANY
    pull.unbind(pull.last_endpoint)
    with pytest.raises(zmq.ZMQError) as caught:
        pull.unbind(f"vsock://*:{port}")
    assert caught.value.errno == ENOENT


@pytest.mark.parametrize("address", ["*:-1", "-1:*"])
def test_minus_one_is_any(pull, address):
    pull.bind(f"vsock://{address}")
    assert pull.last_endpoint.startswith(b"vsock://*:")


@pytest.mark.parametrize(
    "given, told",
    [
        ("@:5555", "2:5555"),
        ("1:5555", "1:5555"),
        (" 1:+5555", "1:5555"),
        ("1x:5555y", "1:5555"),
        ("4294967294:0", "4294967294:0"),
        ("*:*", "*:*"),
    ],
)
def test_connect_tells_the_address_as_it_read_it(ctx, given, told):
    push = ctx.socket(zmq.PUSH)
    push.linger = 0
    push.connect(f"vsock://{given}")
    assert push.last_endpoint.decode() == f"vsock://{told}"
    push.disconnect(f"vsock://{given}")


@pytest.mark.parametrize("verb", ["bind", "connect"])
@pytest.mark.parametrize(
    "address", ["nonsense", "1", "1:", ":1", "x:1", "1:x", "-2:1", "4294967296:1", "1:4294967296", "@@:1"]
)
def test_what_is_no_address_is_einval(pull, verb, address):
    with pytest.raises(zmq.ZMQError) as caught:
        getattr(pull, verb)(f"vsock://{address}")
    assert caught.value.errno == EINVAL


def test_bind_at_another_machine_is_eaddrnotavail(pull):
    with pytest.raises(zmq.ZMQError) as caught:
        pull.bind("vsock://4294967290:5555")
    assert caught.value.errno == EADDRNOTAVAIL


def test_machine_that_is_not_there_is_tried_again(ctx):
    push = ctx.socket(zmq.PUSH)
    push.linger = 0
    push.connect_timeout = push.reconnect_ivl = 5
    monitor = push.get_monitor_socket(zmq.EVENT_CONNECT_RETRIED)
    push.connect("vsock://4294967290:5555")
    for _ in range(3):
        assert monitor.poll(5000)
        assert recv_monitor_message(monitor)["endpoint"] == b"vsock://4294967290:5555"


@pytest.mark.skipif(has_vsock() and not has_loopback(), reason="no loopback: modprobe vsock_loopback")
def test_messages_go_over_the_loopback(ctx, pull):
    push = ctx.socket(zmq.PUSH)
    pull.bind("vsock://*:*")
    push.connect(f"vsock://1:{pull.last_endpoint.rpartition(b':')[2].decode()}")
    for message in (b"", b"x" * 1_000_000):
        push.send(message)
        assert pull.recv() == message
