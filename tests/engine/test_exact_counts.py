"""stats() and peers() are exact: compared with what was really sent, received and lost, on every type and transport."""

from __future__ import annotations

import asyncio
import dis
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import purezmq as zmq
import purezmq.asyncio
from purezmq.core.statistics import REMEMBERED
from purezmq.socket import Socket

TIMEOUT = 5000  # ms
TRANSPORTS = ["inproc", "tcp", "ipc"]
ONE_WAY = [
    ("PUSH", "PULL"),
    ("PAIR", "PAIR"),
    ("DEALER", "DEALER"),
    ("CHANNEL", "CHANNEL"),
    ("SCATTER", "GATHER"),
]


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = TIMEOUT
    yield context
    context.destroy(linger=0)


def endpoint(transport: str) -> str:
    return {"inproc": "inproc://exact", "tcp": "tcp://127.0.0.1:*", "ipc": "ipc://*"}[transport]


def link(context: zmq.Context, transport: str, sender: str, receiver: str) -> tuple[Any, Any]:
    """Return two sockets that know each other."""
    one, other = context.socket(getattr(zmq, sender)), context.socket(getattr(zmq, receiver))
    other.bind(endpoint(transport))
    one.connect(other.last_endpoint)
    one.wait_for_peers(timeout=TIMEOUT)
    other.wait_for_peers(timeout=TIMEOUT)
    return one, other


def eventually(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + TIMEOUT / 1000
    while not condition():
        assert time.monotonic() < deadline, condition
        time.sleep(0.001)


def receive_all(socket: Any) -> int:
    """Return how many messages there are, having read them."""
    count = 0
    while socket.poll(0):
        socket.recv_multipart()
        count += 1
    return count


# -- one way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("sender, receiver", ONE_WAY)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_sums_are_right_whatever_is_sent_and_read(context, transport, sender, receiver, steps):
    one, other = link(context, transport, sender, receiver)
    with one, other:
        sent = received = 0
        for sending, receiving in steps:
            for _ in range(sending):
                one.send(b"message")
            sent += sending
            for _ in range(min(receiving, sent - received)):
                other.recv()
                received += 1
            here = one.stats()
            assert here["messages_out"] + here["queued_out"] == sent
        eventually(lambda: other.stats()["messages_in"] == sent)
        there = other.stats()
        assert there["queued_in"] == sent - received
        assert (there["messages_out"], sum(there["dropped"].values())) == (0, 0)
        eventually(lambda: one.stats()["messages_out"] == (received if transport == "inproc" else sent))
        here = one.stats()
        assert here["queued_out"] == sent - here["messages_out"]
        assert (here["messages_in"], sum(here["dropped"].values())) == (0, 0)
        (peer,), (us,) = one.peers(), other.peers()
        assert (peer["messages_out"], us["messages_in"]) == (here["messages_out"], sent)
        assert json.loads(json.dumps([here, there, peer, us])) == [here, there, peer, us]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_threads_lose_no_count(context, transport):
    push, pull = link(context, transport, "PUSH", "PULL")
    per_thread, senders = 2000, 3

    def send() -> None:
        for _ in range(per_thread):
            push.send(b"message")

    def receive() -> None:
        for _ in range(per_thread):
            pull.recv()

    threads = [threading.Thread(target=target) for target in (send, receive) * senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = per_thread * senders
    eventually(lambda: push.stats()["messages_out"] == total)
    assert pull.stats()["messages_in"] == total
    assert (push.stats()["queued_out"], pull.stats()["queued_in"]) == (0, 0)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_tasks_lose_no_count(transport):
    async def main() -> None:
        async def send() -> None:
            for _ in range(200):
                await push.send(b"message")

        async def receive() -> None:
            for _ in range(200):
                await pull.recv()

        with purezmq.asyncio.Context() as context:
            push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
            pull.bind(endpoint(transport))
            push.connect(pull.last_endpoint)
            await asyncio.wait_for(asyncio.gather(send(), receive(), send(), receive()), TIMEOUT / 1000)
            assert (push.stats()["messages_out"], pull.stats()["messages_in"]) == (400, 400)
            assert (push.stats()["queued_out"], pull.stats()["queued_in"]) == (0, 0)
            push.close(linger=0)
            pull.close(linger=0)

    asyncio.run(main())


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_several_senders_are_each_counted_though_somebody_asks_in_between(context, transport):
    first, pull = link(context, transport, "PUSH", "PULL")
    second = context.socket(zmq.PUSH)
    second.connect(pull.last_endpoint)
    pull.wait_for_peers(2, TIMEOUT)
    for push in (first, second):
        for _ in range(50):
            push.send(b"message")
    eventually(lambda: pull.poll(0) and pull.stats()["messages_in"] == 100)
    for received in range(1, 101):
        pull.recv()
        stats = pull.stats()
        assert (stats["messages_in"], stats["queued_in"]) == (100, 100 - received)
        assert [peer["messages_in"] for peer in pull.peers()] == [50, 50]
    eventually(lambda: [push.stats()["messages_out"] for push in (first, second)] == [50, 50])


# -- both ways ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "asker, answerer", [("REQ", "REP"), ("DEALER", "ROUTER"), ("REQ", "ROUTER"), ("CLIENT", "SERVER")]
)
def test_questions_and_answers_are_counted_at_both_ends(context, transport, asker, answerer):
    one, other = link(context, transport, asker, answerer)
    for _ in range(10):
        one.send(b"question")
        if answerer == "SERVER":
            question = other.recv(copy=False)
            other.send(b"answer", routing_id=question.routing_id)
        else:
            *envelope, _ = other.recv_multipart()
            other.send_multipart([*envelope, b"answer"])
        one.recv()
    for socket in (one, other):
        stats = socket.stats()
        assert (stats["messages_in"], stats["messages_out"]) == (10, 10)
        assert (stats["queued_in"], stats["queued_out"], sum(stats["dropped"].values())) == (0, 0, 0)


# -- publishers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(topics=st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=60))
def test_publications_go_to_who_wants_them_or_are_counted_as_dropped(context, transport, topics):
    with context.socket(zmq.PUB) as pub, context.socket(zmq.SUB) as one, context.socket(zmq.SUB) as other:
        pub.bind(endpoint(transport))
        for sub, wanted in ((one, [b"a"]), (other, [b"a", b"b"])):
            for topic in wanted:
                sub.subscribe(topic)
            sub.connect(pub.last_endpoint)
        pub.wait_for_subscribers(b"a", 2, TIMEOUT)
        pub.wait_for_subscribers(b"b", 1, TIMEOUT)
        for topic in topics:
            pub.send(topic)
        reads = [topics.count(b"a"), topics.count(b"a") + topics.count(b"b")]
        for sub, count in zip((one, other), reads, strict=True):
            for _ in range(count):
                sub.recv()
            assert (sub.stats()["messages_in"], sub.stats()["queued_in"]) == (count, 0)
        eventually(lambda: pub.stats()["messages_out"] == sum(reads))
        assert pub.stats()["dropped"]["no_peer"] == topics.count(b"c")
        assert sorted(peer["messages_out"] for peer in pub.peers()) == sorted(reads)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_filtered_behind_an_unsubscribe_is_counted(context, transport):
    pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
    pub.bind(endpoint(transport))
    for topic in ("a", "b"):
        sub.subscribe(topic)
    sub.connect(pub.last_endpoint)
    pub.wait_for_subscribers("b", timeout=TIMEOUT)
    for topic in "abbab":
        pub.send_string(topic)
    eventually(lambda: sub.poll(0) and sub.stats()["queued_in"] == 5)
    sub.unsubscribe("b")
    assert receive_all(sub) == 2
    stats = sub.stats()
    assert (stats["messages_in"], stats["queued_in"], stats["dropped"]["filtered"]) == (5, 0, 3)
    assert sub.peers()[0]["dropped"]["filtered"] == 3


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_for_a_group_that_was_left_is_counted(context, transport):
    radio, dish = context.socket(zmq.RADIO), context.socket(zmq.DISH)
    radio.bind(endpoint(transport))
    dish.join("a")
    dish.join("b")
    dish.connect(radio.last_endpoint)
    radio.wait_for_subscribers("b", timeout=TIMEOUT)
    for group in "abbab":
        radio.send(b"", group=group)
    radio.send(b"", group="nobody")
    eventually(lambda: dish.poll(0) and dish.stats()["queued_in"] == 5)
    dish.leave("b")
    assert receive_all(dish) == 2
    assert (dish.stats()["messages_in"], dish.stats()["dropped"]["filtered"]) == (5, 3)
    assert radio.stats()["dropped"]["no_peer"] == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("sender, receiver", [("PUSH", "PULL"), ("PUB", "SUB")])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bursts=st.lists(st.integers(0, 30), max_size=5))
def test_what_gave_way_to_newer_ones_is_counted(context, transport, sender, receiver, bursts):
    one, other = context.socket(getattr(zmq, sender)), context.socket(getattr(zmq, receiver))
    with one, other:
        one.conflate = other.conflate = 1
        one.bind(endpoint(transport))
        if receiver == "SUB":
            other.subscribe(b"")
        other.connect(one.last_endpoint)
        one.wait_for_peers(timeout=TIMEOUT)
        other.wait_for_peers(timeout=TIMEOUT)
        if receiver == "SUB":
            one.wait_for_subscribers(b"", timeout=TIMEOUT)
        read = 0
        for burst in bursts:
            for number in range(burst):
                one.send(b"%d" % number)
            if burst:
                while other.recv() != b"%d" % (burst - 1):
                    read += 1
                read += 1
        here, there = one.stats(), other.stats()
        lost = here["dropped"]["conflated"] + there["dropped"]["conflated"]
        assert read + lost == sum(bursts)
        assert here["messages_out"] + here["dropped"]["conflated"] == sum(bursts)
        assert there["messages_in"] - there["dropped"]["conflated"] == read
        assert one.peers()[0]["dropped"]["conflated"] == here["dropped"]["conflated"]


# -- peers that have left ----------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_a_peer_sent_before_it_left_is_counted_and_waits(context, transport):
    push, pull = link(context, transport, "PUSH", "PULL")
    for _ in range(5):
        push.send(b"message")
    eventually(lambda: pull.poll(0) and pull.stats()["queued_in"] == 5)
    pull.recv()
    push.close()
    eventually(lambda: not pull.stats()["peers"])
    stats = pull.stats()
    assert (stats["messages_in"], stats["queued_in"]) == (5, 4)
    (gone,) = pull.peers(departed=True)
    assert (gone["messages_in"], gone["socket_type"], gone["connected"]) == (5, "PUSH", False)
    assert receive_all(pull) == 4
    assert (pull.stats()["messages_in"], pull.stats()["queued_in"]) == (5, 0)


def test_what_an_inproc_peer_had_not_read_when_it_closed_is_dropped(context):
    push, pull = link(context, "inproc", "PUSH", "PULL")
    for _ in range(5):
        push.send(b"message")
    pull.recv()
    pull.close()
    stats = push.stats()
    assert (stats["messages_out"], stats["queued_out"], stats["dropped"]["peer_left"]) == (1, 0, 4)
    (gone,) = push.peers(departed=True)
    assert (gone["messages_out"], gone["queued_out"], gone["dropped"]["peer_left"]) == (1, 0, 4)


def test_what_an_inproc_peer_may_still_read_is_not_dropped(context):
    push, pull = link(context, "inproc", "PUSH", "PULL")
    for _ in range(5):
        push.send(b"message")
    push.disconnect("inproc://exact")
    stats = push.stats()
    assert (stats["messages_out"], stats["queued_out"], stats["dropped"]["peer_left"]) == (5, 0, 0)
    assert receive_all(pull) == 5
    assert pull.stats()["messages_in"] == 5


def test_what_waited_for_an_inproc_name_that_never_came_is_dropped(context):
    push = context.socket(zmq.PUSH)
    push.connect("inproc://never")
    for _ in range(3):
        push.send(b"message")
    assert (push.stats()["queued_out"], push.stats()["messages_out"]) == (3, 0)
    push.disconnect("inproc://never")
    assert (push.stats()["queued_out"], push.stats()["dropped"]["peer_left"]) == (0, 3)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_left_of_a_former_pair_is_counted_once(context, transport):
    pair = context.socket(zmq.PAIR)
    pair.bind(endpoint(transport))
    for number in range(3):
        with context.socket(zmq.PAIR) as other:
            other.linger = TIMEOUT
            other.connect(pair.last_endpoint)
            other.wait_for_peers(timeout=TIMEOUT)
            other.send(b"left")
            eventually(lambda number=number: pair.stats()["messages_in"] == number + 1)
        eventually(lambda: not pair.stats()["peers"])
    assert pair.stats()["queued_in"] == 3
    with context.socket(zmq.PAIR) as last:
        last.connect(pair.last_endpoint)
        pair.wait_for_peers(timeout=TIMEOUT)
        assert receive_all(pair) == 3
        assert (pair.stats()["messages_in"], last.stats()["messages_out"]) == (3, 0)


def test_peer_counts_go_on_over_reconnects(context):
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.reconnect_ivl = 1
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint
    push.connect(endpoint)
    for round_ in (1, 2):
        push.send(b"message")
        assert pull.recv() == b"message"
        eventually(lambda round_=round_: push.peers()[0]["messages_out"] == round_)
        pull.close()
        eventually(lambda round_=round_: push.stats()["disconnects"] == round_)
        assert push.peers()[0]["messages_out"] == round_
        pull = context.socket(zmq.PULL)
        eventually(lambda pull=pull: not pull.stats()["peers"] and _binds(pull, endpoint))
    assert push.peers(departed=True) == []


def _binds(socket: Any, endpoint: bytes) -> bool:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_only_so_many_departed_are_remembered(context):
    pull = context.socket(zmq.PULL)
    pull.bind("inproc://visited")
    for _ in range(REMEMBERED + 10):
        with context.socket(zmq.PUSH) as push:
            push.connect("inproc://visited")
            push.send(b"message")
            pull.recv()
    assert not pull.peers()
    assert len(pull.peers(departed=True)) == REMEMBERED
    assert pull.stats()["messages_in"] == REMEMBERED + 10


def test_reply_that_nobody_waits_for_is_filtered(context):
    req, router = context.socket(zmq.REQ), context.socket(zmq.ROUTER)
    req.req_relaxed = req.req_correlate = 1
    router.bind("inproc://relaxed")
    req.connect("inproc://relaxed")
    req.send(b"first")
    late = router.recv_multipart()
    req.send(b"second")
    answer = router.recv_multipart()
    router.send_multipart(late)
    router.send_multipart(answer)
    assert req.recv() == b"second"
    stats = req.stats()
    assert (stats["messages_in"], stats["dropped"]["filtered"]) == (2, 1)


def test_datagram_that_is_none_and_one_that_is_too_large_are_counted(context):
    dish, radio = context.socket(zmq.DISH), context.socket(zmq.RADIO)
    dish.bind("udp://127.0.0.1:*")
    dish.join("group")
    radio.connect(dish.last_endpoint)
    radio.send(bytes(100_000), group="group")
    radio.send(b"other", group="other")
    radio.send(b"message", group="group")
    assert dish.recv() == b"message"
    assert radio.stats()["dropped"]["unroutable"] == 1
    assert (dish.stats()["messages_in"], dish.stats()["dropped"]["filtered"]) == (2, 1)
    radio.disconnect(dish.last_endpoint)
    assert radio.stats()["messages_out"] == radio.peers(departed=True)[0]["messages_out"] == 2


# -- what it costs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["send", "recv", "send_multipart", "recv_multipart"])
def test_fast_paths_count_nothing(method):
    names = {instruction.argval for instruction in dis.get_instructions(getattr(Socket, method))}
    assert not names & {"tally", "stats", "counts", "passed", "overwritten", "dropped", "filtered"}
