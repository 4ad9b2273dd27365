"""Context as PyZMQ has it, on both."""

from __future__ import annotations

import copy
import gc
import os
import threading

import pytest

import purezmq


def test_negative_io_threads_is_einval(zmq):
    with pytest.raises(zmq.ZMQError) as caught:
        zmq.Context(-1)
    assert caught.value.errno == zmq.EINVAL


def test_io_threads_must_be_a_number(zmq):
    with pytest.raises(TypeError):
        zmq.Context("a")


@pytest.mark.parametrize("socket_type, error", [(99, "ZMQError"), ("PUSH", "TypeError")])
def test_unknown_socket_type_is_refused(zmq, context, socket_type, error):
    with pytest.raises({"ZMQError": zmq.ZMQError, "TypeError": TypeError}[error]):
        context.socket(socket_type)


# -- options -----------------------------------------------------------------------------------------------


def test_context_options_are_attributes(zmq, context):
    assert context.io_threads == context.get(zmq.IO_THREADS) == 1
    context.max_sockets = 5
    assert context.MAX_SOCKETS == 5
    assert context.SOCKET_LIMIT == 65535


def test_unknown_context_option_is_einval(zmq, context):
    for call in (lambda: context.set(99, 1), lambda: context.get(99)):
        with pytest.raises(zmq.ZMQError) as caught:
            call()
        assert caught.value.errno == zmq.EINVAL


@pytest.mark.parametrize("value", ["x", b"x", None])
def test_context_option_takes_ints(zmq, context, value):
    with pytest.raises(TypeError):
        context.set(zmq.IO_THREADS, value)


def test_socket_options_become_defaults(zmq):
    with zmq.Context() as context:
        context.linger = 12
        context.setsockopt(zmq.RCVTIMEO, 5)
        assert (context.linger, context.LINGER, context.getsockopt(zmq.RCVTIMEO)) == (12, 12, 5)
        with context.socket(zmq.PULL) as socket:
            assert (socket.linger, socket.rcvtimeo) == (12, 5)


def test_default_that_a_type_does_not_know_is_left_out(zmq, context):
    context.subscribe = b"a"
    context.socket(zmq.PUSH).close()
    context.socket(zmq.SUB).close()


def test_socket_option_without_default_is_no_attribute(zmq):
    with zmq.Context() as context:
        assert not hasattr(context, "linger")
        with pytest.raises(KeyError):
            context.getsockopt(zmq.LINGER)


def test_unknown_attribute_is_an_attribute_error(zmq, context):
    with pytest.raises(AttributeError):
        _ = context.nonsense
    with pytest.raises(AttributeError):
        context.nonsense = 1


def test_subclass_may_assign_what_it_declares(zmq):
    class Mine(zmq.Context):
        declared = 1
        annotated: int

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.declared = 2
            self.annotated = 3

    with Mine() as context:
        assert (context.declared, context.annotated) == (2, 3)


def test_kwargs_go_to_the_socket_class(zmq, context):
    assert context.socket(zmq.PUSH, copy_threshold=1).copy_threshold == 1
    with pytest.raises(TypeError):
        context.socket(zmq.PUSH, nonsense=1)


# -- instance ----------------------------------------------------------------------------------------------


@pytest.fixture
def no_instance(zmq, monkeypatch):
    monkeypatch.setattr(zmq.Context, "_instance", None)
    yield
    if zmq.Context._instance is not None:
        zmq.Context._instance.term()


@pytest.mark.usefixtures("no_instance")
def test_instance_is_one_until_it_is_closed(zmq):
    first = zmq.Context.instance()
    assert zmq.Context.instance(io_threads=5) is first
    first.term()
    second = zmq.Context.instance()
    assert second is not first
    assert not second.closed


@pytest.mark.usefixtures("no_instance")
def test_subclass_shares_the_instance_of_its_base_only_if_that_exists(zmq):
    class Mine(zmq.Context):
        pass

    mine = Mine.instance()
    assert type(mine) is Mine
    base = zmq.Context.instance()
    assert base is not mine
    assert Mine.instance() is mine

    class Late(zmq.Context):
        pass

    assert Late.instance() is base
    mine.term()


@pytest.mark.usefixtures("no_instance")
def test_instance_is_one_for_all_threads(zmq):
    found = []
    threads = [threading.Thread(target=lambda: found.append(zmq.Context.instance())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.usefixtures("no_instance")
def test_child_gets_its_own_instance(zmq):
    context = zmq.Context.instance()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            fresh = zmq.Context.instance()
            context.term()
            verdict = b"fresh" if fresh is not context and not fresh.closed else b"same"
            fresh.term()
            os.write(writer, verdict)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"fresh"
    os.close(reader)
    os.close(writer)
    assert not context.closed


# -- the end -----------------------------------------------------------------------------------------------


def test_term_and_destroy_twice_are_fine(zmq):
    context = zmq.Context()
    context.term()
    context.term()
    context.destroy()
    assert context.closed
    assert context.underlying == 0


def test_closed_context_refuses(zmq):
    context = zmq.Context()
    context.term()
    for call in (lambda: context.get(zmq.IO_THREADS), lambda: context.set(zmq.IO_THREADS, 1)):
        with pytest.raises(RuntimeError):
            call()
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.PUSH)
    assert caught.value.errno == zmq.ENOTSUP


def test_destroy_closes_the_sockets(zmq):
    context = zmq.Context()
    sockets = [context.socket(zmq.PUSH) for _ in range(3)]
    sockets[0].close()
    context.destroy(linger=0)
    assert all(socket.closed for socket in sockets)
    assert context.closed


def test_destroy_calls_close_without_arguments(zmq):
    class Narrow(zmq.Socket):
        def close(self):
            super().close(linger=0)

    context = zmq.Context()
    socket = context.socket(zmq.PUSH, socket_class=Narrow)
    context.destroy(linger=0)
    assert socket.closed


def test_term_wakes_a_blocked_receiver_with_eterm(zmq):
    context = zmq.Context()
    socket = context.socket(zmq.PULL)
    socket.bind("inproc://blocked")
    outcome = []

    def receive():
        try:
            socket.recv()
        except zmq.ContextTerminated as reason:
            outcome.append(reason.errno)
        socket.close()

    thread = threading.Thread(target=receive)
    thread.start()
    context.term()
    thread.join()
    assert outcome == [zmq.ETERM]


def test_with_destroys_and_warns_of_open_sockets(zmq):
    with (
        pytest.warns(ResourceWarning, match="Destroying context with unclosed socket"),
        zmq.Context() as context,
    ):
        socket = context.socket(zmq.PUSH)
    assert context.closed
    assert socket.closed


def test_uncollected_context_warns(zmq):
    with pytest.warns(ResourceWarning, match="Unclosed context"):
        zmq.Context()


def test_collected_context_ends_in_the_background():
    held = [purezmq.Context()]
    core = held[0]._core
    held.append(held[0].socket(purezmq.PUSH))
    with pytest.warns(ResourceWarning):
        held.clear()
    for thread in threading.enumerate():
        if thread.name == "purezmq-term":
            thread.join()
    assert core.closed
    assert not core.sockets


def test_socket_keeps_its_context(zmq):
    socket = zmq.Context().socket(zmq.PUSH)
    gc.collect()
    assert not socket.context.closed
    context = socket.context
    socket.close()
    context.term()


def test_repr_counts_the_open_sockets(zmq):
    context = zmq.Context()
    assert repr(context) == f"<zmq.Context() at {id(context):#x}>"
    first, second = context.socket(zmq.PUSH), context.socket(zmq.PUSH)
    assert repr(context) == f"<zmq.Context(2 sockets) at {id(context):#x}>"
    first.close()
    assert repr(context) == f"<zmq.Context(1 socket) at {id(context):#x}>"
    second.close()
    context.term()
    assert repr(context) == f"<zmq.Context() at {id(context):#x} closed>"


# -- shadows -----------------------------------------------------------------------------------------------


def test_shadow_is_the_same_context(zmq, context):
    shadows = [
        zmq.Context.shadow(context.underlying),
        zmq.Context.shadow(context),
        zmq.Context(context),
        zmq.Context(shadow=context),
        copy.copy(context),
        copy.deepcopy(context),
    ]
    for number, shadow in enumerate(shadows):
        assert shadow.underlying == context.underlying
        with context.socket(zmq.PAIR) as one, shadow.socket(zmq.PAIR) as two:
            one.bind(f"inproc://{number}")
            two.connect(f"inproc://{number}")
            two.send(b"x")
            assert one.recv() == b"x"
    del shadow, shadows
    gc.collect()
    assert not context.closed


def test_socket_from_a_shadow_of_a_terminated_context_is_efault(zmq):
    context = zmq.Context()
    shadow = zmq.Context.shadow(context.underlying)
    context.term()
    with pytest.raises(zmq.ZMQError) as caught:
        shadow.socket(zmq.PUSH)
    assert caught.value.errno == zmq.EFAULT


def test_shadow_of_nonsense_is_a_value_error(zmq):
    with pytest.raises(ValueError, match="Cannot cast 'x' to int"):
        zmq.Context.shadow("x")


def test_destroy_of_a_shadow_closes_only_its_own_sockets():
    zmq = purezmq  # PyZMQ's context cannot be collected without an error after this
    context = zmq.Context()
    shadow = zmq.Context.shadow(context)
    socket = shadow.socket(zmq.PUSH)
    assert repr(context) == f"<zmq.Context() at {id(context):#x}>"
    shadow.destroy(linger=0)
    assert socket.closed
    assert shadow.closed
    context.term()
