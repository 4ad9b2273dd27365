"""Futures for tornado's coroutines, PyZMQ's and ours."""

import asyncio
import gc

import pytest
from tornado import gen
from tornado.ioloop import IOLoop


@pytest.fixture
def future(zmq):
    return zmq.eventloop.future


@pytest.fixture
def loop():
    """A tornado loop that does not run yet, and is current."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    io_loop = IOLoop.current()
    yield io_loop
    io_loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def pair(zmq, future, ctx):
    """Return a function that makes two connected sockets."""
    made = []
    context = future.Context(ctx)

    def make(binder, connector):
        sockets = context.socket(binder), context.socket(connector)
        made.extend(sockets)
        for socket in sockets:
            socket.linger = 0
        sockets[1].connect(f"tcp://127.0.0.1:{sockets[0].bind_to_random_port('tcp://127.0.0.1')}")
        return sockets

    yield make
    for socket in made:
        socket.close()


def test_calls_are_awaited(zmq, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def main():
        await push.send_multipart([b"a", b"b"])
        assert await pull.recv_multipart() == [b"a", b"b"]
        await push.send_json({"a": 1})
        assert await pull.recv_json() == {"a": 1}
        assert await pull.poll(1) == 0

    loop.run_sync(main)


def test_calls_are_yielded(zmq, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)

    @gen.coroutine
    def main():
        yield push.send(b"x")
        received = yield pull.recv()
        raise gen.Return(received)

    assert loop.run_sync(main) == b"x"


def test_a_call_may_come_before_the_loop_runs(zmq, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)
    received = pull.recv()
    push.send(b"x")

    async def main():
        return await received

    assert loop.run_sync(main) == b"x"


def test_a_callback_gets_the_result(zmq, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)
    results = []

    def done(received):
        results.append(received.result())
        loop.stop()

    loop.add_future(pull.recv(), done)
    loop.add_callback(push.send, b"x")
    loop.start()
    assert results == [b"x"]


def test_a_cancelled_call_takes_nothing(zmq, future, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def main():
        given_up = pull.recv()
        assert given_up.cancel()
        assert given_up.cancelled()
        await push.send(b"x")
        with pytest.raises(future.CancelledError):
            await given_up
        assert await pull.recv() == b"x"

    loop.run_sync(main)


def test_the_poller_takes_sockets_of_all_kinds(zmq, future, loop, ctx, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def main():
        poller = future.Poller()
        poller.register(pull, zmq.POLLIN)
        with ctx.socket(zmq.PAIR) as blocking:
            blocking.bind("inproc://blocking")
            poller.register(blocking, zmq.POLLIN)
            waiting = poller.poll(10_000)
            await push.send(b"x")
            assert await waiting == [(pull, zmq.POLLIN)]

    loop.run_sync(main)


@pytest.mark.ours_only
def test_closing_all_of_a_loop_closes_its_sockets(zmq, pair):
    loop = IOLoop(make_current=False)
    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def main():
        await push.send(b"x")
        await pull.recv()

    loop.run_sync(main)
    loop.close(all_fds=True)
    assert pull.closed


def test_a_closed_socket_leaves_the_loop(zmq, loop, pair):
    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def main():
        await push.send(b"x")
        await pull.recv()

    loop.run_sync(main)
    push.close()
    pull.close()
    gc.collect()
    assert not loop.handlers


def test_the_loop_is_not_chosen_any_more(zmq, future):
    with pytest.warns(DeprecationWarning, match="io_loop"):
        future.Context(io_loop=object()).term()


def test_sockets_and_instance_are_of_the_own_kind(zmq, future):
    context = future.Context.instance()
    assert context is not zmq.Context.instance()
    with context.socket(zmq.PUSH) as socket:
        assert isinstance(socket, future.Socket)
    zmq.Context.instance().term()
    context.term()
