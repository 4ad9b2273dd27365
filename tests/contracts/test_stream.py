"""STREAM against plain TCP sockets: routing ids, notes of connections made and lost, closing by an empty message."""

import errno
import socket as plain

import pytest

from .tools import PATIENCE, attend, eventually, refused, silent


@pytest.fixture
def stream(zmq, tcp):
    """A bound STREAM and its port."""
    socket, address = tcp.bind(zmq.STREAM)
    return socket, int(address.rpartition(":")[2])


@pytest.fixture
def dial():
    """Connect plain sockets; they are closed at the end."""
    made = []

    def connect(port):
        made.append(plain.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000))
        return made[-1]

    yield connect
    for socket in made:
        socket.close()


@pytest.fixture
def listener():
    """A plain listening socket."""
    with plain.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE / 1000)
        yield server


def address_of(server):
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def accept(server):
    socket, _ = server.accept()
    socket.settimeout(PATIENCE / 1000)
    return socket


def read(socket, size):
    """Receive so many bytes from a plain socket."""
    received = b""
    while len(received) < size:
        piece = socket.recv(size - len(received))
        assert piece, f"closed after {len(received)} bytes"
        received += piece
    return received


def ended(zmq, socket, stream):
    """Return whether the plain socket is at its end; libzmq closes when the STREAM is used next."""
    stream.poll(1)
    socket.settimeout(0.005)
    try:
        return socket.recv(1) == b""
    except TimeoutError:
        return False


def test_stream_tells_of_a_connection_and_of_its_end(zmq, stream, dial):
    socket, port = stream
    peer = dial(port)
    routing_id, note = socket.recv_multipart()
    assert (len(routing_id), routing_id[:1], note) == (5, b"\0", b"")
    peer.sendall(b"hello")
    assert socket.recv_multipart() == [routing_id, b"hello"]
    peer.close()
    assert socket.recv_multipart() == [routing_id, b""]


def test_stream_tells_its_latest_routing_id(zmq, stream, dial):
    socket, port = stream
    dial(port)
    routing_id, _ = socket.recv_multipart()
    assert socket.get(zmq.ROUTING_ID) == routing_id


def test_stream_answers_by_routing_id(zmq, stream, dial):
    socket, port = stream
    peers = [dial(port) for _ in range(3)]
    for number, peer in enumerate(peers):
        peer.sendall(b"%d" % number)
    answered = 0
    while answered < 3:
        routing_id, data = socket.recv_multipart()
        if data:
            socket.send_multipart([routing_id, b"to " + data])
            answered += 1
    assert [read(peer, 4) for peer in peers] == [b"to 0", b"to 1", b"to 2"]


def test_stream_receives_what_a_peer_sent_before_it_left(zmq, stream, dial):
    socket, port = stream
    peer = dial(port)
    peer.sendall(b"last words")
    peer.close()
    routing_id, _ = socket.recv_multipart()
    assert socket.recv_multipart() == [routing_id, b"last words"]
    assert socket.recv_multipart() == [routing_id, b""]


def test_stream_receives_pieces_of_up_to_8192_bytes(zmq, stream, dial):
    socket, port = stream
    peer = dial(port)
    socket.recv_multipart()
    sent = bytes(range(256)) * 400
    peer.sendall(sent)
    pieces = []
    while sum(map(len, pieces)) < len(sent):
        pieces.append(socket.recv_multipart()[1])
    assert b"".join(pieces) == sent
    assert max(map(len, pieces)) <= 8192


def test_stream_without_notify_tells_only_data(zmq, tcp, dial):
    socket, address = tcp.bind(zmq.STREAM, stream_notify=0)
    peer = dial(int(address.rpartition(":")[2]))
    peer.sendall(b"x")
    assert socket.recv_multipart()[1] == b"x"
    peer.close()
    assert silent(socket)


def test_stream_notify_counts_for_later_binds_only(zmq, stream, dial):
    socket, port = stream
    socket.set(zmq.STREAM_NOTIFY, 0)
    dial(port)
    assert socket.recv_multipart()[1] == b""


@pytest.mark.parametrize("value", [-1, 2])
def test_stream_notify_is_0_or_1(zmq, stream, value):
    with refused(zmq, errno.EINVAL):
        stream[0].set(zmq.STREAM_NOTIFY, value)


@pytest.mark.parametrize("size", [0, 5, 300_000])
def test_stream_closes_a_connection_when_an_empty_message_is_sent_there(zmq, stream, dial, size):
    socket, port = stream
    peer = dial(port)
    routing_id, _ = socket.recv_multipart()
    if size:
        socket.send_multipart([routing_id, b"x" * size])
    socket.send_multipart([routing_id, b""])
    assert read(peer, size) == b"x" * size
    eventually(lambda: ended(zmq, peer, socket))
    assert silent(socket)  # who closes is not told
    with refused(zmq, errno.EHOSTUNREACH):
        socket.send_multipart([routing_id, b"more"])


def test_stream_refuses_an_unknown_routing_id(zmq, stream):
    with refused(zmq, errno.EHOSTUNREACH):
        stream[0].send_multipart([b"nobody", b"x"])


def test_stream_refuses_an_unknown_routing_id_at_once(zmq, stream):
    with refused(zmq, errno.EHOSTUNREACH):
        stream[0].send(b"nobody", zmq.SNDMORE)


def test_stream_refuses_the_routing_id_of_a_peer_that_has_left(zmq, stream, dial):
    socket, port = stream
    peer = dial(port)
    routing_id, _ = socket.recv_multipart()
    peer.close()
    assert socket.recv_multipart() == [routing_id, b""]

    def gone():
        attend(zmq, socket)
        try:
            socket.send_multipart([routing_id, b"x"], zmq.DONTWAIT)
        except zmq.ZMQError as error:
            return error.errno == errno.EHOSTUNREACH
        return False

    eventually(gone)


def test_stream_is_always_ready_for_writing(zmq, stream):
    assert stream[0].get(zmq.EVENTS) == zmq.POLLOUT


def test_stream_waits_for_a_peer_that_does_not_read(zmq, tcp, dial):
    socket, address = tcp.bind(zmq.STREAM, sndhwm=2, sndbuf=4096)
    peer = dial(int(address.rpartition(":")[2]))
    routing_id, _ = socket.recv_multipart()
    sent = 0
    with pytest.raises(zmq.Again):
        while True:
            socket.send_multipart([routing_id, b"x" * 100_000], zmq.DONTWAIT)
            sent += 1
    assert read(peer, sent * 100_000) == b"x" * (sent * 100_000)


def test_stream_connects(zmq, tcp, listener):
    socket = tcp.connect(zmq.STREAM, address_of(listener))
    routing_id = socket.get(zmq.ROUTING_ID)
    with accept(listener) as peer:
        assert socket.recv_multipart() == [routing_id, b""]
        socket.send_multipart([routing_id, b"hello"])
        assert read(peer, 5) == b"hello"
        peer.sendall(b"back")
        assert socket.recv_multipart() == [routing_id, b"back"]


def test_stream_sends_early_messages_once_it_is_connected(zmq, tcp, listener):
    socket = tcp.connect(zmq.STREAM, address_of(listener))
    socket.send_multipart([socket.get(zmq.ROUTING_ID), b"early"])
    with accept(listener) as peer:
        assert read(peer, 5) == b"early"


def test_stream_takes_a_connect_routing_id(zmq, tcp, listener):
    socket = tcp.socket(zmq.STREAM)
    socket.set(zmq.CONNECT_ROUTING_ID, b"server")
    socket.connect(address_of(listener))
    with accept(listener) as peer:
        assert socket.recv_multipart() == [b"server", b""]
        socket.send_multipart([b"server", b"x"])
        assert read(peer, 1) == b"x"


def test_stream_connects_again_under_the_same_routing_id(zmq, tcp, listener):
    socket = tcp.connect(zmq.STREAM, address_of(listener), reconnect_ivl=10)
    routing_id = socket.get(zmq.ROUTING_ID)
    accept(listener).close()
    assert [socket.recv_multipart() for _ in range(3)] == [[routing_id, b""]] * 3  # made, lost, made
    with accept(listener) as peer:
        socket.send_multipart([routing_id, b"again"])
        assert read(peer, 5) == b"again"


def test_stream_does_not_connect_again_where_it_has_closed(zmq, tcp, listener):
    socket = tcp.connect(zmq.STREAM, address_of(listener), reconnect_ivl=1)
    routing_id = socket.get(zmq.ROUTING_ID)
    with accept(listener) as peer:
        socket.recv_multipart()
        socket.send_multipart([routing_id, b""])
        eventually(lambda: ended(zmq, peer, socket))
    listener.settimeout(0.06)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_streams_speak_with_one_another(zmq, tcp):
    server, address = tcp.bind(zmq.STREAM)
    client = tcp.connect(zmq.STREAM, address)
    there = client.recv_multipart()[0]
    back = server.recv_multipart()[0]
    client.send_multipart([there, b"question"])
    assert server.recv_multipart() == [back, b"question"]
    server.send_multipart([back, b"answer"])
    assert client.recv_multipart() == [there, b"answer"]


def test_a_frame_from_a_stream_knows_the_address_of_the_peer(zmq, stream, dial):
    socket, port = stream
    dial(port).sendall(b"x")
    socket.recv_multipart()
    for frame in socket.recv_multipart(copy=False):
        assert frame.get("Peer-Address") == "127.0.0.1"


@pytest.mark.ours_only
def test_stream_refuses_a_message_of_three_parts(zmq, stream, dial):
    socket, port = stream  # libzmq takes the third part for a routing id
    dial(port)
    routing_id, _ = socket.recv_multipart()
    with refused(zmq, errno.EINVAL):
        socket.send_multipart([routing_id, b"1", b"2"])


@pytest.mark.ours_only
def test_stream_ignores_a_routing_id_alone(zmq, stream, dial):
    socket, port = stream  # libzmq takes the next part for what belongs to it
    peer = dial(port)
    routing_id, _ = socket.recv_multipart()
    socket.send(routing_id)
    socket.send_multipart([routing_id, b"x"])
    assert read(peer, 1) == b"x"
