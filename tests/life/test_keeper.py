"""The keeper: what goes on while the program computes and touches none of its sockets.

`compute_while` is such a program: a bounded busy loop in pure Python. The peers are libzmq's, in other threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from time import monotonic, process_time
from typing import Any

import pytest
import zmq as theirs

import purezmq as ours

BOUND = 10.0  # s; the longest that anything here may compute
TIMEOUT = 5000  # ms


def compute_while(busy: Callable[[], bool]) -> None:
    """Compute for as long as the condition holds, but not longer than BOUND."""
    end = monotonic() + BOUND
    while busy() and monotonic() < end:
        sum(range(200))


def compute(seconds: float) -> None:
    end = monotonic() + seconds
    compute_while(lambda: monotonic() < end)


def result_while_computing(future: Future[Any]) -> Any:
    """Compute until the future is done; what it gives."""
    compute_while(lambda: not future.done())
    assert future.done(), "it did not happen while the program computed"
    return future.result()


@pytest.fixture
def context() -> Iterator[ours.Context]:
    context = ours.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def their_context() -> Iterator[theirs.Context]:
    context = theirs.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def make(context: Any, socket_type: int, **options: int) -> Any:
    """A socket of either side with a time limit on every call."""
    socket = context.socket(socket_type)
    socket.set(theirs.SNDTIMEO, TIMEOUT)
    socket.set(theirs.RCVTIMEO, TIMEOUT)
    socket.set(theirs.LINGER, 0)
    for name, value in options.items():
        socket.set(getattr(theirs, name), value)
    return socket


def bind(socket: Any) -> str:
    socket.bind("tcp://127.0.0.1:*")
    return str(socket.get_string(theirs.LAST_ENDPOINT))


def happens(monitor: Any, event: int, timeout: int = TIMEOUT) -> bool:
    """Whether their monitor reports this event within so many milliseconds."""
    end = monotonic() + timeout / 1000
    while monitor.poll(max(0, int((end - monotonic()) * 1000))):
        number, _ = monitor.recv_multipart()
        if int.from_bytes(number[:2], "little") == event:
            return True
    return False


# -- connecting --------------------------------------------------------------------------------------------


def test_peer_that_connects_completes_its_handshake_while_the_program_computes(context, their_context, pool):
    pull = make(context, ours.PULL)
    endpoint = bind(pull)
    push = make(their_context, theirs.PUSH)
    monitor = push.get_monitor_socket(theirs.EVENT_HANDSHAKE_SUCCEEDED)
    push.connect(endpoint)
    assert result_while_computing(pool.submit(happens, monitor, theirs.EVENT_HANDSHAKE_SUCCEEDED))
    push.disable_monitor()


def test_our_connect_completes_its_handshake_while_the_program_computes(context, their_context, pool):
    push = make(their_context, theirs.PUSH)
    pull = make(context, ours.PULL)
    pull.connect(bind(push))
    result_while_computing(pool.submit(push.send, b"you are there"))
    assert pull.recv() == b"you are there"


def test_peer_that_appears_late_is_connected_while_the_program_computes(context, their_context, pool):
    first = theirs.Context()
    before = make(first, theirs.PUSH)
    pull = make(context, ours.PULL)
    endpoint = bind(before)
    pull.connect(endpoint)
    before.send(b"before")
    assert pull.recv() == b"before"
    first.destroy(linger=0)

    def come_back() -> None:
        after = make(their_context, theirs.PUSH)
        after.bind(endpoint)
        after.send(b"after")

    result_while_computing(pool.submit(come_back))
    assert pull.recv() == b"after"


def test_lost_peer_connects_again_while_the_program_computes(context, their_context, pool):
    pull = make(context, ours.PULL)
    endpoint = bind(pull)
    for _ in range(3):
        push = make(their_context, theirs.PUSH)
        monitor = push.get_monitor_socket(theirs.EVENT_HANDSHAKE_SUCCEEDED)
        push.connect(endpoint)
        assert result_while_computing(pool.submit(happens, monitor, theirs.EVENT_HANDSHAKE_SUCCEEDED))
        push.disable_monitor()
        push.close()


def test_heartbeats_are_answered_while_the_program_computes(context, their_context, pool):
    pull = make(context, ours.PULL)
    push = make(their_context, theirs.PUSH, HEARTBEAT_IVL=50, HEARTBEAT_TIMEOUT=200)
    monitor = push.get_monitor_socket(theirs.EVENT_DISCONNECTED)
    push.connect(bind(pull))
    push.send(b"connected")
    assert pull.recv() == b"connected"
    assert not result_while_computing(pool.submit(happens, monitor, theirs.EVENT_DISCONNECTED, 1000))
    push.disable_monitor()


def test_our_heartbeats_find_a_living_peer_while_the_program_computes(context, their_context, pool):
    pull = make(context, ours.PULL, HEARTBEAT_IVL=50, HEARTBEAT_TIMEOUT=200)
    push = make(their_context, theirs.PUSH)
    monitor = push.get_monitor_socket(theirs.EVENT_DISCONNECTED)
    push.connect(bind(pull))
    push.send(b"connected")
    assert pull.recv() == b"connected"
    assert not result_while_computing(pool.submit(happens, monitor, theirs.EVENT_DISCONNECTED, 1000))
    push.disable_monitor()


# -- messages ----------------------------------------------------------------------------------------------


def test_messages_are_read_ahead_up_to_rcvhwm_while_the_program_computes(context, their_context, pool):
    hwm, size = 40, 200_000  # far more than the small buffers of the kernel hold
    pull = make(context, ours.PULL, RCVHWM=hwm, RCVBUF=16_384)
    push = make(their_context, theirs.PUSH, SNDHWM=1, SNDBUF=16_384, SNDTIMEO=300)
    push.connect(bind(pull))

    def send_until_full() -> int:
        for count in range(3 * hwm):
            try:
                push.send(count.to_bytes(4, "big") + bytes(size))
            except theirs.Again:
                return count
        return 3 * hwm

    sent = result_while_computing(pool.submit(send_until_full))
    assert hwm <= sent <= hwm + 10
    their_context.destroy(linger=0)  # what is read ahead is ours
    received = [int.from_bytes(pull.recv()[:4], "big") for _ in range(hwm)]
    assert received == list(range(hwm))


def test_subscription_arrives_at_a_pub_that_nobody_reads(context, their_context, pool):
    pub = make(context, ours.PUB)
    sub = make(their_context, theirs.SUB)
    sub.subscribe(b"a")
    monitor = sub.get_monitor_socket(theirs.EVENT_HANDSHAKE_SUCCEEDED)
    sub.connect(bind(pub))
    assert result_while_computing(pool.submit(happens, monitor, theirs.EVENT_HANDSHAKE_SUCCEEDED))
    sub.disable_monitor()
    compute(0.3)  # it follows the handshake at once
    pub.send(b"a: the first")
    assert sub.recv() == b"a: the first"


def test_gathered_sends_go_out_while_the_program_computes(context, their_context, pool):
    pull = make(their_context, theirs.PULL, RCVHWM=0)
    push = make(context, ours.PUSH, SNDHWM=0)
    push.connect(bind(pull))
    push.send(b"connected")
    assert pull.recv() == b"connected"
    for number in range(1000):
        push.send(b"%d" % number)
    received = result_while_computing(pool.submit(lambda: [pull.recv() for _ in range(1000)]))
    assert received == [b"%d" % number for number in range(1000)]


def test_sends_before_the_connection_go_out_while_the_program_computes(context, their_context, pool):
    pull = make(their_context, theirs.PULL)
    push = make(context, ours.PUSH)
    push.connect(bind(pull))
    push.send_multipart([b"a", b"b"])
    assert result_while_computing(pool.submit(pull.recv_multipart)) == [b"a", b"b"]


def test_sends_that_the_kernel_did_not_take_go_out_while_the_program_computes(context, their_context, pool):
    pull = make(their_context, theirs.PULL)
    push = make(context, ours.PUSH)
    push.connect(bind(pull))
    big = bytes(20_000_000)
    push.send(big)
    assert result_while_computing(pool.submit(pull.recv)) == big


def test_closed_socket_lingers_while_the_program_computes(context, their_context, pool):
    pull = make(their_context, theirs.PULL)
    push = make(context, ours.PUSH)
    push.connect(bind(pull))
    push.send(b"last words")
    push.close(linger=TIMEOUT)
    assert result_while_computing(pool.submit(pull.recv)) == b"last words"


# -- the thread itself -------------------------------------------------------------------------------------


def test_no_thread_before_it_is_needed():
    before = set(threading.enumerate())
    context = ours.Context()
    push = make(context, ours.PUSH)
    assert not push.poll(0)
    assert set(threading.enumerate()) == before
    context.destroy(linger=0)


def test_inproc_needs_no_thread():
    before = set(threading.enumerate())
    context = ours.Context()
    push, pull = make(context, ours.PUSH), make(context, ours.PULL)
    pull.bind("inproc://quiet")
    push.connect("inproc://quiet")
    push.send(b"x")
    assert pull.recv() == b"x"
    assert set(threading.enumerate()) == before
    context.destroy(linger=0)


def test_one_thread_for_many_sockets_and_none_after_the_context():
    before = set(threading.enumerate())
    context = ours.Context()
    pulls = [make(context, ours.PULL) for _ in range(10)]
    for pull in pulls:
        bind(pull)
    assert len(set(threading.enumerate()) - before) == 1
    context.destroy(linger=0)
    assert set(threading.enumerate()) == before


def test_idle_connections_cost_no_time(context, their_context):
    pairs = [(make(context, ours.PULL), make(their_context, theirs.PUSH)) for _ in range(20)]
    for pull, push in pairs:
        push.connect(bind(pull))
        push.send(b"connected")
        assert pull.recv() == b"connected"
    begun = process_time()
    wait([Future()], timeout=0.5)
    assert process_time() - begun < 0.1
