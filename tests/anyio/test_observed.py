"""Waiting for peers and events in anyio, on every backend."""

import anyio
import pytest

import purezmq as zmq

TIMEOUT = 5000  # ms


async def test_task_waits_for_peers_and_events(ctx):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind("tcp://127.0.0.1:*")
    with pull.monitor_events(zmq.EVENT_HANDSHAKE_SUCCEEDED) as events:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pull.wait_for_peers, 1, TIMEOUT)
            tasks.start_soon(anext, events)
            await anyio.sleep(0)
            push.connect(pull.last_endpoint)
    assert pull.stats()["peers"] == 1


async def test_wait_for_peers_gives_up(ctx):
    pull = ctx.socket(zmq.PULL)
    with pytest.raises(zmq.Again):
        await pull.wait_for_peers(timeout=1)
