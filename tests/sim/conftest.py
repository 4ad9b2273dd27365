"""Fixtures of the simulated world."""

import pytest

from purezmq.engine.sim import SimWorld
from tests.sim.tools import Net


@pytest.fixture
def make_world():
    """A maker of worlds that are closed at the end of the test."""
    worlds = []

    def make(seed=1, **wire):
        worlds.append(SimWorld(seed, **wire))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world):
    """A world with a delay of a millisecond."""
    return make_world()


@pytest.fixture
def net(world):
    """Sockets in that world."""
    return Net(world)
