"""Peers of ZMTP 1.0 (RFC 13) and 2.0 (RFC 15), played byte by byte by plain sockets."""

import errno
import socket as plain

import pytest

from .tools import PATIENCE, refused, silent

SIGNATURE = b"\xff" + b"\0" * 7 + b"\x01\x7f"
ANONYMOUS = {1: b"\x01\x00", 2: b"\x00\x00"}  # the frame with the routing id

# Numbers of socket types: RFC 15.
PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH = range(9)


def frame(version, payload, more=False):
    """Return a frame of up to 253 bytes."""
    if version == 1:
        return bytes((len(payload) + 1, more)) + payload
    return bytes((more, len(payload))) + payload


class Old:
    """An old peer on a plain socket."""

    def __init__(self, socket, version, kind):
        self.socket, self.version = socket, version
        socket.settimeout(PATIENCE / 1000)
        # Version 0 is ZMTP 1.0 with a signature, which no peer is known to send.
        self.opening = b"" if version == 1 else SIGNATURE + bytes((version - 1, kind))

    def says(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def hears(self, *pieces):
        expected = b"".join(pieces)
        received = b""
        while len(received) < len(expected):
            piece = self.socket.recv(len(expected) - len(received))
            assert piece, f"closed after {received!r}"
            received += piece
        assert received == expected

    def greets(self, kind, routing_id=b"", mine=b""):
        """Shake hands with a socket of this type and routing id."""
        self.says(self.opening, frame(self.version, mine))
        self.hears(b"\xff" + (len(routing_id) + 1).to_bytes(8, "big") + b"\x7f")
        if self.version == 1:
            self.hears(routing_id)
        else:
            self.hears(b"\x03", bytes((kind,)), frame(2, routing_id))

    def sends(self, *parts):
        for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
            self.says(frame(self.version, part, left > 0))

    def receives(self, *parts):
        for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
            self.hears(frame(self.version, part, left > 0))

    def is_left(self):
        """Wait until the other side has closed."""
        try:
            while self.socket.recv(1000):
                pass
        except ConnectionResetError:
            pass


@pytest.fixture(params=[1, 2], ids=["1.0", "2.0"])
def version(request):
    return request.param


@pytest.fixture
def old(tcp, version):
    """Bind a socket, and have an old peer of this type connect; or connect a socket to it."""
    made = []

    def accepted(kind, old_kind, **options):
        socket, address = tcp.bind(kind, **options)
        made.append(plain.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))))
        return socket, Old(made[-1], version, old_kind)

    def connected(kind, old_kind, **options):
        with plain.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE / 1000)
            socket = tcp.connect(kind, f"tcp://127.0.0.1:{server.getsockname()[1]}", **options)
            made.append(server.accept()[0])
        return socket, Old(made[-1], version, old_kind)

    accepted.connected = connected
    yield accepted
    for socket in made:
        socket.close()


@pytest.mark.parametrize("connects", [False, True])
def test_pull_takes_what_an_old_push_sends(zmq, old, connects):
    pull, push = (old.connected if connects else old)(zmq.PULL, PUSH)
    push.greets(PULL)
    push.sends(b"hello")
    push.sends(b"first", b"", b"last")
    assert pull.recv_multipart() == [b"hello"]
    assert pull.recv_multipart() == [b"first", b"", b"last"]


@pytest.mark.parametrize("connects", [False, True])
def test_push_sends_to_an_old_pull(zmq, old, connects):
    push, pull = (old.connected if connects else old)(zmq.PUSH, PULL)
    pull.greets(PUSH)
    push.send(b"hello")
    push.send_multipart([b"first", b"", b"last"])
    pull.receives(b"hello")
    pull.receives(b"first", b"", b"last")


def test_routing_ids_are_exchanged(zmq, old):
    router, dealer = old(zmq.ROUTER, DEALER, routing_id=b"router")
    dealer.greets(ROUTER, b"router", mine=b"dealer")
    dealer.sends(b"question")
    assert router.recv_multipart() == [b"dealer", b"question"]
    router.send_multipart([b"dealer", b"answer"])
    dealer.receives(b"answer")


def test_an_old_req_gets_its_reply(zmq, old):
    rep, req = old(zmq.REP, REQ)
    req.greets(REP)
    for number in (b"1", b"2"):
        req.sends(b"", number)
        assert rep.recv() == number
        rep.send(b"re " + number)
        req.receives(b"", b"re " + number)


def test_an_old_rep_replies(zmq, old):
    req, rep = old.connected(zmq.REQ, REP)
    rep.greets(REQ)
    req.send(b"question")
    rep.receives(b"", b"question")
    rep.sends(b"", b"answer")
    assert req.recv() == b"answer"


def test_sub_subscribes_by_messages(zmq, old):
    sub, pub = old.connected(zmq.SUB, PUB)
    sub.subscribe(b"a")
    pub.greets(SUB)
    pub.receives(b"\x01a")
    pub.sends(b"a1")
    assert sub.recv() == b"a1"
    sub.unsubscribe(b"a")
    pub.receives(b"\x00a")


def test_a_publisher_understands_an_old_sub(zmq, old, version):
    xpub, sub = old(zmq.XPUB, SUB)
    sub.greets(9)  # XPUB
    if version == 1:
        assert xpub.recv() == b"\x01"  # libzmq 2 subscribes to nothing: it is sent everything
        xpub.send(b"everything")
        sub.receives(b"everything")
    sub.sends(b"\x01a")
    assert xpub.recv() == b"\x01a"
    xpub.send(b"a1")
    sub.receives(b"a1")


@pytest.mark.parametrize("size", [252, 253, 254, 255, 256, 70_000])
def test_frames_of_every_size(zmq, old, version, size):
    pair, other = old(zmq.PAIR, PAIR)
    other.greets(PAIR)
    payload = b"x" * size
    if version == 1:
        wire = bytes((size + 1, 0)) if size < 254 else b"\xff" + (size + 1).to_bytes(8, "big") + b"\0"
    else:
        wire = bytes((0, size)) if size < 256 else b"\x02" + size.to_bytes(8, "big")
    other.says(wire, payload)
    assert pair.recv() == payload
    pair.send(payload)
    other.hears(wire, payload)


def test_a_handshake_byte_by_byte(zmq, old):
    pull, push = old(zmq.PULL, PUSH)
    for byte in push.opening + frame(push.version, b"me") + frame(push.version, b"hello"):
        push.says(bytes((byte,)))
    assert pull.recv() == b"hello"


def test_maxmsgsize_holds_for_old_peers(zmq, old):
    pull, push = old(zmq.PULL, PUSH, maxmsgsize=10)
    push.greets(PULL)
    push.sends(b"x" * 10)
    assert pull.recv() == b"x" * 10
    push.sends(b"x" * 11)
    push.is_left()
    assert silent(pull)


def test_old_peers_do_not_get_past_a_password(zmq, old):
    pull, push = old(zmq.PULL, PUSH, plain_server=1)
    push.says(push.opening, frame(push.version, b""))
    push.is_left()
    assert silent(pull)


def test_old_peers_do_not_get_past_a_zap_domain(zmq, ctx, old):
    handler = ctx.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    pull, push = old(zmq.PULL, PUSH, zap_domain=b"global")
    push.says(push.opening, frame(push.version, b""))
    push.is_left()
    assert silent(pull)
    handler.close(0)


def test_an_old_peer_gets_no_heartbeats(zmq, old):
    push, pull = old(zmq.PUSH, PULL, heartbeat_ivl=1, heartbeat_timeout=5)
    pull.greets(PUSH)
    assert silent(push, 30)
    push.send(b"x")
    pull.receives(b"x")


def test_who_has_no_size_is_no_peer(zmq, old):
    pull, push = old(zmq.PULL, PUSH)
    push.says(b"\0" * 20)
    push.is_left()
    with refused(zmq, errno.EAGAIN):
        pull.recv(zmq.DONTWAIT)


@pytest.mark.ours_only
def test_old_types_must_fit(zmq, old, version):
    if version == 1:
        pytest.skip("ZMTP 1.0 does not tell the type")
    pull, other = old(zmq.PULL, DEALER)  # libzmq does not look
    other.says(other.opening, frame(2, b""))
    other.is_left()
    assert silent(pull)
