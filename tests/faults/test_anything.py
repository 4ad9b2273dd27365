"""STREAM and udp take anything at all from anybody: nothing is refused, nobody else notices, memory has a bound."""

import random
import socket as plain
import struct

import pytest

import purezmq as zmq

PATIENCE = 5000  # ms
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context
        context.destroy(linger=0)


def bound(context, kind, endpoint, **options):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = PATIENCE
    for name, value in options.items():
        setattr(socket, name, value)
    socket.bind(endpoint)
    return socket, int(socket.get(zmq.LAST_ENDPOINT).decode().rpartition(":")[2])


def echo(stream, port):
    """Check that a new connection is served."""
    with plain.create_connection(("127.0.0.1", port), PATIENCE / 1000) as peer:
        peer.sendall(b"still there?")
        while True:
            routing_id, data = stream.recv_multipart()
            if data == b"still there?":
                break
        stream.send_multipart([routing_id, b"yes"])
        assert peer.recv(3) == b"yes"


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_takes_random_bytes_and_random_ends(context, seed):
    chance = random.Random(seed)
    stream, port = bound(context, zmq.STREAM, "tcp://127.0.0.1:*")
    for _ in range(20):
        with plain.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(chance.randbytes(chance.choice([0, 1, 100, 20_000])))
            if chance.random() < 0.5:
                peer.setsockopt(plain.SOL_SOCKET, plain.SO_LINGER, RESET)
    echo(stream, port)


def test_a_stream_that_nobody_reads_keeps_no_more_than_its_limit(context):
    stream, port = bound(context, zmq.STREAM, "tcp://127.0.0.1:*", rcvhwm=4, rcvbuf=8192)
    with plain.create_connection(("127.0.0.1", port)) as peer:
        peer.setblocking(False)
        try:
            while True:
                peer.send(bytes(100_000))
                stream.get(zmq.EVENTS)
        except BlockingIOError:
            pass
        pipe = stream._core.pattern.pipes[0]
        assert len(pipe.inbox) <= 5  # and the note of the connection
        held = sum(map(len, pipe.link.connection.incoming))
        assert held <= 512 * 1024
        assert stream.recv_multipart()[1] == b""


def test_sending_to_a_peer_that_is_gone_hurts_nobody(context):
    stream, port = bound(context, zmq.STREAM, "tcp://127.0.0.1:*")
    with plain.create_connection(("127.0.0.1", port)) as peer:
        routing_id, _ = stream.recv_multipart()
        peer.setsockopt(plain.SOL_SOCKET, plain.SO_LINGER, RESET)
    with pytest.raises(zmq.ZMQError) as caught:
        while True:
            stream.send_multipart([routing_id, bytes(100_000)], zmq.DONTWAIT)
            stream.get(zmq.EVENTS)
    assert caught.value.errno in (zmq.EHOSTUNREACH, zmq.EAGAIN)
    echo(stream, port)


@pytest.mark.parametrize("kind", [zmq.DISH, zmq.DGRAM])
@pytest.mark.parametrize("seed", range(3))
def test_random_datagrams_are_messages_or_nothing(context, kind, seed):
    chance = random.Random(seed)
    socket, port = bound(context, kind, "udp://127.0.0.1:*")
    if kind == zmq.DISH:
        socket.join("end")
    with plain.socket(plain.AF_INET, plain.SOCK_DGRAM) as sender:
        for _ in range(100):
            sender.sendto(chance.randbytes(chance.choice([0, 1, 2, 50, 300, 9000])), ("127.0.0.1", port))
            while socket.poll(0):
                socket.recv_multipart()
        sender.sendto(b"\x03endbody", ("127.0.0.1", port))
    while socket.recv_multipart()[-1] not in (b"body", b"\x03endbody"):
        pass


def test_a_dish_over_tcp_ends_whoever_speaks_otherwise_and_serves_the_others(context):
    dish, port = bound(context, zmq.DISH, "tcp://127.0.0.1:*")
    dish.join("g")
    greeting = b"\xff" + b"\0" * 7 + b"\x01\x7f\x03\x01NULL" + b"\0" * 48
    ready = b"\x04\x1b\x05READY\x0bSocket-Type\0\0\0\x05RADIO"
    with plain.create_connection(("127.0.0.1", port), PATIENCE / 1000) as stranger:
        stranger.sendall(greeting + ready + b"\x00\x05alone")
        while stranger.recv(1000):
            dish.get(zmq.EVENTS)
    radio = context.socket(zmq.RADIO)
    radio.connect(f"tcp://127.0.0.1:{port}")
    while not dish.poll(5):
        radio.send(b"x", group="g")
    assert dish.recv() == b"x"
