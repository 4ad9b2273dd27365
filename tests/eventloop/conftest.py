"""Run every test over PyZMQ ("theirs") and purezmq ("ours"); a coroutine function runs in an asyncio loop."""

import asyncio
import importlib
import inspect
import os
import threading
import time

import pytest

MODULES = {"theirs": "zmq", "ours": "purezmq"}
PATIENCE = 10  # s: how long something that must happen may take on a busy machine
SECONDS_TO_LET_GO = 3


def _chosen():
    choice = os.environ.get("PUREZMQ_IMPL", "both")
    return list(MODULES) if choice == "both" else [choice]


def pytest_configure(config):
    config.addinivalue_line("markers", "ours_only: purezmq promises more than PyZMQ does here")


def pytest_generate_tests(metafunc):
    if "zmq" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("ours_only")
        metafunc.parametrize("zmq", ["ours"] if only else _chosen(), indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(_limited(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})))
    return True


async def _limited(coroutine):
    async with asyncio.timeout(PATIENCE):
        await coroutine


@pytest.fixture(scope="session")
def zmq(request):
    """The module under test."""
    name = MODULES[request.param]
    module = importlib.import_module(name)
    importlib.import_module(f"{name}.eventloop.zmqstream")
    importlib.import_module(f"{name}.eventloop.future")
    importlib.import_module(f"{name}.asyncio")
    return module


def _held():
    return len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.fixture
def ctx(zmq):
    """A fresh context, destroyed at the end with whatever sockets the test left; ours leaves nothing."""
    before = _held()
    context = zmq.Context()
    yield context
    context.destroy(linger=0)
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    while zmq.__name__ == "purezmq" and any(now > then for now, then in zip(_held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {_held()}"
        time.sleep(0.01)


class Streams:
    """Streams on connected sockets."""

    def __init__(self, zmq, ctx):
        self.zmq, self.ctx = zmq, ctx
        self._sockets = []  # a socket that nobody holds is closed by the collector

    def socket(self, kind):
        socket = self.ctx.socket(kind)
        socket.linger = 0
        self._sockets.append(socket)
        return socket

    def on(self, socket):
        return self.zmq.eventloop.zmqstream.ZMQStream(socket)

    def pair(self, binder, connector):
        """Return two connected sockets."""
        bound, connected = self.socket(binder), self.socket(connector)
        port = bound.bind_to_random_port("tcp://127.0.0.1")
        connected.connect(f"tcp://127.0.0.1:{port}")
        return bound, connected

    def receiving(self, *messages):
        """Return a stream on a PULL that has exactly these messages, and its PUSH."""
        push, pull = self.pair(self.zmq.PUSH, self.zmq.PULL)
        for parts in messages:
            push.send_multipart(parts)
        stream = self.on(pull)
        assert not messages or pull.poll(PATIENCE * 1000)
        return stream, push


@pytest.fixture
def streams(zmq, ctx):
    return Streams(zmq, ctx)


class Heard(list):
    """A callback that collects what it is called with; `await heard.count(n)` waits for that many."""

    def __init__(self):
        self._waits = []

    def __call__(self, *args):
        self.append(args[0] if len(args) == 1 else args)
        for count, future in self._waits:
            if len(self) >= count and not future.done():
                future.set_result(None)

    def __bool__(self):
        return True  # PyZMQ takes a false callback for none

    async def count(self, count):
        if len(self) < count:
            future = asyncio.get_running_loop().create_future()
            self._waits.append((count, future))
            await future
        return self[:count]


@pytest.fixture
def heard():
    return Heard()


async def turns(count=20):
    """Let the loop go round so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture(name="turns")
def _turns():
    return turns


async def until(condition):
    """Let the loop go round until the condition holds."""
    while not condition():
        await asyncio.sleep(0.002)  # the pace of the looking, not what the test relies on


@pytest.fixture(name="until")
def _until():
    return until
