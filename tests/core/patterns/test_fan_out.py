"""FanOut: who gets which messages, and in how many pieces."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import SocketType
from purezmq.core.message import Broadcast, Command
from purezmq.core.pacing import BATCH_COUNT, MOST_SPREAD
from purezmq.core.patterns import fan_out
from purezmq.core.pipe import run_whole
from tests.core.patterns.tools import attach, deliver, get_ready, make, make_pipe, sent


def publishing(*subscribers, kind=SocketType.PUB, **options):
    """Return a publisher and the pipe of a wire peer for each list of topics."""
    pub = make(kind, **options)
    pipes = []
    for subscribed in subscribers:
        pipes.append(attach(pub))
        deliver(pub, pipes[-1], *[Command(b"SUBSCRIBE", topic) for topic in subscribed])
    return pub, pipes


def test_messages_for_the_same_peers_travel_as_one_broadcast():
    pub, (one, two) = publishing([b""], [b""])
    pub.distribute([b"a", [b"b", b"c"]])
    (batch,) = one.outbox
    assert isinstance(batch, Broadcast)
    assert batch.messages == [b"a", [b"b", b"c"]]
    assert list(two.outbox) == [batch]
    assert one.send_limit - one.room() == 2


def test_a_broadcast_ends_where_the_peers_change():
    pub, (one, two, three) = publishing([b"a"], [b"a", b"b"], [b"b"])
    pub.distribute([b"a1", b"a2", b"b1", b"a3"])
    assert [batch.messages for batch in one.outbox] == [[b"a1", b"a2"], [b"a3"]]
    assert [batch.messages for batch in two.outbox] == [[b"a1", b"a2"], [b"b1"], [b"a3"]]
    assert [batch.messages for batch in three.outbox] == [[b"b1"]]
    assert one.outbox[0] is two.outbox[0]


def test_topics_with_the_same_peers_share_a_broadcast():
    pub, (one, two) = publishing([b"a", b"b", b"c"], [b"a", b"b", b"c"])
    pub.distribute([b"a", b"b", b"x", b"c"])
    assert [batch.messages for batch in one.outbox] == [[b"a", b"b", b"c"]]
    assert sent(two) == [b"a", b"b", b"c"]


def test_topics_by_turns_are_sorted_by_their_peers():
    pub, (one, two, three) = publishing([b"a"], [b"a"], [b"b"])
    batch = [b"a1", b"b1", b"x", b"a2", b"b2"]
    pub.distribute(batch)
    assert [batch.messages for batch in one.outbox] == [[b"a1", b"a2"]]
    assert list(two.outbox) == list(one.outbox)
    assert list(three.outbox) == [b"b1", b"b2"]
    assert (batch, pub.dropped().no_peer) == ([], 1)


@given(st.lists(st.sampled_from([b"a", b"b", b"ab", b"c"]), max_size=30), st.data())
def test_every_peer_gets_its_messages_in_order_whoever_wants_them(topics, data):
    wishes = data.draw(
        st.lists(st.lists(st.sampled_from([b"", b"a", b"b", b"ab"]), unique=True), min_size=1, max_size=4)
    )
    pub, pipes = publishing(*wishes)
    messages = [b"%s %d" % (topic, number) for number, topic in enumerate(topics)]
    pub.distribute(messages[:])
    for wished, pipe in zip(wishes, pipes, strict=True):
        assert sent(pipe) == [message for message in messages if message.startswith(tuple(wished))]


def test_messages_for_one_peer_travel_alone():
    pub, (pipe,) = publishing([b""])
    pub.distribute([b"a", b"b"])
    assert list(pipe.outbox) == [b"a", b"b"]


def test_batch_of_the_caller_is_not_kept():
    pub, (one, _) = publishing([b""], [b""])
    batch = [b"a", b"b"]
    pub.distribute(batch)
    batch.clear()
    assert sent(one) == [b"a", b"b"]


def test_peer_gets_as_much_as_it_has_room_for():
    pub = make(SocketType.PUB)
    pipes = [attach(pub, send_limit=limit) for limit in (1, 2, 3, 0)]
    for pipe in pipes:
        deliver(pub, pipe, Command(b"SUBSCRIBE"))
    assert pub.distribute([b"0", b"1", b"2"]) == 3
    assert pub.distribute([b"3"]) == 1
    assert [sent(pipe) for pipe in pipes] == [
        [b"0"],
        [b"0", b"1"],
        [b"0", b"1", b"2"],
        [b"0", b"1", b"2", b"3"],
    ]


def test_inproc_peers_get_lists_of_their_own():
    pub = make(SocketType.PUB)
    inboxes = [deque(), deque()]
    for inbox in inboxes:
        pipe = make_pipe(inbox=deque([Command(b"SUBSCRIBE")]), outbox=inbox)
        pub.attach(pipe)
        get_ready(pub, pipe)
        pub.arrived(pipe)
    message = [b"a", b"b"]
    pub.distribute([message, b"c"])
    assert [list(inbox) for inbox in inboxes] == [[message, b"c"]] * 2
    assert len({id(message), id(inboxes[0][0]), id(inboxes[1][0])}) == 3


def test_full_peer_gets_nothing_and_costs_the_others_nothing():
    pub = make(SocketType.PUB)
    one, two = attach(pub, send_limit=1), attach(pub)
    for pipe in (one, two):
        deliver(pub, pipe, Command(b"SUBSCRIBE"))
    pub.send(b"0")
    pub.distribute([b"1", [b"2", b"x"]])
    assert [sent(one), sent(two)] == [[b"0"], [b"0", b"1", [b"2", b"x"]]]


def test_sealing_peers_get_the_messages_one_by_one():
    pub, (one, two) = publishing([b""], [b""])
    two.shares_encoding = False
    pub.distribute([b"a", b"b"])
    assert list(two.outbox) == [b"a", b"b"]
    assert sent(one) == [b"a", b"b"]


def test_conflating_peer_keeps_the_newest_message():
    pub = make(SocketType.PUB, conflate=1)
    pipes = [attach(pub, conflate=True) for _ in range(2)]
    for pipe in pipes:
        deliver(pub, pipe, Command(b"SUBSCRIBE"))
    pub.distribute([b"0", b"1", b"2"])
    pub.distribute([b"3", b"4"])
    assert [sent(pipe) for pipe in pipes] == [[b"4"], [b"4"]]


def test_conflating_publisher_hears_every_subscription():
    pub = make(SocketType.PUB, conflate=1)
    pipe = attach(pub, conflate=True)
    deliver(pub, pipe, Command(b"SUBSCRIBE", b"a"), Command(b"SUBSCRIBE", b"b"))
    pub.distribute([b"a1"])
    assert sent(pipe) == [b"a1"]


def test_each_pipe_that_got_something_is_dirty():
    pub, (one, two, three) = publishing([b"a"], [b"b"], [b"c"])
    pub.distribute([b"a", b"b", b"a", b"b"])
    assert set(pub.dirty) == {one, two}
    assert len(pub.dirty) == 2
    assert three not in pub.dirty


def test_answers_are_forgotten_when_a_subscription_comes_or_goes():
    pub, (one, two) = publishing([b"a"], [b"b"])
    pub.distribute([b"ab", b"b"])
    deliver(pub, two, Command(b"SUBSCRIBE", b"a"))
    pub.distribute([b"ab", b"b"])
    deliver(pub, one, Command(b"CANCEL", b"a"))
    pub.distribute([b"ab", b"b"])
    assert [sent(one), sent(two)] == [[b"ab", b"ab"], [b"b", b"ab", b"b", b"ab", b"b"]]


def test_answers_are_forgotten_when_a_peer_leaves():
    pub, (one, two) = publishing([b"a"], [b"b"])
    pub.distribute([b"a"])
    pub.detach(one)
    sent(one)
    pub.distribute([b"a", b"b"])
    assert [sent(one), sent(two)] == [[], [b"b"]]


def test_number_of_answers_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(fan_out, "CACHED_KEYS", 10)
    pub, (one, two) = publishing([b"topic1"], [b"topic2", b"topic99999"])
    pub.distribute([b"topic%d" % i for i in range(1000)])
    assert len(pub._fan_out._cache) <= 10
    assert [len(sent(one)), len(sent(two))] == [111, 111]


def test_long_topics_are_looked_up_each_time():
    topic = b"x" * (fan_out.CACHED_KEY_SIZE + 1)
    pub, (one, two) = publishing([topic], [b"y"])
    pub.distribute([topic + b"1", b"y", topic + b"2"])
    assert not pub._fan_out._cache
    assert [sent(one), sent(two)] == [[topic + b"1", topic + b"2"], [b"y"]]


topics = st.text("ab", max_size=3).map(str.encode)


@given(
    subscribers=st.lists(st.lists(topics, max_size=3), max_size=4),
    batches=st.lists(st.lists(topics, max_size=6), max_size=3),
    inverted=st.booleans(),
)
def test_each_peer_gets_what_matches_in_order(subscribers, batches, inverted):
    pub, pipes = publishing(*subscribers, invert_matching=int(inverted))
    for batch in batches:
        assert pub.distribute(batch[:]) == len(batch)
    for subscribed, pipe in zip(subscribers, pipes, strict=True):
        assert sent(pipe) == [
            message
            for batch in batches
            for message in batch
            if any(message.startswith(topic) for topic in subscribed) is not inverted
        ]


def by_turns(count, *topics):
    return [b"%s %d" % (topics[number % len(topics)], number) for number in range(count)]


def test_the_more_peers_share_the_messages_the_more_go_out_at_once():
    pub, pipes = publishing([b"a"], [b"b"], [b"c"], [b"d"])
    messages = by_turns(3000, b"a", b"b", b"c", b"d")
    left = messages[:]
    assert [pub.distribute(left), pub.distribute(left), pub.distribute(left)] == [512, 2048, 440]
    assert pub.spread == 4
    assert [sent(pipe) for pipe in pipes] == [messages[start::4] for start in range(4)]


def test_no_peer_gets_more_than_a_batch_at_once_when_its_turn_does_not_end():
    pub, (one, two) = publishing([b"a"], [b"b"])
    pub.distribute(by_turns(512, b"a", b"b"))
    left = by_turns(1024, b"a")
    assert pub.distribute(left) == 512
    assert len(left) == 512
    assert pub.spread == 1
    assert [len(sent(one)), len(sent(two))] == [256 + 512, 256]


def test_no_peer_gets_more_than_a_batch_at_once_when_all_come_to_want_everything():
    pub, (one, two) = publishing([b"a"], [b"b"])
    pub.distribute(by_turns(512, b"a", b"b"))
    for pipe in (one, two):
        deliver(pub, pipe, Command(b"SUBSCRIBE"))
    assert pub.distribute(by_turns(1024, b"a", b"b")) == 512


def test_batches_for_very_many_peers_are_bounded():
    topics = [b"%04d" % number for number in range(100)]
    pub, _ = publishing(*[[topic] for topic in topics])
    left = by_turns(30_000, *topics)
    assert [pub.distribute(left), pub.distribute(left)] == [BATCH_COUNT, BATCH_COUNT * MOST_SPREAD]


def test_what_was_sorted_when_a_signal_handler_raised_is_sorted_anew(monkeypatch):
    pub, (one, two) = publishing([b"a"], [b"b"])
    messages = [b"a1", b"b1"]

    def cut_short(steps):
        run_whole(steps)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fan_out, "run_whole", cut_short)
        with pytest.raises(KeyboardInterrupt):
            pub.distribute(messages)
    assert messages == [b"a1", b"b1"]
    pub.distribute(messages)
    assert [sent(one), sent(two)] == [[b"a1"], [b"b1"]]
