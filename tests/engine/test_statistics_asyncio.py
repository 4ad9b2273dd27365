"""Awaiting peers and subscribers with sockets of asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import purezmq as zmq
import purezmq.asyncio

TIMEOUT = 5000  # ms


@pytest.fixture
def context() -> Iterator[purezmq.asyncio.Context]:
    context = purezmq.asyncio.Context()
    yield context
    context.destroy(linger=0)


@pytest.mark.parametrize("endpoint", ["inproc://await", "tcp://127.0.0.1:*"])
def test_task_awaits_peers(context, endpoint):
    async def main() -> None:
        pull = context.socket(zmq.PULL)
        pull.bind(endpoint)
        waiting = asyncio.create_task(pull.wait_for_peers(2, TIMEOUT))
        for _ in range(2):
            await asyncio.sleep(0)
            assert not waiting.done()
            pushes.append(context.socket(zmq.PUSH))
            pushes[-1].connect(pull.last_endpoint)
        await waiting
        assert pull.stats()["peers"] == 2

    pushes: list[Any] = []
    asyncio.run(main())


@pytest.mark.parametrize("endpoint", ["inproc://await", "tcp://127.0.0.1:*"])
def test_nothing_is_lost_behind_awaited_subscribers(context, endpoint):
    async def main() -> None:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        pub.bind(endpoint)
        sub.connect(pub.last_endpoint)
        waiting = asyncio.create_task(pub.wait_for_subscribers("topic", timeout=TIMEOUT))
        await asyncio.sleep(0)
        sub.subscribe("topic")
        await waiting
        await pub.send(b"topic")
        assert await asyncio.wait_for(sub.recv(), TIMEOUT / 1000) == b"topic"

    asyncio.run(main())


def test_awaiting_peers_gives_up(context):
    async def main() -> None:
        pull = context.socket(zmq.PULL)
        for timeout in (0, 1):
            with pytest.raises(zmq.Again):
                await pull.wait_for_peers(timeout=timeout)
        assert pull._core.watchers == ()

    asyncio.run(main())


def test_cancelled_wait_for_peers_leaves_nothing(context):
    async def main() -> None:
        pull = context.socket(zmq.PULL)
        waiting = asyncio.create_task(pull.wait_for_peers())
        await asyncio.sleep(0)
        assert pull._core.watchers
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert pull._core.watchers == ()

    asyncio.run(main())


def test_closed_socket_ends_the_await(context):
    async def main() -> None:
        pull = context.socket(zmq.PULL)
        waiting = asyncio.create_task(pull.wait_for_peers(timeout=TIMEOUT))
        await asyncio.sleep(0)
        pull.close()
        with pytest.raises(zmq.ZMQError) as caught:
            await waiting
        assert caught.value.errno == zmq.ENOTSOCK

    asyncio.run(main())


def test_events_are_awaited_beside_messages(context):
    async def main() -> None:
        pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        pull.bind("tcp://127.0.0.1:*")
        with pull.monitor_events(zmq.EVENT_HANDSHAKE_SUCCEEDED) as events:
            message = asyncio.ensure_future(pull.recv())
            push.connect(pull.last_endpoint)
            event = await asyncio.wait_for(anext(events), TIMEOUT / 1000)
            assert event.event is zmq.Event.HANDSHAKE_SUCCEEDED
            await push.send(b"message")
            assert await message == b"message"

    asyncio.run(main())
