"""Socket as PyZMQ has it, on both."""

from __future__ import annotations

import array
import copy
import errno
import gc
import threading
import unittest.mock

import pytest

import purezmq

# -- endpoints ---------------------------------------------------------------------------------------------


def test_bind_returns_a_context_manager_that_unbinds(zmq, context):
    socket = context.socket(zmq.PULL)
    with socket.bind("tcp://127.0.0.1:*") as bound:
        assert bound is socket
        endpoint = socket.last_endpoint.decode()
    with pytest.raises(zmq.ZMQError) as caught:
        socket.unbind(endpoint)
    assert caught.value.errno == errno.ENOENT


def test_connect_returns_a_context_manager_that_disconnects(zmq, context):
    socket = context.socket(zmq.PUSH)
    with socket.connect("tcp://127.0.0.1:9") as connected:
        assert connected is socket
    with pytest.raises(zmq.ZMQError):
        socket.disconnect("tcp://127.0.0.1:9")


def test_bind_context_manager_is_content_with_a_closed_socket(zmq, context):
    with context.socket(zmq.PULL) as socket, socket.bind("tcp://127.0.0.1:*"):
        socket.close()


def test_bind_context_shows_the_resolved_endpoint(zmq, context):
    socket = context.socket(zmq.PULL)
    bound = socket.bind("tcp://127.0.0.1:*")
    assert repr(bound).startswith("<SocketContext(bind='tcp://127.0.0.1:")
    assert "*" not in repr(bound)


@pytest.mark.parametrize(
    "endpoint, name", [("foo", "EINVAL"), ("foo://a", "EPROTONOSUPPORT"), ("tcp://1", "EINVAL")]
)
def test_bad_endpoint_is_named_in_the_error(zmq, context, endpoint, name):
    socket = context.socket(zmq.PUSH)
    for call in (socket.bind, socket.connect):
        with pytest.raises(zmq.ZMQError) as caught:
            call(endpoint)
        assert caught.value.errno == getattr(zmq, name)
        assert f"(addr={endpoint!r})" in str(caught.value)


@pytest.mark.parametrize("method", ["bind", "connect", "unbind", "disconnect"])
def test_endpoint_that_is_no_text_is_a_type_error(zmq, context, method):
    with pytest.raises(TypeError, match="Expected addr to be str"):
        getattr(context.socket(zmq.PUSH), method)(5)


def test_endpoint_may_be_bytes(zmq, context):
    context.socket(zmq.PUSH).bind(b"inproc://bytes")


def test_too_long_ipc_path_error_names_the_limit(zmq, context):
    path = "/tmp/" + "a" * zmq.IPC_PATH_MAX_LEN
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.PUSH).bind(f"ipc://{path}")
    assert str(zmq.IPC_PATH_MAX_LEN) in str(caught.value)
    assert path in str(caught.value)


def test_missing_ipc_directory_error_names_the_path(zmq, context):
    with pytest.raises(zmq.ZMQError, match='No such file or directory for ipc path "/nonexistent/a"'):
        context.socket(zmq.PUSH).bind("ipc:///nonexistent/a")


def test_port_in_use_is_eaddrinuse(zmq, context):
    holder = context.socket(zmq.PUSH)
    port = holder.bind_to_random_port("tcp://127.0.0.1")
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.PUSH).bind(f"tcp://127.0.0.1:{port}")
    assert caught.value.errno == zmq.EADDRINUSE


def test_bind_to_random_port_returns_the_port(zmq, context):
    socket = context.socket(zmq.PUSH)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    assert socket.last_endpoint == f"tcp://127.0.0.1:{port}".encode()


def test_bind_to_random_port_gives_up_when_all_are_taken(zmq, context):
    holder = context.socket(zmq.PUSH)
    port = holder.bind_to_random_port("tcp://127.0.0.1")
    with pytest.raises(zmq.ZMQBindError):
        context.socket(zmq.PUSH).bind_to_random_port("tcp://127.0.0.1", port, port + 1, max_tries=2)


def test_bind_to_random_port_refuses_an_empty_range(zmq, context):
    with pytest.raises(ValueError):
        context.socket(zmq.PUSH).bind_to_random_port("tcp://127.0.0.1", 5, 5)


# -- sending and receiving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"abc", bytearray(b"abc"), memoryview(b"abc"), array.array("B", b"abc")],
    ids=lambda d: type(d).__name__,
)
@pytest.mark.parametrize("copying", [True, False])
def test_send_takes_any_buffer(pair, data, copying):
    pair[0].send(data, copy=copying)
    assert pair[1].recv() == b"abc"


def test_send_does_not_see_later_changes_of_a_copied_buffer(pair):
    data = bytearray(b"abc")
    pair[0].send(data)
    data[:] = b"xyz"
    assert pair[1].recv() == b"abc"


@pytest.mark.parametrize("copying", [True, False])
def test_send_refuses_str(pair, copying):
    with pytest.raises(TypeError, match="unicode not allowed, use send_string"):
        pair[0].send("abc", copy=copying)


@pytest.mark.parametrize("data", [1, None, 1.5, object()])
@pytest.mark.parametrize("copying", [True, False])
def test_send_refuses_what_has_no_buffer(pair, data, copying):
    with pytest.raises(TypeError):
        pair[0].send(data, copy=copying)


@pytest.mark.parametrize("copying", [True, False])
def test_send_refuses_a_buffer_with_gaps(pair, copying):
    with pytest.raises(BufferError):
        pair[0].send(memoryview(b"abcd" * 50000)[::2], copy=copying)


def test_send_multipart_is_received_part_by_part(zmq, pair):
    sender, receiver = pair
    sender.send_multipart([b"a", b"", b"c"])
    received = []
    while not received or receiver.rcvmore:
        received.append(receiver.recv())
    assert received == [b"a", b"", b"c"]


def test_rcvmore_is_the_number_1_or_0(zmq, pair):
    pair[0].send_multipart([b"a", b"b"])
    pair[1].recv()
    assert pair[1].get(zmq.RCVMORE) == 1
    pair[1].recv()
    assert pair[1].get(zmq.RCVMORE) == 0


def test_recv_multipart_returns_what_is_left_of_a_message(pair):
    pair[0].send_multipart([b"a", b"b", b"c"])
    assert pair[1].recv() == b"a"
    assert pair[1].recv_multipart() == [b"b", b"c"]
    assert not pair[1].rcvmore


def test_parts_sent_one_by_one_are_one_message(zmq, pair):
    sender, receiver = pair
    sender.send(b"1", zmq.SNDMORE)
    sender.send(bytearray(b"2"), zmq.SNDMORE)
    sender.send_multipart([b"3", b"4"], zmq.SNDMORE)
    assert receiver.poll(0) == 0
    sender.send(b"5")
    assert receiver.recv_multipart() == [b"1", b"2", b"3", b"4", b"5"]


def test_send_multipart_finishes_a_message_begun_with_sndmore(zmq, pair):
    pair[0].send(b"1", zmq.SNDMORE)
    pair[0].send_multipart([b"2", b"3"])
    assert pair[1].recv_multipart() == [b"1", b"2", b"3"]


def test_sndmore_to_nobody_fails_at_the_first_part(zmq, context):
    socket = context.socket(zmq.PUSH)
    with pytest.raises(zmq.Again):
        socket.send(b"1", zmq.SNDMORE | zmq.DONTWAIT)
    socket.sndtimeo = 1
    with pytest.raises(zmq.Again):
        socket.send(b"1", zmq.SNDMORE)


def test_sndmore_on_a_receiver_is_enotsup(zmq, context):
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.SUB).send(b"1", zmq.SNDMORE)
    assert caught.value.errno == zmq.ENOTSUP


def test_send_multipart_takes_a_tuple_and_buffers(pair):
    pair[0].send_multipart((bytearray(b"a"), memoryview(b"b"), b"c"))
    assert pair[1].recv_multipart() == [b"a", b"b", b"c"]


@pytest.mark.parametrize("parts", [[b"ok", "no"], "no", [b"ok", 5], b"bytes"])
def test_send_multipart_sends_nothing_when_one_part_is_no_buffer(pair, parts):
    with pytest.raises(TypeError, match="does not support the buffer interface"):
        pair[0].send_multipart(parts)
    assert pair[1].poll(0) == 0


def test_send_multipart_of_no_parts_is_an_error(pair):
    with pytest.raises(IndexError):
        pair[0].send_multipart([])


def test_send_multipart_does_not_keep_the_callers_list(pair):
    parts = [b"a", b"b"]
    pair[0].send_multipart(parts)
    parts.append(b"c")
    assert pair[1].recv_multipart() == [b"a", b"b"]


def test_received_list_belongs_to_the_receiver(zmq, context):
    publisher = context.socket(zmq.PUB)
    publisher.bind("inproc://list")
    subscribers = [context.socket(zmq.SUB) for _ in range(2)]
    for subscriber in subscribers:
        subscriber.subscribe("")
        subscriber.connect("inproc://list")
    poller = zmq.Poller()
    for subscriber in subscribers:
        poller.register(subscriber, zmq.POLLIN)
    while len(poller.poll(1)) < 2:
        publisher.send_multipart([b"a", b"b"])
    first = subscribers[0].recv_multipart()
    first.append(b"mine")
    assert subscribers[1].recv_multipart() == [b"a", b"b"]


def test_dontwait_raises_again(zmq, pair):
    for call in (pair[0].recv, pair[0].recv_multipart):
        with pytest.raises(zmq.Again):
            call(zmq.DONTWAIT)
    with pytest.raises(zmq.Again):
        pair[0].recv_into(bytearray(1), flags=zmq.NOBLOCK)


def test_rcvtimeo_raises_again(zmq, pair):
    pair[0].rcvtimeo = 5
    with pytest.raises(zmq.Again):
        pair[0].recv()


def test_recv_on_a_sender_is_enotsup(zmq, context):
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.PUSH).recv()
    assert caught.value.errno == zmq.ENOTSUP


def test_rep_cannot_reply_before_it_has_read_the_whole_request(zmq, connect):
    rep, req = connect("REP", "REQ")
    req.send_multipart([b"a", b"b"])
    assert rep.recv() == b"a"
    with pytest.raises(zmq.ZMQError) as caught:
        rep.send(b"early")
    assert caught.value.errno == zmq.EFSM
    assert rep.recv() == b"b"
    rep.send(b"reply")
    assert req.recv() == b"reply"


def test_req_cannot_receive_in_the_middle_of_its_request(zmq, connect):
    rep, req = connect("REP", "REQ")
    req.send(b"a", zmq.SNDMORE)
    with pytest.raises(zmq.ZMQError) as caught:
        req.recv()
    assert caught.value.errno == zmq.EFSM
    req.send(b"b")
    assert rep.recv_multipart() == [b"a", b"b"]


def test_messages_sent_part_by_part_from_several_threads_do_not_mix(connect):
    zmq = purezmq
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.rcvtimeo = 5000
        pull.bind("inproc://threads")
        push.connect("inproc://threads")

        def send(name: bytes) -> None:
            for _ in range(200):
                push.send(name, zmq.SNDMORE)
                push.send(name, zmq.SNDMORE)
                push.send(name)

        threads = [threading.Thread(target=send, args=(name,)) for name in (b"a", b"b", b"c")]
        for thread in threads:
            thread.start()
        for _ in range(600):
            message = pull.recv_multipart()
            assert message == [message[0]] * 3
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("receive", ["recv", "recv_multipart"])
def test_what_recv_raises_is_not_the_outcome_of_another_error(zmq, context, receive):
    socket = context.socket(zmq.PULL)
    with pytest.raises(zmq.Again) as caught:
        getattr(socket, receive)(zmq.DONTWAIT)
    assert caught.value.__context__ is None


def test_half_received_message_belongs_to_its_thread():
    zmq = purezmq
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as two:
        one.bind("inproc://half")
        two.connect("inproc://half")
        two.rcvtimeo = 5000
        one.send_multipart([b"a1", b"a2"])
        one.send_multipart([b"b1", b"b2"])
        assert two.recv() == b"a1"
        elsewhere = []
        thread = threading.Thread(target=lambda: elsewhere.append(two.recv_multipart()))
        thread.start()
        thread.join()
        assert elsewhere == [[b"b1", b"b2"]]
        assert two.recv() == b"a2"


# -- recv_into ---------------------------------------------------------------------------------------------


def test_recv_into_stores_what_fits_and_returns_the_size(pair):
    buffer = bytearray(3)
    pair[0].send(b"hello")
    assert pair[1].recv_into(buffer) == 5
    assert buffer == b"hel"


def test_recv_into_stores_nbytes_at_most(pair):
    buffer = bytearray(b"...")
    pair[0].send(b"hello")
    assert pair[1].recv_into(buffer, nbytes=2) == 5
    assert buffer == b"he."


def test_recv_into_takes_one_part(pair):
    pair[0].send_multipart([b"a", b"bc"])
    buffer = bytearray(2)
    assert pair[1].recv_into(buffer) == 1
    assert pair[1].rcvmore
    assert pair[1].recv_into(buffer) == 2
    assert buffer == b"bc"


def test_recv_into_fills_arrays(pair):
    numbers = array.array("i", [0, 0])
    pair[0].send(array.array("i", [1, 2]))
    assert pair[1].recv_into(numbers) == 8
    assert list(numbers) == [1, 2]


@pytest.mark.parametrize("buffer", [b"abc", memoryview(bytearray(8))[::2]], ids=["read-only", "gaps"])
def test_recv_into_refuses_a_buffer_that_it_cannot_fill(pair, buffer):
    with pytest.raises(BufferError):
        pair[1].recv_into(buffer)


@pytest.mark.parametrize("nbytes", [-1, 4])
def test_recv_into_refuses_a_bad_nbytes(pair, nbytes):
    with pytest.raises(ValueError):
        pair[1].recv_into(bytearray(3), nbytes=nbytes)


# -- other forms -------------------------------------------------------------------------------------------


def test_strings_are_encoded(pair):
    pair[0].send_string("é")
    assert pair[1].recv() == b"\xc3\xa9"
    pair[0].send_string("é", encoding="latin1")
    assert pair[1].recv_string(encoding="latin1") == "é"
    pair[0].send_unicode("x")
    assert pair[1].recv_unicode() == "x"


def test_send_string_refuses_bytes(pair):
    with pytest.raises(TypeError):
        pair[0].send_string(b"x")


def test_undecodable_string_raises_unicode_error(pair):
    pair[0].send(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        pair[1].recv_string()


def test_json_makes_the_same_bytes(pair):
    pair[0].send_json({"a": [1, "é"]})
    assert pair[1].recv() == b'{"a": [1, "\\u00e9"]}'
    pair[0].send_json([1], separators=(", ", ": "), indent=1)
    assert pair[1].recv_json() == [1]
    pair[0].send(b"{")
    with pytest.raises(ValueError):
        pair[1].recv_json()


def test_pyobj_is_pickled(pair):
    pair[0].send_pyobj({1: (2, None)})
    assert pair[1].recv_pyobj() == {1: (2, None)}
    pair[0].send_pyobj([], protocol=0)
    assert pair[1].recv() == b"(lp0\n."


def test_serialized_forms_use_the_given_functions(zmq, pair):
    pair[0].send_serialized(5, lambda number: [b"%d" % number, b"x"])
    assert pair[1].recv_serialized(lambda parts: b"".join(parts)) == b"5x"
    pair[0].send_serialized(5, lambda number: [b"%d" % number])
    assert pair[1].recv_serialized(lambda parts: type(parts[0]), copy=False) is zmq.Frame


# -- without copying ---------------------------------------------------------------------------------------


def test_small_send_without_copy_is_copied_and_done(zmq, pair):
    assert pair[0].send(b"x", copy=False) is zmq._FINISHED_TRACKER
    assert pair[0].send(b"x", copy=False, track=True).done
    assert pair[0].send(b"x", track=True) is None


def test_large_send_without_copy_is_tracked_on_request(zmq, pair):
    assert pair[0].send(b"x" * 100_000, copy=False) is None
    tracker = pair[0].send(b"y" * 100_000, copy=False, track=True)
    assert isinstance(tracker, zmq.MessageTracker)
    assert pair[1].recv() == b"x" * 100_000
    assert pair[1].recv() == b"y" * 100_000
    tracker.wait(5)
    assert tracker.done


def test_tracker_is_not_done_while_the_message_is_queued(zmq, context):
    socket = context.socket(zmq.PUSH)
    socket.connect("tcp://127.0.0.1:9")  # nobody there
    tracker = socket.send(bytearray(100_000), copy=False, track=True)
    assert not tracker.done
    with pytest.raises(zmq.NotDone):
        tracker.wait(0)
    socket.close(linger=0)
    tracker.wait(5)


def test_large_buffer_crosses_tcp_without_copy(zmq, connect):
    receiver, sender = connect("PULL", "PUSH", "tcp")
    data = bytearray(range(256)) * 4000
    tracker = sender.send(data, copy=False, track=True)
    assert receiver.recv() == data
    tracker.wait(5)


def test_send_multipart_without_copy_returns_a_tracker(zmq, pair):
    tracker = pair[0].send_multipart([b"a", b"b" * 100_000], copy=False, track=True)
    assert isinstance(tracker, zmq.MessageTracker)
    assert pair[1].recv_multipart() == [b"a", b"b" * 100_000]
    tracker.wait(5)


def test_copy_threshold_of_the_socket_decides(zmq, context):
    socket = context.socket(zmq.PUSH, copy_threshold=3)
    socket.connect("tcp://127.0.0.1:9")
    assert socket.copy_threshold == 3
    assert socket.send(b"ab", copy=False, track=True) is zmq._FINISHED_TRACKER
    assert not socket.send(b"abc", copy=False, track=True).done


def test_copy_threshold_of_the_module_is_read_when_a_socket_is_made(zmq, context, monkeypatch):
    assert context.socket(zmq.PUSH).copy_threshold == 65536
    monkeypatch.setattr(zmq, "COPY_THRESHOLD", 7)
    if zmq is purezmq:  # PyZMQ reads it from zmq.sugar
        assert context.socket(zmq.PUSH).copy_threshold == 7


def test_frames_are_sent(zmq, pair):
    assert pair[0].send(zmq.Frame(b"x")) is None
    assert pair[1].recv() == b"x"
    pair[0].send_multipart([zmq.Frame(b"a"), b"b"])
    assert pair[1].recv_multipart() == [b"a", b"b"]


def test_untracked_frame_cannot_be_sent_with_track(zmq, pair):
    with pytest.raises(ValueError, match="Not a tracked message"):
        pair[0].send(zmq.Frame(b"x"), track=True)


def test_received_frames_can_be_sent_on(pair):
    pair[0].send_multipart([b"a", b"b" * 100_000])
    frames = pair[1].recv_multipart(copy=False)
    pair[1].send_multipart(frames, copy=False)
    assert pair[0].recv_multipart() == [b"a", b"b" * 100_000]


# -- options -----------------------------------------------------------------------------------------------


def test_options_are_attributes_in_both_cases(zmq, context):
    socket = context.socket(zmq.PUSH)
    socket.linger = 5
    assert (socket.linger, socket.LINGER, socket.get(zmq.LINGER)) == (5, 5, 5)
    socket.SNDHWM = 7
    assert socket.sndhwm == 7
    socket.LiNgEr = 8
    assert socket.linger == 8


def test_unknown_attribute_is_an_attribute_error(zmq, context):
    socket = context.socket(zmq.PUSH)
    with pytest.raises(AttributeError):
        _ = socket.nonsense
    with pytest.raises(AttributeError):
        socket.nonsense = 1
    with pytest.raises(AttributeError):
        socket._private = 1
    with pytest.raises(AttributeError):
        socket.closed = True


def test_write_only_option_is_no_attribute(zmq, context):
    socket = context.socket(zmq.SUB)
    assert not hasattr(socket, "SUBSCRIBE")
    with pytest.raises(zmq.ZMQError) as caught:
        socket.get(zmq.SUBSCRIBE)
    assert caught.value.errno == zmq.EINVAL


def test_socket_can_be_the_spec_of_a_mock(zmq, context):
    mock = unittest.mock.Mock(spec=context.socket(zmq.SUB))
    mock.send(b"x")
    mock.send.assert_called_once_with(b"x")


@pytest.mark.parametrize("value", ["a", b"a", 1.0, None])
def test_int_option_takes_only_ints(zmq, context, value):
    with pytest.raises(TypeError):
        context.socket(zmq.PUSH).set(zmq.LINGER, value)


@pytest.mark.parametrize("value", ["a", 1, bytearray(b"a"), None])
def test_bytes_option_takes_only_bytes(zmq, context, value):
    with pytest.raises(TypeError):
        context.socket(zmq.DEALER).set(zmq.IDENTITY, value)


@pytest.mark.parametrize("value", [b"", b"a" * 256])
def test_identity_out_of_range_is_einval(zmq, context, value):
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.DEALER).set(zmq.IDENTITY, value)
    assert caught.value.errno == zmq.EINVAL


def test_identity_keeps_its_last_zero(zmq, context):
    socket = context.socket(zmq.DEALER)
    socket.identity = b"a\0"
    assert socket.get(zmq.IDENTITY) == b"a\0"


def test_unknown_option_is_einval(zmq, context):
    socket = context.socket(zmq.PUSH)
    for call in (lambda: socket.set(9999, 1), lambda: socket.get(9999)):
        with pytest.raises(zmq.ZMQError) as caught:
            call()
        assert caught.value.errno == zmq.EINVAL


def test_last_endpoint_has_no_closing_zero(zmq, context):
    socket = context.socket(zmq.PUSH)
    socket.bind("inproc://last")
    assert socket.get(zmq.LAST_ENDPOINT) == b"inproc://last"
    assert socket.get_string(zmq.LAST_ENDPOINT) == "inproc://last"


def test_string_options(zmq, context):
    socket = context.socket(zmq.DEALER)
    socket.set_string(zmq.IDENTITY, "é", "latin1")
    assert socket.getsockopt_unicode(zmq.IDENTITY, "latin1") == "é"
    with pytest.raises(TypeError):
        socket.set_string(zmq.IDENTITY, b"a")
    with pytest.raises(TypeError):
        socket.get_string(zmq.LINGER)


def test_hwm_is_both_high_water_marks(zmq, context):
    socket = context.socket(zmq.DEALER)
    assert socket.hwm == 1000
    socket.hwm = 5
    assert (socket.sndhwm, socket.rcvhwm, socket.get_hwm()) == (5, 5, 5)
    assert not hasattr(socket, "HWM")


def test_type_is_a_socket_type(zmq, context):
    socket = context.socket(zmq.PUSH)
    assert socket.type is zmq.SocketType.PUSH
    assert type(socket.TYPE) is int
    with pytest.deprecated_call():
        assert socket.socket_type == zmq.PUSH


def test_subscribe_takes_text_and_bytes_in_every_form(zmq, connect):
    publisher, subscriber = connect("XPUB", "SUB")
    subscriber.subscribe("a")
    subscriber.subscribe(b"b")
    subscriber.subscribe = "c"
    subscriber.SUBSCRIBE = "d"
    subscriber.setsockopt_string(zmq.SUBSCRIBE, "e")
    assert [publisher.recv() for _ in range(5)] == [b"\1a", b"\1b", b"\1c", b"\1d", b"\1e"]
    subscriber.unsubscribe = "a"
    subscriber.unsubscribe(b"b")
    assert [publisher.recv() for _ in range(2)] == [b"\0a", b"\0b"]


def test_fileno_is_the_option_fd(context, zmq):
    socket = context.socket(zmq.PULL)
    assert socket.fileno() == socket.FD == socket.get(zmq.FD)


# -- polling -----------------------------------------------------------------------------------------------


def test_poll_returns_the_events(zmq, pair):
    assert pair[0].poll(0) == 0
    assert pair[0].poll(0, zmq.POLLIN | zmq.POLLOUT) == zmq.POLLOUT
    pair[1].send(b"x")
    assert pair[0].poll(5000) == zmq.POLLIN
    assert pair[0].poll(None, zmq.POLLIN | zmq.POLLOUT) == zmq.POLLIN | zmq.POLLOUT
    assert pair[0].EVENTS == zmq.POLLIN | zmq.POLLOUT


def test_half_received_message_is_pollin(zmq, pair):
    pair[0].send_multipart([b"a", b"b"])
    pair[1].recv()
    assert pair[1].poll(0) == zmq.POLLIN
    assert pair[1].EVENTS & zmq.POLLIN
    pair[1].recv()
    assert pair[1].poll(0) == 0


# -- life --------------------------------------------------------------------------------------------------

_OPERATIONS = {
    "send": lambda s: s.send(b""),
    "send more": lambda s: s.send(b"", 2),
    "send str": lambda s: s.send("a"),
    "send_multipart": lambda s: s.send_multipart([b"", b""]),
    "recv": lambda s: s.recv(),
    "recv frame": lambda s: s.recv(copy=False),
    "recv_multipart": lambda s: s.recv_multipart(),
    "recv_into": lambda s: s.recv_into(bytearray(1)),
    "bind": lambda s: s.bind("inproc://a"),
    "connect": lambda s: s.connect("inproc://a"),
    "unbind": lambda s: s.unbind("inproc://a"),
    "disconnect": lambda s: s.disconnect("inproc://a"),
    "set": lambda s: s.set(17, 1),
    "get": lambda s: s.get(17),
    "get RCVMORE": lambda s: s.get(13),
    "linger": lambda s: s.linger,
    "hwm": lambda s: s.hwm,
    "fileno": lambda s: s.fileno(),
}


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_closed_socket_is_enotsock(zmq, context, operation):
    socket = context.socket(zmq.DEALER)
    socket.close()
    with pytest.raises(zmq.ZMQError) as caught:
        _OPERATIONS[operation](socket)
    assert caught.value.errno == zmq.ENOTSOCK


def test_poll_of_a_closed_socket_is_enotsup(zmq, context):
    socket = context.socket(zmq.DEALER)
    socket.close()
    with pytest.raises(zmq.ZMQError) as caught:
        socket.poll(0)
    assert caught.value.errno == zmq.ENOTSUP


def test_close_twice_is_fine(zmq, context):
    socket = context.socket(zmq.PUSH)
    socket.close(linger=1)
    socket.close()
    assert socket.closed
    assert socket.underlying == 0


def test_with_closes(zmq, context):
    with context.socket(zmq.PUSH) as socket:
        assert not socket.closed
    assert socket.closed


def test_repr_tells_type_and_state(zmq, context):
    socket = context.socket(zmq.PUSH)
    assert repr(socket) == str(socket) == f"<zmq.Socket(zmq.PUSH) at {id(socket):#x}>"
    socket.close()
    assert repr(socket) == f"<zmq.Socket(zmq.PUSH) at {id(socket):#x} closed>"


def test_repr_names_a_subclass(zmq, context):
    class Mine(zmq.Socket):
        pass

    assert f"{__name__}." in repr(Mine(context, zmq.PUSH))
    assert "Mine(zmq.PUSH)" in repr(context.socket(zmq.PULL, socket_class=Mine)).replace("PULL", "PUSH")


def test_subclass_may_assign_what_it_declares(zmq, context):
    class Mine(zmq.Socket):
        declared = 1
        annotated: int

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.declared = 2
            self.annotated = 3

    socket = context.socket(zmq.PUSH, socket_class=Mine)
    assert (socket.declared, socket.annotated) == (2, 3)
    with pytest.raises(AttributeError):
        socket.undeclared = 1


def test_uncollected_socket_warns(zmq, context):
    with pytest.warns(ResourceWarning, match="Unclosed socket"):
        context.socket(zmq.PUSH)


def test_collected_socket_gives_its_port_back():
    zmq = purezmq
    with zmq.Context() as context:
        held = [context.socket(zmq.PULL)]
        port = held[0].bind_to_random_port("tcp://127.0.0.1")
        with pytest.warns(ResourceWarning):
            held.clear()
        context.term()  # which waits for it
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.bind(f"tcp://127.0.0.1:{port}")


# -- shadows -----------------------------------------------------------------------------------------------


def test_shadow_is_the_same_socket(zmq, pair):
    shadow = zmq.Socket.shadow(pair[0].underlying)
    assert shadow.underlying == pair[0].underlying
    shadow.send(b"x")
    assert pair[1].recv() == b"x"
    shadow.close()
    assert pair[0].closed


def test_shadow_does_not_close_when_collected(zmq, context):
    socket = context.socket(zmq.PUSH)
    for make in (zmq.Socket.shadow, zmq.Socket, copy.copy, copy.deepcopy):
        shadow = make(socket)
        assert shadow is not socket
        assert shadow.underlying == socket.underlying
        del shadow
        gc.collect()
    assert not socket.closed


def test_shadow_of_a_socket_has_its_context(zmq, context):
    socket = context.socket(zmq.PUSH)
    assert zmq.Socket.shadow(socket).context is context
    assert zmq.Socket.shadow(socket.underlying).context is None


def test_shadow_shares_a_half_received_message(zmq, pair):
    pair[0].send_multipart([b"a", b"b"])
    assert pair[1].recv() == b"a"
    shadow = zmq.Socket.shadow(pair[1].underlying)
    assert shadow.rcvmore
    assert shadow.recv() == b"b"
    assert not pair[1].rcvmore


def test_shadow_of_nonsense_is_a_value_error(zmq):
    with pytest.raises(ValueError, match="Cannot cast 'x' to int"):
        zmq.Socket.shadow("x")


def test_shadow_of_an_unknown_number_is_enotsock():
    with pytest.raises(purezmq.ZMQError) as caught:
        purezmq.Socket.shadow(3)
    assert caught.value.errno == purezmq.ENOTSOCK


def test_socket_needs_a_context(zmq):
    for arguments in ((), (None,)):
        with pytest.raises(TypeError, match="context must be specified"):
            zmq.Socket(*arguments)
    with pytest.raises(TypeError):
        zmq.Socket(5, 1)


def test_setting_an_option_leaves_the_attributes_where_send_finds_them_fast(zmq, context):
    if zmq is not purezmq:
        pytest.skip("ours only")
    socket = context.socket(purezmq.PAIR)
    socket.linger = 0
    socket.rcvtimeo = 5
    # CPython makes a dict of them when somebody asks for it, and then looks each up there.
    assert not any(isinstance(kept, dict) and "_core" in kept for kept in gc.get_referents(socket))
