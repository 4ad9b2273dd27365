"""Looking up names: in threads, a few at a time, and nobody waits for them."""

import queue
import subprocess
import sys
import threading
from errno import EAGAIN

import pytest

from purezmq.engine.resolver import Resolver


def resolver_threads():
    return [thread for thread in threading.enumerate() if thread.name == "purezmq-resolver"]


@pytest.fixture
def results():
    """Collect what done is called with."""
    return queue.Queue()


@pytest.fixture
def gate():
    """Hold look-ups up until it is set."""
    event = threading.Event()
    yield event
    event.set()
    for thread in resolver_threads():
        thread.join(10)
    assert resolver_threads() == []


def test_result_comes_from_a_thread(results, gate):
    Resolver().resolve(
        lambda: threading.current_thread(), lambda thread: results.put((thread, threading.current_thread()))
    )
    looked_up_in, told_in = results.get(timeout=10)
    assert looked_up_in is told_in is not threading.current_thread()
    assert (looked_up_in.name, looked_up_in.daemon) == ("purezmq-resolver", True)


def test_oserror_is_a_result(results, gate):
    failure = OSError(EAGAIN, "later")

    def function():
        raise failure

    Resolver().resolve(function, results.put)
    assert results.get(timeout=10) is failure


def test_slow_look_up_holds_nobody_up(results, gate):
    resolver = Resolver()
    resolver.resolve(lambda: gate.wait(10), results.put)
    resolver.resolve(lambda: "quick", results.put)
    assert results.get(timeout=10) == "quick"


def test_look_ups_beyond_the_limit_wait_for_their_turn(results, gate):
    resolver = Resolver(at_once=2)
    started = queue.Queue()

    def function(number):
        started.put(number)
        gate.wait(10)
        return number

    for number in range(5):
        resolver.resolve(lambda number=number: function(number), results.put)
    assert {started.get(timeout=10), started.get(timeout=10)} == {0, 1}
    assert started.empty()
    assert len(resolver_threads()) == 2
    gate.set()
    assert {results.get(timeout=10) for _ in range(5)} == set(range(5))


def test_close_waits_for_nothing_and_drops_the_rest(results, gate):
    resolver = Resolver(at_once=1)
    begun = threading.Event()
    resolver.resolve(lambda: begun.set() or gate.wait(10), results.put)
    resolver.resolve(lambda: "never begun", results.put)
    begun.wait(10)
    resolver.close()
    resolver.close()
    resolver.resolve(lambda: "too late", results.put)
    gate.set()
    for thread in resolver_threads():
        thread.join(10)
    assert results.empty()


def test_no_threads_are_left_when_all_is_looked_up(results, gate):
    resolver = Resolver()
    for _ in range(10):
        resolver.resolve(lambda: None, results.put)
    for _ in range(10):
        results.get(timeout=10)
    gate.set()
    for thread in resolver_threads():
        thread.join(10)
    assert resolver_threads() == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_bug_in_a_look_up_is_seen_and_costs_no_other(monkeypatch, results, gate):
    seen = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", seen.put)
    resolver = Resolver(at_once=1)
    resolver.resolve(lambda: 1 // 0, results.put)
    resolver.resolve(lambda: "next", results.put)
    assert results.get(timeout=10) == "next"
    assert seen.get(timeout=10).exc_type is ZeroDivisionError


def test_without_threads_every_look_up_fails_at_once(monkeypatch, results, gate):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    resolver = Resolver()
    for _ in range(6):
        resolver.resolve(lambda: None, results.put)
        assert results.get_nowait().errno == EAGAIN


def test_stuck_look_up_does_not_keep_the_program_from_ending():
    program = """
import threading
from purezmq.engine.resolver import Resolver
begun = threading.Event()
Resolver().resolve(lambda: begun.set() or threading.Event().wait(), print)
begun.wait()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
