"""purezmq.asyncio beyond PyZMQ's own suite: who waits, who is served, and what is left when it is over."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from asyncio import CancelledError

import pytest

import purezmq as zmq
import purezmq.asyncio
from purezmq import _station

PATIENCE = 5  # s: no await of a test lasts longer


def loops():
    factories = [pytest.param(asyncio.new_event_loop, id="asyncio")]
    if sys.platform != "win32":
        import uvloop

        uvloop.new_event_loop().close()  # the first one opens descriptors for all
        factories.append(pytest.param(uvloop.new_event_loop, id="uvloop"))
    factories.append(pytest.param(NoReaders, id="without add_reader"))
    return factories


class NoReaders(asyncio.SelectorEventLoop):
    """Watches no descriptors of others, as Windows' proactor loop."""

    def add_reader(self, fd, callback, *args):
        raise NotImplementedError


@pytest.fixture(params=loops())
def run(request):
    """Runs a coroutine function on a new loop, with a context whose sockets end with it."""

    def run(main, *args):
        async def guarded():
            async with purezmq.asyncio.Context() as context:
                context.linger = 0
                await asyncio.wait_for(main(context, *args), PATIENCE)

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(guarded())

    return run


@pytest.fixture(autouse=True)
def nothing_left():
    gc.collect()
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    yield
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before[0]
    assert threading.active_count() <= before[1]  # one of an earlier test may have ended meanwhile


def connected(context, first, second, scheme="tcp"):
    """Return two connected sockets."""
    bound, other = context.socket(getattr(zmq, first)), context.socket(getattr(zmq, second))
    bound.bind("tcp://127.0.0.1:*" if scheme == "tcp" else f"inproc://{id(bound)}")
    other.connect(bound.last_endpoint.rstrip(b"\0").decode())
    return bound, other


async def turns(count=3):
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture(params=["tcp", "inproc"])
def scheme(request):
    return request.param


# -- receiving and sending -----------------------------------------------------------------------------------------


def test_messages_arrive_in_order_and_whole(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)

        async def send():
            for number in range(2000):
                if number % 3:
                    await push.send(b"%d" % number)
                else:
                    await push.send_multipart([b"%d" % number, b"more"])

        sending = asyncio.create_task(send())
        for number in range(2000):
            expected = [b"%d" % number] if number % 3 else [b"%d" % number, b"more"]
            assert await pull.recv_multipart() == expected
        await sending

    run(main)


def test_request_and_reply(run, scheme):
    async def main(context):
        rep, req = connected(context, "REP", "REQ", scheme)

        async def serve():
            while True:
                await rep.send_json({"twice": 2 * await rep.recv_json()})

        serving = asyncio.create_task(serve())
        for number in range(50):
            await req.send_json(number)
            assert await req.recv_json() == {"twice": 2 * number}
        serving.cancel()

    run(main)


def test_messages_that_are_there_are_received_without_a_turn_of_the_loop(run):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", "inproc")
        for number in range(10):
            await push.send(b"%d" % number)
        assert await pull.poll()
        turned = []
        asyncio.get_running_loop().call_soon(turned.append, True)
        for number in range(10):
            future = pull.recv()
            assert future.done()
            assert await future == b"%d" % number
        assert not turned

    run(main)


@pytest.mark.parametrize("busy", ["receiving", "sending", "polling"])
def test_busy_socket_lets_other_tasks_run(run, busy):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", "inproc")
        for _ in range(500):
            await push.send(b"x")
        await pull.poll()
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0)
                ticks += 1

        ticking = asyncio.create_task(tick())
        for _ in range(400):
            if busy == "receiving":
                await pull.recv()
            elif busy == "sending":
                await push.send(b"x")
            else:
                await pull.poll()
        ticking.cancel()
        assert ticks >= 400 // _station.CREDIT - 1

    run(main)


def test_tasks_that_wait_on_one_socket_are_served_in_their_order(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        served = []

        async def take(number):
            served.append((number, await pull.recv()))

        tasks = [asyncio.create_task(take(number)) for number in range(20)]
        await turns()
        for number in range(20):
            await push.send(b"%d" % number)
        await asyncio.gather(*tasks)
        assert served == [(number, b"%d" % number) for number in range(20)]

    run(main)


def test_a_late_receiver_does_not_overtake_who_waits(run):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", "inproc")
        first = asyncio.create_task(pull_one(pull))
        await turns()
        await push.send_multipart([b"1"])
        await push.send_multipart([b"2"])
        second = pull.recv()
        assert await second == b"2"
        assert await first == b"1"

    async def pull_one(pull):
        return await pull.recv()

    run(main)


def test_futures_that_nobody_awaits_get_their_messages(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        futures = [pull.recv() for _ in range(1500)]
        for number in range(1500):
            await push.send(b"%d" % number)
        done, pending = await asyncio.wait(futures)
        assert not pending
        assert [future.result() for future in futures] == [b"%d" % number for number in range(1500)]
        assert len(done) == 1500

    run(main)


def test_send_waits_at_the_hwm(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        pull.rcvhwm = push.sndhwm = 2
        sent = 0

        async def send():
            nonlocal sent
            for number in range(200):
                await push.send(b"%d" % number + bytes(100_000))
                sent += 1

        sending = asyncio.create_task(send())
        before = -1
        while sent > before:  # until it is stuck
            before = sent
            await asyncio.sleep(0.02)
        assert sent < 200
        for number in range(200):
            assert (await pull.recv()).startswith(b"%d\0" % number)
        await sending

    run(main)


def test_sends_keep_their_order_while_they_wait(run):
    async def main(context):
        push = context.socket(zmq.PUSH)
        push.bind("tcp://127.0.0.1:*")
        futures = [push.send(b"%d" % number) for number in range(10)]
        await turns()
        assert not any(future.done() for future in futures)
        pull = context.socket(zmq.PULL)
        pull.connect(push.last_endpoint.rstrip(b"\0").decode())
        assert [await pull.recv() for _ in range(10)] == [b"%d" % number for number in range(10)]
        await asyncio.gather(*futures)

    run(main)


def test_what_waits_to_be_sent_is_as_it_was(run):
    async def main(context):
        push = context.socket(zmq.PUSH)
        push.bind("inproc://later")
        content = bytearray(b"before")
        future = push.send(content)
        content[:] = b"after!"
        pull = context.socket(zmq.PULL)
        pull.connect("inproc://later")
        assert await pull.recv() == b"before"
        await future

    run(main)


def test_iteration_gives_messages_until_the_socket_is_closed(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        await push.send_multipart([b"a", b"b"])
        await push.send(b"c")
        found = []
        async for message in pull:
            found.append(message)
            if len(found) == 2:
                asyncio.get_running_loop().call_soon(pull.close)
        assert found == [[b"a", b"b"], [b"c"]]

    run(main)


def test_cancelling_an_iteration_is_no_end_of_it(run):
    async def main(context):
        pull = context.socket(zmq.PULL)

        async def iterate():
            async for _ in pull:
                pass

        task = asyncio.create_task(iterate())
        await turns()
        task.cancel()
        with pytest.raises(CancelledError):
            await task

    run(main)


# -- time ----------------------------------------------------------------------------------------------------------


def test_timeouts(run):
    async def main(context):
        pull = context.socket(zmq.PULL)
        push = context.socket(zmq.PUSH)
        pull.rcvtimeo = push.sndtimeo = 10
        with pytest.raises(zmq.Again):
            await pull.recv()
        with pytest.raises(zmq.Again):
            await push.send(b"nobody")
        pull.rcvtimeo = -1
        with pytest.raises(asyncio.TimeoutError):
            async with asyncio.timeout(0.01):
                await pull.recv()
        assert await pull.poll(5) == 0
        assert not pull._recv_futures
        assert not push._send_futures

    run(main)


def test_call_that_gave_up_takes_nothing_later(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        for _ in range(20):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(pull.recv(), 0.001)
        await push.send(b"here")
        assert await pull.recv() == b"here"

    run(main)


# -- cancelling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["recv", "recv_multipart", "recv_string", "recv_json", "recv_pyobj"])
@pytest.mark.parametrize("late", range(8))
def test_cancelling_a_receive_loses_nothing(run, method, late):
    """The task is cancelled `late` turns of the loop after the message was sent; whoever asks next has the message."""

    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", "inproc")
        send = "send" + method.removeprefix("recv")
        content = [b"1"] if method == "recv_multipart" else b"1" if method == "recv" else "1"
        for _ in range(5):
            got = []

            async def take(got=got):
                got.append(await getattr(pull, method)())

            task = asyncio.create_task(take())
            await turns()
            await getattr(push, send)(content)
            await turns(late)
            task.cancel()
            try:
                await task
            except CancelledError:
                assert not got
                got.append(await getattr(pull, method)())
            assert got == [content]

    run(main)


@pytest.mark.parametrize("late", range(8))
def test_cancelling_the_first_of_several_serves_the_next(run, scheme, late):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        tasks = [asyncio.create_task(one(pull)) for _ in range(3)]
        await turns()
        await push.send(b"1")
        await push.send(b"2")
        await push.send(b"3")
        await turns(late)
        tasks[0].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        got = [result for result in results if not isinstance(result, CancelledError)]
        while len(got) < 3:
            got.append(await pull.recv())
        assert sorted(got) == [b"1", b"2", b"3"]

    async def one(pull):
        return await pull.recv()

    run(main)


@pytest.mark.parametrize("late", range(8))
def test_cancelled_send_has_not_been_sent(run, late):
    async def main(context):
        push = context.socket(zmq.PUSH)
        push.bind("inproc://later")
        sent = []

        async def send():
            await push.send(b"cancelled")
            sent.append(b"cancelled")

        task = asyncio.create_task(send())
        await turns()
        pull = context.socket(zmq.PULL)
        pull.connect("inproc://later")
        await turns(late)
        task.cancel()
        await asyncio.wait([task])
        await push.send(b"next")
        got = [await pull.recv()]
        if got != [b"next"]:
            got.append(await pull.recv())
        assert got == [*sent, b"next"]

    run(main)


@pytest.mark.parametrize("late", range(6))
def test_reply_of_a_cancelled_receive_is_still_there(run, late):
    async def main(context):
        rep, req = connected(context, "REP", "REQ")
        await req.send(b"question")
        assert await rep.recv() == b"question"
        task = asyncio.create_task(one(req))
        await turns()
        await rep.send(b"answer")
        await turns(late)
        task.cancel()
        got = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(got, CancelledError):
            got = await req.recv()
        assert got == b"answer"
        await req.send(b"next")
        assert await rep.recv() == b"next"

    async def one(req):
        return await req.recv()

    run(main)


# -- other views of the socket, other threads, other loops ---------------------------------------------------------


def test_blocking_shadow_in_a_thread_and_asyncio_share_a_socket(run):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH")
        blocking = zmq.Socket.shadow(pull)
        blocking_push = zmq.Socket.shadow(push)
        loop = asyncio.get_running_loop()
        for number in range(30):
            receive = loop.run_in_executor(None, blocking.recv)
            await push.send(b"%d" % number)
            assert await receive == b"%d" % number
            waiting = asyncio.ensure_future(pull.recv())
            await turns()
            await loop.run_in_executor(None, blocking_push.send, b"%d" % number)
            assert await waiting == b"%d" % number

    run(main)


def test_events_read_by_others_take_no_wakeup_away(run, scheme):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", scheme)
        other = zmq.Socket.shadow(push)
        for number in range(30):
            receive = asyncio.create_task(one(pull))
            await turns()
            other.send(b"%d" % number)
            while not pull.get(zmq.EVENTS):
                pass
            assert await receive == b"%d" % number

    async def one(pull):
        return await pull.recv()

    run(main)


def test_loops_in_several_threads_talk_over_inproc(run):
    """Each thread has its own loop and socket, in one context."""
    del run
    with zmq.Context() as context:

        async def serve():
            async with purezmq.asyncio.Context(context).socket(zmq.REP) as rep:
                rep.bind("inproc://service")
                bound.set()
                for _ in range(300):
                    await rep.send(await rep.recv())

        async def ask(name):
            async with purezmq.asyncio.Context(context).socket(zmq.REQ) as req:
                req.connect("inproc://service")
                for number in range(100):
                    await req.send(b"%s %d" % (name, number))
                    assert await asyncio.wait_for(req.recv(), PATIENCE) == b"%s %d" % (name, number)

        failures = []

        def thread(coroutine):
            try:
                asyncio.run(asyncio.wait_for(coroutine, PATIENCE))
            except BaseException as reason:
                failures.append(reason)

        bound = threading.Event()
        threads = [threading.Thread(target=thread, args=(serve(),))]
        threads[0].start()
        bound.wait(PATIENCE)
        threads += [threading.Thread(target=thread, args=(ask(b"%d" % name),)) for name in range(3)]
        for each in threads[1:]:
            each.start()
        for each in threads:
            each.join()
        assert not failures


def test_socket_moves_to_the_next_loop():
    with purezmq.asyncio.Context() as context:
        pull, push = connected(context, "PULL", "PUSH")

        async def exchange():
            await push.send(b"x")
            assert await asyncio.wait_for(pull.recv(), PATIENCE) == b"x"
            leftover = asyncio.ensure_future(pull.recv())
            await turns()
            leftover.cancel()

        for _ in range(3):
            asyncio.run(exchange())
        pull.close(), push.close()


def test_waiting_in_two_loops_at_once_is_an_error():
    with purezmq.asyncio.Context() as context:
        pull, push = connected(context, "PULL", "PUSH")
        first, second = asyncio.new_event_loop(), asyncio.new_event_loop()

        async def wait():
            return await pull.recv()

        task = first.create_task(wait())
        first.run_until_complete(turns())
        with pytest.raises(RuntimeError, match="another event loop"):
            second.run_until_complete(wait())

        async def send():
            await push.send(b"x")

        second.run_until_complete(send())
        assert first.run_until_complete(asyncio.wait_for(task, PATIENCE)) == b"x"
        second.run_until_complete(send())
        assert second.run_until_complete(asyncio.wait_for(wait(), PATIENCE)) == b"x"
        pull.close(), push.close()
        first.close(), second.close()


def test_call_outside_of_any_loop_warns():
    with purezmq.asyncio.Context() as context, context.socket(zmq.PULL) as pull:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        with pytest.warns(RuntimeWarning, match="no running event loop"):
            pull.recv().cancel()
        asyncio.set_event_loop(None)
        loop.close()


# -- the end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closing", ["close", "shadow", "thread"])
def test_close_cancels_who_waits(run, closing):
    async def main(context):
        pull = context.socket(zmq.PULL)
        push = context.socket(zmq.PUSH)
        futures = [pull.recv(), pull.poll(), push.send(b"nobody")]
        task = asyncio.create_task(one(pull))
        await turns()
        for socket in (pull, push):
            if closing == "close":
                socket.close()
            elif closing == "shadow":
                zmq.Socket.shadow(socket).close()
            else:
                thread = threading.Thread(target=zmq.Socket.shadow(socket).close)
                thread.start()
                thread.join()
        await asyncio.wait([*futures, task])
        assert all(future.cancelled() for future in [*futures, task])
        with pytest.raises(zmq.ZMQError) as reason:
            await pull.recv()
        assert reason.value.errno == zmq.ENOTSOCK

    async def one(pull):
        return await pull.recv()

    run(main)


def test_term_ends_waits_with_its_error(run):
    async def main(context):
        other = purezmq.asyncio.Context()
        pull = other.socket(zmq.PULL)
        waiting = asyncio.create_task(one(pull))
        await turns()
        terminating = asyncio.get_running_loop().run_in_executor(None, other.term)
        with pytest.raises(zmq.ContextTerminated):
            await waiting
        pull.close()
        await terminating

    async def one(pull):
        return await pull.recv()

    run(main)


def test_socket_that_is_forgotten_is_closed(run):
    async def main(context):
        pull = context.socket(zmq.PULL)
        assert await pull.poll(1) == 0
        core = pull._core
        with pytest.warns(ResourceWarning):
            del pull  # nothing else holds it
        while not core.finished:
            await asyncio.sleep(0)

    run(main)


def test_peers_are_served_while_the_loop_computes():
    """Nobody runs the loop, and yet a peer's handshake and messages are taken in."""
    with purezmq.asyncio.Context() as context, zmq.Context() as far:
        loop = asyncio.new_event_loop()
        pull = context.socket(zmq.PULL)
        pull.bind("tcp://127.0.0.1:*")

        async def wait():
            return await pull.recv()

        task = loop.create_task(wait())
        loop.run_until_complete(turns())
        with far.socket(zmq.PUSH) as push:
            push.sndtimeo = 1000 * PATIENCE
            push.connect(pull.last_endpoint.rstrip(b"\0").decode())
            push.send(b"x")  # waits for the handshake
        assert loop.run_until_complete(asyncio.wait_for(task, PATIENCE)) == b"x"
        pull.close()
        loop.close()


# -- Poller --------------------------------------------------------------------------------------------------------


def test_poller_waits_for_sockets_of_all_kinds_and_descriptors(run):
    async def main(context):
        if isinstance(asyncio.get_running_loop(), NoReaders):
            return  # no descriptors there
        pull, push = connected(context, "PULL", "PUSH")
        blocking = zmq.Context.shadow(context).socket(zmq.PULL)
        reader, writer = os.pipe()
        poller = purezmq.asyncio.Poller()
        for thing in (pull, blocking, reader):
            poller.register(thing, zmq.POLLIN)
        assert await poller.poll(1) == []
        waiting = asyncio.ensure_future(poller.poll(1000 * PATIENCE))
        await turns()
        await push.send(b"x")
        assert await waiting == [(pull, zmq.POLLIN)]
        await pull.recv()
        waiting = asyncio.ensure_future(poller.poll())
        await turns()
        os.write(writer, b"x")
        assert await waiting == [(reader, zmq.POLLIN)]
        os.close(reader), os.close(writer)
        blocking.close()

    run(main)


def test_poller_goes_on_waiting_when_another_task_was_faster(run):
    async def main(context):
        pull, push = connected(context, "PULL", "PUSH", "inproc")
        poller = purezmq.asyncio.Poller()
        poller.register(pull, zmq.POLLIN)
        waiting = asyncio.ensure_future(poller.poll(1000 * PATIENCE))
        await turns()
        await push.send(b"1")
        first = asyncio.ensure_future(pull.recv())
        await asyncio.wait([first])
        await push.send(b"2")
        assert await waiting == [(pull, zmq.POLLIN)]
        got = [first.result(), await pull.recv()]
        assert got == [b"1", b"2"]

    run(main)


def test_poll_of_many_sockets_leaves_nothing_behind(run):
    async def main(context):
        sockets = [context.socket(zmq.PULL) for _ in range(50)]
        poller = purezmq.asyncio.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        for _ in range(3):
            assert await poller.poll(1) == []
        assert not any(socket._recv_futures for socket in sockets)

    run(main)
