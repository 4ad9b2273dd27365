"""Poller, select, zmq_poll, socket.poll, and the EVENTS and FD options."""

import os
import select
import time

import pytest

from .tools import Background, eventually, take


@pytest.fixture
def pipe():
    """The two ends of an operating system pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_poll_tells_what_can_be_done(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    assert pull.poll(0) == 0
    assert push.poll(5000, zmq.POLLOUT) == zmq.POLLOUT
    push.send(b"x")
    assert pull.poll(5000) == zmq.POLLIN
    assert pull.poll(0, zmq.POLLIN | zmq.POLLOUT) == zmq.POLLIN
    pull.recv()
    assert pull.poll(0) == 0


def test_poll_waits_for_its_timeout(zmq, net):
    pull, _ = net.bind(zmq.PULL)
    start = time.monotonic()
    assert pull.poll(50) == 0
    assert 0.045 <= time.monotonic() - start < 3


def test_poll_is_level_triggered(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert [pull.poll(5000) for _ in range(3)] == [zmq.POLLIN] * 3


def test_poll_wakes_when_a_message_arrives(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    waiter = Background(pull.poll, 10_000)
    push.send(b"x")
    assert waiter.join() == zmq.POLLIN


def test_poller_tells_which_sockets_are_ready(zmq, net):
    (push, pull), (_, quiet) = net.link(zmq.PUSH, zmq.PULL), net.link(zmq.PUSH, zmq.PULL)
    poller = zmq.Poller()
    for each in (quiet, pull):
        poller.register(each, zmq.POLLIN)
    poller.register(push, zmq.POLLOUT)
    push.send(b"x")
    assert pull.poll(5000)
    assert dict(poller.poll(5000)) == {pull: zmq.POLLIN, push: zmq.POLLOUT}


def test_poller_lists_ready_sockets_in_the_order_of_registration(zmq, inproc):
    links = [inproc.link(zmq.PUSH, zmq.PULL) for _ in range(5)]
    poller = zmq.Poller()
    for _, pull in links:
        poller.register(pull, zmq.POLLIN)
    for push, _ in reversed(links):
        push.send(b"x")
    assert [socket for socket, _ in poller.poll(5000)] == [pull for _, pull in links]


def test_poller_without_ready_sockets_gives_nothing_in_time(zmq, net):
    pull, _ = net.bind(zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    start = time.monotonic()
    assert poller.poll(50) == []
    assert 0.045 <= time.monotonic() - start < 3


def test_empty_poller_gives_nothing_at_once(zmq):
    start = time.monotonic()
    assert zmq.Poller().poll(10_000) == []
    assert time.monotonic() - start < 3


def test_poller_watches_descriptors(zmq, net, pipe):
    reader, writer = pipe
    pull, _ = net.bind(zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.register(reader, zmq.POLLIN)
    assert poller.poll(0) == []
    os.write(writer, b"x")
    assert poller.poll(5000) == [(reader, zmq.POLLIN)]
    assert poller.poll(0) == [(reader, zmq.POLLIN)]


def test_poller_wakes_for_a_descriptor_while_it_waits(zmq, net, pipe):
    reader, writer = pipe
    pull, _ = net.bind(zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.register(reader, zmq.POLLIN)
    waiter = Background(poller.poll, 10_000)
    os.write(writer, b"x")
    assert waiter.join() == [(reader, zmq.POLLIN)]


def test_poller_wakes_for_a_socket_while_it_waits(zmq, net, pipe):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    poller = zmq.Poller()
    poller.register(pipe[0], zmq.POLLIN)
    poller.register(pull, zmq.POLLIN)
    waiter = Background(poller.poll, 10_000)
    push.send(b"x")
    assert waiter.join() == [(pull, zmq.POLLIN)]


def test_poller_takes_objects_with_a_fileno(zmq, pipe):
    with os.fdopen(os.dup(pipe[0])) as file:
        poller = zmq.Poller()
        poller.register(file, zmq.POLLIN)
        os.write(pipe[1], b"x")
        assert poller.poll(5000) == [(file.fileno(), zmq.POLLIN)]


def test_poller_refuses_what_has_no_descriptor(zmq):
    poller = zmq.Poller()
    with pytest.raises((TypeError, ValueError)):
        poller.register(object(), zmq.POLLIN)
        poller.poll(0)


def test_poller_hears_what_another_one_was_told(zmq, net):
    (push, pull), (_, quiet) = net.link(zmq.PUSH, zmq.PULL), net.link(zmq.PUSH, zmq.PULL)
    pollers = [zmq.Poller(), zmq.Poller()]
    for poller in pollers:
        for each in (quiet, pull):
            poller.register(each, zmq.POLLIN)
        assert poller.poll(0) == []
    push.send(b"x")
    assert [poller.poll(5000) for poller in pollers] == [[(pull, zmq.POLLIN)]] * 2


def test_poller_hears_what_events_has_told(zmq, net):
    (push, pull), (_, quiet) = net.link(zmq.PUSH, zmq.PULL), net.link(zmq.PUSH, zmq.PULL)
    poller = zmq.Poller()
    for each in (quiet, pull):
        poller.register(each, zmq.POLLIN)
    assert poller.poll(0) == []
    push.send(b"x")
    eventually(lambda: pull.get(zmq.EVENTS) & zmq.POLLIN)
    assert poller.poll(5000) == [(pull, zmq.POLLIN)]


def test_poller_forgets_what_was_unregistered(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    assert pull in poller
    poller.unregister(pull)
    assert pull not in poller
    push.send(b"x")
    assert pull.poll(5000)
    assert poller.poll(0) == []
    with pytest.raises(KeyError):
        poller.unregister(pull)


def test_poller_modify_changes_what_is_watched(zmq, net):
    push, _ = net.link(zmq.PUSH, zmq.PULL)
    assert push.poll(5000, zmq.POLLOUT)
    poller = zmq.Poller()
    poller.register(push, zmq.POLLIN)
    assert poller.poll(0) == []
    poller.modify(push, zmq.POLLOUT)
    assert poller.poll(5000) == [(push, zmq.POLLOUT)]


def test_registering_with_no_flags_unregisters(zmq, net):
    pull, _ = net.bind(zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.register(pull, 0)
    assert pull not in poller


def test_poller_of_many_sockets_hears_each(zmq, tcp):
    links = [tcp.link(zmq.PUSH, zmq.PULL) for _ in range(20)]
    poller = zmq.Poller()
    for push, pull in links:
        poller.register(pull, zmq.POLLIN)
        push.send(b"x")
    heard = set()
    while len(heard) < 20:
        ready = poller.poll(5000)
        assert ready
        for pull, _ in ready:
            assert pull.recv() == b"x"
            heard.add(pull)


def test_select_tells_readers_and_writers(zmq, net, pipe):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert pull.poll(5000)
    readers, writers, errors = zmq.select([pull, pipe[0]], [push, pipe[1]], [], 5)
    assert (readers, set(map(str, writers)), errors) == ([pull], {str(push), str(pipe[1])}, [])


def test_select_times_out_in_seconds(zmq, net):
    pull, _ = net.bind(zmq.PULL)
    start = time.monotonic()
    assert zmq.select([pull], [], [], 0.05) == ([], [], [])
    assert 0.045 <= time.monotonic() - start < 3


def test_zmq_poll_takes_pairs(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert zmq.zmq_poll([(pull, zmq.POLLIN)], 5000) == [(pull, zmq.POLLIN)]


def test_fd_is_one_descriptor_for_life(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    fd = pull.get(zmq.FD)
    assert fd == pull.fileno() == pull.FD
    push.send(b"x")
    pull.recv()
    assert pull.get(zmq.FD) == fd != push.get(zmq.FD)


def test_fd_becomes_readable_when_a_message_arrives(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"settled")
    assert pull.recv() == b"settled"
    while pull.get(zmq.EVENTS) & zmq.POLLIN or select.select([pull.FD], [], [], 0.02)[0]:
        pass
    push.send(b"new")
    assert select.select([pull.FD], [], [], 5)[0] == [pull.FD]
    eventually(lambda: pull.get(zmq.EVENTS) & zmq.POLLIN)


def test_fd_becomes_unreadable_when_events_was_read(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert select.select([pull.FD], [], [], 5)[0]
    eventually(lambda: pull.get(zmq.EVENTS) & zmq.POLLIN)
    assert select.select([pull.FD], [], [], 0)[0] == []
    assert pull.recv() == b"x"


def test_reading_by_fd_and_events_gets_every_message(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    pouring = Background(lambda: [push.send(b"%d" % i) for i in range(1000)])
    messages = []
    while len(messages) < 1000:
        assert pull.get(zmq.EVENTS) & zmq.POLLIN or select.select([pull.FD], [], [], 5)[0]
        while pull.get(zmq.EVENTS) & zmq.POLLIN:
            messages += take(pull, 1)
    assert messages == [b"%d" % i for i in range(1000)]
    pouring.join()


@pytest.mark.ours_only
def test_fd_tells_of_a_message_that_arrived_while_others_are_unread(zmq, net):
    # libzmq's FD stays unreadable for the fourth: pyzmq-facts.md section 0, rule 4.
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    for i in range(3):
        push.send(b"%d" % i)
    eventually(lambda: pull.get(zmq.EVENTS) & zmq.POLLIN)
    assert pull.recv() == b"0"
    while pull.get(zmq.EVENTS) and select.select([pull.FD], [], [], 0.05)[0]:
        pass
    push.send(b"fourth")
    assert select.select([pull.FD], [], [], 5)[0]


@pytest.mark.ours_only
def test_send_does_not_eat_the_wake_up_of_a_message(zmq, net):
    # libzmq's send() drains the descriptor, and a program that waits on FD sleeps with a message there.
    one, other = net.link(zmq.PAIR, zmq.PAIR)
    other.send(b"wake up")
    assert select.select([one.FD], [], [], 5)[0]
    one.send(b"busy")
    assert select.select([one.FD], [], [], 0)[0]
