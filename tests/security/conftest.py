"""A secured server and a client of it, each of either implementation, in one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq as theirs

import purezmq as ours

from .tools import Ends

IMPLEMENTATIONS = {"ours": ours, "theirs": theirs}
MIXED = ["ours-theirs", "theirs-ours", "ours-ours", "theirs-theirs"]  # server and client
SECONDS_PER_TEST = 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/security/" in str(item.path):
            item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))


@pytest.fixture(params=MIXED)
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Both ends; what is opened there is closed."""
    yield from _open(*request.param.split("-"))


@pytest.fixture(params=["ours-theirs", "theirs-theirs"])
def server(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Both ends, for what a server does: the client is libzmq."""
    yield from _open(*request.param.split("-"))


@pytest.fixture(params=["ours", "theirs"])
def one(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Both ends of one implementation, for what a stranger at the other end does."""
    yield from _open(request.param, request.param)


@pytest.fixture
def our_ends() -> Iterator[Ends]:
    """Both ends ours."""
    yield from _open("ours", "ours")


def _open(server: str, client: str) -> Iterator[Ends]:
    both = Ends(IMPLEMENTATIONS[server], IMPLEMENTATIONS[client])
    yield both
    both.close()
