"""The pickles that send_pyobj makes and recv_pyobj reads: pickle's own bytes, PyZMQ's one part, a snapshot."""

import pickle
import sys

import pytest
import zmq as pyzmq

import purezmq
from purezmq._pickled import dumps, loads


class Grid:
    """As an array does, it hands out its buffer where the protocol can take one."""

    def __init__(self, content):
        self.content = content

    def __reduce_ex__(self, protocol):
        if protocol >= 5:
            return Grid, (pickle.PickleBuffer(self.content),)
        return Grid, (bytes(self.content),)

    def __eq__(self, other):
        return bytes(self.content) == bytes(other.content)

    __hash__ = None


LARGE = 300_000
OBJECTS = {
    "none": None,
    "dict": {1: (2, b"3"), "text": ["é", 2.5]},
    "large list": list(range(50_000)),
    "large bytes": b"x" * LARGE,
    "large text": "é" * LARGE,
    "twice the same": [b"y" * LARGE] * 2,
    "writable buffer": Grid(bytearray(range(256)) * 2000),
    "read-only buffer": Grid(bytes(range(256)) * 2000),
    "small buffer": Grid(bytearray(b"abc")),
}


@pytest.mark.parametrize("protocol", [-1, *range(pickle.HIGHEST_PROTOCOL + 1)])
@pytest.mark.parametrize("value", OBJECTS.values(), ids=OBJECTS.keys())
def test_pickle_is_what_pickle_makes(value, protocol):
    assert dumps(value, protocol) == pickle.dumps(value, protocol)


def test_pickle_is_a_snapshot():
    content = bytearray(LARGE)
    part = dumps(Grid(content), 5)
    content[:] = b"x" * LARGE
    assert loads(part) == Grid(bytes(LARGE))


def test_writable_buffer_comes_out_writable():
    assert not memoryview(loads(dumps(Grid(bytearray(LARGE)), 5)).content).readonly


def test_what_cannot_be_pickled_fails_as_with_pickle():
    for pickler in (dumps, pickle.dumps):
        with pytest.raises((pickle.PicklingError, AttributeError, TypeError), match=r"lambda|local"):
            pickler(lambda: None, 4)


def test_received_object_holds_nothing_of_the_part():
    part = dumps(Grid(bytearray(LARGE)), 5)
    before = sys.getrefcount(part)
    kept = loads(part)
    assert sys.getrefcount(part) == before
    assert kept == Grid(bytes(LARGE))


@pytest.mark.parametrize("sender, receiver", [(purezmq, pyzmq), (pyzmq, purezmq), (purezmq, purezmq)])
@pytest.mark.parametrize("protocol", [4, 5])
def test_objects_travel_between_both(sender, receiver, protocol):
    with (
        sender.Context() as there,
        receiver.Context() as here,
        here.socket(receiver.PULL) as pull,
        there.socket(sender.PUSH) as push,
    ):
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        for value in OBJECTS.values():
            push.send_pyobj(value, protocol=protocol)
        for value in OBJECTS.values():
            assert pull.recv_pyobj() == value


def test_pickle_of_ours_is_one_part_for_a_peer():
    with (
        purezmq.Context() as there,
        pyzmq.Context() as here,
        here.socket(pyzmq.PULL) as pull,
        there.socket(purezmq.PUSH) as push,
    ):
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        push.send_pyobj(Grid(bytearray(LARGE)), protocol=5)
        (part,) = pull.recv_multipart()
        assert part == pickle.dumps(Grid(bytearray(LARGE)), 5)
