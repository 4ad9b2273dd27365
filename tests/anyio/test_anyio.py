"""Sockets for anyio, on each of its backends."""

import anyio
import pytest
from anyio.lowlevel import checkpoint

import purezmq as zmq
import purezmq.anyio

pytestmark = pytest.mark.filterwarnings("error")


async def _call(into, function, *args):
    try:
        into.append(await function(*args))
    except zmq.ZMQError as reason:
        into.append(reason.errno)


async def test_tasks_talk(link):
    rep, req = link(zmq.REP, zmq.REQ)

    async def serve():
        async for parts in rep:
            await rep.send_multipart([*parts, b"!"])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        for number in range(50):
            await req.send(b"%d" % number)
            assert await req.recv_multipart() == [b"%d" % number, b"!"]
        rep.close()


async def test_a_busy_socket_lets_others_run(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    for _ in range(100):
        await push.send(b"x")
    turns = []

    async def count():
        while True:
            turns.append(1)
            await checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        for _ in range(100):
            await pull.recv()
        tasks.cancel_scope.cancel()
    assert len(turns) >= 50


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancelled_recv_takes_nothing(link, turns):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []
    for number in range(4):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_call, received, pull.recv)
            await anyio.wait_all_tasks_blocked()
            await push.send(b"%d" % number)
            for _ in range(turns):
                await checkpoint()
            tasks.cancel_scope.cancel()
        if len(received) == number:
            received.append(await pull.recv())
    assert received == [b"%d" % number for number in range(4)]


async def test_a_call_in_a_cancelled_scope_does_nothing(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    await push.send(b"x")
    assert await pull.poll(5000)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await pull.recv()
    assert scope.cancelled_caught
    assert await pull.recv() == b"x"


async def test_a_time_limit_loses_no_message(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    with anyio.move_on_after(0.01) as scope:
        await pull.recv()
    assert scope.cancelled_caught
    await push.send_multipart([b"a", b"b"])
    assert await pull.recv_multipart() == [b"a", b"b"]


async def test_send_waits_at_the_hwm(link):
    push, pull = link(zmq.PUSH, zmq.PULL, "inproc://anyio-hwm", hwm=2)
    sent = []

    async def send():
        for number in range(20):
            await push.send(b"%d" % number)
            sent.append(number)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        assert 2 <= len(sent) < 20
        assert [await pull.recv() for _ in range(20)] == [b"%d" % number for number in range(20)]


async def test_all_forms_of_content(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    await push.send_string("grün")
    assert await pull.recv_string() == "grün"
    await push.send_json([1])
    assert await pull.recv_json() == [1]
    await push.send_pyobj({2})
    assert await pull.recv_pyobj() == {2}
    await push.send_serialized("ab", lambda text: [letter.encode() for letter in text])
    assert await pull.recv_serialized(b"".join) == b"ab"
    buffer = bytearray(5)
    await push.send(b"hello")
    assert await pull.recv_into(buffer) == 5
    assert buffer == b"hello"
    assert await pull.poll(5) == 0
    with pytest.raises(zmq.Again):
        await pull.recv(zmq.DONTWAIT)


async def test_close_wakes_who_waits(link):
    _, pull = link(zmq.PUSH, zmq.PULL)
    results = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_call, results, pull.recv)
        tasks.start_soon(_call, results, pull.recv_multipart)
        await anyio.wait_all_tasks_blocked()
        pull.close()
    assert results == [zmq.ENOTSOCK] * 2


async def test_the_context_ends_with_its_block():
    async with purezmq.anyio.Context() as context:
        async with context.socket(zmq.PUSH) as push:
            push.bind("inproc://end")
        assert push.closed
        pull = context.socket(zmq.PULL)
    assert pull.closed
    assert context.closed


def test_one_socket_may_be_used_on_one_backend_after_another(link):
    push, pull = link(zmq.PUSH, zmq.PULL)

    async def talk():
        await push.send(b"x")
        return await pull.recv()

    for backend in ("asyncio", "trio", "asyncio"):
        assert anyio.run(talk, backend=backend) == b"x"
