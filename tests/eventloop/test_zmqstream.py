"""ZMQStream's rules, on PyZMQ's and on ours."""

import asyncio
import logging
import pickle
import select

import pytest
from tornado.ioloop import IOLoop

pytestmark = pytest.mark.filterwarnings("error")


def _numbers(count):
    return [[b"%d" % number] for number in range(count)]


# -- receiving -------------------------------------------------------------------------------------------


async def test_on_recv_gives_the_parts_as_bytes(streams, heard):
    stream, push = streams.receiving()
    stream.on_recv(heard)
    push.send_multipart([b"a", b"", b"c"])
    assert await heard.count(1) == [[b"a", b"", b"c"]]


async def test_on_recv_without_copy_gives_frames(zmq, streams, heard):
    stream, push = streams.receiving()
    stream.on_recv(heard, copy=False)
    push.send_multipart([b"a", b"bc"])
    [frames] = await heard.count(1)
    assert [type(frame) for frame in frames] == [zmq.Frame, zmq.Frame]
    assert [frame.bytes for frame in frames] == [b"a", b"bc"]


async def test_on_recv_stream_gives_the_stream_too(streams, heard):
    stream, push = streams.receiving()
    stream.on_recv_stream(heard)
    push.send(b"x")
    assert await heard.count(1) == [(stream, [b"x"])]


async def test_on_recv_gets_what_came_before_it_in_order(streams, heard):
    stream, _ = streams.receiving(*_numbers(500))
    stream.on_recv(heard)
    assert await heard.count(500) == _numbers(500)


async def test_on_recv_calls_nothing_at_once(streams, heard):
    stream, _ = streams.receiving([b"x"])
    stream.on_recv(heard)
    assert heard == []
    await heard.count(1)


async def test_a_callback_replaces_the_one_before(streams, heard):
    stream, push = streams.receiving()
    stream.on_recv(lambda parts: pytest.fail("it was replaced"))
    stream.on_recv(heard)
    push.send(b"x")
    await heard.count(1)


async def test_none_stops_receiving_until_the_next_callback(streams, heard, turns):
    stream, push = streams.receiving()
    stream.on_recv(heard)
    assert stream.receiving()
    stream.on_recv(None)
    assert not stream.receiving()
    push.send(b"x")
    assert stream.socket.poll(5000)
    await turns()
    assert heard == []
    stream.on_recv_stream(heard)
    stream.on_recv_stream(None)
    await turns()
    assert heard == []
    stream.on_recv(heard)
    assert await heard.count(1) == [[b"x"]]


async def test_a_callback_may_stop_receiving(streams, heard, turns):
    stream, _ = streams.receiving(*_numbers(3))

    def once(parts):
        heard(parts)
        stream.stop_on_recv()

    stream.on_recv(once)
    await heard.count(1)
    await turns()
    assert heard == [[b"0"]]
    stream.on_recv(heard)
    assert await heard.count(3) == _numbers(3)


async def test_a_callback_may_replace_itself(streams, heard):
    stream, _ = streams.receiving(*_numbers(3))

    def first(parts):
        heard(parts, "first")
        stream.on_recv(heard)

    stream.on_recv(first)
    assert await heard.count(3) == [([b"0"], "first"), [b"1"], [b"2"]]


async def test_a_callback_may_close_the_stream(streams, heard, turns):
    stream, _ = streams.receiving(*_numbers(3))

    def last(parts):
        heard(parts)
        stream.close()

    stream.on_recv(last)
    await heard.count(1)
    await turns()
    assert heard == [[b"0"]]
    assert stream.closed()


async def test_what_is_no_callback_is_refused(streams):
    stream, _ = streams.receiving()
    with pytest.raises(AssertionError):
        stream.on_recv(1)
    with pytest.raises(AssertionError):
        stream.on_send("x")
    with pytest.raises(AssertionError):
        stream.send(b"x", callback=1)


async def test_others_have_their_turn_while_messages_wait(streams, heard):
    stream, _ = streams.receiving(*_numbers(900))
    seen = []
    turn = asyncio.get_running_loop().call_soon

    def count():
        seen.append(len(heard))
        if len(heard) < 900:
            turn(count)

    def slow(parts):
        heard(parts)
        sum(range(2000))

    stream.on_recv(slow)
    turn(count)
    await heard.count(900)
    assert len(set(seen)) > 3


async def test_two_streams_take_turns(zmq, streams, heard):
    one, _ = streams.receiving(*[[b"1"]] * 800)
    two, _ = streams.receiving(*[[b"2"]] * 800)

    def slow(parts):
        heard(parts)
        sum(range(2000))

    one.on_recv(slow)
    two.on_recv(slow)
    await heard.count(1600)
    assert [b"2"] in heard[:800]
    assert [b"1"] in heard[:800]


async def test_on_recv_of_a_socket_that_cannot_receive_calls_nothing(zmq, streams, heard, turns):
    push, _ = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    stream.on_recv(heard)
    await turns()
    assert heard == []


async def test_req_and_rep_take_turns(zmq, streams, heard):
    rep_socket, req_socket = streams.pair(zmq.REP, zmq.REQ)
    rep, req = streams.on(rep_socket), streams.on(req_socket)
    rep.on_recv(lambda parts: rep.send_multipart([*parts, b"!"]))
    req.on_recv(heard)
    for number in range(5):  # each waits for the reply to the one before
        req.send(b"%d" % number)
    assert await heard.count(5) == [[b"%d" % number, b"!"] for number in range(5)]


# -- sending ---------------------------------------------------------------------------------------------


async def test_send_goes_out_from_the_loop(streams, zmq, heard, until):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    stream.on_send(heard)
    stream.send_multipart([b"a", b"b"])
    assert stream.sending()
    assert heard == []
    assert await heard.count(1) == [([b"a", b"b"], None)]
    assert not stream.sending()
    assert pull.poll(5000)
    assert pull.recv_multipart() == [b"a", b"b"]


async def test_sends_keep_their_order(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    receiver.on_recv(heard)
    for parts in _numbers(3000):
        sender.send_multipart(parts)
    assert await heard.count(3000) == _numbers(3000)


async def test_the_callback_of_a_send_stays(streams, zmq, heard):
    stream, _ = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(stream)
    stream.send(b"1", callback=heard)
    stream.send(b"2")
    assert await heard.count(2) == [([b"1"], None), ([b"2"], None)]


async def test_on_send_stream_gives_the_stream_too(streams, zmq, heard):
    push, _ = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    stream.on_send_stream(heard)
    stream.send(b"x")
    assert await heard.count(1) == [(stream, [b"x"], None)]


async def test_none_stops_the_calls_for_sends(streams, zmq, heard, until):
    push, _ = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    for stop in (stream.stop_on_send, lambda: stream.on_send(None), lambda: stream.on_send_stream(None)):
        stream.on_send(heard)
        stop()
        stream.send(b"x")
        await until(lambda: not stream.sending())
    assert heard == []


async def test_a_tracked_send_gives_its_tracker(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    stream.send(b"x" * 100_000, copy=False, track=True, callback=heard)
    [(parts, tracker)] = await heard.count(1)
    assert isinstance(tracker, zmq.MessageTracker)
    assert pull.recv() == parts[0]


async def test_what_sending_raises_is_the_status(streams, zmq, heard, caplog):
    router, dealer = streams.pair(zmq.ROUTER, zmq.DEALER)
    router.router_mandatory = True
    dealer.send(b"here")
    assert router.poll(5000)
    stream = streams.on(router)
    with caplog.at_level(logging.ERROR, "tornado.general"):
        stream.send_multipart([b"nobody", b"x"], callback=heard)
        [(parts, status)] = await heard.count(1)
    assert parts == [b"nobody", b"x"]
    assert isinstance(status, zmq.ZMQError)
    assert status.errno == zmq.EHOSTUNREACH
    assert "SEND Error" in caplog.text


async def test_without_a_peer_messages_wait_in_the_stream(streams, zmq, heard, turns):
    push, pull = streams.socket(zmq.PUSH), streams.socket(zmq.PULL)
    port = push.bind_to_random_port("tcp://127.0.0.1")
    stream = streams.on(push)
    for parts in _numbers(3):
        stream.send_multipart(parts)
    await turns()
    assert stream.sending()
    assert stream.flush() == 0
    pull.connect(f"tcp://127.0.0.1:{port}")
    receiver = streams.on(pull)
    receiver.on_recv(heard)
    assert await heard.count(3) == _numbers(3)
    assert not stream.sending()


@pytest.mark.parametrize("transport", ["tcp", "inproc"])
async def test_at_the_hwm_messages_wait_in_the_stream(streams, zmq, heard, turns, until, transport):
    push, pull = streams.socket(zmq.PUSH), streams.socket(zmq.PULL)
    push.sndhwm = pull.rcvhwm = 2
    if transport == "tcp":
        push.sndbuf = pull.rcvbuf = 4096
    push.bind("tcp://127.0.0.1:*" if transport == "tcp" else "inproc://hwm")
    pull.connect(push.last_endpoint.decode())
    stream = streams.on(push)
    sent = [[b"%d" % number, bytes(100_000)] for number in range(40)]
    for parts in sent:
        stream.send_multipart(parts)
    await turns(300)
    assert stream.sending()
    receiver = streams.on(pull)
    receiver.on_recv(heard)
    assert await heard.count(40) == sent
    await until(lambda: not stream.sending())


async def test_other_forms_of_content(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    receiver.on_recv(heard)
    sender.send_string("grün")
    sender.send_unicode("grün", encoding="utf-16-le")
    sender.send_json({"a": [1, "ü"]})
    sender.send_pyobj({1: (2,)})
    received = [parts[0] for parts in await heard.count(4)]
    assert received[0] == "grün".encode()
    assert received[1] == "grün".encode("utf-16-le")
    assert received[2] == b'{"a": [1, "\\u00fc"]}'
    assert pickle.loads(received[3]) == {1: (2,)}
    with pytest.raises(TypeError):
        sender.send_string(b"bytes")


async def test_parts_sent_with_sndmore_make_one_message(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    receiver.on_recv(heard)
    sender.send(b"a", zmq.SNDMORE)
    sender.send(b"b")
    assert await heard.count(1) == [[b"a", b"b"]]


# -- flush -----------------------------------------------------------------------------------------------


async def test_flush_sends_at_once(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    assert push.poll(5000, zmq.POLLOUT)
    stream = streams.on(push)
    stream.on_send(heard)
    for parts in _numbers(3):
        stream.send_multipart(parts)
    assert stream.flush() == 3
    assert [parts for parts, _ in heard] == _numbers(3)
    assert not stream.sending()
    assert pull.poll(5000)
    assert pull.recv() == b"0"


async def test_flush_receives_at_once(streams, heard):
    stream, push = streams.receiving()
    stream.on_recv(heard)
    for number in range(3):
        push.send(b"%d" % number)
    count = 0
    while count < 3:
        assert stream.socket.poll(5000)
        count += stream.flush()
    assert heard == _numbers(3)
    assert stream.flush() == 0


async def test_flush_drops_what_no_callback_wants(streams, zmq, heard, turns):
    stream, _ = streams.receiving([b"x"])
    assert stream.flush() == 1
    stream.on_recv(heard)
    await turns()
    assert heard == []


async def test_flush_keeps_to_its_flag(streams, zmq, heard):
    one, two = streams.pair(zmq.PAIR, zmq.PAIR)
    one.send(b"in")
    stream = streams.on(two)
    assert two.poll(5000)
    stream.on_recv(heard)
    stream.send(b"out")
    assert stream.flush(zmq.POLLOUT) == 1
    assert heard == []
    stream.send(b"out")
    assert stream.flush(zmq.POLLIN) == 1
    assert heard == [[b"in"]]
    assert stream.sending()


async def test_flush_with_a_flag_for_nothing_leaves_the_rest_to_the_loop(streams, zmq, heard):
    stream, _ = streams.receiving([b"x"])
    stream.on_recv(heard)
    assert stream.flush(zmq.POLLOUT) == 0
    assert await heard.count(1) == [[b"x"]]


async def test_flush_keeps_to_its_limit_and_the_loop_does_the_rest(streams, zmq, heard, turns):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    assert push.poll(5000, zmq.POLLOUT)
    stream = streams.on(push)
    for parts in _numbers(5):
        stream.send_multipart(parts)
    assert stream.flush(limit=2) == 2
    receiver = streams.on(pull)
    receiver.on_recv(heard)
    assert await heard.count(5) == _numbers(5)


async def test_after_a_flush_the_loop_brings_nothing_in_the_same_iteration(streams, heard):
    stream, _ = streams.receiving(*_numbers(3))
    stream.on_recv(heard)  # which has scheduled itself
    counts = []
    asyncio.get_running_loop().call_soon(lambda: counts.append(len(heard)))
    assert stream.flush(limit=1) == 1
    await heard.count(3)
    assert counts == [1]


async def test_a_callback_may_flush(streams, heard):
    stream, _ = streams.receiving(*_numbers(20))

    def nested(parts):
        heard(parts)
        if len(heard) < 3:
            stream.flush()

    stream.on_recv(nested)
    assert await heard.count(20) == _numbers(20)


async def test_a_callback_of_flush_may_close_the_stream(streams, heard):
    stream, _ = streams.receiving(*_numbers(3))

    def last(parts):
        heard(parts)
        stream.close()

    stream.on_recv(last)
    assert stream.flush() == 1
    assert heard == [[b"0"]]
    assert stream.closed()


async def test_a_send_callback_may_send(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    receiver.on_recv(heard)

    def another(parts, status):
        number = int(parts[0])
        if number < 10:
            sender.send(b"%d" % (number + 1))

    sender.send(b"0", callback=another)
    assert await heard.count(11) == _numbers(11)


# -- the end ---------------------------------------------------------------------------------------------


async def test_close_closes_the_socket_and_calls(streams, heard):
    stream, _ = streams.receiving()
    socket = stream.socket
    stream.set_close_callback(lambda: heard("closed"))
    assert not stream.closed()
    stream.close()
    stream.close()
    assert socket.closed
    assert stream.closed()
    assert stream.socket is None
    assert heard == ["closed"]


async def test_close_drops_what_waits_in_the_stream(streams, zmq, heard, turns):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    stream = streams.on(push)
    stream.send(b"x", callback=heard)
    stream.close(linger=1000)
    await turns()
    assert heard == []
    assert not pull.poll(50)


async def test_a_closed_stream_refuses(streams):
    stream, _ = streams.receiving()
    stream.close()
    for call in (
        lambda: stream.send(b"x"),
        lambda: stream.on_recv(print),
        lambda: stream.on_recv_stream(None),
        lambda: stream.on_send(None),
        stream.flush,
        stream.stop_on_recv,
    ):
        with pytest.raises(OSError, match="closed"):
            call()


async def test_closing_the_socket_under_a_stream_closes_the_stream(streams, heard):
    stream, _ = streams.receiving()
    stream.set_close_callback(lambda: heard("closed"))
    stream.socket.close()
    with pytest.warns(UserWarning, match="after closing socket"):
        assert stream.closed()
    assert heard == ["closed"]


async def test_a_scheduled_turn_of_a_closed_socket_closes_the_stream(streams, zmq, turns, caplog):
    stream, _ = streams.receiving([b"x"])
    stream.on_recv(lambda parts: pytest.fail("closed"))
    zmq.Socket.shadow(stream.socket).close()
    with (
        caplog.at_level(logging.WARNING, "tornado.general"),
        pytest.warns(UserWarning, match="after closing socket"),
    ):
        await turns()
    assert stream.socket is None
    assert "closed socket" in caplog.text


@pytest.mark.ours_only
async def test_a_context_that_ends_leaves_no_busy_loop(streams, ctx, turns, until, caplog):
    stream, push = streams.receiving()
    stream.on_recv(print)
    await turns()
    ending = asyncio.get_running_loop().run_in_executor(None, ctx.term)
    with caplog.at_level(logging.WARNING, "tornado.general"):
        await until(lambda: "terminat" in caplog.text)
    records = len(caplog.records)
    await turns()
    assert len(caplog.records) == records
    stream.close()
    push.close()
    await ending


# -- callbacks that fail or take long ----------------------------------------------------------------------


async def test_a_callback_that_raises_is_logged(streams, heard, caplog):
    stream, push = streams.receiving()

    def fails(parts):
        heard(parts)
        raise RuntimeError("on purpose")

    stream.on_recv(fails)
    with caplog.at_level(logging.ERROR):
        push.send(b"x")
        await heard.count(1)
    assert "Uncaught exception in ZMQStream callback" in caplog.text
    assert "on purpose" in caplog.text


@pytest.mark.ours_only
async def test_a_callback_that_raises_leaves_the_rest_to_the_next_turn(streams, heard, caplog):
    stream, _ = streams.receiving(*_numbers(3))

    def fails(parts):
        heard(parts)
        raise RuntimeError("on purpose")

    stream.on_recv(fails)
    assert await heard.count(3) == _numbers(3)


async def test_what_a_callback_raises_in_flush_comes_out_of_flush(streams, heard, caplog):
    stream, _ = streams.receiving(*_numbers(2))

    def fails(parts):
        heard(parts)
        raise RuntimeError("on purpose")

    stream.on_recv(fails)
    with pytest.raises(RuntimeError, match="on purpose"):
        stream.flush()


async def test_a_callback_may_be_a_coroutine_function(streams, heard):
    stream, push = streams.receiving()

    async def slow(parts):
        await asyncio.sleep(0)
        heard(parts)

    stream.on_recv(slow)
    push.send(b"x")
    assert await heard.count(1) == [[b"x"]]


async def test_what_a_coroutine_raises_is_logged(streams, heard, caplog, until):
    stream, push = streams.receiving()

    async def fails(parts):
        await asyncio.sleep(0)
        raise RuntimeError("on purpose")

    stream.on_recv(fails)
    with caplog.at_level(logging.ERROR, "tornado.general"):
        push.send(b"x")
        await until(lambda: "on purpose" in caplog.text)
    assert "Uncaught exception in ZMQStream callback" in caplog.text


async def test_a_coroutine_may_stop_receiving_before_the_next_message(streams, heard, turns):
    stream, _ = streams.receiving(*_numbers(3))

    async def once(parts):
        stream.stop_on_recv()
        heard(parts)

    stream.on_recv(once)
    await heard.count(1)
    await turns()
    assert heard == [[b"0"]]


# -- around ----------------------------------------------------------------------------------------------


async def test_the_stream_passes_some_methods_of_the_socket_on(streams, zmq):
    push, pull = streams.socket(zmq.PUSH), streams.socket(zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    port = sender.bind_to_random_port("tcp://127.0.0.1")
    receiver.connect(f"tcp://127.0.0.1:{port}")
    sender.bind("inproc://around")
    receiver.setsockopt(zmq.RCVHWM, 7)
    assert receiver.getsockopt(zmq.RCVHWM) == 7
    receiver.setsockopt_string(zmq.IDENTITY, "me")
    assert receiver.getsockopt_string(zmq.IDENTITY) == receiver.getsockopt_unicode(zmq.IDENTITY) == "me"
    receiver.setsockopt_unicode(zmq.IDENTITY, "me")
    receiver.poller.poll(0)


async def test_the_callbacks_for_errors_are_only_names(streams, caplog):
    stream, _ = streams.receiving()
    with caplog.at_level(logging.WARNING, "tornado.general"):
        stream.on_err(print)
        stream.stop_on_err()
    assert len(caplog.records) == 2


async def test_the_loop_may_be_named(streams, zmq, ctx, heard):
    from tornado.ioloop import IOLoop

    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    stream = zmq.eventloop.zmqstream.ZMQStream(pull, IOLoop.current())
    assert stream.io_loop is IOLoop.current()
    stream.on_recv(heard)
    push.send(b"x")
    await heard.count(1)


async def test_an_asyncio_socket_is_shadowed(streams, zmq, ctx, heard):
    context = zmq.asyncio.Context(ctx)
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.connect(f"tcp://127.0.0.1:{push.bind_to_random_port('tcp://127.0.0.1')}")
        with pytest.warns(RuntimeWarning, match="ZMQStream"):
            stream = streams.on(pull)
        assert type(stream.socket) is zmq.Socket
        assert stream.socket.underlying == pull.underlying
        stream.on_recv(heard)
        await push.send(b"x")
        assert await heard.count(1) == [[b"x"]]
        stream.close()


@pytest.mark.ours_only
async def test_a_message_that_nobody_wants_does_not_keep_the_loop_busy(streams, turns):
    stream, _ = streams.receiving([b"x"])
    await turns()
    assert not select.select([stream.socket.fileno()], [], [], 0)[0]


@pytest.mark.ours_only
async def test_another_thread_may_send(streams, zmq, heard):
    push, pull = streams.pair(zmq.PUSH, zmq.PULL)
    sender, receiver = streams.on(push), streams.on(pull)
    receiver.on_recv(heard)

    def send():
        for parts in _numbers(500):
            sender.send_multipart(parts)

    await asyncio.to_thread(send)
    assert await heard.count(500) == _numbers(500)


def test_any_asyncio_loop_will_do(streams, zmq, heard):
    uvloop = pytest.importorskip("uvloop")

    async def main():
        push, pull = streams.pair(zmq.PUSH, zmq.PULL)
        sender, receiver = streams.on(push), streams.on(pull)
        receiver.on_recv(heard)
        for parts in _numbers(500):
            sender.send_multipart(parts)
        assert await asyncio.wait_for(heard.count(500), 10) == _numbers(500)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_a_stream_may_be_closed_after_its_loop(streams, zmq):
    async def main():
        return streams.receiving([b"x"])[0]

    stream = asyncio.run(main())
    assert stream.flush() == 1
    stream.close()
    assert stream.closed()


def test_public_names(zmq):
    names = {name for name in dir(zmq.eventloop.zmqstream.ZMQStream) if not name.startswith("_")}
    assert names - {"poller"} == {
        "close", "closed", "flush", "on_err", "on_recv", "on_recv_stream", "on_send", "on_send_stream", "receiving",
        "send", "send_json", "send_multipart", "send_pyobj", "send_string", "send_unicode", "sending",
        "set_close_callback", "stop_on_err", "stop_on_recv", "stop_on_send",
    }  # fmt: skip


async def test_a_callback_may_close_the_stream_with_messages_waiting(streams, heard):
    stream, _ = streams.receiving(*_numbers(3))

    def hear_and_close(parts):
        heard(parts)
        stream.close()

    stream.on_recv(hear_and_close)
    assert await heard.count(1) == [[b"0"]]
    await asyncio.sleep(0)
    assert stream.closed()
    assert heard == [[b"0"]]


def test_a_loop_that_closes_all_its_descriptors_closes_the_socket(zmq, ctx):
    loop = IOLoop(make_current=False)
    socket = ctx.socket(zmq.PULL)
    zmq.eventloop.zmqstream.ZMQStream(socket, loop).on_recv(print)
    loop.close(all_fds=True)
    assert socket.closed
