"""The inproc transport: names of one context."""

import errno

import pytest

from .tools import Background, refused, silent, take, unique


@pytest.fixture
def name():
    return f"inproc://{unique('name')}"


def test_connect_comes_before_bind(zmq, inproc, name):
    push = inproc.connect(zmq.PUSH, name)
    push.send(b"early")
    pull = inproc.socket(zmq.PULL)
    pull.bind(name)
    assert pull.recv() == b"early"


def test_many_connects_come_before_bind(zmq, inproc, name):
    pushes = [inproc.connect(zmq.PUSH, name) for _ in range(5)]
    for i, push in enumerate(pushes):
        push.send(b"%d" % i)
    pull = inproc.socket(zmq.PULL)
    pull.bind(name)
    assert sorted(take(pull, 5)) == [b"%d" % i for i in range(5)]


def test_peer_that_connected_before_bind_is_heard_and_answered(zmq, inproc, name):
    dealer = inproc.connect(zmq.DEALER, name, routing_id=b"early")
    router = inproc.socket(zmq.ROUTER)
    router.bind(name)
    dealer.send(b"hello")
    assert router.recv_multipart() == [b"early", b"hello"]
    router.send_multipart([b"early", b"back"])
    assert dealer.recv() == b"back"


def test_subscription_of_a_peer_that_connected_before_bind_holds(zmq, inproc, name):
    inproc.connect(zmq.SUB, name, subscribe=b"early")
    xpub = inproc.socket(zmq.XPUB)
    xpub.bind(name)
    assert xpub.recv() == b"\x01early"


def test_peer_that_closed_before_bind_leaves_no_trace(zmq, inproc, name):
    inproc.connect(zmq.PUSH, name).close()
    pull = inproc.socket(zmq.PULL)
    pull.bind(name)
    assert silent(pull)


def test_push_has_nobody_to_send_to_once_its_peer_has_disconnected(zmq, inproc, name):
    push = inproc.socket(zmq.PUSH)
    push.bind(name)
    pull = inproc.connect(zmq.PULL, name)
    push.send(b"heard")
    assert pull.recv() == b"heard"
    pull.disconnect(name)
    assert silent(pull)  # time in which libzmq looks into its mailbox
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)


def test_message_of_a_peer_that_disconnected_before_bind_is_lost(zmq, inproc, name):
    push = inproc.connect(zmq.PUSH, name)
    push.disconnect(name)
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)


def test_name_in_use_answers_eaddrinuse(zmq, inproc, name):
    inproc.socket(zmq.PULL).bind(name)
    with refused(zmq, errno.EADDRINUSE):
        inproc.socket(zmq.PULL).bind(name)


def test_socket_cannot_bind_one_name_twice(zmq, inproc, name):
    pull = inproc.socket(zmq.PULL)
    pull.bind(name)
    with refused(zmq, errno.EADDRINUSE):
        pull.bind(name)


def test_name_is_free_when_its_owner_closed(zmq, inproc, name):
    for _ in range(3):
        inproc.bind_again(zmq.PULL, name).close()


def test_name_is_free_at_once_after_unbind(zmq, inproc, name):
    first, second = inproc.socket(zmq.PULL), inproc.socket(zmq.PULL)
    first.bind(name)
    first.unbind(name)
    second.bind(name)
    inproc.connect(zmq.PUSH, name).send(b"to the second")
    assert second.recv() == b"to the second"


def test_names_of_two_contexts_are_apart(zmq, inproc, name):
    pull = inproc.socket(zmq.PULL)
    pull.bind(name)
    with zmq.Context() as other, other.socket(zmq.PULL) as namesake, other.socket(zmq.PUSH) as push:
        namesake.bind(name)
        push.connect(name)
        push.send(b"same context")
        assert namesake.recv() == b"same context"
    assert silent(pull)


def test_names_differ_by_case_and_any_character(zmq, inproc, name):
    for each in (name, name.upper().replace("INPROC", "inproc"), name + "/", name + " #é"):
        inproc.socket(zmq.PULL).bind(each)


def test_context_without_io_threads_serves_inproc(zmq, name):
    with zmq.Context(io_threads=0) as context:
        pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        pull.bind(name)
        push.connect(name)
        push.send(b"no thread")
        assert pull.recv() == b"no thread"
        context.destroy(linger=0)


def test_connecting_twice_makes_two_links(zmq, inproc, name):
    router = inproc.socket(zmq.ROUTER)
    router.bind(name)
    dealer = inproc.connect(zmq.DEALER, name, name)
    for _ in range(2):
        dealer.send(b"")
    assert len({router.recv_multipart()[0] for _ in range(2)}) == 2


def test_message_keeps_its_bytes_when_the_sender_changes_its_buffer(zmq, inproc):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    buffer = bytearray(b"before")
    push.send(buffer)
    buffer[:] = b"after!"
    assert pull.recv() == b"before"


def test_message_crosses_threads(zmq, inproc):
    push, pull = inproc.link(zmq.PUSH, zmq.PULL)
    pouring = Background(lambda: [push.send(b"%d" % i) for i in range(5000)])
    assert take(pull, 5000) == [b"%d" % i for i in range(5000)]
    pouring.join()
