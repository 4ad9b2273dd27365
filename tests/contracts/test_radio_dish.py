"""RADIO and DISH: exact groups. RFC 48."""

import errno

import pytest

from .tools import attend, drain, refused, silent, take, unique

pytestmark = pytest.mark.usefixtures("drafts")


def settle(zmq, radio, *dishes):
    """Wait until every group that these joined and left so far is known at the radio."""
    for dish in dishes:
        group = unique("settle")
        dish.join(group)
        while not dish.poll(5):
            attend(zmq, radio)
            radio.send(b"", group=group)
        radio.send(b"end", group=group)
        while dish.recv() != b"end":
            pass
        dish.leave(group.encode())


@pytest.fixture
def pair(zmq, net):
    """A RADIO and a DISH that is bound."""
    return net.link(zmq.RADIO, zmq.DISH)


def test_dish_gets_what_is_sent_to_its_group_and_nothing_else(zmq, pair):
    radio, dish = pair
    dish.join("weather")
    settle(zmq, radio, dish)
    radio.send(b"no", group="news")
    radio.send(b"no", group="weather2")
    radio.send(b"no", group="weathe")
    radio.send(b"no")
    radio.send(b"yes", group="weather")
    assert dish.recv() == b"yes"


def test_dish_tells_the_group_of_a_frame(zmq, pair):
    radio, dish = pair
    dish.join("a")
    dish.join("b")
    settle(zmq, radio, dish)
    radio.send(b"1", group="b")
    radio.send(b"2", group="a")
    frames = [dish.recv(copy=False), dish.recv(copy=False)]
    assert [(frame.bytes, frame.group, frame.more) for frame in frames] == [
        (b"1", "b", False),
        (b"2", "a", False),
    ]


def test_radio_sends_a_frame_to_the_group_it_bears(zmq, pair):
    radio, dish = pair
    dish.join("a")
    settle(zmq, radio, dish)
    frame = zmq.Frame(b"x")
    frame.group = "a"
    radio.send(frame)
    assert dish.recv() == b"x"


def test_a_message_without_group_is_for_the_empty_group(zmq, pair):
    radio, dish = pair
    dish.join("")
    settle(zmq, radio, dish)
    radio.send(b"plain")
    assert dish.recv() == b"plain"


def test_dish_that_has_left_a_group_hears_it_no_more(zmq, pair):
    radio, dish = pair
    dish.join("a")
    dish.join("b")
    dish.leave(b"a")
    settle(zmq, radio, dish)
    radio.send(b"no", group="a")
    radio.send(b"yes", group="b")
    assert dish.recv() == b"yes"


def test_what_is_queued_for_a_group_vanishes_when_it_is_left(zmq, pair):
    radio, dish = pair
    dish.join("a")
    dish.join("b")
    settle(zmq, radio, dish)
    for number, group in enumerate("abab"):
        radio.send(b"%d" % number, group=group)
    assert dish.poll()
    dish.leave(b"a")
    received = [dish.recv()]
    while received[-1] != b"3":
        received.append(dish.recv())
    assert received[-2:] == [b"1", b"3"]  # libzmq has looked at b"0" for poll(), and delivers it


def test_radio_sends_to_everybody_in_the_group_once(zmq, net):
    radio, address = net.bind(zmq.RADIO)
    dishes = [net.connect(zmq.DISH, address) for _ in range(3)]
    for dish in dishes[:2]:
        dish.join("a")
    settle(zmq, radio, *dishes)
    for number in range(3):
        radio.send(b"%d" % number, group="a")
    assert [take(dish, 3) for dish in dishes[:2]] == [[b"0", b"1", b"2"]] * 2
    assert silent(dishes[2])


def test_dish_that_joins_before_it_is_connected_has_joined(zmq, net):
    radio, address = net.bind(zmq.RADIO)
    dish = net.socket(zmq.DISH)
    dish.join("a")
    dish.connect(address)
    settle(zmq, radio, dish)
    radio.send(b"x", group="a")
    assert dish.recv() == b"x"


def test_dish_joins_again_when_the_radio_is_back(zmq, wire):
    address = wire.absent()
    dish = wire.connect(zmq.DISH, address, reconnect_ivl=10)
    dish.join("a")
    for number in range(2):
        radio = wire.bind_again(zmq.RADIO, address)
        settle(zmq, radio, dish)
        radio.send(b"%d" % number, group="a")
        assert dish.recv() == b"%d" % number
        radio.close()


def test_dish_receives_from_all_radios(zmq, net):
    dish, address = net.bind(zmq.DISH)
    dish.join("a")
    radios = [net.connect(zmq.RADIO, address) for _ in range(2)]
    for radio in radios:
        settle(zmq, radio, dish)
    for radio in radios:
        radio.send(b"x", group="a")
    assert take(dish, 2) == [b"x", b"x"]


def test_a_group_has_up_to_255_bytes(zmq, pair):
    radio, dish = pair
    longest = "x" * 255
    dish.join(longest)
    with refused(zmq, errno.EINVAL):
        dish.join("x" * 256)
    with refused(zmq, errno.EINVAL):
        dish.leave(b"x" * 256)
    settle(zmq, radio, dish)
    radio.send(b"long", group=longest)
    assert dish.recv() == b"long"


def test_a_group_cannot_be_joined_twice(zmq, pair):
    _, dish = pair
    dish.join("a")
    with refused(zmq, errno.EINVAL):
        dish.join(b"a")


def test_a_group_that_was_not_joined_cannot_be_left(zmq, pair):
    _, dish = pair
    with refused(zmq, errno.EINVAL):
        dish.leave(b"a")


def test_dish_without_peers_has_nothing_to_read(zmq, net):
    dish, _ = net.bind(zmq.DISH)
    assert not dish.poll(0)


@pytest.mark.ours_only
def test_dish_is_never_ready_for_writing(zmq, net):
    dish, _ = net.bind(zmq.DISH)  # libzmq says that it is, and refuses with ENOTSUP
    assert dish.get(zmq.EVENTS) == 0


def test_radio_without_listeners_drops(zmq, net):
    radio, _ = net.bind(zmq.RADIO)
    assert radio.get(zmq.EVENTS) == zmq.POLLOUT
    for _ in range(10):
        radio.send(b"x", zmq.DONTWAIT, group="a")


def test_radio_drops_for_a_dish_that_is_full(zmq, inproc):
    radio, address = inproc.bind(zmq.RADIO, sndhwm=5)
    dish = inproc.connect(zmq.DISH, address, rcvhwm=5)
    dish.join("a")
    attend(zmq, radio)
    for number in range(30):
        radio.send(b"%d" % number, group="a")
    assert drain(zmq, dish) == [b"%d" % number for number in range(10)]


def test_radio_with_nodrop_does_not_send_past_a_full_dish(zmq, inproc):
    radio, address = inproc.bind(zmq.RADIO, sndhwm=5, xpub_nodrop=1)
    dish = inproc.connect(zmq.DISH, address, rcvhwm=5)
    dish.join("a")
    attend(zmq, radio)
    for _ in range(10):
        radio.send(b"x", zmq.DONTWAIT, group="a")
    with pytest.raises(zmq.Again):
        radio.send(b"x", zmq.DONTWAIT, group="a")
    radio.send(b"x", zmq.DONTWAIT, group="b")


def test_linger_of_dish_is_0(zmq, ctx):
    with ctx.socket(zmq.DISH) as dish:
        assert dish.get(zmq.LINGER) == 0
