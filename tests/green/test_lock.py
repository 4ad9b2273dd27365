"""A finaliser of the program's may switch greenlets while the engine holds a socket's lock: others wait, and run."""

import gc
import subprocess
import sys
import threading

import gevent
import gevent.event
import pytest

pytestmark = pytest.mark.ours_only

TIMEOUT = 5000  # ms


@pytest.fixture
def pair(zmq, ctx):
    """Two sockets that know each other."""
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    push.connect(pull.last_endpoint)
    push.wait_for_peers(timeout=TIMEOUT)
    pull.wait_for_peers(timeout=TIMEOUT)
    return push, pull


@pytest.fixture
def stop_in_lock():
    """Returns stop_in_lock(socket): a greenlet that holds this socket's lock, and what lets it go on."""
    greenlets = []

    def stop(socket):
        go_on = gevent.event.Event()

        def hold():
            with socket._core.lock:
                go_on.wait()

        greenlets.append(gevent.spawn(hold))
        gevent.sleep(0)
        assert socket._core.lock.locked()
        return go_on

    yield stop
    gevent.killall(greenlets)


def test_call_waits_for_a_greenlet_that_was_stopped_under_the_lock(pair, stop_in_lock):
    push, pull = pair
    go_on = stop_in_lock(push)
    calls = [gevent.spawn(push.stats), gevent.spawn(push.poll, 0, 2)]
    ran = gevent.spawn(gevent.sleep, 0.005)
    ran.join()
    assert not any(call.ready() for call in calls)
    go_on.set()
    gevent.joinall(calls, raise_error=True)
    push.send(b"message")
    assert pull.recv() == b"message"


def test_hub_waits_for_a_greenlet_that_was_stopped_under_the_lock(pair, stop_in_lock):
    push, pull = pair
    receiving = gevent.spawn(pull.recv)
    gevent.sleep(0)
    go_on = stop_in_lock(pull)
    push.send(b"message")
    gevent.sleep(0.005)  # the hub would look at the socket, and run no other greenlet any more
    assert not receiving.ready()
    go_on.set()
    assert receiving.get() == b"message"


def test_nothing_is_left_of_who_went_while_the_hub_waited(pair, stop_in_lock):
    push, pull = pair
    receiving = gevent.spawn(pull.recv)
    gevent.sleep(0)
    go_on = stop_in_lock(pull)
    push.send(b"message")
    gevent.sleep(0.002)
    go_on.set()
    receiving.kill()
    assert not pull._core.watchers
    assert pull.recv() == b"message"


def test_lock_is_one_between_threads_too(pair):
    push, _ = pair
    counted = [0]

    def count():
        for _ in range(2000):
            with push._core.lock:
                counted[0] += 1

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    count()
    for thread in threads:
        gevent.get_hub().threadpool.apply(thread.join)
    assert counted == [8000]


def test_plain_sockets_of_a_program_with_gevent_have_that_lock_too(zmq):
    import purezmq

    with purezmq.Context() as context, context.socket(zmq.PUSH) as push:
        locked = gevent.event.Event()

        def hold():
            with push._core.lock:
                locked.set()
                gevent.sleep(0)

        holding = gevent.spawn(hold)
        locked.wait()
        assert push.stats()["peers"] == 0
        holding.join()


def test_program_without_gevent_has_plain_locks():
    program = "import _thread, purezmq as z; c = z.Context(); s = c.socket(z.PUSH); "
    program += "assert type(s._core.lock) is _thread.LockType; s.close(); c.term()"
    subprocess.run([sys.executable, "-c", program], timeout=30, check=True)


def test_lock_is_free_after_an_exception(pair):
    push, _ = pair
    with pytest.raises(KeyError), push._core.lock:
        raise KeyError
    assert not push._core.lock.locked()


def test_garbage_collection_may_switch_anywhere(pair):
    push, pull = pair
    me, count = threading.get_ident(), 300
    switched = 0

    def switch(phase, info):
        nonlocal switched
        if threading.get_ident() != me or gevent.getcurrent() is gevent.get_hub():
            return
        if push._core.lock.locked() or pull._core.lock.locked():
            switched += 1
            gevent.sleep(0)

    def send():
        for number in range(count):
            push.send_multipart([b"%d" % number, b"more"])
            push.stats()

    def receive():
        return [pull.recv_multipart()[1] for _ in range(count)]

    threshold = gc.get_threshold()
    gc.callbacks.append(switch)
    gc.set_threshold(1)
    try:
        greenlets = [gevent.spawn(call) for call in (send, receive, send, receive)]
        gevent.joinall(greenlets, raise_error=True)
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(switch)
    assert switched
