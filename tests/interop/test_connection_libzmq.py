"""A Connection over a bare blocking socket against libzmq: the handshake both ways round, and traffic both ways."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from purezmq.constants import SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Command
from purezmq.core.options import SocketOptions

LARGE = bytes(range(256)) * 8192  # 2 MiB


class Wire:
    """`ours`: a Connection and the socket that it talks over."""

    def __init__(self, stream: socket.socket, kind: SocketType, peer: SocketType, **options: object) -> None:
        stored = SocketOptions.for_type(kind)
        for name, value in options.items():
            setattr(stored, name, value)
        announces = kind in (SocketType.REQ, SocketType.DEALER, SocketType.ROUTER)
        self.connection = Connection(kind, frozenset({peer}), stored, 0.0, announce_id=announces)
        self.stream = stream
        self.items: list = []
        self._pump(lambda: self.connection.peer is not None)

    def send(self, *items: object) -> None:
        for buffer in self.connection.encode(list(items)):
            self.stream.sendall(buffer)

    def receive(self) -> object:
        self._pump(lambda: bool(self.items))
        return self.items.pop(0)

    def answered(self) -> None:
        """Read until there is something to say, and say it."""
        self._pump(lambda: bool(self.connection.outgoing))

    def _pump(self, done: Callable[[], bool]) -> None:
        while not done():
            self._say()
            received = self.stream.recv(65536)
            assert received, "libzmq has closed the connection"
            self.connection.incoming.append(received)
            self.items += self.connection.receive(0.0, 1000)
            assert self.connection.failed is None
        self._say()

    def _say(self) -> None:
        for control in self.connection.outgoing:
            self.stream.sendall(control)
        self.connection.outgoing.clear()


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    with zmq.Context() as context:
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RCVTIMEO, 10_000)
        context.setsockopt(zmq.SNDTIMEO, 10_000)
        yield context
        context.destroy(0)


@pytest.fixture(params=["theirs binds", "theirs connects"])
def link(
    request: pytest.FixtureRequest, context: zmq.Context
) -> Iterator[Callable[..., tuple[Wire, zmq.Socket]]]:
    streams: list[socket.socket] = []

    def make(kind: SocketType, peer: SocketType, **options: object) -> tuple[Wire, zmq.Socket]:
        theirs = context.socket(int(peer))
        if request.param == "theirs binds":
            port = theirs.bind_to_random_port("tcp://127.0.0.1")
            stream = socket.create_connection(("127.0.0.1", port), timeout=10)
        else:
            with socket.create_server(("127.0.0.1", 0)) as server:
                server.settimeout(10)
                theirs.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}")
                stream, _ = server.accept()
            stream.settimeout(10)
        streams.append(stream)
        return Wire(stream, kind, peer, **options), theirs

    yield make
    for stream in streams:
        stream.close()


def test_ours_pushes_to_theirs(link):
    ours, theirs = link(SocketType.PUSH, SocketType.PULL)
    ours.send(b"a", b"", b"x" * 255, b"y" * 256, [b"1", b"", LARGE])
    assert [theirs.recv() for _ in range(4)] == [b"a", b"", b"x" * 255, b"y" * 256]
    assert theirs.recv_multipart() == [b"1", b"", LARGE]


def test_ours_pulls_from_theirs(link):
    ours, theirs = link(SocketType.PULL, SocketType.PUSH)
    sent = [b"a", b"", b"x" * 255, b"y" * 256, LARGE, *[b"run"] * 200]
    for message in sent:
        theirs.send(message)
    theirs.send_multipart([b"1", b"", b"3"])
    assert [ours.receive() for _ in sent] == sent
    assert ours.receive() == [b"1", b"", b"3"]


def test_ours_requests_and_theirs_replies(link):
    ours, theirs = link(SocketType.REQ, SocketType.REP)
    for number in range(3):
        ours.send([b"", b"question %d" % number])
        assert theirs.recv() == b"question %d" % number
        theirs.send(b"answer")
        assert ours.receive() == [b"", b"answer"]


def test_theirs_routes_by_the_id_that_ours_announces(link):
    ours, theirs = link(SocketType.DEALER, SocketType.ROUTER, routing_id=b"ours")
    ours.send(b"hello")
    assert theirs.recv_multipart() == [b"ours", b"hello"]
    theirs.send_multipart([b"ours", b"welcome"])
    assert ours.receive() == b"welcome"


def test_ours_learns_the_id_of_theirs(context):
    theirs = context.socket(zmq.DEALER)
    theirs.routing_id = b"theirs"
    port = theirs.bind_to_random_port("tcp://127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        ours = Wire(stream, SocketType.ROUTER, SocketType.DEALER)
        assert ours.connection.peer.routing_id == b"theirs"
        assert ours.connection.peer.socket_type == "DEALER"


def test_ours_subscribes_to_theirs(link):
    ours, theirs = link(SocketType.SUB, SocketType.XPUB)
    ours.send(Command(b"SUBSCRIBE", b"news"))
    assert theirs.recv() == b"\x01news"
    theirs.send(b"weather: rain")
    theirs.send(b"news: none")
    assert ours.receive() == b"news: none"
    ours.send(Command(b"CANCEL", b"news"))
    assert theirs.recv() == b"\x00news"


def test_theirs_subscribes_to_ours(link):
    ours, theirs = link(SocketType.PUB, SocketType.SUB)
    theirs.subscribe(b"news")
    with ThreadPoolExecutor(1) as thread:
        # A bound libzmq socket sends its subscriptions to a new peer only from within a call.
        received = thread.submit(theirs.recv)
        assert ours.receive() == Command(b"SUBSCRIBE", b"news")
        ours.send(b"news: some")
        assert received.result() == b"news: some"
    theirs.unsubscribe(b"news")
    assert ours.receive() == Command(b"CANCEL", b"news")


def test_ours_answers_the_pings_of_theirs(context):
    theirs = context.socket(zmq.PULL)
    theirs.heartbeat_ivl = 20
    theirs.heartbeat_timeout = 5_000
    port = theirs.bind_to_random_port("tcp://127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        ours = Wire(stream, SocketType.PUSH, SocketType.PULL)
        for _ in range(3):
            ours.answered()
        ours.send(b"still there")
        assert theirs.recv() == b"still there"


def test_theirs_answers_the_ping_of_ours(link):
    ours, _ = link(SocketType.PUSH, SocketType.PULL, heartbeat_ivl=1000)
    ours.connection.tick(1.0)
    assert b"".join(ours.connection.outgoing) == b"\x04\x07\x04PING\0\0"
    assert ours.connection.deadline() == 2.0
    ours._say()
    received = ours.stream.recv(100)
    assert received == b"\x04\x05\x04PONG"
    ours.connection.incoming.append(received)
    ours.connection.receive(1.5, 10)
    ours.connection.tick(2.0)
    assert ours.connection.failed is None
