"""Waiting for peers, subscribers and events blocks one greenlet only."""

import subprocess
import sys

import gevent
import pytest

pytestmark = pytest.mark.ours_only

TIMEOUT = 5000  # ms


def test_greenlet_waits_for_peers_while_others_run(zmq, ctx):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind("tcp://127.0.0.1:*")
    waiting = gevent.spawn(pull.wait_for_peers, 1, TIMEOUT)
    gevent.sleep(0)
    assert not waiting.ready()
    push.connect(pull.last_endpoint)
    waiting.get()
    assert pull.stats()["peers"] == 1


def test_greenlet_waits_for_subscribers_while_others_run(zmq, ctx):
    pub, sub = ctx.socket(zmq.PUB), ctx.socket(zmq.SUB)
    pub.bind("tcp://127.0.0.1:*")
    sub.connect(pub.last_endpoint)
    waiting = gevent.spawn(pub.wait_for_subscribers, "topic", 1, TIMEOUT)
    gevent.sleep(0)
    sub.subscribe("topic")
    waiting.get()
    pub.send(b"topic")
    assert sub.recv() == b"topic"


def test_wait_for_peers_gives_up(zmq, ctx):
    pull = ctx.socket(zmq.PULL)
    for timeout in (0, 1):
        with pytest.raises(zmq.Again):
            pull.wait_for_peers(timeout=timeout)
    assert pull._core.watchers == ()


def test_killed_greenlet_leaves_nothing(zmq, ctx):
    pull = ctx.socket(zmq.PULL)
    waiting = gevent.spawn(pull.wait_for_peers)
    gevent.sleep(0)
    assert pull._core.watchers
    waiting.kill()
    assert pull._core.watchers == ()


def test_greenlet_iterates_over_events_while_others_run(zmq, ctx):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    with pull.monitor_events() as events:
        collecting = gevent.spawn(list, events)
        gevent.sleep(0)
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint)
        pull.wait_for_peers(timeout=TIMEOUT)
        pull.close()
        names = [event.event.name for event in collecting.get()]
    assert names == ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED", "CLOSED"]


def test_next_event_gives_up(zmq, ctx):
    pull = ctx.socket(zmq.PULL)
    with pull.monitor_events() as events, pytest.raises(zmq.Again):
        events.next(1)


def test_greenlet_reads_a_monitor_socket(zmq, ctx):
    pull = ctx.socket(zmq.PULL)
    with pull.get_monitor_socket() as reader:
        reading = gevent.spawn(reader.recv_multipart)
        gevent.sleep(0)
        pull.bind("tcp://127.0.0.1:*")
        assert reading.get()[1] == pull.last_endpoint


ALONE = """
import threading
import purezmq
import purezmq.green as zmq

def connect():
    while not pull._core.watchers:
        pass
    push.connect(endpoint)

with zmq.Context() as context, context.socket(zmq.PULL) as pull:
    with purezmq.Context() as plain, plain.socket(zmq.PUSH) as push:
        pull.bind("tcp://127.0.0.1:*")
        endpoint = pull.last_endpoint
        connecting = threading.Thread(target=connect)
        connecting.start()
        pull.wait_for_peers()
        connecting.join()
"""


def test_only_greenlet_of_a_program_may_wait_without_limit():
    done = subprocess.run([sys.executable, "-c", ALONE], timeout=30, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
