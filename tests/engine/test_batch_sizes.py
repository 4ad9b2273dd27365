"""OUT_BATCH_SIZE and IN_BATCH_SIZE: the size of a write, of a read. To SOCK_SEQPACKET each write is a packet."""

import socket

import pytest

import purezmq as zmq

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)
READY = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04"
LIMIT = 1 << 20


@pytest.fixture
def peer(tmp_path):
    """Make a socket with these options, and a peer that has shaken hands; return both."""
    kept = []

    def make(kind, its_kind, **options):
        path = f"{tmp_path}/s"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listening.bind(path)
        listening.listen()
        ctx = zmq.Context()
        kept.append(ctx)
        made = ctx.socket(kind)
        made.linger = 0
        made.use_fd = listening.detach()
        for name, value in options.items():
            setattr(made, name, value)
        made.bind(f"ipc://{path}")
        stranger = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept.append(stranger)
        stranger.settimeout(10)
        stranger.connect(path)
        stranger.send(GREETING)
        stranger.send(READY + its_kind)
        seen = b""
        while b"Socket-Type" not in seen:
            seen += stranger.recv(LIMIT)
        return made, stranger

    yield make
    for one in reversed(kept):
        one.close() if isinstance(one, socket.socket) else one.destroy()


def writes(stranger, total):
    """Return the sizes of the next writes, so many bytes in all."""
    sizes = []
    while sum(sizes) < total:
        sizes.append(len(stranger.recv(LIMIT)))
    return sizes


@pytest.mark.parametrize(
    "size, message, sizes",
    [
        (1000, [b"x" * 4991], [1000, 1000, 1000, 1000, 1000]),  # and 9 bytes before it
        (1000, [b"x" * 4992], [1000, 1000, 1000, 1000, 1000, 1]),
        (1, [b"x"], [1, 1, 1]),
        (4, [b"a", b"b"], [4, 2]),
        (100_000, [b"x" * 50_000] * 2, [100_000, 18]),
        (8192, [b"x" * 50_000], [50_009]),  # the default
    ],
)
def test_no_write_has_more_than_out_batch_size(peer, size, message, sizes):
    push, stranger = peer(zmq.PUSH, b"PULL", out_batch_size=size, sndtimeo=5000)
    push.send_multipart(message)
    assert writes(stranger, sum(sizes)) == sizes


def test_messages_are_whole_whatever_out_batch_size_is(peer):
    push, stranger = peer(zmq.PUSH, b"PULL", out_batch_size=7, sndtimeo=5000)
    for i in range(30):
        push.send(b"%02d" % i)
    received = b""
    while len(received) < 120:
        packet = stranger.recv(LIMIT)
        assert len(packet) <= 7
        received += packet
    assert received == b"".join(b"\0\2%02d" % i for i in range(30))


def test_a_read_has_as_much_as_in_batch_size_says_at_least(peer):
    pull, stranger = peer(zmq.PULL, b"PUSH", in_batch_size=60_000, rcvtimeo=5000)
    frame = b"\2" + (50_000).to_bytes(8, "big") + b"x" * 50_000
    stranger.send(frame)  # what one read does not take of a packet is lost
    assert pull.recv() == b"x" * 50_000
