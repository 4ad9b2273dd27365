"""STREAM: routing ids, notes and ends."""

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.core.message import SharedPart
from purezmq.errors import ZMQError
from tests.core.patterns.tools import attach, deliver, get_ready, make, make_pipe, receive_all, sent

FIRST = b"\0\0\0\0\0"


@pytest.fixture
def stream():
    return make(SocketType.STREAM)


def test_stream_names_its_peers_at_once_and_tells_the_latest_name(stream):
    pipes = [attach(stream) for _ in range(2)]
    assert [pipe.routing_id for pipe in pipes] == [FIRST, b"\0\0\0\0\1"]
    assert stream.options.routing_id == pipes[1].routing_id


def test_stream_takes_a_chosen_name(stream):
    stream.attach(make_pipe(connect_id=b"me"))
    assert stream.options.routing_id == b""
    with pytest.raises(ZMQError) as caught:
        stream.attach(make_pipe(connect_id=b"me"))
    assert caught.value.errno == Errno.EADDRINUSE


def test_stream_tells_when_a_link_is_made_and_lost_and_made_again(stream):
    pipe = attach(stream)
    deliver(stream, pipe, b"x")
    stream.lost(pipe, accepted=False)
    stream.hiccup(pipe)
    get_ready(stream, pipe)
    assert [data for _, data in receive_all(stream)] == [b"", b"x", b"", b""]


def test_stream_tells_the_end_of_a_peer_that_is_gone(stream):
    pipe = attach(stream)
    stream.lost(pipe, accepted=True)
    stream.detach(pipe)
    assert receive_all(stream) == [[FIRST, b""]] * 2
    assert not stream.readable()


def test_stream_that_does_not_notify_tells_data_only(stream):
    pipe = attach(stream, stream_notify=0)
    deliver(stream, pipe, b"x")
    stream.lost(pipe, accepted=True)
    assert receive_all(stream) == [[FIRST, b"x"]]


def test_stream_sends_by_name(stream):
    first, second = attach(stream), attach(stream)
    part = SharedPart(memoryview(b"2"))
    assert stream.send([second.routing_id, b"1"])
    assert stream.send([second.routing_id, part])
    assert [sent(first), sent(second)] == [[], [b"1", [part]]]


@pytest.mark.parametrize("empty", [b"", SharedPart(memoryview(b""))])
def test_stream_dismisses_who_is_sent_nothing(stream, empty):
    pipe = attach(stream)
    stream.send([FIRST, b"x"])
    stream.send([FIRST, empty])
    assert pipe.link.dismissed
    assert sent(pipe) == [b"x"]


def test_stream_waits_for_a_full_peer(stream):
    attach(stream, send_limit=1)
    assert stream.send([FIRST, b"1"])
    assert not stream.send([FIRST, b"2"])
    assert not stream.send([FIRST, b""])


@pytest.mark.parametrize("message", [b"x", [SharedPart(memoryview(b"x"))]])
def test_stream_ignores_a_name_alone(stream, message):
    assert stream.send(message)


def test_stream_refuses_unknown_names(stream):
    attach(stream)
    for refused in (lambda: stream.send([b"nobody", b"x"]), lambda: stream.begin(b"nobody")):
        with pytest.raises(ZMQError) as caught:
            refused()
        assert caught.value.errno == Errno.EHOSTUNREACH
    stream.begin(FIRST)


def test_stream_refuses_three_parts(stream):
    attach(stream)
    with pytest.raises(ZMQError) as caught:
        stream.send([FIRST, b"1", b"2"])
    assert caught.value.errno == Errno.EINVAL
