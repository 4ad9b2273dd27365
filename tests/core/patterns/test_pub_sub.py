"""PUB, SUB, XPUB, XSUB: RFC 29, and what libzmq's options make of it."""

from collections import deque

import pytest

from purezmq.constants import Errno, SocketOption, SocketType
from purezmq.core.message import Command, SharedPart
from purezmq.core.pipe import UNLIMITED
from purezmq.errors import ZMQError
from tests.core.patterns.tools import (
    attach,
    deliver,
    get_ready,
    make,
    make_pipe,
    receive_all,
    sent,
    set_option,
)


def subscribe(topic=b""):
    return Command(b"SUBSCRIBE", topic)


def cancel(topic=b""):
    return Command(b"CANCEL", topic)


def showing(**options):
    """Return an XPUB with two peers."""
    xpub = make(SocketType.XPUB, **options)
    return xpub, attach(xpub), attach(xpub)


# -- both ends -----------------------------------------------------------------------------------------------


def test_sub_receives_what_it_subscribed_to(link):
    pub, sub = make(SocketType.PUB), make(SocketType.SUB)
    wire = link(pub, sub)
    sub.subscribe(b"a")
    wire.pump()
    pub.distribute([b"a1", b"b1", [b"a2", b"body"], b""])
    wire.pump()
    assert receive_all(sub) == [b"a1", [b"a2", b"body"]]


def test_sub_receives_everything_with_the_empty_topic(link):
    pub, sub = make(SocketType.PUB), make(SocketType.SUB)
    sub.subscribe(b"")
    wire = link(pub, sub)
    pub.distribute([b"a", b"", [b"", b"b"]])
    wire.pump()
    assert receive_all(sub) == [b"a", b"", [b"", b"b"]]


def test_sub_receives_nothing_before_it_subscribes(link):
    pub, sub = make(SocketType.PUB), make(SocketType.SUB)
    wire = link(pub, sub)
    pub.send(b"a")
    wire.pump()
    assert not sub.readable()


def test_sub_receives_once_what_matches_twice(link):
    pub, sub = make(SocketType.PUB), make(SocketType.SUB)
    sub.subscribe(b"a")
    sub.subscribe(b"ab")
    wire = link(pub, sub)
    pub.send(b"abc")
    wire.pump()
    assert receive_all(sub) == [b"abc"]


def test_both_ends_invert_the_matching(link):
    pub, sub = make(SocketType.PUB, invert_matching=1), make(SocketType.SUB, invert_matching=1)
    wire = link(pub, sub)
    pub.send(b"a0")
    sub.subscribe(b"a")
    wire.pump()
    pub.distribute([b"a1", b"b1"])
    wire.pump()
    assert receive_all(sub) == [b"b1"]


def test_xsub_and_xpub_pass_user_messages_upstream(link):
    xpub, xsub = make(SocketType.XPUB), make(SocketType.XSUB)
    wire = link(xpub, xsub)
    xsub.distribute([b"\1a", b"hello", [b"two", b"parts"], b""])
    wire.pump()
    assert receive_all(xpub) == [b"\1a", b"hello", [b"two", b"parts"], b""]


# -- publishers ----------------------------------------------------------------------------------------------


def test_pub_never_blocks():
    pub = make(SocketType.PUB)
    assert [pub.room(), pub.writable(), pub.send(b"x")] == [UNLIMITED, True, True]


@pytest.mark.parametrize("request_", [subscribe(b"a"), b"\1a", [b"\1a"], [b"x", b"\1a"]])
def test_publisher_hears_a_subscription(request_):
    pub = make(SocketType.PUB)
    pipe = attach(pub)
    deliver(pub, pipe, request_)
    pub.distribute([b"a1", b"b1"])
    assert sent(pipe) == [b"a1"]


@pytest.mark.parametrize("request_", [cancel(b"a"), b"\0a", [b"\0a"]])
def test_publisher_hears_a_cancellation(request_):
    pub = make(SocketType.PUB)
    pipe = attach(pub)
    deliver(pub, pipe, subscribe(b"a"), subscribe(b"a"), request_)
    pub.send(b"a1")
    assert sent(pipe) == []


def test_publisher_reads_the_inbox_of_an_inproc_peer():
    pub = make(SocketType.PUB)
    pipe = make_pipe(inbox=deque([subscribe(b"a")]), outbox=deque())
    pub.attach(pipe)
    get_ready(pub, pipe)
    pub.arrived(pipe)
    assert not pipe.inbox
    pub.send(b"a1")
    assert list(pipe.outbox) == [b"a1"]


def test_pub_drops_what_its_subscribers_say():
    pub = make(SocketType.PUB)
    deliver(pub, attach(pub), b"hello", subscribe(b"a"))
    assert not pub.readable()
    assert pub.receive() is None


def test_xpub_shows_the_first_subscription_and_the_last_cancellation():
    xpub, one, two = showing()
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"), subscribe(b"b"))
    deliver(xpub, one, subscribe(b"a"), cancel(b"a"))
    deliver(xpub, two, cancel(b"a"))
    assert xpub.readable()
    assert receive_all(xpub) == [b"\1a", b"\1b", b"\0a"]
    assert not xpub.readable()


def test_xpub_shows_no_cancellation_of_what_the_peer_did_not_have():
    xpub, one, two = showing()
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, cancel(b"a"), cancel(b"b"))
    assert receive_all(xpub) == [b"\1a"]
    xpub.send(b"a1")
    assert sent(one) == [b"a1"]


def test_verbose_xpub_shows_repeated_subscriptions():
    xpub, one, two = showing(xpub_verbose=1)
    deliver(xpub, one, subscribe(b"a"), subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"), cancel(b"a"))
    deliver(xpub, one, cancel(b"a"))
    assert receive_all(xpub) == [b"\1a", b"\1a", b"\1a", b"\0a"]


def test_verboser_xpub_shows_repeated_cancellations_too():
    xpub, one, two = showing(xpub_verbose=2)
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"), cancel(b"a"))
    deliver(xpub, one, cancel(b"a"))
    assert receive_all(xpub) == [b"\1a", b"\1a", b"\0a", b"\0a"]


def test_peer_that_leaves_cancels_what_nobody_else_has():
    xpub, one, two = showing()
    deliver(xpub, one, subscribe(b"b"), subscribe(b"a"), subscribe(b"c"))
    deliver(xpub, two, subscribe(b"b"))
    receive_all(xpub)
    xpub.detach(one)
    assert receive_all(xpub) == [b"\0a", b"\0c"]


def test_peer_that_leaves_a_verboser_xpub_cancels_all_it_had():
    xpub, one, two = showing(xpub_verbose=2)
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"))
    receive_all(xpub)
    xpub.detach(one)
    assert receive_all(xpub) == [b"\0a"]


def test_what_a_peer_said_before_it_left_is_heard():
    xpub = make(SocketType.XPUB)
    pipe = make_pipe(inbox=deque([b"last words"]), outbox=deque())
    xpub.attach(pipe)
    xpub.detach(pipe)
    assert receive_all(xpub) == [b"last words"]


def test_subscription_ends_the_message_it_stands_in():
    xpub, one, _ = showing()
    deliver(xpub, one, [b"\1a", b"body"], [b"hello", b"\1b", b"x"])
    assert receive_all(xpub) == [b"\1a", b"body", [b"hello", b"\1b"], b"x"]


def test_subscription_that_is_not_shown_leaves_the_rest_of_its_message():
    xpub, one, two = showing()
    deliver(xpub, one, b"\1a")
    deliver(xpub, two, [b"hello", b"\1a", b"x"])
    assert receive_all(xpub) == [b"\1a", [b"hello", b"x"]]


def test_xpub_lets_readers_pop_what_it_shows():
    xpub, one, _ = showing()
    deliver(xpub, one, subscribe(b"a"))
    assert xpub.direct.popleft() == b"\1a"
    assert not xpub.readable()


def test_nodrop_xpub_sends_to_nobody_when_somebody_who_matches_is_full():
    xpub = make(SocketType.XPUB, xpub_nodrop=1)
    one, two, three = attach(xpub, send_limit=1), attach(xpub), attach(xpub)
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"), subscribe(b"b"))
    assert xpub.room() == 0
    assert xpub.send(b"a1")
    assert not xpub.send(b"a2")
    assert xpub.distribute([b"b1", b"a3"]) == 1
    assert xpub.writable()
    assert [sent(one), sent(two), sent(three)] == [[b"a1"], [b"a1", b"b1"], []]
    assert xpub.send(b"a2")


def test_welcome_message_goes_to_each_new_peer():
    xpub = make(SocketType.XPUB, xpub_welcome_msg=b"hi")
    pipe = attach(xpub)
    assert xpub.dirty == [pipe]
    assert sent(pipe) == [b"hi"]
    xpub.hiccup(pipe)
    get_ready(xpub, pipe)
    assert sent(pipe) == []


def test_inverted_publisher_sends_what_does_not_match():
    pub = make(SocketType.PUB, invert_matching=1)
    one, two = attach(pub), attach(pub)
    deliver(pub, one, subscribe(b"a"))
    pub.distribute([b"a1", b"b1"])
    assert [sent(one), sent(two)] == [[b"b1"], [b"a1", b"b1"]]


def test_inverted_publisher_sends_to_new_peers_and_not_to_those_that_left():
    pub = make(SocketType.PUB, invert_matching=1)
    one = attach(pub)
    pub.send(b"1")
    two = attach(pub)
    pub.send(b"2")
    pub.detach(one)
    pub.send(b"3")
    assert [sent(one), sent(two)] == [[b"1", b"2"], [b"2", b"3"]]


def test_matching_can_be_inverted_at_any_time():
    pub = make(SocketType.PUB)
    pipe = attach(pub)
    deliver(pub, pipe, subscribe(b"a"))
    pub.distribute([b"a1", b"b1"])
    set_option(pub, SocketOption.INVERT_MATCHING, invert_matching=1)
    pub.distribute([b"a2", b"b2"])
    assert sent(pipe) == [b"a1", b"b2"]


def test_manual_xpub_shows_every_request_and_follows_none():
    xpub, one, two = showing(xpub_manual=1)
    deliver(xpub, one, subscribe(b"a"), subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"), cancel(b"b"))
    assert xpub.direct is None
    assert receive_all(xpub) == [b"\1a", b"\1a", b"\1a", b"\0b"]
    xpub.send(b"a1")
    assert [sent(one), sent(two)] == [[], []]


def test_manual_xpub_subscribes_the_peer_whose_request_was_read_last():
    xpub, one, two = showing(xpub_manual=1)
    deliver(xpub, one, subscribe(b"a"))
    deliver(xpub, two, subscribe(b"b"))
    assert xpub.receive() == b"\1a"
    xpub.subscribe(b"X")
    assert xpub.receive() == b"\1b"
    xpub.subscribe(b"Y")
    xpub.distribute([b"X1", b"Y1", b"a1", b"b1"])
    assert [sent(one), sent(two)] == [[b"X1"], [b"Y1"]]
    xpub.unsubscribe(b"Y")
    xpub.send(b"Y2")
    assert sent(two) == []


def test_manual_xpub_shows_all_that_a_leaving_peer_had_asked_for():
    xpub, one, two = showing(xpub_manual=1)
    deliver(xpub, one, subscribe(b"b"), subscribe(b"a"))
    deliver(xpub, two, subscribe(b"a"))
    receive_all(xpub)
    xpub.subscribe(b"X")
    xpub.detach(two)
    xpub.detach(one)
    assert receive_all(xpub) == [b"\0a", b"\0a", b"\0b"]


def test_manual_xpub_subscribes_nobody_for_a_peer_that_left():
    xpub, one, two = showing(xpub_manual=1)
    deliver(xpub, one, subscribe(b"a"))
    xpub.detach(one)
    assert xpub.receive() == b"\1a"
    xpub.subscribe(b"a")
    deliver(xpub, two, subscribe(b"a"))
    receive_all(xpub)
    xpub.detach(two)
    xpub.subscribe(b"a")
    xpub.send(b"a1")
    assert [sent(one), sent(two)] == [[], []]


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_xpub_refuses_to_subscribe_peers_that_do_it_themselves(verb):
    xpub, _, _ = showing()
    with pytest.raises(ZMQError) as caught:
        getattr(xpub, verb)(b"a")
    assert caught.value.errno == Errno.EINVAL


def test_xpub_may_become_manual_with_requests_unread():
    xpub, one, _ = showing()
    deliver(xpub, one, subscribe(b"a"))
    set_option(xpub, SocketOption.XPUB_MANUAL, xpub_manual=1)
    deliver(xpub, one, subscribe(b"b"))
    assert xpub.direct is None
    assert receive_all(xpub) == [b"\1a", b"\1b"]
    assert xpub.last_pipe is one
    set_option(xpub, SocketOption.XPUB_MANUAL, xpub_manual=0)
    deliver(xpub, one, subscribe(b"c"))
    assert xpub.direct.popleft() == b"\1c"


# -- subscribers ---------------------------------------------------------------------------------------------


def test_sub_sends_each_topic_once_to_a_new_peer():
    sub = make(SocketType.SUB)
    for topic in (b"a", b"b", b"a"):
        sub.subscribe(topic)
    pipe = make_pipe()
    sub.attach(pipe)
    get_ready(sub, pipe)
    assert sub.dirty == [pipe]
    assert sent(pipe) == [subscribe(b"a"), subscribe(b"b")]


def test_sub_sends_its_topics_again_after_a_reconnect():
    sub = make(SocketType.SUB)
    pipe = attach(sub)
    sub.subscribe(b"a")
    pipe.ready = False
    sub.hiccup(pipe)
    sub.subscribe(b"b")
    assert not pipe.outbox
    get_ready(sub, pipe)
    assert sent(pipe) == [subscribe(b"a"), subscribe(b"b")]


def test_sub_sends_every_subscription_and_the_last_cancellation():
    sub = make(SocketType.SUB)
    pipe = attach(sub)
    sub.subscribe(b"a")
    sub.subscribe(b"a")
    sub.unsubscribe(b"a")
    sub.unsubscribe(b"a")
    sub.unsubscribe(b"a")
    assert sent(pipe) == [subscribe(b"a"), subscribe(b"a"), cancel(b"a")]


def test_sub_loses_no_subscription_at_the_hwm():
    sub = make(SocketType.SUB)
    pipe = attach(sub, send_limit=1)
    for topic in (b"a", b"b", b"c"):
        sub.subscribe(topic)
    assert sent(pipe) == [subscribe(b"a"), subscribe(b"b"), subscribe(b"c")]


def test_conflating_sub_loses_no_subscription():
    sub = make(SocketType.SUB, conflate=1)
    sub.subscribe(b"a")
    sub.subscribe(b"b")
    pipe = attach(sub, conflate=True)
    assert sent(pipe) == [subscribe(b"a"), subscribe(b"b")]
    deliver(sub, pipe, b"a1", b"a2", b"c")
    assert receive_all(sub) == [b"a2"]


def test_sub_cannot_send():
    sub = make(SocketType.SUB)
    attach(sub)
    assert [sub.send(b"x"), sub.room(), sub.writable()] == [False, 0, False]


def test_sub_filters_what_arrives():
    sub = make(SocketType.SUB)
    pipe = attach(sub)
    sub.subscribe(b"a")
    deliver(sub, pipe, b"a1", b"b1", [b"b2", b"a"], [b"a2", b"b"], [SharedPart(memoryview(b"b3"))])
    assert list(pipe.inbox) == [b"a1", [b"a2", b"b"]]
    assert sub.direct is pipe.inbox


def test_sub_filters_what_an_inproc_peer_appended():
    sub = make(SocketType.SUB)
    pipe = make_pipe(inbox=deque(), outbox=deque())
    sub.attach(pipe)
    get_ready(sub, pipe)
    sub.subscribe(b"a")
    assert sub.direct is None
    pipe.inbox.append(b"b1")
    sub.arrived(pipe)
    assert not sub.readable()
    pipe.inbox.extend([b"b2", b"a1", b"b3"])
    sub.arrived(pipe)
    assert sub.readable()
    assert receive_all(sub) == [b"a1"]


def test_sub_lets_readers_pop_an_inproc_inbox_while_everything_matches():
    sub = make(SocketType.SUB)
    pipe = make_pipe(inbox=deque(), outbox=deque())
    sub.attach(pipe)
    get_ready(sub, pipe)
    sub.subscribe(b"")
    assert sub.direct is pipe.inbox
    sub.unsubscribe(b"")
    assert sub.direct is None
    sub.subscribe(b"")
    set_option(sub, SocketOption.INVERT_MATCHING, invert_matching=1)
    assert sub.direct is None


@pytest.mark.parametrize("inproc", [False, True])
def test_messages_that_match_no_more_vanish(inproc):
    sub = make(SocketType.SUB)
    pipe = make_pipe(inbox=deque(), outbox=deque()) if inproc else make_pipe()
    sub.attach(pipe)
    get_ready(sub, pipe)
    sub.subscribe(b"a")
    sub.subscribe(b"b")
    deliver(sub, pipe, b"a1", b"b1", [b"a2", b"x"], b"b2")
    inbox = pipe.inbox
    sub.unsubscribe(b"a")
    assert pipe.inbox is inbox
    assert receive_all(sub) == [b"b1", b"b2"]


def test_messages_of_a_peer_that_left_vanish_too_when_they_match_no_more():
    sub = make(SocketType.SUB)
    pipe = attach(sub)
    sub.subscribe(b"a")
    deliver(sub, pipe, b"a1")
    sub.detach(pipe)
    sub.unsubscribe(b"a")
    assert not sub.readable()


def test_messages_stay_while_the_topic_is_subscribed_to_twice():
    sub = make(SocketType.SUB)
    pipe = attach(sub)
    sub.subscribe(b"a")
    sub.subscribe(b"a")
    deliver(sub, pipe, b"a1")
    sub.unsubscribe(b"a")
    assert receive_all(sub) == [b"a1"]


def test_sub_is_fair_to_its_publishers():
    sub = make(SocketType.SUB)
    one, two = attach(sub), attach(sub)
    sub.subscribe(b"a")
    deliver(sub, one, b"a0", b"a1")
    deliver(sub, two, b"x", b"a2")
    assert receive_all(sub) == [b"a0", b"a2", b"a1"]


def test_xsub_does_not_filter():
    xsub = make(SocketType.XSUB)
    pipe = attach(xsub)
    xsub.send(b"\1a")
    deliver(xsub, pipe, b"b1")
    assert receive_all(xsub) == [b"b1"]


def test_xsub_sends_to_all_publishers():
    xsub = make(SocketType.XSUB)
    one, two = attach(xsub), attach(xsub)
    assert xsub.distribute([b"\1a", b"hello"]) == 2
    assert sent(one) == sent(two) == [b"\1a", b"hello"]


def test_xsub_passes_repeated_subscriptions_and_the_last_cancellation():
    xsub = make(SocketType.XSUB)
    pipe = attach(xsub)
    xsub.distribute([b"\1a", b"\1a", b"\0a", b"\0a", b"\0a", b"\0b"])
    assert sent(pipe) == [b"\1a", b"\1a", b"\0a"]


def test_xsub_keeps_the_order_of_what_it_says_before_the_link_is_up():
    xsub = make(SocketType.XSUB)
    pipe = make_pipe()
    xsub.attach(pipe)
    xsub.distribute([b"\1a", b"hello", b"\1b"])
    get_ready(xsub, pipe)
    assert sent(pipe) == [b"\1a", b"hello", b"\1b"]


def test_xsub_keeps_what_it_said_over_a_reconnect():
    xsub = make(SocketType.XSUB)
    pipe = attach(xsub)
    xsub.distribute([b"\1a", b"hello"])
    pipe.ready = False
    xsub.hiccup(pipe)
    get_ready(xsub, pipe)
    assert sent(pipe)[-2:] == [b"hello", subscribe(b"a")]


def test_xsub_drops_what_a_full_publisher_cannot_take():
    xsub = make(SocketType.XSUB)
    one, two = attach(xsub, send_limit=1), attach(xsub)
    assert xsub.distribute([b"1", b"2"]) == 2
    assert [sent(one), sent(two)] == [[b"1"], [b"1", b"2"]]
    assert [xsub.room(), xsub.writable()] == [UNLIMITED, True]
