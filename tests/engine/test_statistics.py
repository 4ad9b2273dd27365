"""socket.stats(), socket.peers(), and the waits for peers and subscribers."""

from __future__ import annotations

import errno
import socket as plain
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import purezmq as zmq
from purezmq.core.monitor import EndpointPair

TIMEOUT = 5000  # ms
GREETING_AND_READY = {"PUSH": 64 + 28, "PULL": 64 + 28}  # RFC 23: what a NULL handshake sends

Linker = Callable[..., tuple[Any, Any]]


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = TIMEOUT
    yield context
    context.destroy(linger=0)


@pytest.fixture
def link(context: zmq.Context) -> Linker:
    """Returns link(binder, connector, endpoint, options): two sockets that know each other."""

    def link(
        binder: int, connector: int, endpoint: str = "tcp://127.0.0.1:*", **options: Any
    ) -> tuple[Any, Any]:
        bound, other = context.socket(binder), context.socket(connector)
        for socket in (bound, other):
            for name, value in options.items():
                setattr(socket, name, value)
        bound.bind(endpoint)
        other.connect(bound.last_endpoint)
        other.wait_for_peers(timeout=TIMEOUT)
        bound.wait_for_peers(timeout=TIMEOUT)
        return bound, other

    return link


def eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + TIMEOUT / 1000
    while not (value := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.001)
    return value


# -- counters ----------------------------------------------------------------------------------------------


def test_new_socket_has_counted_nothing(context):
    stats = context.socket(zmq.PULL).stats()
    reasons = {"full", "no_peer", "unroutable", "filtered", "conflated", "peer_left"}
    assert stats.pop("dropped") == dict.fromkeys(reasons, 0)
    assert set(stats.values()) == {0}


@pytest.mark.parametrize("sizes", [[10], [10] * 100, [10, 300, 100_000, 0], [2_000_000]])
def test_messages_and_bytes_are_those_on_the_wire(link, sizes):
    pull, push = link(zmq.PULL, zmq.PUSH)
    for size in sizes:
        push.send(bytes(size))
    for size in sizes:
        assert len(pull.recv()) == size
    # RFC 23: a flags octet, and the size in 1 octet or in 8.
    wire = GREETING_AND_READY["PUSH"] + sum(size + (2 if size < 256 else 9) for size in sizes)
    sent = eventually(lambda: (stats := push.stats())["messages_out"] == len(sizes) and stats)
    received = pull.stats()
    assert received["messages_in"] == len(sizes)
    assert sent["bytes_out"] == received["bytes_in"] == wire
    assert sent["bytes_in"] == received["bytes_out"] == GREETING_AND_READY["PULL"]
    assert (sent["messages_in"], received["messages_out"]) == (0, 0)


def test_message_of_many_parts_is_one(link):
    pull, push = link(zmq.PULL, zmq.PUSH)
    push.send_multipart([b"a", b"b", b"c"])
    pull.recv_multipart()
    assert pull.stats()["messages_in"] == push.stats()["messages_out"] == 1


def test_subscriptions_are_no_messages(link):
    pub, sub = link(zmq.PUB, zmq.SUB)
    sub.subscribe("topic")
    pub.wait_for_subscribers("topic", timeout=TIMEOUT)
    assert pub.stats()["messages_in"] == sub.stats()["messages_out"] == 0
    assert pub.stats()["bytes_in"] > 64


def test_counters_go_on_when_the_peer_has_gone(link, context):
    pull, push = link(zmq.PULL, zmq.PUSH)
    push.send(b"one")
    pull.recv()
    push.close()
    eventually(lambda: pull.stats()["disconnects"])
    other = context.socket(zmq.PUSH)
    other.connect(pull.last_endpoint)
    other.send(b"two")
    pull.recv()
    stats = pull.stats()
    assert (stats["messages_in"], stats["connections"], stats["disconnects"], stats["peers"]) == (2, 2, 1, 1)
    assert stats["bytes_in"] == 2 * (GREETING_AND_READY["PUSH"] + 5)


def test_what_waits_is_queued(link, context):
    pull, push = link(zmq.PULL, zmq.PUSH)
    for _ in range(5):
        push.send(b"message")
    eventually(lambda: pull.poll(10) and pull.stats()["queued_in"] == 5)
    absent = context.socket(zmq.PUSH)
    absent.connect("tcp://127.0.0.1:1")
    for _ in range(3):
        absent.send(b"message")
    stats = absent.stats()
    assert (stats["queued_out"], stats["messages_out"], stats["peers"]) == (3, 0, 0)


def test_reconnects_are_counted(context):
    push = context.socket(zmq.PUSH)
    push.reconnect_ivl = 1
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint
    push.connect(endpoint)
    push.wait_for_peers(timeout=TIMEOUT)
    for count in (1, 2):
        pull.close()
        eventually(lambda count=count: push.stats()["disconnects"] == count)
        pull = context.socket(zmq.PULL)
        eventually(lambda pull=pull: _binds(pull, endpoint))
        push.wait_for_peers(timeout=TIMEOUT)
        assert push.stats()["reconnects"] == count
    assert push.stats()["connections"] == 3


def _binds(socket: Any, endpoint: str) -> bool:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_handshakes_that_fail_are_counted(context):
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    port = int(pull.last_endpoint.decode().rpartition(":")[2])
    for _ in range(2):
        plain.create_connection(("127.0.0.1", port)).close()
    stats = eventually(lambda: (stats := pull.stats())["handshake_failures"] == 2 and stats)
    assert (stats["connections"], stats["disconnects"]) == (0, 0)


# -- what is dropped, and why ------------------------------------------------------------------------------


def test_publisher_without_subscribers_drops_for_nobody(link, context):
    alone = context.socket(zmq.PUB)
    alone.send(b"nobody")
    assert eventually(lambda: alone.stats()["dropped"]["no_peer"]) == 1
    pub, sub = link(zmq.PUB, zmq.SUB)
    sub.subscribe("a")
    pub.wait_for_subscribers("a", timeout=TIMEOUT)
    for topic in b"abcab":
        pub.send(bytes([topic]))
    assert (
        eventually(lambda: (stats := pub.stats())["messages_out"] == 2 and stats)["dropped"]["no_peer"] == 3
    )


@pytest.mark.parametrize("endpoint", ["inproc://full", "tcp://127.0.0.1:*"])
def test_publisher_drops_at_the_mark(link, endpoint):
    pub, sub = link(zmq.PUB, zmq.SUB, endpoint, sndhwm=5, rcvhwm=5, sndbuf=4096, rcvbuf=4096)
    sub.subscribe(b"")
    pub.wait_for_subscribers(b"", timeout=TIMEOUT)
    for _ in range(100):
        pub.send(bytes(10_000))
    sent = 0
    while sub.poll(50):
        sub.recv()
        sent += 1
    dropped = pub.stats()["dropped"]
    assert sent < 100
    assert {reason: count for reason, count in dropped.items() if count} == {"full": 100 - sent}
    assert pub.peers()[0]["dropped"]["full"] == 100 - sent
    sub.close()
    eventually(lambda: not pub.peers())
    assert pub.stats()["dropped"] == dropped


def test_router_drops_what_is_for_nobody(link):
    router, _ = link(zmq.ROUTER, zmq.DEALER)
    for _ in range(3):
        router.send_multipart([b"nobody", b"message"])
    assert eventually(lambda: router.stats()["dropped"]["unroutable"]) == 3


def test_router_drops_at_the_mark(link):
    router, dealer = link(zmq.ROUTER, zmq.DEALER, "inproc://router", sndhwm=5, rcvhwm=5)
    dealer.send(b"hello")
    name = router.recv_multipart()[0]
    for _ in range(15):
        router.send_multipart([name, b"message"])
    assert eventually(lambda: router.stats()["dropped"]["full"]) == 5


def test_router_drops_what_a_peer_that_left_had_not_taken(context):
    router = context.socket(zmq.ROUTER)
    router.bind("tcp://127.0.0.1:*")
    peer = context.socket(zmq.DEALER)
    peer.rcvhwm, peer.rcvbuf, router.sndbuf = 1, 4096, 4096
    peer.connect(router.last_endpoint)
    peer.send(b"hello")
    name = router.recv_multipart()[0]
    for _ in range(50):
        router.send_multipart([name, bytes(100_000)])
    stats = router.stats()
    assert stats["queued_out"] > 0
    assert stats["messages_out"] + stats["queued_out"] == 50
    peer.close()
    stats = eventually(lambda: (stats := router.stats())["disconnects"] and not stats["queued_out"] and stats)
    dropped = stats["dropped"]
    assert dropped["peer_left"] > 0
    # What the socket had not even given to the peer's queue finds no route any more.
    assert stats["messages_out"] + dropped["peer_left"] + dropped["unroutable"] == 50


def test_disconnect_drops_what_was_queued(context):
    push = context.socket(zmq.PUSH)
    push.linger = 0
    push.connect("tcp://127.0.0.1:1")
    for _ in range(3):
        push.send(b"message")
    push.disconnect("tcp://127.0.0.1:1")
    assert push.stats()["dropped"]["peer_left"] == 3


def test_peer_that_comes_back_gets_what_was_queued(context):
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.reconnect_ivl = 1
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint
    push.connect(endpoint)
    push.wait_for_peers(timeout=TIMEOUT)
    pull.close()
    eventually(lambda: push.stats()["disconnects"])
    push.send(b"patient")
    pull = context.socket(zmq.PULL)
    eventually(lambda: _binds(pull, endpoint))
    assert pull.recv() == b"patient"
    assert push.stats()["dropped"]["peer_left"] == 0


def test_subscriptions_are_not_dropped(context):
    sub = context.socket(zmq.SUB)
    sub.subscribe("topic")
    sub.connect("tcp://127.0.0.1:1")
    sub.disconnect("tcp://127.0.0.1:1")
    assert sub.stats()["dropped"]["peer_left"] == 0


def test_events_that_nobody_reads_are_counted(context):
    pull = context.socket(zmq.PULL)
    pull.monitor("inproc://unread")
    pull.bind("tcp://127.0.0.1:*")
    with pull._core.lock:
        for _ in range(1500):
            pull._core.monitors.tell(zmq.Event.ACCEPTED, 0, EndpointPair.of_bind("tcp://127.0.0.1:5555"))
    assert pull.stats()["events_lost"] == 501
    pull.monitor(None)
    assert pull.stats()["events_lost"] == 1502  # all, and MONITOR_STOPPED


# -- peers -------------------------------------------------------------------------------------------------


def test_peer_says_who_it_is(context):
    router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    dealer.routing_id = b"who"
    router.bind("tcp://127.0.0.1:*")
    endpoint = router.last_endpoint.decode()
    dealer.connect(endpoint)
    dealer.send(b"hello")
    router.recv_multipart()
    (peer,) = router.peers()
    assert peer["endpoint"] == peer["local"] == endpoint
    assert peer["remote"].startswith("tcp://127.0.0.1:")
    assert (peer["connected"], peer["socket_type"], peer["routing_id"]) == (True, "DEALER", "who")
    assert (peer["address"], peer["properties"]["Identity"]) == ("127.0.0.1", "who")
    assert (peer["messages_in"], peer["messages_out"], set(peer["dropped"].values())) == (1, 0, {0})
    (other,) = dealer.peers()
    assert (other["endpoint"], other["remote"]) == (endpoint, endpoint)
    assert other["local"] == peer["remote"]


def test_peer_that_is_not_there_yet_is_listed(context):
    push = context.socket(zmq.PUSH)
    push.connect("tcp://127.0.0.1:1")
    push.send(b"waits")
    (peer,) = push.peers()
    assert (peer["endpoint"], peer["connected"], peer["socket_type"]) == ("tcp://127.0.0.1:1", False, "")
    assert (peer["queued_out"], peer["messages_out"], peer["bytes_out"]) == (1, 0, 0)


def test_inproc_peer_is_counted_without_bytes(link):
    pull, push = link(zmq.PULL, zmq.PUSH, "inproc://counted")
    push.send(b"one")
    push.send(b"two")
    pull.recv()
    (peer,) = pull.peers()
    assert (peer["endpoint"], peer["connected"], peer["socket_type"]) == ("inproc://counted", True, "PUSH")
    assert (peer["messages_in"], peer["bytes_in"], peer["queued_in"]) == (2, 0, 1)
    (peer,) = push.peers()
    assert (peer["messages_out"], peer["bytes_out"], peer["queued_out"]) == (1, 0, 1)


def test_closed_socket_has_no_stats(context):
    socket = context.socket(zmq.PULL)
    socket.close()
    for ask in (socket.stats, socket.peers, socket.wait_for_peers, socket.monitor_pipe_stats):
        with pytest.raises(zmq.ZMQError) as caught:
            ask()
        assert caught.value.errno == errno.ENOTSOCK


# -- waiting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["inproc://wait", "tcp://127.0.0.1:*"])
def test_wait_for_peers_until_so_many_are_there(context, endpoint):
    pull = context.socket(zmq.PULL)
    pull.bind(endpoint)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pull.wait_for_peers, 2, TIMEOUT)
        pushes = [context.socket(zmq.PUSH)]
        pushes[0].connect(pull.last_endpoint)
        pull.wait_for_peers(timeout=TIMEOUT)
        assert not waiting.done()
        pushes.append(context.socket(zmq.PUSH))
        pushes[1].connect(pull.last_endpoint)
        waiting.result(TIMEOUT / 1000)
    assert pull.stats()["peers"] == 2


def test_wait_for_peers_gives_up(context):
    push = context.socket(zmq.PUSH)
    push.connect("tcp://127.0.0.1:1")
    for timeout in (0, 1):
        with pytest.raises(zmq.Again):
            push.wait_for_peers(timeout=timeout)
    push.wait_for_peers(0)


@pytest.mark.parametrize("endpoint", ["inproc://start", "tcp://127.0.0.1:*"])
@pytest.mark.parametrize("kind", ["PUB", "XPUB"])
def test_nothing_is_lost_behind_wait_for_subscribers(context, endpoint, kind):
    pub = context.socket(getattr(zmq, kind))
    pub.bind(endpoint)
    subs = [context.socket(zmq.SUB) for _ in range(3)]
    for sub in subs:
        sub.subscribe("topic")
        sub.connect(pub.last_endpoint)
    pub.wait_for_subscribers("topic", 3, TIMEOUT)
    pub.send(b"topic: first")
    assert [sub.recv() for sub in subs] == [b"topic: first"] * 3


def test_wait_for_subscribers_counts_those_of_the_topic(link):
    pub, sub = link(zmq.PUB, zmq.SUB)
    sub.subscribe(b"one")
    pub.wait_for_subscribers(b"one", timeout=TIMEOUT)
    pub.wait_for_subscribers(b"one and more", timeout=TIMEOUT)
    for topic in (b"", b"on", b"two"):
        with pytest.raises(zmq.Again):
            pub.wait_for_subscribers(topic, timeout=0)
    with pytest.raises(zmq.Again):
        pub.wait_for_subscribers(b"one", 2, timeout=0)


def test_only_publishers_wait_for_subscribers(context):
    with pytest.raises(zmq.ZMQError) as caught:
        context.socket(zmq.PUSH).wait_for_subscribers(b"", timeout=0)
    assert caught.value.errno == errno.ENOTSUP


def test_close_ends_a_wait_for_peers(context):
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pull.wait_for_peers)
        eventually(lambda: pull._core.waiters)
        pull.close()
        with pytest.raises(zmq.ZMQError):
            waiting.result(TIMEOUT / 1000)


def test_datagrams_are_counted(context):
    radio, dish = context.socket(zmq.RADIO), context.socket(zmq.DISH)
    with plain.socket(plain.AF_INET, plain.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    dish.bind(f"udp://127.0.0.1:{port}")
    dish.join("group")
    radio.connect(f"udp://127.0.0.1:{port}")
    for _ in range(3):
        radio.send(b"12345", group="group")
        assert dish.recv() == b"12345"
    sent, received = radio.stats(), dish.stats()
    assert (sent["messages_out"], received["messages_in"]) == (3, 3)
    assert sent["bytes_out"] == received["bytes_in"] == 3 * (1 + 5 + 5)  # udp://: length, group, body
    assert dish.peers()[0]["messages_in"] == 3
