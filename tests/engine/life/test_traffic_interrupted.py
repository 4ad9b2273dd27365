"""Messages, whatever interrupts those who send, receive or count them: none comes twice, none is lost but the one."""

import sys

import pytest

import purezmq as zmq
from purezmq.constants import SocketType
from tests.core.patterns.tools import make, make_pipe

from .interrupter import Interrupted, Interrupter

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="sys.settrace tells of opcodes only now and then"
)

PATIENCE = 5000
LAST = b"last"


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context


def everywhere(play):
    """Play with an interruption at every opportunity, until there are no more; return where they were."""
    places = []
    while (where := play(len(places))) is not None:
        places.append(where)
    assert len(places) > 2
    return places


def until_last(pull):
    messages = []
    while (message := pull.recv()) != LAST:
        messages.append(message)
    return messages


def interrupted(at, action):
    """Do that with one interruption; return where it came, or None."""
    try:
        with Interrupter(at) as interrupter:
            action()
    except Interrupted:
        pass
    return interrupter.where


def link(context, count):
    """Return a PULL and so many PUSHes connected to it."""
    pull = context.socket(zmq.PULL)
    pull.linger, pull.rcvtimeo = 0, PATIENCE
    pull.bind("inproc://traffic")
    pushes = [context.socket(zmq.PUSH) for _ in range(count)]
    for push in pushes:
        push.linger = 0
        push.connect(pull.last_endpoint)
    return pull, pushes


@pytest.mark.parametrize("what", ["recv", "stats"])
def test_messages_of_several_peers_are_all_received(context, what):
    def play(at):
        pull, pushes = link(context, 2)
        try:
            for number in range(4):
                for place, push in enumerate(pushes):
                    push.send(b"%d from %d" % (number, place))
            received = []

            def receive():
                for _ in range(8):
                    received.append(pull.recv())

            if what == "stats":
                received.append(pull.recv())
                assert pull._core.inbox, "nothing is staged"
            where = interrupted(at, receive if what == "recv" else pull.stats)
            for push in pushes:
                push.send(LAST)
            received += until_last(pull)
            received += until_last(pull)
            assert len(set(received)) == len(received), where
            assert len(received) >= (7 if what == "recv" else 8), where
            return where
        finally:
            for socket in (pull, *pushes):
                socket.close()

    everywhere(play)


@pytest.mark.parametrize("count", [1, 2])
def test_messages_sent_singly_are_sent_once_or_not_at_all(context, count):
    def play(at):
        pulls = []
        push = context.socket(zmq.PUSH)
        push.linger = 0
        port = push.bind_to_random_port("tcp://127.0.0.1")
        for _ in range(count):
            pulls.append(context.socket(zmq.PULL))
            pulls[-1].linger, pulls[-1].rcvtimeo = 0, PATIENCE
            pulls[-1].connect(f"tcp://127.0.0.1:{port}")
        push.wait_for_peers(count)
        try:
            push.send(b"0")
            push.send(b"1")
            where = interrupted(at, lambda: push.send(b"2"))
            for message in (b"3", b"4", *[LAST] * (2 * count)):
                push.send(message)
            received = []
            for pull in pulls:
                received += until_last(pull)
            assert sorted(received) in ([b"0", b"1", b"2", b"3", b"4"], [b"0", b"1", b"3", b"4"]), where
            if count == 1:
                assert received == sorted(received), where
            return where
        finally:
            for socket in (push, *pulls):
                socket.close()

    everywhere(play)


@pytest.mark.parametrize("kind", [SocketType.PULL, SocketType.PUSH, SocketType.DEALER])
def test_peer_whose_arrival_was_interrupted_comes_again_or_goes(kind):
    def play(at, comes_again):
        pattern = make(kind)
        pattern.attach(make_pipe())
        pipe = make_pipe()
        where = interrupted(at, lambda: pattern.attach(pipe))
        if comes_again:
            if pipe not in pattern.pipes:  # as inproc.py does
                pattern.attach(pipe)
            lists = [part.pipes for part in vars(pattern).values() if hasattr(part, "pipes")]
            assert [pipes.count(pipe) for pipes in (pattern.pipes, *lists)] == [1] * (1 + len(lists)), where
        pattern.detach(pipe)
        assert pipe not in pattern.pipes
        return where

    for comes_again in (True, False):
        everywhere(lambda at, again=comes_again: play(at, again))


def in_conversation(context, asker, answerer):
    """Return two sockets that have exchanged a message each, over tcp."""
    one, other = context.socket(answerer), context.socket(asker)
    for socket in (one, other):
        socket.linger, socket.rcvtimeo = 0, PATIENCE
    port = one.bind_to_random_port("tcp://127.0.0.1")
    other.connect(f"tcp://127.0.0.1:{port}")
    other.send(b"how do you do")
    assert one.recv() == b"how do you do"
    one.send(b"how do you do")
    assert other.recv() == b"how do you do"
    return other, one


def until_there(socket):
    """Wait for the next message without receiving it."""
    while not socket._core.loop.wait(PATIENCE / 1000):
        pass


def turn_or_message(socket):
    """Return the next message; b"": it was lost with the interruption, and the turn has passed on."""
    try:
        return socket.recv()
    except zmq.ZMQError as reason:
        assert reason.errno == zmq.EFSM
        return b""


@pytest.mark.parametrize("who", ["request", "reply"])
def test_interrupted_turn_is_taken_or_not(context, who):
    def play(at):
        req, rep = in_conversation(context, zmq.REQ, zmq.REP)
        try:
            req.send(b"question")
            where = None
            if who == "request":
                until_there(rep)
                where = interrupted(at, rep.recv)
            assert where is None or turn_or_message(rep) in (b"", b"question"), where
            if where is None and who == "reply":
                assert rep.recv() == b"question"
            rep.send(b"answer")
            if who == "reply":
                until_there(req)
                where = interrupted(at, req.recv)
                if where is not None:
                    assert turn_or_message(req) in (b"", b"answer"), where
            else:
                assert req.recv() == b"answer", where
            req.send(b"next")
            assert rep.recv() == b"next", where
            rep.send(b"last")
            assert req.recv() == b"last", where
            return where
        finally:
            req.close()
            rep.close()

    assert any("hear" in where for where in everywhere(play))


@pytest.mark.parametrize("kind", [zmq.PAIR, zmq.DEALER])
def test_message_of_the_one_peer_is_received_or_lost_with_the_interruption(context, kind):
    def play(at):
        one, other = in_conversation(context, kind, kind)
        try:
            one.send(b"0")
            until_there(other)
            where = interrupted(at, other.recv)
            one.send(b"1")
            one.send(LAST)
            assert until_last(other) in ([b"0", b"1"], [b"1"]), where
            return where
        finally:
            one.close()
            other.close()

    assert any("hear" in where for where in everywhere(play))
