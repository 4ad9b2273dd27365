"""Threads that share sockets: nothing is lost, doubled or mixed, and nobody sleeps through a wake-up."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

import purezmq as ours

TIMEOUT = 10_000  # ms
END = b"end"


@pytest.fixture
def context() -> Iterator[ours.Context]:
    context = ours.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=16) as pool:
        yield pool


@pytest.fixture(params=["tcp", "inproc"])
def endpoint(request: pytest.FixtureRequest) -> str:
    return {"tcp": "tcp://127.0.0.1:*", "inproc": "inproc://threads"}[request.param]


@pytest.fixture
def switch_interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def make(context: ours.Context, socket_type: int, hwm: int = 1000) -> Any:
    socket = context.socket(socket_type)
    socket.sndtimeo = socket.rcvtimeo = TIMEOUT
    socket.sndhwm = socket.rcvhwm = hwm
    return socket


def link(context: ours.Context, endpoint: str, binds: int, connects: int, hwm: int = 1000) -> tuple[Any, Any]:
    """Two sockets, connected to each other: the one that binds and the one that connects."""
    one, other = make(context, binds, hwm), make(context, connects, hwm)
    one.bind(endpoint)
    other.connect(one.get_string(ours.LAST_ENDPOINT))
    return one, other


def results(futures: list[Future[Any]]) -> list[Any]:
    return [future.result(timeout=50) for future in futures]


def send_whole(socket: Any, sender: int, count: int) -> None:
    for number in range(count):
        socket.send_multipart([b"%d" % sender, b"%d" % number, b"%d:%d" % (sender, number)])


def send_single(socket: Any, sender: int, count: int) -> None:
    for number in range(count):
        socket.send(b"%d %d %d:%d" % (sender, number, sender, number))


def send_parts(socket: Any, sender: int, count: int) -> None:
    for number in range(count):
        socket.send(b"%d" % sender, ours.SNDMORE)
        socket.send(b"%d" % number, ours.SNDMORE)
        socket.send(b"%d:%d" % (sender, number))


def receive_whole(socket: Any) -> list[list[bytes]]:
    messages = []
    while (message := socket.recv_multipart()) != [END]:
        messages.append(message)
    return messages


def receive_single(socket: Any) -> list[list[bytes]]:
    messages = []
    while (message := socket.recv()) != END:
        messages.append(message.split(b" "))
    return messages


def receive_parts(socket: Any) -> list[list[bytes]]:
    messages = []
    while True:
        message = [socket.recv()]
        while socket.rcvmore:
            message.append(socket.recv())
        if message == [END]:
            return messages
        messages.append(message)


def check(received: list[list[list[bytes]]], senders: int, count: int) -> None:
    """Every message came once, whole, and to each receiver in the order in which its sender sent it."""
    everything = Counter(tuple(message) for messages in received for message in messages)
    expected = {
        (b"%d" % sender, b"%d" % number, b"%d:%d" % (sender, number))
        for sender in range(senders)
        for number in range(count)
    }
    assert set(everything) == expected
    assert set(everything.values()) == {1}
    for messages in received:
        numbers = defaultdict(list)
        for sender, number, _ in messages:
            numbers[sender].append(int(number))
        assert all(sent == sorted(sent) for sent in numbers.values())


# -- many at one socket ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("send", "receive"),
    [(send_single, receive_single), (send_whole, receive_whole), (send_parts, receive_parts)],
    ids=["single", "multipart", "sndmore"],
)
@pytest.mark.parametrize(
    "types", [(ours.PULL, ours.PUSH), (ours.DEALER, ours.DEALER)], ids=["push", "dealer"]
)
@pytest.mark.parametrize("hwm", [1, 1000])
def test_threads_that_share_sockets_lose_double_and_mix_nothing(
    context, pool, endpoint, types, send, receive, hwm
):
    receiver, sender = link(context, endpoint, *types, hwm)
    senders, receivers, count = 4, 3, 1000
    receiving = [pool.submit(receive, receiver) for _ in range(receivers)]
    results([pool.submit(send, sender, number, count) for number in range(senders)])
    for _ in range(receivers):
        sender.send(END)
    check(results(receiving), senders, count)


def test_threads_send_and_receive_on_one_dealer_at_once(context, pool, endpoint):
    one, other = link(context, endpoint, ours.DEALER, ours.DEALER)
    receiving = {socket: [pool.submit(receive_parts, socket) for _ in range(2)] for socket in (one, other)}
    results([pool.submit(send_parts, socket, n, 1000) for n in range(3) for socket in (one, other)])
    for socket in (one, other):
        for _ in range(2):
            socket.send(END)
    for socket in (one, other):
        check(results(receiving[socket]), 3, 1000)


@pytest.mark.parametrize("hwm", [1, 1000])
def test_inproc_between_threads_keeps_every_message_in_order(context, pool, hwm):
    pull, push = link(context, "inproc://threads", ours.PULL, ours.PUSH, hwm)
    sending = pool.submit(lambda: [push.send(b"%d" % number) for number in range(20_000)])
    assert [pull.recv() for _ in range(20_000)] == [b"%d" % number for number in range(20_000)]
    results([sending])


@pytest.mark.parametrize("interval", [1e-6, 1e-4, 5e-3])
def test_ping_pong_at_any_switch_interval(context, pool, endpoint, switch_interval, interval):
    sys.setswitchinterval(interval)
    one, other = link(context, endpoint, ours.PAIR, ours.PAIR)

    def answer() -> None:
        for _ in range(5000):
            other.send(other.recv())

    answering = pool.submit(answer)
    for number in range(5000):
        one.send(b"%d" % number)
        assert one.recv() == b"%d" % number
    results([answering])


# -- a call in one thread, what it waits for by another ----------------------------------------------------


def test_blocked_recv_gets_what_another_thread_connects_and_subscribes(context, pool, endpoint):
    pub, sub = make(context, ours.XPUB), make(context, ours.SUB)
    pub.bind(endpoint)
    receiving = pool.submit(sub.recv)
    assert not wait([receiving], timeout=0.1).done
    sub.connect(pub.get_string(ours.LAST_ENDPOINT))
    assert not wait([receiving], timeout=0.1).done
    sub.subscribe(b"")
    assert pub.recv() == b"\x01"
    pub.send(b"at last")
    assert receiving.result(timeout=10) == b"at last"


def test_blocked_send_goes_when_another_thread_connects(context, pool, endpoint):
    pull, push = make(context, ours.PULL), make(context, ours.PUSH)
    pull.bind(endpoint)
    sending = pool.submit(push.send, b"at last")
    assert not wait([sending], timeout=0.1).done
    push.connect(pull.get_string(ours.LAST_ENDPOINT))
    results([sending])
    assert pull.recv() == b"at last"


def test_two_blocked_receivers_each_get_a_message(context, pool, endpoint):
    pull, push = link(context, endpoint, ours.PULL, ours.PUSH)
    for _ in range(100):
        receiving = [pool.submit(pull.recv) for _ in range(2)]
        wait(receiving, timeout=0.002)
        push.send(b"a")
        push.send(b"b")
        assert sorted(results(receiving)) == [b"a", b"b"]


def test_thread_sends_on_a_socket_in_which_another_waits(context, pool, endpoint):
    one, other = link(context, endpoint, ours.PAIR, ours.PAIR)
    for number in range(200):
        receiving = pool.submit(one.recv)
        wait([receiving], timeout=0.001)
        one.send(b"%d" % number)
        other.send(other.recv())
        assert receiving.result(timeout=10) == b"%d" % number


def test_poller_sees_answers_to_what_other_threads_send_on_its_sockets(context, pool):
    count = 1000
    pairs = [
        link(context, endpoint, ours.DEALER, ours.DEALER, 0)
        for endpoint in ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*", "inproc://polled")
    ]

    def echo(socket: Any) -> None:
        for _ in range(2 * count):
            socket.send_multipart(socket.recv_multipart())

    echoing = [pool.submit(echo, server) for server, _ in pairs]
    sending = [pool.submit(send_whole, client, n, count) for _, client in pairs for n in range(2)]
    poller = ours.Poller()
    for _, client in pairs:
        poller.register(client, ours.POLLIN)
    received: dict[Any, list[list[bytes]]] = {client: [] for _, client in pairs}
    while any(len(messages) < 2 * count for messages in received.values()):
        ready = poller.poll(TIMEOUT)
        assert ready, {client.get_string(ours.LAST_ENDPOINT): len(m) for client, m in received.items()}
        for client, _ in ready:
            received[client].append(client.recv_multipart(ours.NOBLOCK))
    results(sending + echoing)
    for messages in received.values():
        check([messages], 2, count)
