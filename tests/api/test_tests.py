"""zmq.tests, the base classes that other libraries' tests use: on both, by running tests with them."""

from __future__ import annotations

import importlib
import sys
import unittest
import warnings

import pytest


@pytest.fixture
def bases(zmq):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(f"{zmq.__name__}.tests")


@pytest.fixture
def run(zmq, bases):
    """Returns run(test, mixin): the result of a TestCase with that one test, which gets the case."""

    def run(test, mixin=object):
        def test_it(self):
            test(self)

        bases_of_it = (bases.BaseZMQTestCase,) if mixin is object else (mixin, bases.BaseZMQTestCase)
        case = type("Case", bases_of_it, {"test": test_it, "teardown_timeout": 0.2})("test")
        result = unittest.TestResult()
        case.run(result)
        return result

    return run


def test_importing_them_is_deprecated(zmq, monkeypatch):
    monkeypatch.delitem(sys.modules, f"{zmq.__name__}.tests", raising=False)
    with pytest.warns(DeprecationWarning, match=r"zmq\.tests is deprecated"):
        importlib.import_module(f"{zmq.__name__}.tests")


def test_case_has_sockets_that_are_closed_afterwards(zmq, run):
    made = []

    def test(case):
        assert case.context is zmq.Context.instance()
        pair = case.create_bound_pair()
        made.extend([*pair, case.socket(zmq.PUB)])
        assert case.ping_pong(*pair, b"hi") == b"hi"
        assert case.ping_pong_json(*pair, {"a": [1]}) == {"a": [1]}
        assert case.ping_pong_pyobj(*pair, {"a": (1,)}) == {"a": (1,)}
        pair[0].send_multipart([b"a", b"b"])
        assert case.recv_multipart(pair[1]) == [b"a", b"b"]
        pair[1].send(b"x")
        assert case.recv(pair[0], copy=False).bytes == b"x"

    assert run(test).wasSuccessful()
    assert len(made) == 3
    assert all(socket.closed and socket.context.closed for socket in made)


def test_case_checks_errnos(zmq, run):
    def test(case):
        socket = case.socket(zmq.PUB)
        case.assertRaisesErrno(zmq.EINVAL, socket.set, 12345, 1)
        for errno, call in ((zmq.EAGAIN, lambda: socket.set(12345, 1)), (zmq.EINVAL, lambda: None)):
            with pytest.raises(AssertionError, match=r"wrong error|did not raise"):
                case.assertRaisesErrno(errno, call)

    assert run(test).wasSuccessful()


def test_nothing_to_receive_fails_a_test(zmq, run):
    def test(case):
        with pytest.raises(AssertionError, match="Should have received"):
            case.recv(case.socket(zmq.PULL), timeout=0)

    assert run(test).wasSuccessful()


def test_socket_that_is_left_open_fails_a_test(run, zmq):
    left = []
    result = run(lambda case: left.append(case.context.socket(zmq.PUB)))
    assert "could not terminate" in result.errors[0][1]
    left[0].close()


def test_green_tests_are_skipped_or_run(zmq, bases, run):
    if zmq.__name__ == "purezmq" and not bases.have_gevent:
        result = run(lambda case: pytest.fail("ran"), bases.GreenTest)
        assert result.skipped[0][1] == "requires gevent"
        return

    def test(case):
        assert case.green
        pair = case.create_bound_pair()
        assert case.ping_pong(*pair, b"hi") == b"hi"

    assert run(test, bases.GreenTest).wasSuccessful()


def test_tests_can_be_skipped_when_green(bases):
    @bases.skip_green
    def test(self):
        return "ran"

    assert test(type("", (), {"green": False})()) == "ran"
    with pytest.raises(bases.SkipTest):
        test(type("", (), {"green": True})())
    with pytest.raises(unittest.SkipTest):
        bases.GreenTest().skip_green()
    assert bases.PollZMQTestCase.green is False
    assert bases.skip_pypy(test) is test
