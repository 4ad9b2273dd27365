"""Processes of both implementations, which live as long as the session, and fresh sockets in them for each test."""

import pathlib

import pytest

from .links import Case, Link
from .sides import Side, Wire

HERE = pathlib.Path(__file__).parent
SECONDS_PER_TEST = 40


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))


@pytest.fixture(scope="session")
def processes():
    """The processes: two of each implementation, so that each can be at both ends."""
    sides = {(name, number): Side(name) for name in ("ours", "theirs") for number in (0, 1)}
    yield sides
    for side in sides.values():
        side.stop()


@pytest.fixture
def side(processes):
    """Give a process of an implementation, another one each time; at the end close what was opened there."""
    given = []

    def give(implementation):
        number = sum(other.implementation == implementation for other in given)
        given.append(processes[implementation, number])
        return given[-1]

    yield give
    for one in given:
        one.reset()


@pytest.fixture
def ours(side):
    return side("ours")


@pytest.fixture
def theirs(side):
    return side("theirs")


@pytest.fixture(params=["ours-theirs", "theirs-ours", "ours-ours", "theirs-theirs"])
def both(request, side):
    """Two processes, of each implementation with each."""
    first, second = request.param.split("-")
    return side(first), side(second)


@pytest.fixture(params=["ours-theirs", "theirs-ours"])
def mixed(request, side):
    """Two processes, of one implementation and of the other."""
    first, second = request.param.split("-")
    return side(first), side(second)


@pytest.fixture(params=["tcp", "ipc"])
def wire(request, tmp_path):
    """Addresses of each transport."""
    return Wire(request.param, tmp_path)


@pytest.fixture
def tcp(tmp_path):
    """Addresses of tcp, where the transport does not matter."""
    return Wire("tcp", tmp_path)


@pytest.fixture
def link(request, side, wire):
    """Two linked sockets, ready to talk; parametrized by Case."""
    case: Case = request.param
    link = Link(case, {"front": side(case.front), "back": side(case.back)}, wire.any())
    link.ready()
    return link
