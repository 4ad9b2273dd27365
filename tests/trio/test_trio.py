"""Sockets for trio: checkpoints, cancellation, turns."""

import asyncio
import select
import threading

import pytest
import trio
from trio.testing import assert_checkpoints, wait_all_tasks_blocked

import purezmq as zmq
import purezmq.asyncio
import purezmq.trio

pytestmark = pytest.mark.filterwarnings("error")


async def _call(into, function, *args):
    try:
        into.append(await function(*args))
    except zmq.ZMQError as reason:
        into.append(type(reason)(reason.errno) if type(reason) is zmq.ZMQError else reason)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*", "inproc://trio"])
async def test_tasks_talk(link, endpoint):
    rep, req = link(zmq.REP, zmq.REQ, endpoint)

    async def serve():
        async for parts in rep:
            await rep.send_multipart([*parts, b"!"])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        for number in range(50):
            await req.send(b"%d" % number)
            assert await req.recv_multipart() == [b"%d" % number, b"!"]
        rep.close()


async def test_every_call_is_a_checkpoint(link):
    one, two = link(zmq.PAIR, zmq.PAIR)
    assert await two.poll(5000, zmq.POLLOUT)
    with assert_checkpoints():
        await one.send(b"a")
    with assert_checkpoints():
        await one.send_multipart([b"b", b"c"])
    for _ in range(2):
        with assert_checkpoints():
            assert await two.poll(5000)
        with assert_checkpoints():
            await two.recv()
    with assert_checkpoints():
        assert await two.recv() == b"c"  # the rest of a message
    with assert_checkpoints():
        assert await two.poll(0) == 0
    await one.send_string("x")
    with assert_checkpoints():
        await two.recv_multipart()


async def test_recv_waits_while_others_run(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_call, received, pull.recv)
        await wait_all_tasks_blocked()
        assert received == []
        await push.send(b"x")
    assert received == [b"x"]


async def test_several_tasks_are_served_in_turn(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []
    async with trio.open_nursery() as nursery:
        for number in range(5):

            async def receive(number=number):
                received.append((number, await pull.recv()))

            nursery.start_soon(receive)
            await wait_all_tasks_blocked()
        for number in range(5):
            await push.send(b"%d" % number)
    assert received == [(number, b"%d" % number) for number in range(5)]


async def test_send_waits_at_the_hwm(link):
    push, pull = link(zmq.PUSH, zmq.PULL, "inproc://hwm", hwm=2)
    sent = []

    async def send():
        for number in range(20):
            await push.send(b"%d" % number)
            sent.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await wait_all_tasks_blocked()
        assert 2 <= len(sent) < 20
        assert [await pull.recv() for _ in range(20)] == [b"%d" % number for number in range(20)]


async def test_send_waits_for_the_first_peer(ctx):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.linger = 0
        async with trio.open_nursery() as nursery:
            nursery.start_soon(push.send_multipart, [b"a", b"b"])
            await wait_all_tasks_blocked()
            pull.bind("inproc://first")
            push.connect("inproc://first")
            assert await pull.recv_multipart() == [b"a", b"b"]


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancelled_recv_takes_nothing(link, turns):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []
    for number in range(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_call, received, pull.recv)
            await wait_all_tasks_blocked()
            await push.send(b"%d" % number)
            for _ in range(turns):
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        if len(received) == number:
            received.append(await pull.recv())
    assert received == [b"%d" % number for number in range(30)]


async def test_a_cancelled_send_sends_nothing(link):
    push, pull = link(zmq.PUSH, zmq.PULL, "inproc://cancel", hwm=1)
    for _ in range(2):
        await push.send(b"fill")
    with trio.move_on_after(0.01) as scope:
        await push.send(b"never")
    assert scope.cancelled_caught
    for _ in range(2):
        assert await pull.recv() == b"fill"
    await push.send(b"next")
    assert await pull.recv() == b"next"


async def test_a_call_in_a_cancelled_scope_does_nothing(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    await push.send(b"x")
    assert await pull.poll(5000)
    with trio.CancelScope() as scope:
        scope.cancel()
        await pull.recv()
    assert scope.cancelled_caught
    assert await pull.recv() == b"x"


async def test_a_cancelled_task_passes_its_turn_on(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []
    async with trio.open_nursery() as outer:
        async with trio.open_nursery() as inner:
            inner.start_soon(pull.recv)
            await wait_all_tasks_blocked()
            outer.start_soon(_call, received, pull.recv)
            await wait_all_tasks_blocked()
            inner.cancel_scope.cancel()
        await push.send(b"x")
    assert received == [b"x"]


async def test_the_timeouts_raise_again(link, ctx):
    _, pull = link(zmq.PUSH, zmq.PULL)
    lonely = ctx.socket(zmq.PUSH)
    for timeout in (0, 10):
        pull.rcvtimeo = lonely.sndtimeo = timeout
        with pytest.raises(zmq.Again):
            await pull.recv()
        with pytest.raises(zmq.Again):
            await lonely.send(b"x")
    lonely.close()


async def test_dontwait_raises_at_once(link):
    _, pull = link(zmq.PUSH, zmq.PULL)
    for receive in (pull.recv, pull.recv_multipart):
        with pytest.raises(zmq.Again):
            await receive(zmq.DONTWAIT)


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
    await push.send(b"x" * 100_000, copy=False)
    frame = await pull.recv(copy=False)
    assert frame.bytes == b"x" * 100_000


async def test_poll_waits(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    assert await pull.poll(5) == 0
    found = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_call, found, pull.poll)
        nursery.start_soon(_call, found, pull.poll, 10_000)
        await wait_all_tasks_blocked()
        await push.send(b"x")
    assert found == [zmq.POLLIN, zmq.POLLIN]
    assert await pull.recv() == b"x"


async def test_close_wakes_who_waits(link):
    _, pull = link(zmq.PUSH, zmq.PULL)
    results = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_call, results, pull.recv)
        nursery.start_soon(_call, results, pull.poll)
        await wait_all_tasks_blocked()
        pull.close()
    assert sorted(result.errno for result in results) == sorted([zmq.ENOTSOCK, zmq.ENOTSUP])


async def test_closing_in_another_thread_wakes_who_waits(link):
    _, pull = link(zmq.PUSH, zmq.PULL)
    results = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_call, results, pull.recv)
        await wait_all_tasks_blocked()
        await trio.to_thread.run_sync(pull.close)
    assert results[0].errno == zmq.ENOTSOCK


async def test_the_context_ends_with_its_block():
    async with purezmq.trio.Context() as context:
        async with context.socket(zmq.PUSH) as push:
            push.bind("inproc://end")
        assert push.closed
        pull = context.socket(zmq.PULL)
        results = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_call, results, pull.recv)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
    assert pull.closed
    assert context.closed


async def test_a_context_that_ends_leaves_no_busy_loop(link, ctx):
    sockets = link(zmq.PUSH, zmq.PULL)
    results = []
    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as waiting:
            waiting.start_soon(_call, results, sockets[1].recv)
            await wait_all_tasks_blocked()
            nursery.start_soon(trio.to_thread.run_sync, ctx.term)
        await wait_all_tasks_blocked()
        assert not select.select([sockets[1]._core.loop], [], [], 0)[0]
        for socket in sockets:
            socket.close()
    assert [type(result) for result in results] == [zmq.ContextTerminated]


def test_a_socket_may_be_used_in_one_run_after_another(ctx, link):
    push, pull = link(zmq.PUSH, zmq.PULL)

    async def talk():
        with trio.move_on_after(0.01):
            await pull.recv()
        await push.send(b"x")
        return await pull.recv()

    assert trio.run(talk) == b"x"
    assert trio.run(talk) == b"x"
    shadow = purezmq.asyncio.Socket.from_socket(pull)

    async def receive():
        await trio.lowlevel.checkpoint()

    trio.run(push.send, b"y")
    assert asyncio.run(_awaited(shadow)) == b"y"
    trio.run(receive)


async def _awaited(socket):
    return await socket.recv()


def test_two_runs_share_a_socket(link):
    push, pull = link(zmq.PUSH, zmq.PULL)
    received = []

    async def receive():
        while (message := await pull.recv()) != b"end":
            received.append(message)

    threads = [threading.Thread(target=trio.run, args=(receive,)) for _ in range(2)]
    for thread in threads:
        thread.start()

    async def send():
        for number in range(200):
            await push.send(b"%d" % number)
        for _ in threads:
            await push.send(b"end")

    trio.run(send)
    for thread in threads:
        thread.join(10)
    assert sorted(received, key=int) == [b"%d" % number for number in range(200)]
