"""Coroutine functions run in trio, within a limit of time, and leave nothing behind."""

import inspect
import os
import threading
import time

import pytest
import trio

import purezmq.trio

PATIENCE = 10  # s: how long something that must happen may take on a busy machine
SECONDS_TO_LET_GO = 3


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames

    async def main():
        with trio.fail_after(PATIENCE):
            await pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})

    trio.run(main)
    assert not purezmq.trio._stations
    return True


def _held():
    threads = [thread for thread in threading.enumerate() if "trio" not in thread.name.lower()]
    return len(os.listdir("/proc/self/fd")), len(threads)


@pytest.fixture
def ctx():
    """A fresh context, destroyed at the end with whatever sockets the test left."""
    before = _held()
    context = purezmq.trio.Context()
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
