"""ROUTER_RAW: a ROUTER that speaks plain TCP, as a STREAM does. Deprecated, and still there."""

import errno
import socket as plain

import pytest

from .tools import PATIENCE, eventually, refused


@pytest.fixture
def raw(zmq, tcp):
    """A bound ROUTER, and a plain socket that has connected."""
    router, address = tcp.bind(zmq.ROUTER, router_raw=1)
    with plain.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), PATIENCE / 1000) as peer:
        yield router, peer


def test_bytes_come_and_go_as_they_are(zmq, raw):
    router, peer = raw
    routing_id, note = router.recv_multipart()
    assert (len(routing_id), note) == (5, b"")
    peer.sendall(b"question")
    assert router.recv_multipart() == [routing_id, b"question"]
    router.send_multipart([routing_id, b"answer"])
    assert peer.recv(100) == b"answer"


def test_the_end_is_told(zmq, raw):
    router, peer = raw
    routing_id, _ = router.recv_multipart()
    peer.close()
    assert router.recv_multipart() == [routing_id, b""]


def test_an_empty_part_closes(zmq, raw):
    router, peer = raw
    routing_id, _ = router.recv_multipart()
    router.send_multipart([routing_id, b"last"])
    router.send_multipart([routing_id, b""])
    assert peer.recv(100) == b"last"
    peer.settimeout(0.005)

    def ended():
        router.poll(1)  # libzmq closes when the ROUTER is used next
        try:
            return peer.recv(100) == b""
        except TimeoutError:
            return False

    eventually(ended)


def test_nobody_is_sent_to_silently_unless_mandatory(zmq, raw):
    router, _ = raw
    router.send_multipart([b"nobody", b"x"])
    router.set(zmq.ROUTER_MANDATORY, 1)
    with refused(zmq, errno.EHOSTUNREACH):
        router.send_multipart([b"nobody", b"x"])


def test_it_connects_too(zmq, tcp):
    with plain.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE / 1000)
        router = tcp.socket(zmq.ROUTER, router_raw=1, connect_routing_id=b"server")
        router.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with server.accept()[0] as peer:
            peer.sendall(b"hello")
            assert router.recv_multipart() == [b"server", b""]
            assert router.recv_multipart() == [b"server", b"hello"]
