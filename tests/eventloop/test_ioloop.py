"""The old names of the loop are tornado's own."""

import importlib
import warnings

import pytest
import tornado.ioloop


@pytest.fixture
def ioloop(zmq):
    with warnings.catch_warnings(record=True):  # perhaps: only the first import warns
        module = importlib.import_module(f"{zmq.__name__}.eventloop.ioloop")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        importlib.reload(module)
    return module


def test_the_names_are_tornados(zmq, ioloop):
    assert zmq.eventloop.IOLoop is tornado.ioloop.IOLoop
    assert ioloop.IOLoop is ioloop.ZMQIOLoop is tornado.ioloop.IOLoop
    assert ioloop.PeriodicCallback is tornado.ioloop.PeriodicCallback


def test_install_only_warns(ioloop):
    with pytest.warns(DeprecationWarning, match="deprecated"):
        ioloop.install()
