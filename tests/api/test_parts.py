"""Messages that are sent part by part, when there is no room for their end."""

import asyncio

import pytest

import purezmq as zmq
import purezmq.asyncio


@pytest.fixture
def pair():
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        for socket in (push, pull):
            socket.linger = 0
            socket.hwm = 1
        pull.rcvtimeo = 5000
        push.bind("inproc://parts")
        pull.connect("inproc://parts")
        yield push, pull


def fill(push):
    """Take all the room, but not part by part; return how many messages that took."""
    count = 0
    while push._core.offer(b"fill"):
        count += 1
    return count


@pytest.mark.parametrize("end", [[b"b"], [b"b", b"c"]])
def test_the_end_of_a_message_may_be_sent_again(pair, end):
    push, pull = pair
    push.send(b"a", zmq.SNDMORE)
    filled = fill(push)
    for _ in range(2):
        with pytest.raises(zmq.Again):
            push.send_multipart(end, zmq.DONTWAIT)
    assert [pull.recv_multipart() for _ in range(filled)] == [[b"fill"]] * filled
    push.send_multipart(end)
    push.send(b"next")
    assert pull.recv_multipart() == [b"a", *end]
    assert pull.recv_multipart() == [b"next"]


def test_a_message_that_has_not_begun_leaves_nothing(pair):
    push, pull = pair
    filled = fill(push)
    with pytest.raises(zmq.Again):
        push.send_multipart([b"a", b"b"], zmq.DONTWAIT | zmq.SNDMORE)
    assert [pull.recv_multipart() for _ in range(filled)] == [[b"fill"]] * filled
    push.send(b"next")
    assert pull.recv_multipart() == [b"next"]


def test_the_end_of_a_message_may_be_awaited(pair):
    push, pull = pair

    async def main():
        sender = purezmq.asyncio.Socket.from_socket(push)
        await sender.send(b"a", zmq.SNDMORE)
        filled = fill(push)
        ending = asyncio.ensure_future(sender.send(b"b"))
        await asyncio.sleep(0)
        assert [pull.recv_multipart() for _ in range(filled)] == [[b"fill"]] * filled
        await ending
        assert pull.recv_multipart() == [b"a", b"b"]

    asyncio.run(main())
