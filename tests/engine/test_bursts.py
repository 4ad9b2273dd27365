"""What proxies take out of a socket at once."""

from __future__ import annotations

import pytest

import purezmq as zmq


@pytest.mark.parametrize("transport", ["inproc://news", "tcp://127.0.0.1:*"])
def test_burst_has_what_those_said_who_have_left(transport) -> None:
    with zmq.Context() as context, context.socket(zmq.XPUB) as news:
        news.bind(transport)
        with context.socket(zmq.SUB) as subscriber:
            subscriber.connect(news.last_endpoint)
            subscriber.subscribe("a")
            subscriber.subscribe("b")
            news.wait_for_subscribers("b", timeout=5000)
        while news.peers():
            news.poll(10)
        assert news._core.receive_burst(10)[:2] == [b"\1a", b"\1b"]


def test_burst_is_no_longer_than_wanted_and_in_order() -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.bind("inproc://work")
        pushes = [context.socket(zmq.PUSH) for _ in range(3)]
        for number, push in enumerate(pushes):
            push.connect("inproc://work")
            for each in range(5):
                push.send(b"%d %d" % (number, each))
        taken = [message for size in (1, 4, 100) for message in pull._core.receive_burst(size)]
        for push in pushes:
            push.close()
    assert len(taken) == 15
    assert all(
        [m for m in taken if m[:1] == b"%d" % n] == [b"%d %d" % (n, e) for e in range(5)] for n in range(3)
    )
