"""Descriptors that the program closes behind the engine's back: the socket goes on. (libzmq aborts the process.)"""

import errno
import os
import socket
import threading

import pytest

import purezmq as zmq
from purezmq.engine.loop import READ, WRITE, SelectorLoop
from purezmq.utils.monitor import recv_monitor_message

PATIENCE = 5000


@pytest.fixture(params=["tcp", "ipc"])
def endpoint(request, tmp_path):
    return "tcp://127.0.0.1:*" if request.param == "tcp" else f"ipc://{tmp_path}/s"


@pytest.fixture
def ctx():
    threads, held = threading.active_count(), len(os.listdir("/proc/self/fd"))
    context = zmq.Context()
    yield context
    context.destroy(linger=0)
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) <= (threads, held)


class Side:
    """A socket and what its monitor tells."""

    def __init__(self, ctx, kind):
        self.socket = ctx.socket(kind)
        self.socket.linger = 0
        self.socket.rcvtimeo = self.socket.sndtimeo = PATIENCE
        self.socket.reconnect_ivl = 5
        self._monitor = self.socket.get_monitor_socket()

    def until(self, wanted):
        """Return the value that comes with the next event of this kind."""
        while True:
            assert self._monitor.poll(PATIENCE), f"{wanted.name} has not come"
            event = recv_monitor_message(self._monitor)
            if event["event"] == wanted:
                return event["value"]


@pytest.fixture
def bound(ctx, endpoint):
    side = Side(ctx, zmq.PAIR)
    side.socket.bind(endpoint)
    return side


@pytest.fixture
def connected(ctx, bound):
    side = Side(ctx, zmq.PAIR)
    side.socket.connect(bound.socket.last_endpoint.decode())
    bound.socket.send(b"hello")
    assert side.socket.recv() == b"hello"
    return side


def exchange(one, other):
    one.socket.send(b"question")
    assert other.socket.recv() == b"question"
    other.socket.send(b"answer")
    assert one.socket.recv() == b"answer"


def test_a_connection_is_made_anew(bound, connected):
    os.close(connected.until(zmq.Event.CONNECTED))
    connected.socket.send(b"sent again")  # this finds out
    assert connected.until(zmq.Event.CLOSE_FAILED) == errno.EBADF
    connected.until(zmq.Event.HANDSHAKE_SUCCEEDED)
    assert bound.socket.recv() == b"sent again"
    exchange(connected, bound)


def test_the_keeper_finds_out_and_lives(ctx):
    pull, push = Side(ctx, zmq.PULL), Side(ctx, zmq.PUSH)
    push.socket.heartbeat_ivl = 10  # the keeper has something to write
    pull.socket.bind("tcp://127.0.0.1:*")
    push.socket.connect(pull.socket.last_endpoint.decode())
    descriptor = push.until(zmq.Event.CONNECTED)
    push.until(zmq.Event.HANDSHAKE_SUCCEEDED)
    os.close(descriptor)
    assert push.until(zmq.Event.CLOSE_FAILED) == errno.EBADF  # and nobody has asked the socket for anything
    push.until(zmq.Event.HANDSHAKE_SUCCEEDED)


def test_a_listener_that_was_closed_can_be_unbound_and_bound_again(bound, connected, endpoint):
    where = bound.socket.last_endpoint.decode()
    os.close(bound.until(zmq.Event.LISTENING))
    exchange(connected, bound)  # who is connected stays
    bound.socket.unbind(where)
    assert bound.until(zmq.Event.CLOSE_FAILED) == errno.EBADF
    bound.socket.bind(where)
    connected.until(zmq.Event.DISCONNECTED)
    connected.until(zmq.Event.HANDSHAKE_SUCCEEDED)
    exchange(connected, bound)


def test_a_full_socket_reads_on_and_connects_anew(ctx):
    push, pull = Side(ctx, zmq.PUSH), Side(ctx, zmq.PULL)
    pull.socket.rcvhwm = 1
    push.socket.bind("tcp://127.0.0.1:*")
    pull.socket.connect(push.socket.last_endpoint.decode())
    for number in range(10):
        push.socket.send(b"%d" % number)
    assert pull.socket.poll(PATIENCE)
    os.close(pull.until(zmq.Event.CONNECTED))  # it is not being read from
    assert pull.socket.recv() == b"0"
    while pull.socket.poll(0):  # what was read already
        pull.socket.recv()
    assert pull.until(zmq.Event.CLOSE_FAILED) == errno.EBADF
    pull.until(zmq.Event.HANDSHAKE_SUCCEEDED)
    push.socket.send(b"last")
    while pull.socket.recv() != b"last":
        pass


def test_a_number_that_became_another_files_stays_open(bound, connected, tmp_path):
    descriptor = connected.until(zmq.Event.CONNECTED)
    with open(tmp_path / "file", "wb") as file:
        os.dup2(file.fileno(), descriptor)
        connected.socket.send(b"x")
        assert connected.until(zmq.Event.CLOSE_FAILED) == errno.EBADF
        connected.until(zmq.Event.HANDSHAKE_SUCCEEDED)
        os.fstat(descriptor)
        os.close(descriptor)


def test_a_number_that_became_another_descriptor_of_the_loop_stays_watched():
    loop, others, ends = SelectorLoop(), socket.socketpair(), socket.socketpair()
    first, second = Recorder(), Recorder()
    try:
        number = os.dup(others[0].fileno())
        loop.watch(number, first, READ)
        os.close(number)
        os.dup2(ends[0].fileno(), number)
        loop.watch(number, second, READ)
        assert not loop.unwatch(number, first)
        ends[1].send(b"x")
        loop.dispatch(loop.wait(10))
        assert (first.masks, second.masks) == ([], [READ])
        assert loop.unwatch(number, second)
        os.close(number)
    finally:
        loop.close()
        for end in (*ends, *others):
            end.close()


def test_a_change_of_a_closed_descriptor_calls_the_handler():
    loop, ends, recorder = SelectorLoop(), socket.socketpair(), Recorder()
    try:
        loop.watch(ends[0].fileno(), recorder, READ)
        number = ends[0].fileno()
        ends[0].close()
        loop.watch(number, recorder, READ | WRITE)
        loop.dispatch([])
        assert recorder.masks == [READ | WRITE]
        assert not loop.unwatch(number, recorder)
    finally:
        loop.close()
        ends[1].close()


class Recorder:
    """Keeps what it was called with (Handler)."""

    def __init__(self):
        self.masks = []

    def on_ready(self, mask):
        self.masks.append(mask)


def test_close_of_a_socket_whose_descriptors_are_gone_does_not_raise(bound, connected):
    os.close(bound.until(zmq.Event.LISTENING))
    os.close(connected.until(zmq.Event.CONNECTED))
    bound.socket.close()
    connected.socket.close()
