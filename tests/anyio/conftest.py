"""Coroutine functions run in anyio, on every backend, within a limit of time, and leave nothing behind."""

import inspect
import os
import threading
import time

import anyio
import pytest

import purezmq.anyio

BACKENDS = {"asyncio": ("asyncio", {}), "uvloop": ("asyncio", {"use_uvloop": True}), "trio": ("trio", {})}
PATIENCE = 10  # s: how long something that must happen may take on a busy machine
SECONDS_TO_LET_GO = 3


def pytest_generate_tests(metafunc):
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.append("backend")
        metafunc.parametrize("backend", BACKENDS)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    name, options = BACKENDS[pyfuncitem.callspec.params["backend"]]

    async def main():
        with anyio.fail_after(PATIENCE):
            await pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})

    anyio.run(main, backend=name, backend_options=options)
    return True


def _held():
    threads = [thread for thread in threading.enumerate() if "trio" not in thread.name.lower()]
    return len(os.listdir("/proc/self/fd")), len(threads)


@pytest.fixture(scope="session")
def warm():
    """What the loops keep for good is there."""
    for name, options in BACKENDS.values():
        anyio.run(anyio.sleep, 0, backend=name, backend_options=options)


@pytest.fixture
def ctx(warm):
    """A fresh context, destroyed at the end with whatever sockets the test left."""
    before = _held()
    context = purezmq.anyio.Context()
    yield context
    context.destroy(linger=0)
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    while any(now > then for now, then in zip(_held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {_held()}"
        time.sleep(0.01)


@pytest.fixture
def link(ctx):
    """Return a function that makes two connected sockets, the first one bound."""
    held = []

    def make(binder, connector, endpoint="tcp://127.0.0.1:*", **options):
        bound, connected = ctx.socket(binder), ctx.socket(connector)
        held.extend((bound, connected))
        for socket in (bound, connected):
            socket.linger = 0
            for name, value in options.items():
                setattr(socket, name, value)
        bound.bind(endpoint)
        connected.connect(bound.last_endpoint.decode())
        return bound, connected

    return make
