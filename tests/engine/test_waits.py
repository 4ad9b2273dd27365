"""wait_for_peers() and wait_for_subscribers(): what ends them, and what they say; libzmq's sockets as the peers."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zmq as theirs

import purezmq as zmq
import purezmq.asyncio

TIMEOUT = 5000  # ms


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def strangers() -> Iterator[theirs.Context[Any]]:
    """Returns a context of libzmq."""
    context = theirs.Context()
    yield context
    context.destroy(linger=0)


# -- what they say -----------------------------------------------------------------------------------------


def test_again_says_how_many_peers_there_were(context):
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    pull.bind("inproc://few")
    push.connect("inproc://few")
    with pytest.raises(zmq.Again, match="1 of 3 peers are connected"):
        pull.wait_for_peers(3, timeout=1)


def test_again_says_how_many_have_subscribed(context):
    pub = context.socket(zmq.PUB)
    with pytest.raises(zmq.Again, match="0 of 2 peers have subscribed to b'topic'"):
        pub.wait_for_subscribers("topic", 2, timeout=0)


def test_again_says_it_in_asyncio_too():
    async def main() -> None:
        with purezmq.asyncio.Context() as context, context.socket(zmq.PUB) as pub:
            with pytest.raises(zmq.Again, match="0 of 1 peers are connected"):
                await pub.wait_for_peers(timeout=1)
            with pytest.raises(zmq.Again, match="0 of 2 peers have subscribed to b'topic'"):
                await pub.wait_for_subscribers(b"topic", 2, timeout=1)

    asyncio.run(main())


# -- what ends them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", ["wait_for_peers", "wait_for_subscribers"])
def test_term_ends_a_wait(wait):
    context = zmq.Context()
    pub = context.socket(zmq.PUB)
    pub.bind("tcp://127.0.0.1:*")

    def work() -> None:
        try:
            with pytest.raises(zmq.ContextTerminated):
                getattr(pub, wait)(*(["topic"] if wait == "wait_for_subscribers" else []))
        finally:
            pub.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(work)
        context.term()
        waiting.result(TIMEOUT / 1000)


def test_term_ends_an_awaited_wait():
    async def main() -> None:
        context = purezmq.asyncio.Context()
        pub = context.socket(zmq.PUB)
        waiting = asyncio.create_task(pub.wait_for_subscribers("topic"))
        await asyncio.sleep(0)
        ending = threading.Thread(target=context.term)
        ending.start()
        with pytest.raises(zmq.ContextTerminated):
            await asyncio.wait_for(waiting, TIMEOUT / 1000)
        pub.close()
        ending.join()

    asyncio.run(main())


def test_interrupt_ends_a_wait_and_the_socket_goes_on(context):
    pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
    pub.bind("tcp://127.0.0.1:*")

    def interrupt() -> None:
        while not pub._core.waiters:
            pass
        signal.raise_signal(signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        pub.wait_for_subscribers("topic", timeout=TIMEOUT)
    interrupting.join()
    assert pub._core.waiters == 0
    sub.subscribe("topic")
    sub.connect(pub.last_endpoint)
    pub.wait_for_subscribers("topic", timeout=TIMEOUT)


# -- libzmq's sockets as the peers -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PUB", "XPUB"])
def test_nothing_is_lost_for_libzmqs_subscribers(context, strangers, kind):
    pub = context.socket(getattr(zmq, kind))
    pub.bind("tcp://127.0.0.1:*")
    subs = [strangers.socket(theirs.SUB) for _ in range(3)]
    for sub in subs:
        sub.rcvtimeo = TIMEOUT
        sub.subscribe("topic")
        sub.connect(pub.last_endpoint)
    pub.wait_for_subscribers("topic", 3, TIMEOUT)
    pub.send(b"topic: first")
    assert [sub.recv() for sub in subs] == [b"topic: first"] * 3


def test_libzmqs_peers_are_waited_for(context, strangers):
    push = context.socket(zmq.PUSH)
    push.bind("tcp://127.0.0.1:*")
    pulls = [strangers.socket(theirs.PULL) for _ in range(2)]
    for pull in pulls:
        pull.rcvtimeo = TIMEOUT
        pull.connect(push.last_endpoint)
    push.wait_for_peers(2, TIMEOUT)
    for number in range(2):
        push.send(b"%d" % number)
    assert sorted(pull.recv() for pull in pulls) == [b"0", b"1"]


# -- on which types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in zmq.SocketType if kind not in (zmq.DGRAM, zmq.STREAM)])
def test_every_type_waits_for_its_peers(context, kind):
    socket = context.socket(kind)
    fitting = next(iter(socket._core.pattern.peers))
    socket.bind("tcp://127.0.0.1:*")
    other = context.socket(fitting)
    other.connect(socket.last_endpoint)
    socket.wait_for_peers(timeout=TIMEOUT)
    other.wait_for_peers(timeout=TIMEOUT)


def test_radio_waits_for_members_of_a_group(context):
    radio, dish = context.socket(zmq.RADIO), context.socket(zmq.DISH)
    radio.bind("tcp://127.0.0.1:*")
    dish.rcvtimeo = TIMEOUT
    dish.connect(radio.last_endpoint)
    dish.join("group")
    radio.wait_for_subscribers("group", timeout=TIMEOUT)
    with pytest.raises(zmq.Again):
        radio.wait_for_subscribers("gro", timeout=0)
    radio.send(b"message", group="group")
    assert dish.recv() == b"message"
