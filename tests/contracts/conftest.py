"""Run every contract over PyZMQ ("theirs") and purezmq ("ours"); PUREZMQ_IMPL=theirs|ours|both chooses."""

import importlib
import os
import pathlib
import threading
import time

import pytest

from .tools import Net

HERE = pathlib.Path(__file__).parent
MODULES = {"theirs": "zmq", "ours": "purezmq"}
SECONDS_PER_TEST = 20
SECONDS_TO_LET_GO = 3


def chosen():
    """Return the ids of the implementations to test."""
    choice = os.environ.get("PUREZMQ_IMPL", "both")
    if choice != "both" and choice not in MODULES:
        raise pytest.UsageError(f"PUREZMQ_IMPL is {choice!r}; it may be theirs, ours or both")
    return list(MODULES) if choice == "both" else [choice]


def pytest_configure(config):
    config.addinivalue_line("markers", "ours_only: purezmq promises more than libzmq does here")


def pytest_generate_tests(metafunc):
    if "zmq" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("ours_only")
        metafunc.parametrize("zmq", ["ours"] if only else chosen(), indirect=True, scope="session")


def pytest_collection_modifyitems(config, items):
    contracts = [item for item in items if HERE in item.path.parents]
    for item in contracts:
        item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))
    if "ours" not in chosen():
        unwanted = {item for item in contracts if item.get_closest_marker("ours_only")}
        items[:] = [item for item in items if item not in unwanted]
        config.hook.pytest_deselected(items=list(unwanted))


@pytest.fixture(scope="session")
def zmq(request):
    """The module under test."""
    return importlib.import_module(MODULES[request.param])


def _held():
    return len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.fixture(autouse=True)
def nothing_left_behind(zmq):
    """Check that a test of ours leaves no descriptor and no thread. Libzmq's own go when they go."""
    before = _held()
    yield
    if zmq.__name__ != MODULES["ours"]:
        return
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    while any(now > then for now, then in zip(_held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {_held()}"
        time.sleep(0.01)


@pytest.fixture
def ctx(zmq, nothing_left_behind):
    """A fresh context, destroyed at the end with whatever sockets the test left."""
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture(params=["inproc", "ipc", "tcp"])
def net(request, zmq, ctx, tmp_path):
    """Sockets over each transport."""
    return Net(zmq, ctx, request.param, tmp_path)


@pytest.fixture(params=["ipc", "tcp"])
def wire(request, zmq, ctx, tmp_path):
    """Sockets over each transport that has a wire: connections can fail, and come after connect()."""
    return Net(zmq, ctx, request.param, tmp_path)


@pytest.fixture
def drafts(zmq):
    """Leave a libzmq out that is built without draft sockets. (Ours has them as it has the others.)"""
    if not zmq.DRAFT_API:
        pytest.skip("this libzmq is built without draft sockets")


@pytest.fixture
def inproc(zmq, ctx):
    return Net(zmq, ctx, "inproc", None)


@pytest.fixture
def tcp(zmq, ctx):
    return Net(zmq, ctx, "tcp", None)
