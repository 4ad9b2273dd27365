"""Fixtures of the fault tests. After each test no thread and no descriptor may be left."""

import logging
import threading
import time

import pytest

import purezmq
from tests.faults.tools import Log, RawServer, Victim, descriptors

SECONDS_TO_LET_GO = 5


def _held():
    return descriptors(), threading.active_count()


@pytest.fixture(autouse=True)
def nothing_left_behind():
    before = _held()
    yield
    deadline = time.monotonic() + SECONDS_TO_LET_GO
    while any(now > then for now, then in zip(_held(), before, strict=True)):
        assert time.monotonic() < deadline, f"(descriptors, threads) were {before}, are {_held()}"
        time.sleep(0.01)


@pytest.fixture
def log(nothing_left_behind):
    """The records of the logger "purezmq" that give a reason."""
    handler = Log()
    logger = logging.getLogger("purezmq")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture
def no_log(log):
    """Nothing is logged: pytest keeps what is, and memory grows."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(params=["tcp", "ipc"])
def endpoint(request, tmp_path):
    """A fresh endpoint to bind, of each transport."""
    return "tcp://127.0.0.1:*" if request.param == "tcp" else f"ipc://{tmp_path}/s"


@pytest.fixture
def make_victim(log):
    """A maker of victims; in the end each of them still serves its friend, whose link was never lost."""
    victims = []

    def make(endpoint="tcp://127.0.0.1:*", **options):
        victims.append(Victim(purezmq, endpoint, **options))
        return victims[-1]

    yield make
    try:
        for victim in victims:
            victim.exchange()
        assert not log.find("DEALER ", "DISCONNECTED"), "the friend noticed"
    finally:
        for victim in victims:
            victim.close()


@pytest.fixture
def ctx(nothing_left_behind):
    """A context of ours, destroyed at the end."""
    context = purezmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def make_server():
    """A maker of servers whose every byte the test writes."""
    servers = []

    def make():
        servers.append(RawServer())
        return servers[-1]

    yield make
    for server in servers:
        server.close()
