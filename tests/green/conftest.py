"""Run every test over PyZMQ ("theirs") and purezmq ("ours"), in a greenlet that has a limit of time."""

import importlib
import os
import threading
import time

import gevent
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


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    timer = gevent.Timeout.start_new(PATIENCE)
    yield
    timer.close()


@pytest.fixture(scope="session")
def zmq(request):
    """The green module under test."""
    return importlib.import_module(f"{MODULES[request.param]}.green")


def _held():
    return len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.fixture
def ctx(zmq):
    """A fresh context, destroyed at the end with whatever sockets the test left; ours leaves nothing."""
    gevent.get_hub().threadpool.apply(
        threading.current_thread
    )  # its thread is made and known once, and stays
    before = _held()
    context = zmq.Context()
    yield context
    context.destroy(linger=0)
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    ours = zmq.__name__ == "purezmq.green"
    while ours and any(now > then for now, then in zip(_held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {_held()}"
        time.sleep(0.01)


@pytest.fixture
def link(zmq, ctx):
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


@pytest.fixture
def until():
    """Return a function that lets other greenlets run until a condition holds."""

    def wait(condition):
        while not condition():
            gevent.sleep(0.002)  # the pace of the looking, not what the test relies on

    return wait
