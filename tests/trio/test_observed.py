"""Waiting for peers, subscribers and events in trio."""

import pytest
import trio
import trio.testing

import purezmq as zmq
from purezmq.utils.monitor import recv_monitor_message

TIMEOUT = 5000  # ms


async def test_task_waits_for_peers_while_others_run(ctx):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind("tcp://127.0.0.1:*")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pull.wait_for_peers, 1, TIMEOUT)
        await trio.testing.wait_all_tasks_blocked()
        push.connect(pull.last_endpoint)
    assert pull.stats()["peers"] == 1


async def test_task_waits_for_subscribers_while_others_run(ctx):
    pub, sub = ctx.socket(zmq.PUB), ctx.socket(zmq.SUB)
    pub.bind("inproc://subscribers")
    sub.connect("inproc://subscribers")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pub.wait_for_subscribers, "topic", 1, TIMEOUT)
        await trio.testing.wait_all_tasks_blocked()
        sub.subscribe("topic")
    await pub.send(b"topic")
    assert await sub.recv() == b"topic"


async def test_wait_for_peers_gives_up(ctx):
    pull = ctx.socket(zmq.PULL)
    for timeout in (0, 1):
        with pytest.raises(zmq.Again):
            await pull.wait_for_peers(timeout=timeout)
    assert pull._core.watchers == ()


async def test_cancelled_wait_for_peers_leaves_nothing(ctx):
    pull = ctx.socket(zmq.PULL)
    with trio.move_on_after(0.01) as scope:
        await pull.wait_for_peers()
    assert scope.cancelled_caught
    assert pull._core.watchers == ()


async def test_task_iterates_over_events_while_others_run(ctx):
    async def collect():
        async for event in events:
            names.append(event.event.name)

    names = []
    pull = ctx.socket(zmq.PULL)
    with pull.monitor_events() as events:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(collect)
            await trio.testing.wait_all_tasks_blocked()
            pull.bind("tcp://127.0.0.1:*")
            await trio.testing.wait_all_tasks_blocked()
            pull.close()
    assert names == ["LISTENING", "CLOSED"]


async def test_task_reads_a_monitor_socket(ctx):
    pull = ctx.socket(zmq.PULL)
    with pull.get_monitor_socket() as reader:
        pull.bind("tcp://127.0.0.1:*")
        assert (await recv_monitor_message(reader))["endpoint"] == pull.last_endpoint
