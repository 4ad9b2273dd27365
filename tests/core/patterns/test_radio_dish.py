"""RADIO and DISH: RFC 48."""

import pytest

from purezmq.constants import SocketType
from purezmq.core.message import Addressed, Broadcast, Command, SharedPart
from tests.core.patterns.tools import attach, deliver, get_ready, make, make_pipe, receive_all, sent


def join(group):
    return Command(b"JOIN", group)


def leave(group):
    return Command(b"LEAVE", group)


def member(radio, *groups, **limits):
    """Attach a DISH that has joined these groups."""
    pipe = attach(radio, **limits)
    deliver(radio, pipe, *map(join, groups))
    return pipe


@pytest.fixture
def radio():
    return make(SocketType.RADIO)


@pytest.fixture
def dish():
    return make(SocketType.DISH)


def test_radio_sends_to_the_members_of_the_group(radio):
    both, one, none = member(radio, b"a", b"b"), member(radio, b"b"), member(radio)
    radio.distribute([Addressed(b"1", group=b"a"), Addressed(b"2", group=b"b"), Addressed(b"3", group=b"c")])
    assert sent(both) == [[b"a", b"1"], [b"b", b"2"]]
    assert sent(one) == [[b"b", b"2"]]
    assert sent(none) == []


def test_what_has_no_group_goes_to_the_empty_one(radio):
    pipe = member(radio, b"")
    part = SharedPart(memoryview(b"2"))
    radio.distribute([b"1", [part]])
    assert sent(pipe) == [[b"", b"1"], [b"", part]]


def test_radio_encodes_once_for_all(radio):
    pipes = [member(radio, b"a") for _ in range(3)]
    radio.distribute([Addressed(b"%d" % number, group=b"a") for number in range(5)])
    (batch,) = {id(item): item for pipe in pipes for item in pipe.outbox}.values()
    assert isinstance(batch, Broadcast)
    assert radio.dirty == pipes


def test_a_group_that_is_joined_twice_is_left_at_once(radio):
    pipe = member(radio, b"a", b"a")
    deliver(radio, pipe, leave(b"a"), leave(b"never joined"))
    radio.send(Addressed(b"x", group=b"a"))
    assert sent(pipe) == []


def test_radio_forgets_who_has_left(radio):
    pipe, other = member(radio, b"a", b"b"), member(radio, b"b")
    radio.detach(pipe)
    radio.distribute([Addressed(b"x", group=b"a"), Addressed(b"x", group=b"b")])
    assert [sent(pipe), sent(other)] == [[], [[b"b", b"x"]]]
    radio.detach(other)
    assert radio._members == {}


def test_radio_ends_a_dish_that_joins_an_overlong_group(radio):
    pipe = member(radio, b"a", b"x" * 256, b"b")
    assert pipe.link.closed
    radio.send(Addressed(b"x", group=b"a"))
    assert sent(pipe) == [[b"a", b"x"]]


def test_radio_drops_messages_from_a_dish(radio):
    pipe = member(radio)
    deliver(radio, pipe, b"x", [b"y", b"z"])
    assert not radio.readable()
    assert not pipe.inbox


def test_radio_misses_out_a_full_dish_only(radio):
    full, roomy = member(radio, b"a", send_limit=1), member(radio, b"a")
    for number in range(3):
        assert radio.send(Addressed(b"%d" % number, group=b"a"))
    assert [len(sent(full)), len(sent(roomy))] == [1, 3]


def test_radio_with_nodrop_takes_nothing_that_somebody_would_miss():
    radio = make(SocketType.RADIO, xpub_nodrop=1)
    full, roomy = member(radio, b"a", send_limit=1), member(radio, b"a")
    messages = [Addressed(b"%d" % number, group=b"a") for number in range(3)]
    assert radio.distribute(messages) == 1
    assert [len(messages), len(sent(full)), len(sent(roomy))] == [2, 1, 1]
    assert radio.room() == 0


def test_dish_says_its_groups_to_each_radio_in_the_order_in_which_it_joined(dish):
    early = attach(dish)
    dish.join(b"b")
    dish.join(b"a")
    late = attach(dish)
    assert sent(early) == sent(late) == [join(b"b"), join(b"a")]
    dish.leave(b"b")
    assert sent(early) == sent(late) == [leave(b"b")]


def test_dish_says_its_groups_again_when_the_link_is_back(dish):
    dish.join(b"a")
    pipe = attach(dish)
    sent(pipe)
    dish.join(b"b")
    pipe.ready = False
    dish.hiccup(pipe)
    dish.leave(b"a")
    dish.join(b"c")
    get_ready(dish, pipe)
    assert sent(pipe) == [join(b"b"), join(b"c")]


def test_dish_says_its_groups_past_the_high_water_mark(dish):
    for number in range(5):
        dish.join(b"%d" % number)
    assert len(sent(attach(dish, send_limit=1))) == 5


def test_dish_takes_only_its_groups(dish):
    dish.join(b"a")
    pipe = attach(dish)
    deliver(dish, pipe, [b"b", b"1"], [b"a", b"2"], [b"ab", b"3"])
    assert dish.readable()
    assert [(message[0], message.group) for message in receive_all(dish)] == [(b"2", b"a")]
    assert not dish.readable()


@pytest.mark.parametrize("mistake", [b"x", [b"a", b"b", b"c"], [b"x" * 256, b"b"]])
def test_dish_ends_a_radio_that_sends_something_else(dish, mistake):
    dish.join(b"a")
    pipe = attach(dish)
    deliver(dish, pipe, [b"a", b"1"], mistake, [b"a", b"2"])
    assert pipe.link.closed
    assert receive_all(dish) == [[b"1"]]


def test_radio_and_dish_meet(link, radio, dish):
    dish.join(b"a")
    wire = link(radio, dish)
    dish.join(b"b")
    wire.pump()
    radio.distribute([Addressed(b"1", group=b"a"), Addressed(b"2", group=b"b"), Addressed(b"3", group=b"c")])
    wire.pump()
    assert receive_all(dish) == [[b"1"], [b"2"]]


def test_dish_that_nobody_has_linked_yet_joins(dish):
    pipe = make_pipe()
    dish.attach(pipe)
    dish.join(b"a")
    get_ready(dish, pipe)
    assert sent(pipe) == [join(b"a")]
