"""`socket.FD`: readable on every new event, until EVENTS is read; nothing else eats a wake-up."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest

import purezmq as ours

TIMEOUT = 5000  # ms


@pytest.fixture
def context() -> Iterator[ours.Context]:
    context = ours.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture(params=["tcp", "inproc"])
def endpoint(request: pytest.FixtureRequest) -> str:
    return {"tcp": "tcp://127.0.0.1:*", "inproc": "inproc://fd"}[request.param]


def link(context: ours.Context, endpoint: str, one_type: int, other_type: int) -> tuple[Any, Any]:
    """Two sockets, connected to each other, each with a time limit on its calls."""
    one, other = context.socket(one_type), context.socket(other_type)
    for socket in (one, other):
        socket.sndtimeo = socket.rcvtimeo = TIMEOUT
        socket.sndhwm = socket.rcvhwm = 0
    one.bind(endpoint)
    other.connect(one.get_string(ours.LAST_ENDPOINT))
    return one, other


@pytest.fixture
def dealers(context: ours.Context, endpoint: str) -> tuple[Any, Any]:
    """Two DEALERs with their handshake behind them; the second has been asked for its FD and for EVENTS."""
    one, other = link(context, endpoint, ours.DEALER, ours.DEALER)
    assert not other.get(ours.EVENTS) & ours.POLLIN
    assert other.FD >= 0
    one.send(b"connected")
    other.send(other.recv())
    one.recv()
    settle(other)
    return one, other


def readable(socket: Any, timeout: int = 0) -> bool:
    poll = select.poll()
    poll.register(socket.FD, select.POLLIN)
    return bool(poll.poll(timeout))


def settle(socket: Any) -> None:
    """Read EVENTS until FD says that there is no more."""
    end = monotonic() + 5
    while socket.get(ours.EVENTS) and readable(socket):
        assert monotonic() < end, "FD stays readable"


def compute(seconds: float) -> None:
    end = monotonic() + seconds
    while monotonic() < end:
        sum(range(200))


def test_fd_is_one_number_for_the_life_of_the_socket(context, endpoint):
    one, other = context.socket(ours.DEALER), context.socket(ours.DEALER)
    fd = other.FD
    one.bind(endpoint)
    one.sndtimeo = other.rcvtimeo = TIMEOUT
    other.connect(one.get_string(ours.LAST_ENDPOINT))
    assert fd == other.FD
    one.send(b"x")
    assert other.recv() == b"x"
    assert other.get(ours.FD) == other.fileno() == fd


def test_fd_becomes_readable_on_every_new_event(dealers):
    one, other = dealers
    for number in range(300):
        assert not readable(other)
        one.send(b"%d" % number)
        assert readable(other, TIMEOUT)
        assert other.get(ours.EVENTS) & ours.POLLIN
        assert other.recv(ours.NOBLOCK) == b"%d" % number
        settle(other)


def test_fd_becomes_readable_when_the_keeper_reads_the_message(dealers):
    one, other = dealers
    for _ in range(5):
        one.send(b"x")
        compute(0.05)  # the keeper has taken it in by now
        assert readable(other)
        assert other.get(ours.EVENTS) & ours.POLLIN
        assert other.recv(ours.NOBLOCK) == b"x"
        settle(other)


def test_fd_becomes_readable_for_each_message_though_none_is_received(dealers):
    one, other = dealers
    for _ in range(50):
        one.send(b"x")
        assert readable(other, TIMEOUT)
        settle(other)
        assert other.get(ours.EVENTS) & ours.POLLIN


def test_fd_is_unreadable_once_events_has_been_read(dealers):
    one, other = dealers
    one.send(b"x")
    assert readable(other, TIMEOUT)
    assert other.get(ours.EVENTS) & ours.POLLIN
    assert not readable(other)
    compute(0.05)  # nor does the keeper make it so
    assert not readable(other)


def test_fd_stays_readable_until_events_is_read(dealers):
    one, other = dealers
    one.send(b"x")
    assert readable(other, TIMEOUT)
    compute(0.05)
    assert readable(other)


def test_fd_becomes_readable_when_a_peer_connects(context, endpoint):
    pull, push = context.socket(ours.PULL), context.socket(ours.PUSH)
    assert not push.get(ours.EVENTS)
    assert not readable(push)
    pull.bind(endpoint)
    push.connect(pull.get_string(ours.LAST_ENDPOINT))
    assert readable(push, TIMEOUT) or push.get(ours.EVENTS)
    assert push.get(ours.EVENTS) == ours.POLLOUT


def test_fd_becomes_readable_when_there_is_room_again(context, endpoint):
    pull, push = context.socket(ours.PULL), context.socket(ours.PUSH)
    pull.rcvhwm = push.sndhwm = 2
    pull.rcvbuf = push.sndbuf = 16_384
    pull.rcvtimeo = TIMEOUT
    push.sndtimeo = 200
    pull.bind(endpoint)
    push.connect(pull.get_string(ours.LAST_ENDPOINT))
    sent = 0
    with pytest.raises(ours.Again):
        while sent < 1000:
            push.send(bytes(500_000))
            sent += 1
    settle(push)
    assert not push.get(ours.EVENTS)
    for _ in range(sent):
        pull.recv()
    assert readable(push, TIMEOUT)
    end = monotonic() + 5
    while not push.get(ours.EVENTS) and monotonic() < end:
        assert readable(push, TIMEOUT)
    assert push.get(ours.EVENTS) == ours.POLLOUT


@pytest.mark.parametrize("sends", [1, 200])
def test_send_eats_no_wake_up(dealers, sends):
    one, other = dealers
    one.send(b"x")
    assert readable(other, TIMEOUT)
    for _ in range(sends):
        other.send(b"y")
    assert readable(other)
    assert other.get(ours.EVENTS) & ours.POLLIN
    assert other.recv(ours.NOBLOCK) == b"x"


@pytest.mark.parametrize("sends", [1, 200])
def test_message_that_comes_in_while_sending_wakes(dealers, sends):
    one, other = dealers
    one.send(b"x")
    for _ in range(sends):
        other.send(b"y")
    assert readable(other, TIMEOUT)
    assert other.get(ours.EVENTS) & ours.POLLIN


@pytest.mark.parametrize("count", [2, 3, 500])
def test_recv_that_leaves_more_behind_eats_no_wake_up(dealers, count):
    one, other = dealers
    for _ in range(count):
        one.send(b"x")
    for _ in range(count - 1):
        assert other.recv() == b"x"
    assert readable(other, TIMEOUT)
    assert other.get(ours.EVENTS) & ours.POLLIN
    assert other.recv(ours.NOBLOCK) == b"x"


def test_rep_that_may_answer_wakes(context, endpoint):
    rep, req = link(context, endpoint, ours.REP, ours.REQ)
    settle(rep)
    for _ in range(20):
        req.send(b"question")
        assert readable(rep, TIMEOUT)
        assert rep.recv() == b"question"
        assert readable(rep, TIMEOUT)
        assert rep.get(ours.EVENTS) == ours.POLLOUT
        rep.send(b"answer")
        assert req.recv() == b"answer"
        settle(rep)


@pytest.mark.parametrize("looks", ["once", "again"])
@pytest.mark.parametrize("computes", [0.0, 0.015], ids=["busy", "computing"])
def test_edge_triggered_user_gets_every_message(context, endpoint, looks, computes):
    """After each edge it reads EVENTS once and drains, or does so until EVENTS says there is no more."""
    push, pull = link(context, endpoint, ours.PUSH, ours.PULL)
    count = 5000

    def send() -> None:
        for number in range(count):
            push.send(b"%d" % number)
            if number % 250 == 0:
                compute(0.012)  # long enough for the keeper to take over

    received: list[bytes] = []

    def drain() -> None:
        try:
            while True:
                received.append(pull.recv(ours.NOBLOCK))
        except ours.Again:
            pass

    with ThreadPoolExecutor() as pool, select.epoll() as epoll:
        epoll.register(pull.FD, select.EPOLLIN | select.EPOLLET)
        sending = pool.submit(send)
        edges = 0
        pull.get(ours.EVENTS)
        drain()
        while len(received) < count:
            assert epoll.poll(5), f"no edge after {len(received)} messages and {edges} edges"
            edges += 1
            if edges % 10 == 0:
                compute(computes)
            while pull.get(ours.EVENTS) & ours.POLLIN:
                drain()
                if looks == "once":
                    break
        sending.result(timeout=10)
    assert received == [b"%d" % number for number in range(count)]


def test_term_makes_it_readable_until_events_is_read(dealers: tuple[Any, Any]) -> None:
    one, other = dealers
    descriptor = other.FD
    with ThreadPoolExecutor(1) as threads:
        ending = threads.submit(one.context.term)
        assert select.select([descriptor], [], [], TIMEOUT / 1000)[0]
        for _ in range(2):
            with pytest.raises(ours.ContextTerminated):
                other.get(ours.EVENTS)
            assert not select.select([descriptor], [], [], 0)[0]
        one.close(linger=0)
        other.close(linger=0)
        ending.result(TIMEOUT / 1000)


def test_fd_tells_who_waits_that_the_socket_was_closed(context):
    """A Poller waits for it when another thread closes the socket: a closed descriptor would wake nobody."""
    socket = context.socket(ours.PULL)
    core = socket._core
    fd = core.fd
    core.events()
    core.prepare_wait()
    socket.close()
    with select.epoll() as poll:
        poll.register(fd, select.EPOLLIN)
        assert poll.poll(0)
    core.finish_wait()
    with pytest.raises(OSError):
        os.fstat(fd)
