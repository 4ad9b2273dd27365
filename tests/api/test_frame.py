"""Frame and MessageTracker as PyZMQ has them, on both."""

from __future__ import annotations

import array
import copy
import gc
import importlib
import io
import sys
import threading
import time
import tracemalloc
import types

import pytest

import purezmq


@pytest.mark.parametrize("data", [b"abc", bytearray(b"abc"), memoryview(b"abc"), array.array("B", b"abc")])
@pytest.mark.parametrize("copying", [None, True, False])
def test_frame_holds_any_buffer(zmq, data, copying):
    frame = zmq.Frame(data, copy=copying)
    assert (frame.bytes, bytes(frame), len(frame), bytes(frame.buffer)) == (b"abc", b"abc", 3, b"abc")
    assert frame.more is False


def test_empty_frame(zmq):
    assert (zmq.Frame().bytes, len(zmq.Frame()), zmq.Frame().tracker) == (b"", 0, None)


def test_frame_of_a_frame(zmq):
    assert zmq.Frame(zmq.Frame(b"abc")).bytes == b"abc"


@pytest.mark.parametrize("data", ["abc", 5, object()])
def test_frame_refuses_what_has_no_buffer(zmq, data):
    with pytest.raises(TypeError):
        zmq.Frame(data)


def test_frame_refuses_a_buffer_with_gaps(zmq):
    with pytest.raises(BufferError):
        zmq.Frame(memoryview(b"abcdef")[::2])


def test_bytes_and_buffer_are_made_once(zmq):
    frame = zmq.Frame(b"abc" * 10)
    assert frame.bytes is frame.bytes
    assert frame.buffer is frame.buffer


def test_buffer_is_writable(zmq, pair):
    pair[0].send(b"hello")
    for frame in (zmq.Frame(b"hello"), pair[1].recv(copy=False)):
        frame.buffer[0] = ord("j")
        assert frame.bytes == b"jello"


def test_writing_to_the_buffer_leaves_the_bytes_it_came_from_alone():
    data = b"hello"
    frame = purezmq.Frame(data)
    frame.buffer[0] = 0
    assert data == b"hello"


def test_changed_buffer_is_what_is_sent(zmq, pair):
    frame = zmq.Frame(b"hello")
    frame.buffer[0] = ord("j")
    pair[0].send(frame)
    assert pair[1].recv() == b"jello"


def test_bytes_is_a_copy_of_what_was_copied(zmq):
    data = b"abc" * 10
    assert zmq.Frame(data).bytes is not data


LARGE = bytes(range(256)) * 1024


def received(pair, content):
    """Return the frame that the other end receives."""
    one, other = pair
    one.send(content)
    return other.recv(copy=False)


def test_buffer_of_a_large_frame_is_writable_and_outlives_it(zmq, pair):
    frame = received(pair, LARGE)
    buffer = frame.buffer
    buffer[0] = 65
    assert frame.bytes == b"A" + LARGE[1:]
    del frame
    gc.collect()
    assert bytes(buffer) == b"A" + LARGE[1:]
    assert LARGE[0] == 0


def test_writing_to_a_large_buffer_leaves_bytes_that_are_out_alone(zmq, pair):
    frame = received(pair, LARGE)
    out = frame.bytes
    frame.buffer[0] = 65
    assert out == LARGE


def test_large_frame_is_sent_as_it_is_at_that_moment(zmq, pair):
    if zmq is not purezmq:
        pytest.skip("libzmq sends from the memory that the buffer is a view of")
    one, other = pair
    frame = received(pair, LARGE)
    frame.buffer[0] = 65
    one.send(frame)
    frame.buffer[0] = 66
    assert other.recv() == b"A" + LARGE[1:]


def test_large_buffer_copies_nothing():
    with (
        purezmq.Context() as context,
        context.socket(purezmq.PAIR) as one,
        context.socket(purezmq.PAIR) as other,
    ):
        one.linger = 0
        port = one.bind_to_random_port("tcp://127.0.0.1")
        other.connect(f"tcp://127.0.0.1:{port}")
        frame = received((one, other), LARGE)
        tracemalloc.start()
        try:
            assert frame.buffer[-1] == 255
            assert tracemalloc.get_traced_memory()[1] < len(LARGE) // 2
        finally:
            tracemalloc.stop()


def test_frame_has_the_buffer_protocol(zmq, pair):
    pair[0].send(b"hello")
    for frame in (zmq.Frame(b"hello"), pair[1].recv(copy=False), zmq.Frame(b"hello", copy=False)):
        view = memoryview(frame)
        assert (view.ndim, view.shape, view.format, view.tobytes()) == (1, (5,), "B", b"hello")
        assert bytearray(frame) == b"hello"
        assert b"-".join([frame, b"x"]) == b"hello-x"


def test_view_of_a_received_frame_is_writable(zmq, pair):
    pair[0].send(b"hello")
    frame = pair[1].recv(copy=False)
    memoryview(frame)[0] = ord("j")
    assert frame.bytes == b"jello"


def test_view_outlives_its_frame(zmq, pair):
    pair[0].send(b"hello")
    view = memoryview(pair[1].recv(copy=False))
    pair[0].send(b"other")
    pair[1].recv(copy=False)
    assert view.tobytes() == b"hello"


def test_view_of_the_users_buffer_is_that_buffer(zmq):
    data = bytearray(b"hello")
    frame = zmq.Frame(data, copy=False)
    memoryview(frame)[0] = ord("j")
    assert data == b"jello"


def test_large_received_frame_is_not_copied_to_be_viewed_on_python_3_11(pair, zmq):
    if zmq is not purezmq:
        pytest.skip("libzmq's content is always writable")
    pair[0].send(b"x" * zmq.COPY_THRESHOLD)
    frame = pair[1].recv(copy=False)
    assert memoryview(frame).readonly == (sys.version_info < (3, 12))
    assert frame.buffer.readonly is False
    assert memoryview(frame).readonly is False


def test_bytes_of_the_user_stay_as_they_are():
    frame = purezmq.Frame(b"hello", copy=False)  # PyZMQ would let us write into an immutable object
    assert frame.buffer.readonly
    assert memoryview(frame).readonly
    with pytest.raises((TypeError, BufferError)):
        io.BytesIO(b"jello").readinto(frame)


def test_frame_without_content_is_an_error_for_who_asks():
    with pytest.raises((ValueError, AttributeError)):
        memoryview(purezmq.Frame.__new__(purezmq.Frame))


@pytest.mark.parametrize(
    "data, shown",
    [
        (b"", "<zmq.Frame(b'')>"),
        (b"x" * 16, "<zmq.Frame(b'xxxxxxxxxxxxxxxx')>"),
        (b"x" * 17, "<zmq.Frame(b'xxxxxxxxxxxx'...17B)>"),
        (b"x" * 999, "<zmq.Frame(b'xxxxxxxxxxxx'...999B)>"),
        (b"x" * 2047, "<zmq.Frame(b'xxxxxxxxxxxx'...2kB)>"),
        (b"x" * (2**20 - 1), "<zmq.Frame(b'xxxxxxxxxxxx'...1048kB)>"),
        (b"x" * 1_900_000, "<zmq.Frame(b'xxxxxxxxxxxx'...1MB)>"),
        (b"\x00\xff", "<zmq.Frame(b'\\x00\\xff')>"),
    ],
    ids=lambda value: str(len(value)),
)
def test_repr_shows_the_start_and_the_size(zmq, data, shown):
    assert repr(zmq.Frame(data)) == str(zmq.Frame(data)) == shown


def test_frames_are_compared_by_identity(zmq):
    frame = zmq.Frame(b"a")
    assert frame == frame
    assert frame != zmq.Frame(b"a")


def test_frame_takes_no_other_attributes(zmq):
    with pytest.raises(AttributeError):
        zmq.Frame().nonsense = 1
    with pytest.raises(AttributeError):
        zmq.Frame().bytes = b""


# -- what a received frame knows ---------------------------------------------------------------------------


def test_received_frames_know_whether_more_follow(zmq, pair):
    pair[0].send_multipart([b"a", b"b"])
    first = pair[1].recv(copy=False)
    second = pair[1].recv(copy=False)
    assert (first.more, first.get(zmq.MORE), first.MORE) == (True, 1, 1)
    assert (second.more, second[zmq.MORE]) == (False, 0)
    pair[0].send_multipart([b"a", b"b"])
    assert [frame.more for frame in pair[1].recv_multipart(copy=False)] == [True, False]


def test_received_frame_knows_its_sender(zmq, connect):
    dealer, router = connect("DEALER", "ROUTER", "tcp")
    dealer.send(b"x")
    for frame in router.recv_multipart(copy=False):
        assert frame.get("Socket-Type") == frame["Socket-Type"] == "DEALER"
        assert frame.get("Peer-Address") == "127.0.0.1"


def test_received_frame_knows_the_routing_id(zmq, context):
    router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    dealer.identity = b"me"
    port = router.bind_to_random_port("tcp://127.0.0.1")
    dealer.connect(f"tcp://127.0.0.1:{port}")
    dealer.send(b"x")
    frame = router.recv_multipart(copy=False)[-1]
    assert frame.get("Identity") == "me"
    if zmq is purezmq:  # libzmq knows only the older name
        assert frame.get("Routing-Id") == "me"


@pytest.mark.parametrize("name", ["socket-type", "X-nothing", "User-Id", "Resource", "", 99, 2])
def test_missing_property_is_einval(zmq, name):
    with pytest.raises(zmq.ZMQError) as caught:
        zmq.Frame(b"x").get(name)
    assert caught.value.errno == zmq.EINVAL


def test_no_message_option_can_be_set(zmq):
    with pytest.raises(zmq.ZMQError):
        zmq.Frame().set(zmq.MORE, 1)
    with pytest.raises(TypeError):
        zmq.Frame().set("x", 1)


def test_track_on_receiving_gives_a_finished_tracker(zmq, pair):
    pair[0].send(b"x")
    assert pair[1].recv(copy=False, track=True).tracker.done


# -- what is in use ----------------------------------------------------------------------------------------


@pytest.fixture
def in_use(zmq):
    """The list of buffers in use, and a function that waits until it is as long as before."""
    refs = importlib.import_module(f"{zmq.__name__}.utils.garbage").gc.refs
    before = len(refs)

    def settle():
        deadline = time.monotonic() + 5
        while len(refs) > before and time.monotonic() < deadline:
            gc.collect()
            time.sleep(0.001)  # PyZMQ has a thread that must come to it
        assert len(refs) == before

    return types.SimpleNamespace(refs=refs, settle=settle)


@pytest.mark.parametrize("size", [0, 30, 1000, 100_000])
def test_frame_and_list_hold_what_is_not_copied(zmq, in_use, size):
    data = bytearray(size)
    count = sys.getrefcount(data)
    frame = zmq.Frame(data, copy=False)
    assert sys.getrefcount(data) == count + 2
    assert any(entry.obj is data for entry in in_use.refs.values())
    del frame
    in_use.settle()
    assert sys.getrefcount(data) == count


def test_copies_of_a_frame_hold_the_users_bytes_each(zmq, in_use):
    data = b"x" * 1000
    count = sys.getrefcount(data)
    frame = zmq.Frame(data, copy=False)
    twin = copy.copy(frame)
    assert sys.getrefcount(data) == count + 3
    view = twin.buffer
    assert sys.getrefcount(data) == count + 3
    del twin
    assert sys.getrefcount(data) == count + 3
    del view
    assert sys.getrefcount(data) == count + 2
    del frame
    in_use.settle()
    assert sys.getrefcount(data) == count


def test_what_is_copied_is_not_in_use(zmq, in_use):
    before = len(in_use.refs)
    frames = [zmq.Frame(b"x"), zmq.Frame(bytearray(100_000), copy=True)]
    assert len(in_use.refs) == before
    assert frames


def test_buffer_is_in_use_until_it_is_sent(zmq, pair, in_use):
    data = bytearray(100_000)
    before = len(in_use.refs)
    tracker = pair[0].send(data, copy=False, track=True)
    assert len(in_use.refs) == before + 1 or tracker.done
    assert len(pair[1].recv()) == len(data)
    tracker.wait(5)
    in_use.settle()


# -- trackers ----------------------------------------------------------------------------------------------


def test_copied_frame_is_released_at_once(zmq):
    assert zmq.Frame(b"x", track=True).tracker is zmq._FINISHED_TRACKER
    assert zmq.Frame(b"x" * 100_000, track=True, copy=True).tracker.done
    assert zmq.Frame(b"x", copy=False).tracker is None


def test_copy_threshold_decides_when_copy_is_not_given(zmq):
    assert not zmq.Frame(b"xyz", track=True, copy_threshold=3).tracker.done
    assert zmq.Frame(b"xy", track=True, copy_threshold=3).tracker.done


def test_explicit_copy_is_not_up_to_the_threshold(zmq):
    assert not zmq.Frame(b"x", track=True, copy=False).tracker.done


def test_tracker_is_done_when_frame_and_engine_let_go(zmq, pair):
    frame = zmq.Frame(bytearray(1000), track=True, copy=False)
    tracker = frame.tracker
    pair[0].send(frame, copy=False, track=True)
    assert pair[1].recv() == bytes(1000)
    assert not tracker.done
    del frame
    gc.collect()
    tracker.wait(5)
    assert tracker.done


def test_copy_of_a_frame_shares_its_tracker(zmq):
    frame = zmq.Frame(b"abc", track=True, copy=False)
    twin = copy.copy(frame)
    assert twin.bytes == b"abc"
    assert twin.tracker is frame.tracker
    del frame
    gc.collect()
    assert not twin.tracker.done


def test_tracker_watches_events_trackers_and_frames(zmq):
    event = threading.Event()
    frame = zmq.Frame(b"x", track=True, copy=False)
    tracker = zmq.MessageTracker(event, zmq.MessageTracker(), frame)
    assert not tracker.done
    with pytest.raises(zmq.NotDone):
        tracker.wait(0.001)
    event.set()
    assert not tracker.done
    del frame
    gc.collect()
    assert tracker.done
    tracker.wait()


def test_tracker_refuses_what_it_cannot_watch(zmq):
    with pytest.raises(TypeError, match="Require Events or Message Frames"):
        zmq.MessageTracker(5)
    with pytest.raises(ValueError, match="Not a tracked message"):
        zmq.MessageTracker(zmq.Frame(b"x"))


def test_tracker_of_nothing_is_done(zmq):
    assert zmq.MessageTracker().done
