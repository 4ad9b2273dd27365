"""libzmq 2 (ZMTP 1.0) and 3.2 (ZMTP 2.0) themselves.

PUREZMQ_OLD_LIBZMQ names their shared libraries, with colons in between; without it these tests are skipped.
"""

from __future__ import annotations

import ctypes
import os
import socket as plain
from collections.abc import Iterator

import pytest

import purezmq as zmq

LIBRARIES = [path for path in os.environ.get("PUREZMQ_OLD_LIBZMQ", "").split(":") if path]
PATIENCE = 5000  # ms
SIZES = [0, 1, 252, 253, 254, 255, 256, 8192, 300_000]
RCVMORE, EVENTS, SUBSCRIBE, IDENTITY, LINGER, RCVTIMEO, SNDMORE = 13, 15, 6, 5, 17, 27, 2

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="PUREZMQ_OLD_LIBZMQ names no library")


class OldLibrary:
    """A context of an old libzmq."""

    def __init__(self, path: str) -> None:
        self.libzmq = ctypes.CDLL(path)
        for name in ("zmq_init", "zmq_socket", "zmq_msg_data"):
            getattr(self.libzmq, name).restype = ctypes.c_void_p
        self.libzmq.zmq_msg_size.restype = ctypes.c_size_t
        major = ctypes.c_int()
        self.libzmq.zmq_version(
            ctypes.byref(major), ctypes.byref(ctypes.c_int()), ctypes.byref(ctypes.c_int())
        )
        self.major = major.value
        self.send = self.libzmq.zmq_send if self.major == 2 else self.libzmq.zmq_sendmsg
        self.receive = self.libzmq.zmq_recv if self.major == 2 else self.libzmq.zmq_recvmsg
        self.context = ctypes.c_void_p(self.libzmq.zmq_init(1))
        self.sockets: list[OldSocket] = []

    def close(self) -> None:
        for socket in self.sockets:
            self.libzmq.zmq_close(socket.handle)
        self.libzmq.zmq_term(self.context)


class OldSocket:
    """A socket of an old libzmq."""

    def __init__(self, owner: OldLibrary, kind: int) -> None:
        self.owner, self.libzmq = owner, owner.libzmq
        self.handle = ctypes.c_void_p(self.libzmq.zmq_socket(owner.context, int(kind)))
        self.set(LINGER, ctypes.c_int(0))
        self.set(RCVTIMEO, ctypes.c_int(PATIENCE))
        owner.sockets.append(self)

    def set(self, option: int, value: ctypes.c_int | bytes) -> None:
        content = value if isinstance(value, bytes) else bytes(value)
        assert self.libzmq.zmq_setsockopt(self.handle, option, content, ctypes.c_size_t(len(content))) == 0

    def connect(self, endpoint: str) -> None:
        assert self.libzmq.zmq_connect(self.handle, endpoint.encode()) == 0

    def bind(self) -> str:
        """Bind to a port that nobody has."""
        with plain.create_server(("127.0.0.1", 0)) as server:
            endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert self.libzmq.zmq_bind(self.handle, endpoint.encode()) == 0
        return endpoint

    def send(self, *parts: bytes) -> None:
        for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
            message = ctypes.create_string_buffer(64)
            self.libzmq.zmq_msg_init_size(message, ctypes.c_size_t(len(part)))
            ctypes.memmove(self.libzmq.zmq_msg_data(message), part, len(part))
            assert self.owner.send(self.handle, message, SNDMORE if left else 0) >= 0

    def attend(self) -> None:
        """Have it take note of what its own threads told it."""
        events, length = ctypes.c_int64(), ctypes.c_size_t(8)
        self.libzmq.zmq_getsockopt(self.handle, EVENTS, ctypes.byref(events), ctypes.byref(length))

    def receive(self) -> list[bytes]:
        parts = []
        more = ctypes.c_int64(1)
        while more.value:
            message = ctypes.create_string_buffer(64)
            self.libzmq.zmq_msg_init(message)
            assert self.owner.receive(self.handle, message, 0) >= 0, "nothing came"
            size = self.libzmq.zmq_msg_size(message)
            parts.append(ctypes.string_at(self.libzmq.zmq_msg_data(message), size))
            self.libzmq.zmq_msg_close(message)
            more = ctypes.c_int64(0)  # an int of 64 bits in libzmq 2, of 32 in 3
            length = ctypes.c_size_t(8 if self.owner.major == 2 else 4)
            self.libzmq.zmq_getsockopt(self.handle, RCVMORE, ctypes.byref(more), ctypes.byref(length))
        return parts


class Pair:
    """Makes one of our sockets and one of theirs, and connects them."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], old: OldLibrary, ours_binds: bool) -> None:
        self.context, self.old, self.ours_binds = context, old, ours_binds

    def __call__(
        self, ours: int, theirs: int, routing_id: bytes = b""
    ) -> tuple[zmq.Socket[bytes], OldSocket]:
        socket, other = self.context.socket(ours), OldSocket(self.old, theirs)
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
        if routing_id:
            other.set(IDENTITY, routing_id)
        if self.ours_binds:
            other.connect(f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}")
        else:
            socket.connect(other.bind())
        return socket, other


@pytest.fixture(params=LIBRARIES or [""], ids=os.path.basename)
def old(request: pytest.FixtureRequest) -> Iterator[OldLibrary]:
    library = OldLibrary(request.param)
    yield library
    library.close()


@pytest.fixture(params=[True, False], ids=["ours-binds", "theirs-binds"])
def pair(request: pytest.FixtureRequest, old: OldLibrary) -> Iterator[Pair]:
    with zmq.Context() as context:
        yield Pair(context, old, request.param)
        context.destroy(linger=0)


def test_push_to_pull(pair: Pair) -> None:
    push, pull = pair(zmq.PUSH, zmq.PULL)
    for size in SIZES:
        push.send_multipart([b"x" * size, b"", b"y" * size])
    assert [pull.receive() for _ in SIZES] == [[b"x" * size, b"", b"y" * size] for size in SIZES]


def test_pull_from_push(pair: Pair) -> None:
    pull, push = pair(zmq.PULL, zmq.PUSH)
    for size in SIZES:
        push.send(b"x" * size)
        push.send(b"1", b"y" * size)
    for size in SIZES:
        assert pull.recv_multipart() == [b"x" * size]
        assert pull.recv_multipart() == [b"1", b"y" * size]


def test_req_to_rep(pair: Pair) -> None:
    req, rep = pair(zmq.REQ, zmq.REP)
    for number in (b"1", b"2"):
        req.send(number)
        assert rep.receive() == [number]
        rep.send(b"re", number)
        assert req.recv_multipart() == [b"re", number]


def test_rep_to_req(pair: Pair) -> None:
    rep, req = pair(zmq.REP, zmq.REQ)
    for number in (b"1", b"2"):
        req.send(number)
        assert rep.recv() == number
        rep.send(b"re " + number)
        assert req.receive() == [b"re " + number]


def test_router_knows_the_routing_id(pair: Pair) -> None:
    router, dealer = pair(zmq.ROUTER, zmq.DEALER, b"me")
    dealer.send(b"question")
    assert router.recv_multipart() == [b"me", b"question"]
    router.send_multipart([b"me", b"answer"])
    assert dealer.receive() == [b"answer"]


def test_sub_gets_its_topics(pair: Pair) -> None:
    sub, pub = pair(zmq.SUB, zmq.PUB)
    sub.subscribe(b"a")
    while not sub.poll(5):
        pub.send(b"a?")
    pub.send(b"b no")
    pub.send(b"a", b"yes")
    while sub.recv_multipart() != [b"a", b"yes"]:
        pass


def test_pub_sends_topics(pair: Pair) -> None:
    xpub, sub = pair(zmq.XPUB, zmq.SUB)
    sub.set(SUBSCRIBE, b"a")
    while not xpub.poll(5):
        sub.attend()
    assert xpub.recv() in (b"\x01", b"\x01a")  # libzmq 2 tells nothing, and is sent everything
    xpub.send(b"b no")
    xpub.send_multipart([b"a", b"yes"])
    assert sub.receive() == [b"a", b"yes"]
