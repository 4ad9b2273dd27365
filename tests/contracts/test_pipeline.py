"""PUSH and PULL: RFC 30."""

import errno

import pytest

from .tools import Background, drain, eventually, refused, silent, take


def test_push_delivers_to_pull(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"work")
    assert pull.recv() == b"work"


def test_bound_push_delivers_to_connected_pull(zmq, net):
    pull, push = net.link(zmq.PULL, zmq.PUSH)
    push.send(b"work")
    assert pull.recv() == b"work"


def test_push_keeps_the_order(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    messages = [b"%d" % i for i in range(500)]
    for message in messages:
        push.send(message)
    assert take(pull, 500) == messages


@pytest.mark.parametrize("size", [0, 1, 33, 34, 255, 256, 8191, 8192, 65536, 1_000_000])
def test_push_delivers_every_size_whole(zmq, net, size):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    body = bytes(i % 251 for i in range(min(size, 1000))) * (size // 1000 or 1)
    push.send(body)
    push.send(b"after")
    assert take(pull, 2) == [body, b"after"]


def test_push_refuses_to_receive(zmq, net):
    push, _ = net.link(zmq.PUSH, zmq.PULL)
    with refused(zmq, errno.ENOTSUP):
        push.recv(zmq.DONTWAIT)


def test_pull_refuses_to_send(zmq, net):
    _, pull = net.link(zmq.PUSH, zmq.PULL)
    with refused(zmq, errno.ENOTSUP):
        pull.send(b"no", zmq.DONTWAIT)


def test_push_that_nobody_connected_to_would_block(zmq, net):
    push, _ = net.bind(zmq.PUSH)
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)


def test_push_that_is_neither_bound_nor_connected_would_block(zmq, inproc):
    with pytest.raises(zmq.Again):
        inproc.socket(zmq.PUSH).send(b"nobody", zmq.DONTWAIT)


def test_push_without_peers_is_not_writable(zmq, net):
    push, _ = net.bind(zmq.PUSH)
    assert push.get(zmq.EVENTS) == 0
    assert not push.poll(0, zmq.POLLOUT)


def test_push_becomes_writable_when_a_pull_connects(zmq, net):
    push, address = net.bind(zmq.PUSH)
    net.connect(zmq.PULL, address)
    assert push.poll(5000, zmq.POLLOUT) == zmq.POLLOUT


def test_blocked_push_goes_on_when_a_pull_connects(zmq, net):
    push, address = net.bind(zmq.PUSH)
    sender = Background(push.send, b"at last")
    pull = net.connect(zmq.PULL, address)
    assert pull.recv() == b"at last"
    sender.join()


def test_pull_without_messages_would_block(zmq, net):
    _, pull = net.link(zmq.PUSH, zmq.PULL)
    with pytest.raises(zmq.Again):
        pull.recv(zmq.DONTWAIT)


def test_connected_push_queues_before_the_peer_binds(zmq, net):
    address = net.absent()
    push = net.connect(zmq.PUSH, address, reconnect_ivl=10)
    push.send(b"early")
    assert net.bind_again(zmq.PULL, address).recv() == b"early"


def test_push_round_robins_strictly(zmq, net):
    pulls, addresses = zip(*(net.bind(zmq.PULL) for _ in range(3)), strict=True)
    push = net.connect(zmq.PUSH, *addresses)
    for i in range(9):
        push.send(b"%d" % i)
    assert [take(pull, 3) for pull in pulls] == [[b"0", b"3", b"6"], [b"1", b"4", b"7"], [b"2", b"5", b"8"]]


def test_push_round_robins_whole_messages(zmq, net):
    pulls, addresses = zip(*(net.bind(zmq.PULL) for _ in range(2)), strict=True)
    push = net.connect(zmq.PUSH, *addresses)
    for i in range(4):
        push.send_multipart([b"%d" % i, b"", b"tail"])
    assert [[m[0] for m in take(pull, 2)] for pull in pulls] == [[b"0", b"2"], [b"1", b"3"]]


def test_push_skips_a_full_peer(zmq, inproc):
    full, first = inproc.bind(zmq.PULL, rcvhwm=1)
    roomy, second = inproc.bind(zmq.PULL)
    push = inproc.connect(zmq.PUSH, first, second, sndhwm=1)
    for i in range(9):
        push.send(b"%d" % i, zmq.DONTWAIT)
    assert drain(zmq, full) == [b"0", b"2"]
    assert take(roomy, 7) == [b"1", b"3", b"4", b"5", b"6", b"7", b"8"]


def test_push_gives_all_to_the_peer_that_stays(zmq, net):
    leaving, first = net.bind(zmq.PULL)
    staying, second = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, first, second)
    push.send(b"a")
    push.send(b"b")
    assert [leaving.recv(), staying.recv()] == [b"a", b"b"]
    push.disconnect(first)
    for i in range(6):
        push.send(b"%d" % i)
    assert take(staying, 6) == [b"%d" % i for i in range(6)]
    assert silent(leaving)


def test_bound_push_forgets_a_peer_that_closed(zmq, net):
    push, address = net.bind(zmq.PUSH)
    pull = net.connect(zmq.PULL, address)
    assert push.poll(5000, zmq.POLLOUT)
    pull.close()
    eventually(lambda: not push.poll(0, zmq.POLLOUT))
    with pytest.raises(zmq.Again):
        push.send(b"nobody", zmq.DONTWAIT)


def test_pull_fair_queues_message_by_message(zmq, inproc):
    # inproc, since there a message is in the receiver's pipe when send() returns.
    pull, address = inproc.bind(zmq.PULL)
    for name in (b"a", b"b", b"c"):
        push = inproc.connect(zmq.PUSH, address)
        for i in range(4):
            push.send_multipart([name, b"%d" % i])
    turns = [pull.recv_multipart() for _ in range(12)]
    assert [sorted(name for name, _ in turns[i : i + 3]) for i in (0, 3, 6, 9)] == [[b"a", b"b", b"c"]] * 4
    assert [i for _, i in turns] == [b"0"] * 3 + [b"1"] * 3 + [b"2"] * 3 + [b"3"] * 3


def test_pull_hears_every_peer(zmq, net):
    pull, address = net.bind(zmq.PULL)
    for i in range(10):
        push = net.connect(zmq.PUSH, address)
        push.send(b"%d" % i)
    assert sorted(take(pull, 10)) == [b"%d" % i for i in range(10)]


def test_pull_never_mixes_parts_of_two_senders(zmq, net):
    pull, address = net.bind(zmq.PULL)

    def pour(name):
        push = net.connect(zmq.PUSH, address)
        for i in range(200):
            push.send_multipart([name, b"%d" % i, name])

    senders = [Background(pour, name) for name in (b"a", b"b", b"c")]
    messages = [pull.recv_multipart() for _ in range(600)]
    for sender in senders:
        sender.join()
    assert all(len(parts) == 3 and parts[0] == parts[2] for parts in messages)
    for name in (b"a", b"b", b"c"):
        assert [parts[1] for parts in messages if parts[0] == name] == [b"%d" % i for i in range(200)]


def test_push_connected_twice_to_one_endpoint_delivers_each_message_once(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    push = wire.connect(zmq.PUSH, address, address)
    for i in range(4):
        push.send(b"%d" % i)
    assert sorted(take(pull, 4)) == [b"0", b"1", b"2", b"3"]
    assert silent(pull)
