"""LoadBalancer: messages to peers strictly in turn. PUSH is the pattern that is nothing but this."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import SocketType
from purezmq.core.pipe import UNLIMITED
from tests.core.patterns.tools import attach, make, make_pipe, sent


def pushing(*limits, kind=SocketType.PUSH):
    push = make(kind)
    return push, [attach(push, send_limit=limit) for limit in limits]


def test_push_sends_to_each_peer_in_turn():
    push, pipes = pushing(0, 0, 0)
    for i in range(7):
        assert push.send(b"%d" % i)
    assert [sent(pipe) for pipe in pipes] == [[b"0", b"3", b"6"], [b"1", b"4"], [b"2", b"5"]]


def test_push_deals_a_batch_out_as_it_sends_one_by_one():
    push, pipes = pushing(0, 0, 0)
    assert push.distribute([b"0", b"1", b"2", b"3"]) == 4
    assert push.distribute([b"4", b"5"]) == 2
    assert push.distribute([b"6"]) == 1
    assert [sent(pipe) for pipe in pipes] == [[b"0", b"3", b"6"], [b"1", b"4"], [b"2", b"5"]]


def test_push_skips_a_full_peer():
    push, (one, two) = pushing(1, 0)
    assert push.distribute([b"0", b"1", b"2", b"3"]) == 4
    assert [sent(one), sent(two)] == [[b"0"], [b"1", b"2", b"3"]]


def test_push_takes_no_more_than_there_is_room_for():
    push, (one, two) = pushing(1, 2)
    assert push.room() == 3
    assert push.distribute([b"0", b"1", b"2", b"3"]) == 3
    assert [sent(one), sent(two)] == [[b"0"], [b"1", b"2"]]


def test_push_with_one_peer_takes_no_more_than_there_is_room_for():
    push, (pipe,) = pushing(2)
    assert push.distribute([b"0", b"1", b"2"]) == 2
    assert push.distribute([b"2"]) == 0
    assert not push.send(b"2")
    assert sent(pipe) == [b"0", b"1"]


def test_push_counts_what_was_encoded_and_not_yet_written():
    push, (pipe,) = pushing(2)
    push.distribute([b"0", b"1"])
    pipe.take()
    assert push.room() == 0
    pipe.sent()
    assert push.room() == 2


def test_push_without_peers_takes_nothing():
    push, _ = pushing()
    assert push.room() == 0
    assert not push.writable()
    assert not push.send(b"x")
    assert push.distribute([b"x"]) == 0


def test_push_is_writable_while_somebody_has_room():
    push, _ = pushing(1, 1)
    push.send(b"0")
    assert push.writable()
    push.send(b"1")
    assert not push.writable()


def test_push_with_an_unlimited_peer_has_unlimited_room():
    push, _ = pushing(0, 0, 5)
    assert push.room() == UNLIMITED


def test_push_queues_for_a_peer_whose_link_is_not_up_yet():
    push = make(SocketType.PUSH)
    pipe = make_pipe()
    push.attach(pipe)
    push.send(b"early")
    assert list(pipe.outbox) == [b"early"]


def test_push_keeps_its_turn_when_another_peer_leaves():
    push, pipes = pushing(0, 0, 0)
    push.send(b"0")
    push.send(b"1")
    push.detach(pipes[0])
    push.send(b"2")
    push.send(b"3")
    assert [sent(pipe) for pipe in pipes] == [[b"0"], [b"1", b"3"], [b"2"]]


def test_push_passes_the_turn_of_a_peer_that_leaves():
    push, pipes = pushing(0, 0, 0)
    push.send(b"0")
    push.send(b"1")
    push.detach(pipes[2])
    push.send(b"2")
    assert [sent(pipe) for pipe in pipes] == [[b"0", b"2"], [b"1"], []]


def test_push_reports_each_pipe_that_got_something():
    push, pipes = pushing(0, 0, 0)
    push.distribute([b"0", b"1"])
    assert push.dirty == pipes[:2]


@pytest.mark.parametrize("kind", [SocketType.PUSH, SocketType.DEALER])
@given(
    limits=st.lists(st.integers(1, 5), max_size=4),
    batches=st.lists(st.integers(1, 9), max_size=4),
)
def test_batches_go_where_single_messages_would(kind, limits, batches):
    batched, pipes = pushing(*limits, kind=kind)
    single, others = pushing(*limits, kind=kind)
    number = 0
    for size in batches:
        messages = [b"%d" % (number + i) for i in range(size)]
        taken = batched.distribute(messages[:])
        assert taken == sum(single.send(message) for message in messages)
        assert taken == size or not batched.writable()
        number += taken
    assert [sent(pipe) for pipe in pipes] == [sent(pipe) for pipe in others]
