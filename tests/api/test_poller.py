"""Poller, select and zmq_poll as PyZMQ has them, on both."""

from __future__ import annotations

import os
import socket as system
import threading
import time

import pytest

import purezmq


@pytest.fixture
def pipe():
    """Two connected descriptors."""
    one, two = system.socketpair()
    yield one, two
    one.close()
    two.close()


def test_poll_returns_ready_sockets_in_the_order_of_registration(zmq, connect):
    first, second = connect("PAIR", "PAIR")
    third, fourth = connect("PAIR", "PAIR")
    poller = zmq.Poller()
    poller.register(third, zmq.POLLIN)
    poller.register(first, zmq.POLLIN)
    assert poller.poll(0) == []
    second.send(b"x")
    assert poller.poll(5000) == [(first, zmq.POLLIN)]
    fourth.send(b"x")
    while len(poller.poll(0)) < 2:
        pass
    assert poller.poll() == [(third, zmq.POLLIN), (first, zmq.POLLIN)]


def test_poll_is_level_triggered(zmq, connect):
    one, two = connect("PAIR", "PAIR")
    other, _keep = connect("PAIR", "PAIR")
    poller = zmq.Poller()
    poller.register(one, zmq.POLLIN)
    poller.register(other, zmq.POLLIN)
    two.send(b"x")
    for _ in range(3):
        assert poller.poll(5000) == [(one, zmq.POLLIN)]
    one.recv()
    assert poller.poll(0) == []


def test_events_default_to_in_and_out(zmq, pair):
    poller = zmq.Poller()
    poller.register(pair[0])
    assert poller.sockets == [(pair[0], zmq.POLLIN | zmq.POLLOUT)]
    assert poller.poll(5000) == [(pair[0], zmq.POLLOUT)]


def test_modify_changes_the_events(zmq, pair):
    poller = zmq.Poller()
    poller.register(pair[0], zmq.POLLIN)
    poller.modify(pair[0], zmq.POLLOUT)
    assert poller.poll(0) == [(pair[0], zmq.POLLOUT)]
    poller.register(pair[0], 0)
    assert pair[0] not in poller
    assert poller.poll(0) == []


def test_register_with_no_flags_of_what_is_not_registered_is_fine(zmq, pair):
    poller = zmq.Poller()
    poller.register(pair[0], 0)
    assert poller.sockets == []


def test_unregister_of_what_is_not_registered_is_a_key_error(zmq):
    with pytest.raises(KeyError):
        zmq.Poller().unregister(55)


def test_what_cannot_be_polled_is_refused_when_polling(zmq):
    for thing in ("x", object()):
        poller = zmq.Poller()
        poller.register(thing, zmq.POLLIN)
        with pytest.raises(TypeError, match="Socket must be a 0MQ socket, an integer fd or have a fileno"):
            poller.poll(0)


def test_descriptors_and_objects_with_a_fileno_are_polled(zmq, pair, pipe):
    poller = zmq.Poller()
    poller.register(pair[0], zmq.POLLIN)
    poller.register(pipe[0], zmq.POLLIN | zmq.POLLOUT)
    poller.register(pipe[1].fileno(), zmq.POLLIN)
    assert poller.poll(0) == [(pipe[0].fileno(), zmq.POLLOUT)]
    pipe[0].send(b"x")
    assert poller.poll(5000) == [(pipe[0].fileno(), zmq.POLLOUT), (pipe[1].fileno(), zmq.POLLIN)]


def test_plain_file_is_always_ready(zmq, tmp_path):
    with open(tmp_path / "file", "w+") as file:
        assert zmq.zmq_poll([(file, zmq.POLLIN)], 0) == [(file.fileno(), zmq.POLLIN)]


def test_bad_descriptor_is_pollerr(zmq):
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    assert zmq.zmq_poll([(reader, zmq.POLLIN)], 0) == [(reader, zmq.POLLERR)]


def test_timeout_may_be_a_float_and_is_in_milliseconds(zmq, pair):
    poller = zmq.Poller()
    poller.register(pair[0], zmq.POLLIN)
    for _ in range(2):
        started = time.monotonic()
        assert poller.poll(20.9) == []
        assert 0.019 <= time.monotonic() - started < 2
        poller.register(pair[1], zmq.POLLIN)


def test_poll_of_nothing_returns_nothing(zmq):
    assert zmq.Poller().poll(0) == []
    assert zmq.Poller().poll(1) == []
    assert zmq.zmq_poll([], 0) == []


@pytest.mark.parametrize("timeout", [None, -1, 5000])
@pytest.mark.parametrize("transport", ["inproc", "tcp"])
def test_message_from_another_thread_ends_the_wait(zmq, connect, timeout, transport):
    one, two = connect("PAIR", "PAIR", transport)
    other, _keep = connect("PAIR", "PAIR", transport)
    poller = zmq.Poller()
    poller.register(one, zmq.POLLIN)
    poller.register(other, zmq.POLLIN)
    go = threading.Event()

    def send():
        go.wait()
        two.send(b"x")

    thread = threading.Thread(target=send)
    thread.start()
    go.set()
    assert poller.poll(timeout) == [(one, zmq.POLLIN)]
    thread.join()


def test_wait_longer_than_the_short_one_is_ended_by_a_message():
    zmq = purezmq
    with zmq.Context() as context:
        sockets = [context.socket(zmq.PAIR) for _ in range(4)]
        for place in (0, 2):
            sockets[place].bind(f"tcp://127.0.0.1:{'*'}")
            sockets[place + 1].connect(sockets[place].last_endpoint.decode())
        poller = zmq.Poller()
        poller.register(sockets[0], zmq.POLLIN)
        poller.register(sockets[2], zmq.POLLIN)
        waiting = sockets[0]._core
        found = []
        thread = threading.Thread(target=lambda: found.extend(poller.poll(5000)))
        thread.start()
        while not waiting.waiters:
            pass
        sockets[3].send(b"x")
        thread.join()
        assert found == [(sockets[2], zmq.POLLIN)]
        assert not waiting.waiters
        for socket in sockets:
            socket.close(linger=0)


def test_descriptor_ends_the_wait(zmq, pair, pipe):
    poller = zmq.Poller()
    poller.register(pair[0], zmq.POLLIN)
    poller.register(pipe[1], zmq.POLLIN)
    thread = threading.Thread(target=pipe[0].send, args=(b"x",))
    thread.start()
    assert poller.poll(5000) == [(pipe[1].fileno(), zmq.POLLIN)]
    thread.join()


def test_term_ends_the_wait_with_eterm():
    zmq = purezmq
    context = zmq.Context()
    sockets = [context.socket(zmq.PULL) for _ in range(2)]
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    ended = []

    def wait():
        try:
            poller.poll()
        except zmq.ContextTerminated:
            ended.append("ETERM")
        for socket in sockets:
            socket.close()

    thread = threading.Thread(target=wait)
    thread.start()
    while not sockets[1]._core.waiters:
        pass
    context.term()
    thread.join()
    assert ended == ["ETERM"]


@pytest.mark.parametrize("with_descriptor", [True, False])
def test_closed_socket_among_others_is_passed_over(with_descriptor):
    zmq = purezmq  # PyZMQ's poller looks at standard input for it
    with zmq.Context() as context, open(os.devnull) as file:
        pull, push, closed = (context.socket(kind) for kind in (zmq.PULL, zmq.PUSH, zmq.PULL))
        pull.bind("inproc://pull")
        push.connect("inproc://pull")
        poller = zmq.Poller()
        for wanted in (closed, pull, file.fileno() if with_descriptor else pull):
            poller.register(wanted, zmq.POLLIN)
        poller.poll(0)
        closed.close()
        push.send(b"x")
        ready = dict(poller.poll(5000))
        assert ready.pop(pull) == zmq.POLLIN
        assert closed not in ready
        assert closed in poller


def test_closed_socket_in_a_poller_is_enotsock():
    zmq = purezmq
    with zmq.Context() as context:
        for count in (1, 2):
            poller = zmq.Poller()
            sockets = [context.socket(zmq.PULL) for _ in range(count)]
            for socket in sockets:
                poller.register(socket, zmq.POLLIN)
            poller.poll(0)
            for socket in sockets:
                socket.close()
            with pytest.raises(zmq.ZMQError) as caught:
                poller.poll(0)
            assert caught.value.errno == zmq.ENOTSOCK


def test_what_a_thread_has_half_received_is_ready(zmq, connect):
    one, two = connect("PAIR", "PAIR")
    other, _keep = connect("PAIR", "PAIR")
    poller = zmq.Poller()
    poller.register(other, zmq.POLLIN)
    poller.register(one, zmq.POLLIN)
    poller.poll(0)
    two.send_multipart([b"a", b"b"])
    assert poller.poll(5000) == [(one, zmq.POLLIN)]
    one.recv()
    assert poller.poll(0) == [(one, zmq.POLLIN)]
    one.recv()
    assert poller.poll(0) == []


def test_rep_becomes_writable_by_its_own_recv(zmq, connect):
    rep, req = connect("REP", "REQ")
    poller = zmq.Poller()
    poller.register(rep)
    poller.register(req)
    assert (req, zmq.POLLOUT) in poller.poll(5000)
    req.send(b"x")
    assert poller.poll(5000) == [(rep, zmq.POLLIN)]
    rep.recv()
    assert poller.poll(0) == [(rep, zmq.POLLOUT)]


def test_select_has_seconds_and_three_lists(zmq, pair, pipe):
    assert zmq.select([pair[0]], [pair[1]], [], 0) == ([], [pair[1]], [])
    pair[1].send(b"x")
    assert zmq.select([pair[0], pipe[0]], [pair[0]], [pair[0]], None) == ([pair[0]], [pair[0]], [])
    pipe[1].send(b"x")
    assert zmq.select([pipe[0]], [], [], 5) == ([pipe[0].fileno()], [], [])
    assert zmq.select([], [], [], 0) == ([], [], [])


def test_zmq_poll_lists_every_entry(zmq, pair, pipe):
    pipe[0].send(b"x")
    wanted = [(pair[0], zmq.POLLOUT), (pipe[1].fileno(), zmq.POLLIN), (pipe[1], zmq.POLLIN)]
    assert zmq.zmq_poll(wanted, 0) == [
        (pair[0], zmq.POLLOUT),
        (pipe[1].fileno(), zmq.POLLIN),
        (pipe[1].fileno(), zmq.POLLIN),
    ]
