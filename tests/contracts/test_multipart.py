"""Messages of many parts: all or nothing, in order."""

import pytest

from .tools import Background, refused, silent, take


def test_parts_arrive_together_and_in_order(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send_multipart([b"one", b"two", b"three"])
    assert pull.recv_multipart() == [b"one", b"two", b"three"]


@pytest.mark.parametrize("parts", [[b""], [b"", b""], [b"", b"a", b""], [b"a", b"", b"", b"b"]], ids=repr)
def test_empty_parts_are_kept(zmq, net, parts):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send_multipart(parts)
    assert pull.recv_multipart() == parts


def test_thousand_parts_arrive(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    parts = [b"%d" % i for i in range(1000)]
    push.send_multipart(parts)
    assert pull.recv_multipart() == parts


def test_parts_of_mixed_sizes_arrive(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    parts = [bytes([size % 251]) * size for size in (0, 1, 255, 256, 70_000, 3, 1_000_000, 0, 8192)]
    push.send_multipart(parts)
    assert pull.recv_multipart() == parts


def test_nothing_is_received_before_the_last_part_is_sent(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send(b"a", zmq.SNDMORE)
    push.send(b"b", zmq.SNDMORE)
    assert silent(pull)
    push.send(b"c")
    assert pull.recv_multipart() == [b"a", b"b", b"c"]


def test_parts_of_one_message_go_to_one_peer(zmq, net):
    pulls, addresses = zip(*(net.bind(zmq.PULL) for _ in range(2)), strict=True)
    push = net.connect(zmq.PUSH, *addresses)
    for i in range(4):
        push.send(b"%d" % i, zmq.SNDMORE)
        push.send(b"tail")
    assert [take(pull, 2) for pull in pulls] == [
        [[b"0", b"tail"], [b"2", b"tail"]],
        [[b"1", b"tail"], [b"3", b"tail"]],
    ]


def test_an_unfinished_message_is_never_delivered(zmq, net):
    pull, address = net.bind(zmq.PULL)
    push = net.connect(zmq.PUSH, address, linger=1000)
    push.send(b"whole")
    push.send(b"unfinished", zmq.SNDMORE)
    push.close()
    assert pull.recv_multipart() == [b"whole"]
    assert silent(pull)


def test_message_stays_whole_when_the_sender_pauses_between_parts(zmq, net):
    pull, address = net.bind(zmq.PULL)
    slow, quick = net.connect(zmq.PUSH, address), net.connect(zmq.PUSH, address)
    slow.send(b"slow", zmq.SNDMORE)
    quick.send(b"quick")
    assert pull.recv_multipart() == [b"quick"]
    slow.send(b"end")
    assert pull.recv_multipart() == [b"slow", b"end"]


def test_receive_part_by_part_stays_with_one_message(zmq, inproc):
    pull, address = inproc.bind(zmq.PULL)
    for name in (b"a", b"b"):
        push = inproc.connect(zmq.PUSH, address)
        push.send_multipart([name, name])
        push.send_multipart([name, name])
    parts = [(pull.recv(), pull.get(zmq.RCVMORE)) for _ in range(8)]
    assert [more for _, more in parts] == [1, 0] * 4
    assert all(parts[i][0] == parts[i + 1][0] for i in range(0, 8, 2))


def test_recv_multipart_after_a_part_gives_the_rest(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send_multipart([b"a", b"b", b"c"])
    assert pull.recv() == b"a"
    assert pull.recv_multipart() == [b"b", b"c"]


def test_send_multipart_takes_sequences_of_buffers(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    push.send_multipart([b"a", bytearray(b"b"), memoryview(b"c")])
    push.send_multipart((zmq.Frame(b"d"), b"e"))
    assert take(pull, 2) == [[b"a", b"b", b"c"], [b"d", b"e"]]


def test_send_multipart_refuses_a_wrong_part_before_it_sends_any(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    with pytest.raises(TypeError):
        push.send_multipart([b"good", "text"])
    push.send(b"after")
    assert pull.recv_multipart() == [b"after"]


def test_subscription_by_parts_is_one_user_message(zmq, net):
    xsub, xpub = net.link(zmq.XSUB, zmq.XPUB)
    xsub.send_multipart([b"user", b"\x01topic"])
    assert xpub.recv_multipart() == [b"user", b"\x01topic"]


def test_many_multipart_messages_cross_threads_whole(zmq, net):
    push, pull = net.link(zmq.PUSH, zmq.PULL)
    messages = [[b"%d" % i] * (1 + i % 5) for i in range(500)]
    pouring = Background(lambda: [push.send_multipart(parts) for parts in messages])
    assert [pull.recv_multipart() for _ in messages] == messages
    pouring.join()


def test_req_may_send_its_request_part_by_part(zmq, net):
    req, rep = net.link(zmq.REQ, zmq.REP)
    for part in (b"a", b"b"):
        req.send(part, zmq.SNDMORE)
    req.send(b"c")
    assert [rep.recv() for _ in range(3)] == [b"a", b"b", b"c"]
    with refused(zmq, zmq.EFSM):
        rep.recv()
