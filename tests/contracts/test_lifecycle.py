"""Ends: LINGER, close, term, destroy, and what a closed thing answers."""

import errno
import time

import pytest

from .tools import Background, Net, eventually, refused


@pytest.fixture
def late(zmq, tmp_path):
    """Another context's Net on tcp, ended by the test."""
    context = zmq.Context()
    yield Net(zmq, context, "tcp", tmp_path)
    context.destroy(linger=0)


def test_close_with_linger_zero_drops_what_is_unsent(zmq, late):
    push = late.connect(zmq.PUSH, late.absent(), linger=-1)
    push.send(b"unsent")
    push.close(linger=0)
    Background(late.context.term).join()


@pytest.mark.parametrize("linger", [-1, 10_000])
def test_term_waits_until_what_is_unsent_was_delivered(zmq, late, wire, linger):
    address = wire.absent()
    push = late.connect(zmq.PUSH, address, linger=linger, reconnect_ivl=10)
    push.send(b"in the end")
    push.close()
    ending = Background(late.context.term)
    assert wire.bind_again(zmq.PULL, address).recv() == b"in the end"
    ending.join()


def test_term_waits_no_longer_than_linger(zmq, late):
    push = late.connect(zmq.PUSH, late.absent(), linger=200)
    push.send(b"unsent")
    push.close()
    start = time.monotonic()
    Background(late.context.term).join()
    assert 0.15 < time.monotonic() - start < 4


def test_term_with_nothing_unsent_returns_at_once_in_spite_of_linger(zmq, late, wire):
    pull, address = wire.bind(zmq.PULL)
    push = late.connect(zmq.PUSH, address, linger=-1)
    push.send(b"sent")
    assert pull.recv() == b"sent"
    push.close()
    Background(late.context.term).join()


def test_a_large_message_is_delivered_whole_after_close(zmq, late, wire):
    pull, address = wire.bind(zmq.PULL)
    push = late.connect(zmq.PUSH, address, linger=-1)
    body = bytes(20_000_000)
    push.send(body)
    push.close()
    ending = Background(late.context.term)
    assert pull.recv() == body
    ending.join()


def test_many_messages_are_delivered_after_close(zmq, late, wire):
    pull, address = wire.bind(zmq.PULL, rcvhwm=0)
    push = late.connect(zmq.PUSH, address, linger=-1, sndhwm=0)
    for i in range(5000):
        push.send(b"%d" % i)
    push.close()
    ending = Background(late.context.term)
    assert [pull.recv() for _ in range(5000)] == [b"%d" % i for i in range(5000)]
    ending.join()


def test_inproc_messages_can_be_read_after_the_sender_closed(zmq, inproc):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    push.set(zmq.LINGER, -1)
    push.send(b"one")
    push.send_multipart([b"two", b"parts"])
    push.close()
    assert [pull.recv(), pull.recv_multipart()] == [b"one", [b"two", b"parts"]]


def test_linger_is_minus_one_by_default(zmq, ctx):
    with ctx.socket(zmq.PUSH) as socket:
        assert socket.get(zmq.LINGER) == -1
        socket.linger = 0


@pytest.mark.parametrize("kind", ["SUB", "XSUB"])
def test_linger_of_a_subscriber_is_zero_by_default(zmq, ctx, kind):
    assert ctx.socket(getattr(zmq, kind)).get(zmq.LINGER) == 0


def test_linger_is_zero_by_default_in_a_context_that_does_not_block(zmq, late):
    late.context.set(zmq.BLOCKY, 0)
    assert late.context.socket(zmq.PUSH).get(zmq.LINGER) == 0


@pytest.mark.parametrize("kind", ["PULL", "SUB", "ROUTER", "DEALER", "PAIR", "REP"])
def test_term_wakes_a_blocked_receive(zmq, late, kind):
    socket, _ = late.bind(getattr(zmq, kind), rcvtimeo=-1)
    receiver = Background(_until_term, zmq, socket, socket.recv)
    Background(late.context.term).join()
    receiver.join()


def test_term_wakes_a_blocked_send(zmq, late):
    socket, _ = late.bind(zmq.PUSH, sndtimeo=-1)
    sender = Background(_until_term, zmq, socket, lambda: socket.send(b"nobody"))
    Background(late.context.term).join()
    sender.join()


def test_term_wakes_a_blocked_poll(zmq, late):
    socket, _ = late.bind(zmq.PULL)
    waiter = Background(_until_term, zmq, socket, lambda: socket.poll(10_000))
    Background(late.context.term).join()
    waiter.join()


def _until_term(zmq, socket, wait):
    try:
        with pytest.raises(zmq.ContextTerminated) as caught:
            wait()
            socket.recv(zmq.DONTWAIT)  # poll() may only wake up; the next call says why
        assert caught.value.errno == zmq.ETERM
    finally:
        socket.close(linger=0)


def test_term_waits_for_open_sockets_which_answer_eterm(zmq, late):
    socket, _ = late.bind(zmq.PULL)
    ending = Background(late.context.term)
    eventually(lambda: _terminated(zmq, lambda: socket.recv(zmq.DONTWAIT)))
    for operation in (
        lambda: socket.send(b""),
        lambda: socket.bind("tcp://127.0.0.1:*"),
        lambda: socket.get(zmq.EVENTS),
    ):
        with refused(zmq, zmq.ETERM):
            operation()
    assert ending.running
    socket.close()
    ending.join()


def _terminated(zmq, operation):
    try:
        operation()
    except zmq.Again:
        return False
    except zmq.ContextTerminated:
        return True


def test_term_twice_does_nothing(zmq, late):
    late.context.term()
    late.context.term()
    assert late.context.closed


def test_terminated_context_makes_no_socket(zmq, late):
    late.context.term()
    with refused(zmq, errno.ENOTSUP):
        late.context.socket(zmq.PULL)


def test_destroy_closes_every_socket(zmq, late):
    sockets = [late.bind(kind)[0] for kind in (zmq.PULL, zmq.PUB, zmq.REP)]
    late.context.destroy()
    assert all(socket.closed for socket in sockets)
    assert late.context.closed


def test_destroy_applies_its_linger_to_every_socket(zmq, late):
    push = late.connect(zmq.PUSH, late.absent(), linger=-1)
    push.send(b"unsent")
    Background(lambda: late.context.destroy(linger=0)).join()
