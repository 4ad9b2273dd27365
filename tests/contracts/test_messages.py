"""Every form of send and receive, Frame, and MessageTracker."""

import array
import errno
import pickle

import pytest

from .tools import eventually, refused, take

BIG = bytes(range(256)) * 1024  # above COPY_THRESHOLD


@pytest.fixture
def couple(zmq, net):
    """A connected PUSH and a bound PULL."""
    return net.link(zmq.PUSH, zmq.PULL)


@pytest.mark.parametrize("body", [b"", b"small", BIG], ids=["empty", "small", "big"])
@pytest.mark.parametrize("send_copy", [True, False])
@pytest.mark.parametrize("receive_copy", [True, False])
def test_copying_or_not_delivers_the_same_bytes(zmq, couple, body, send_copy, receive_copy):
    push, pull = couple
    push.send(body, copy=send_copy)
    came = pull.recv(copy=receive_copy)
    assert (came if receive_copy else came.bytes) == body


@pytest.mark.parametrize(
    "buffer",
    [b"bytes", bytearray(b"bytes"), memoryview(b"xbytesx")[1:-1], array.array("B", b"bytes")],
    ids=["bytes", "bytearray", "memoryview", "array"],
)
@pytest.mark.parametrize("copy", [True, False])
def test_send_takes_any_contiguous_buffer(zmq, inproc, buffer, copy):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    push.send(buffer, copy=copy)
    assert pull.recv() == b"bytes"


@pytest.mark.parametrize("wrong", ["text", 5, None, ["list"]], ids=repr)
def test_send_refuses_what_is_no_buffer(zmq, inproc, wrong):
    push, _ = inproc.link(zmq.PUSH, zmq.PULL)
    with pytest.raises(TypeError):
        push.send(wrong)


def test_send_returns_nothing_when_it_copies(zmq, couple):
    assert couple[0].send(b"x") is None


def test_received_bytes_are_bytes(zmq, couple):
    push, pull = couple
    push.send(bytearray(b"mutable"))
    assert type(pull.recv()) is bytes


def test_frame_tells_whether_more_follow(zmq, couple):
    push, pull = couple
    push.send_multipart([b"a", b"b"])
    frames = pull.recv_multipart(copy=False)
    assert [(frame.bytes, frame.more) for frame in frames] == [(b"a", True), (b"b", False)]
    assert [frame.get(zmq.MORE) for frame in frames] == [1, 0]


def test_frame_shows_its_bytes_in_several_ways(zmq, couple):
    push, pull = couple
    push.send(b"frame")
    frame = pull.recv(copy=False)
    assert (frame.bytes, bytes(frame.buffer), len(frame)) == (b"frame", b"frame", 5)
    assert isinstance(frame, zmq.Frame)
    assert isinstance(frame.buffer, memoryview)


def test_frame_knows_the_type_of_its_sender(zmq, wire):
    push, pull = wire.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert pull.recv(copy=False).get("Socket-Type") == "PUSH"


def test_frame_knows_the_address_of_its_sender(zmq, tcp):
    push, pull = tcp.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert pull.recv(copy=False).get("Peer-Address") == "127.0.0.1"


def test_frame_knows_the_routing_id_of_its_sender(zmq, wire):
    router, address = wire.bind(zmq.ROUTER)
    wire.connect(zmq.DEALER, address, routing_id=b"me").send(b"x")
    frame = router.recv_multipart(copy=False)[1]
    assert frame.get("Identity") == "me"


def test_frame_answers_einval_to_an_unknown_property(zmq, couple):
    push, pull = couple
    push.send(b"x")
    frame = pull.recv(copy=False)
    with refused(zmq, errno.EINVAL):
        frame.get("X-Unknown")


def test_frame_can_be_sent_again(zmq, couple):
    push, pull = couple
    frame = zmq.Frame(b"reused")
    for _ in range(3):
        push.send(frame)
    assert take(pull, 3) == [b"reused"] * 3


def test_received_frame_can_be_passed_on(zmq, couple):
    push, pull = couple
    push.send(BIG)
    push.send(pull.recv(copy=False))
    assert pull.recv() == BIG


def test_frames_of_a_multipart_message_can_be_passed_on(zmq, couple):
    push, pull = couple
    push.send_multipart([b"a", BIG, b""])
    push.send_multipart(pull.recv_multipart(copy=False), copy=False)
    assert pull.recv_multipart() == [b"a", BIG, b""]


def test_frame_keeps_its_bytes_when_later_messages_arrive(zmq, couple):
    push, pull = couple
    for i in range(50):
        push.send(b"%d" % i * 100)
    frames = [pull.recv(copy=False) for _ in range(50)]
    assert [frame.bytes for frame in frames] == [b"%d" % i * 100 for i in range(50)]


def test_tracker_is_done_when_the_message_has_left(zmq, wire):
    push, pull = wire.link(zmq.PUSH, zmq.PULL)
    tracker = push.send(BIG, copy=False, track=True)
    assert isinstance(tracker, zmq.MessageTracker)
    assert pull.recv() == BIG
    tracker.wait(timeout=5)
    assert tracker.done


def test_tracker_is_not_done_while_the_message_waits(zmq, wire):
    push = wire.connect(zmq.PUSH, wire.absent())
    tracker = push.send(BIG, copy=False, track=True)
    assert not tracker.done
    with pytest.raises(zmq.NotDone):
        tracker.wait(timeout=0.02)
    push.close(linger=0)
    eventually(lambda: tracker.done)


def test_tracker_of_a_small_message_is_done_at_once(zmq, couple):
    push, _ = couple
    assert push.send(b"small", copy=False, track=True).done


def test_track_needs_a_tracked_frame(zmq, couple):
    push, _ = couple
    with pytest.raises(ValueError):
        push.send(zmq.Frame(BIG, track=False), copy=False, track=True)


def test_tracker_of_a_multipart_message_covers_every_part(zmq, wire):
    push, pull = wire.link(zmq.PUSH, zmq.PULL)
    tracker = push.send_multipart([BIG, BIG], copy=False, track=True)
    assert pull.recv_multipart() == [BIG, BIG]
    tracker.wait(timeout=5)


def test_recv_into_fills_a_buffer(zmq, couple):
    push, pull = couple
    push.send(b"hello")
    buffer = bytearray(10)
    assert pull.recv_into(buffer) == 5
    assert buffer == b"hello" + bytes(5)


def test_recv_into_cuts_what_does_not_fit_and_tells_the_whole_size(zmq, couple):
    push, pull = couple
    push.send(b"hello world")
    push.send(b"next")
    buffer = bytearray(5)
    assert pull.recv_into(buffer) == 11
    assert buffer == b"hello"
    assert pull.recv() == b"next"


def test_recv_into_takes_at_most_nbytes(zmq, couple):
    push, pull = couple
    push.send(b"hello")
    buffer = bytearray(10)
    assert pull.recv_into(buffer, nbytes=3) == 5
    assert buffer == b"hel" + bytes(7)


def test_recv_into_refuses_a_read_only_buffer(zmq, couple):
    with pytest.raises(BufferError):
        couple[1].recv_into(b"read-only", flags=zmq.DONTWAIT)


def test_recv_into_refuses_a_wrong_nbytes(zmq, couple):
    for nbytes in (-1, 11):
        with pytest.raises(ValueError):
            couple[1].recv_into(bytearray(10), nbytes=nbytes, flags=zmq.DONTWAIT)


def test_recv_into_without_messages_would_block(zmq, couple):
    with pytest.raises(zmq.Again):
        couple[1].recv_into(bytearray(10), flags=zmq.DONTWAIT)


def test_string_travels_as_utf8(zmq, couple):
    push, pull = couple
    push.send_string("grüß 🙂")
    assert pull.recv() == "grüß 🙂".encode()
    push.send_string("grüß 🙂")
    assert pull.recv_string() == "grüß 🙂"


def test_string_travels_in_another_encoding(zmq, couple):
    push, pull = couple
    push.send_string("grüß", encoding="latin-1")
    assert pull.recv_string(encoding="latin-1") == "grüß"


def test_send_string_refuses_bytes(zmq, couple):
    with pytest.raises(TypeError):
        couple[0].send_string(b"bytes")


@pytest.mark.parametrize("value", [None, 1, "é", [1, [2]], {"a": {"b": None}}], ids=repr)
def test_json_travels(zmq, couple, value):
    push, pull = couple
    push.send_json(value)
    assert pull.recv_json() == value


def test_pyobj_travels_as_pickle(zmq, couple):
    push, pull = couple
    push.send_pyobj({1: (2, b"3")})
    push.send_pyobj({1: (2, b"3")})
    assert pull.recv_pyobj() == {1: (2, b"3")}
    assert pickle.loads(pull.recv()) == {1: (2, b"3")}


def test_serialized_travels_as_parts(zmq, couple):
    push, pull = couple
    push.send_serialized([3, 4], serialize=lambda numbers: [b"%d" % n for n in numbers])
    assert pull.recv_serialized(lambda parts: [int(part) for part in parts]) == [3, 4]


def test_recv_serialized_reads_the_whole_message_when_the_reader_fails(zmq, couple):
    push, pull = couple
    push.send_multipart([b"a", b"b"])
    push.send(b"next")
    with pytest.raises(ZeroDivisionError):
        pull.recv_serialized(lambda parts: 1 / 0)
    assert pull.recv() == b"next"
