"""Closed sockets, limits, collected and shadow objects, and the context instance."""

import errno
import gc
import warnings

import pytest

from .tools import eventually, refused, unique


@pytest.mark.parametrize(
    "operation",
    [
        lambda zmq, socket: socket.send(b""),
        lambda zmq, socket: socket.recv(),
        lambda zmq, socket: socket.bind("tcp://127.0.0.1:*"),
        lambda zmq, socket: socket.connect("tcp://127.0.0.1:1"),
        lambda zmq, socket: socket.unbind("tcp://127.0.0.1:1"),
        lambda zmq, socket: socket.disconnect("tcp://127.0.0.1:1"),
        lambda zmq, socket: socket.get(zmq.EVENTS),
        lambda zmq, socket: socket.set(zmq.LINGER, 0),
        lambda zmq, socket: socket.fileno(),
        lambda zmq, socket: socket.send_multipart([b"a"]),
    ],
    ids=["send", "recv", "bind", "connect", "unbind", "disconnect", "get", "set", "fileno", "send_multipart"],
)
def test_closed_socket_answers_enotsock(zmq, inproc, operation):
    socket, _ = inproc.bind(zmq.PAIR)
    socket.close()
    with refused(zmq, errno.ENOTSOCK):
        operation(zmq, socket)


def test_closed_socket_refuses_poll_with_enotsup(zmq, inproc):
    socket, _ = inproc.bind(zmq.PAIR)
    socket.close()
    with refused(zmq, errno.ENOTSUP):
        socket.poll(0)


def test_closing_twice_does_nothing(zmq, inproc):
    socket, _ = inproc.bind(zmq.PAIR)
    socket.close()
    socket.close()
    assert socket.closed


def test_socket_is_closed_at_the_end_of_its_with_block(zmq, inproc):
    with inproc.socket(zmq.PAIR) as socket:
        assert not socket.closed
    assert socket.closed


def test_context_is_destroyed_at_the_end_of_its_with_block(zmq):
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        assert not context.closed
    assert socket.closed
    assert context.closed


def test_max_sockets_limits_the_open_ones(zmq, ctx):
    ctx.set(zmq.MAX_SOCKETS, 3)
    sockets = [ctx.socket(zmq.PULL) for _ in range(3)]
    with refused(zmq, errno.EMFILE):
        ctx.socket(zmq.PULL)
    sockets.pop().close()
    eventually(lambda: _opens(zmq, ctx))


def _opens(zmq, context):
    try:
        context.socket(zmq.PULL).close()
    except zmq.ZMQError:
        return False
    return True


def test_forgotten_socket_is_closed_with_a_warning(zmq, ctx):
    address = f"inproc://{unique()}"
    socket = ctx.socket(zmq.PULL)
    socket.bind(address)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del socket
        gc.collect()
    assert ResourceWarning in [each.category for each in caught]
    eventually(lambda: _binds(zmq, ctx, address))


def _binds(zmq, ctx, address):
    with ctx.socket(zmq.PULL) as socket:
        try:
            socket.bind(address)
        except zmq.ZMQError:
            return False
    return True


def test_shadow_context_is_the_same_context(zmq, ctx):
    shadow = zmq.Context.shadow(ctx.underlying)
    address = f"inproc://{unique()}"
    with shadow.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(address)
        push.connect(address)
        push.send(b"same")
        assert pull.recv() == b"same"
    del shadow
    gc.collect()
    assert not ctx.closed


def test_shadow_socket_is_the_same_socket(zmq, inproc):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    for shadow in (zmq.Socket.shadow(pull.underlying), zmq.Socket.shadow(pull)):
        push.send(b"same")
        assert shadow.recv() == b"same"
        del shadow
        gc.collect()
    assert not pull.closed


def test_instance_is_one_context_until_it_ends(zmq):
    one = zmq.Context.instance()
    assert zmq.Context.instance() is one
    one.term()
    another = zmq.Context.instance()
    assert another is not one
    another.term()


def test_shadow_of_a_terminated_context_makes_no_socket(zmq):
    context = zmq.Context()
    shadow = zmq.Context.shadow(context.underlying)
    context.term()
    with refused(zmq, errno.EFAULT):
        shadow.socket(zmq.PULL)
