"""Who has just been bound or connected shakes hands at once, though its user is busy elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import purezmq as zmq
from purezmq.engine import keeper

TIMEOUT = 5000  # ms


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Iterator[zmq.Context]:
    """Have the keeper look at sockets in use once a minute."""
    monkeypatch.setattr(keeper, "HOT_TICK", 60.0)
    monkeypatch.setattr(keeper, "GATHERING_TICK", 60.0)
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*"])
def test_who_connects_shakes_hands_while_its_thread_waits_in_another_socket(context, endpoint) -> None:
    publisher, subscriber = context.socket(zmq.PUB), context.socket(zmq.SUB)
    publisher.bind(endpoint)
    subscriber.subscribe("a")
    subscriber.connect(publisher.last_endpoint)
    publisher.wait_for_subscribers("a", timeout=TIMEOUT)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*"])
def test_who_binds_takes_peers_in_while_its_thread_waits_in_another_socket(context, endpoint) -> None:
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    push.wait_for_peers(1, timeout=TIMEOUT)


def test_what_is_sent_right_after_connecting_arrives_while_its_thread_waits_for_the_answer(context) -> None:
    answers = context.socket(zmq.PULL)
    port = answers.bind_to_random_port("tcp://127.0.0.1")
    answers.rcvtimeo = TIMEOUT
    push = context.socket(zmq.PUSH)
    push.connect(f"tcp://127.0.0.1:{port}")
    push.send(b"question")
    assert answers.recv() == b"question"


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*"])
def test_who_comes_while_the_keeper_naps_waits_no_longer_than_that(context, endpoint) -> None:
    # One after the other, so that they find it in every state: asleep, in a hurry, in a nap.
    pull = context.socket(zmq.PULL)
    pull.bind(endpoint)
    pushes = []
    for count in range(1, 31):
        push = context.socket(zmq.PUSH)
        push.connect(pull.last_endpoint)
        pushes.append(push)
        if count % 3:
            push.wait_for_peers(1, timeout=TIMEOUT)
        if count % 5 == 0:
            pull.wait_for_peers(count, timeout=TIMEOUT)
