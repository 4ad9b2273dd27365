"""Much at once: what a reader does not take stops the sender, nothing is lost, and both ways at once do not block."""

import pytest

from .links import assert_same
from .sides import eventually

SIZE = 20_000
SMALL = {"SNDHWM": 10, "RCVHWM": 10, "SNDBUF": 40_000, "RCVBUF": 40_000}
MANY = 10_000


@pytest.fixture(params=["PUSH-PULL", "DEALER-DEALER"])
def stalled(request, both, wire):
    """A sender without room, how many messages it sent, and the receiver that has not read any."""
    kind, peer = request.param.split("-")
    sender, receiver = both[0].open(kind, **SMALL), both[1].open(peer, **SMALL)
    sender.connect(receiver.bind(wire.any()))
    return sender, sender.fill([SIZE]), receiver


def test_reader_that_does_not_read_stops_the_sender_and_nothing_is_lost(stalled):
    sender, count, receiver = stalled
    assert 20 <= count < 400
    assert_same(receiver.receive(count), [[b"%d" % number, SIZE] for number in range(count)])
    sender.send([b"end"])
    assert receiver.take() == [b"end"]


def test_blocked_send_goes_on_when_the_reader_reads(stalled):
    sender, count, receiver = stalled
    sending = sender.begin("send", [b"one more"])
    assert sending.runs(0.05)
    receiver.receive(count)
    sending.result()
    assert receiver.take() == [b"one more"]


def test_process_that_is_stopped_stops_the_sender_and_loses_nothing(mixed, wire):
    front, back = mixed
    push, pull = front.open("PUSH", **SMALL), back.open("PULL", **SMALL)
    push.connect(pull.bind(wire.any()))
    push.send([b"hello"])
    assert pull.take() == [b"hello"]
    back.freeze()
    try:
        count = push.fill([SIZE])
    finally:
        back.thaw()
    assert 5 <= count < 400
    assert_same(pull.receive(count), [[b"%d" % number, SIZE] for number in range(count)])
    push.send([b"end"])
    assert pull.take() == [b"end"]


@pytest.fixture
def routed(both, wire):
    """A ROUTER, and a DEALER that it knows as b"dealer" and that does not read."""
    front, back = both
    router = front.open("ROUTER", **SMALL)
    dealer = back.open("DEALER", ROUTING_ID=b"dealer", **SMALL)
    dealer.connect(router.bind(wire.any()))
    dealer.send([b"here"])
    assert router.take() == [[b"dealer", b"here"]]
    return router, dealer


def test_router_drops_what_has_no_room(routed):
    router, dealer = routed
    router.send(*[[b"dealer", b"%d" % number, SIZE] for number in range(1000)])
    router.set("ROUTER_MANDATORY", 1)  # for the last one to wait
    sending = router.begin("send", [b"dealer", b"end"])
    numbers = [int(number) for number, _ in dealer.receive_until([b"end"])]
    sending.result()
    assert numbers == sorted(set(numbers))
    assert 10 <= len(numbers) < 1000


def test_mandatory_router_waits_for_room(routed):
    router, dealer = routed
    router.set("ROUTER_MANDATORY", 1)
    count = router.fill([SIZE], b"dealer")
    assert 10 <= count < 400
    sending = router.begin("send", [b"dealer", b"end"])
    assert sending.runs(0.05)
    assert_same(dealer.receive(count), [[b"%d" % number, SIZE] for number in range(count)])
    sending.result()
    assert dealer.take() == [b"end"]


@pytest.mark.parametrize("size", [10, 1000])
def test_10000_messages_each_way_at_once(both, tcp, size):
    front, back = both
    left, right = front.open("DEALER"), back.open("DEALER")
    left.connect(right.bind(tcp.any()))
    messages = [[b"%d" % number, b"." * size] for number in range(MANY)]
    running = [end.begin("send_and_receive", messages, MANY) for end in (left, right)]
    for end in running:
        assert_same(end.result(), messages)


def test_all_is_sent_before_anything_is_received_on_either_side(both, wire):
    front, back = both
    left, right = front.open("DEALER", SNDHWM=0, RCVHWM=0), back.open("DEALER", SNDHWM=0, RCVHWM=0)
    left.connect(right.bind(wire.any()))
    messages = [[b"%d" % number, 1000] for number in range(MANY)]
    running = [end.begin("converse", MANY, messages) for end in (left, right)]
    for end in running:
        assert_same(end.result(), messages)


def test_ten_senders_share_one_reader_fairly(both, wire):
    front, back = both
    pull = back.open("PULL", RCVHWM=10)
    address = pull.bind(wire.any())
    pushes = [front.open("PUSH") for _ in range(10)]
    for number, push in enumerate(pushes):
        push.connect(address)
        push.send(*[[b"%d" % number, b"%d" % serial] for serial in range(100)])
    came = pull.receive(1000)
    for number in range(10):
        mine = [serial for sender, serial in came if sender == b"%d" % number]
        assert mine == [b"%d" % serial for serial in range(100)]


def test_one_sender_deals_to_three_readers_in_turn(both, wire):
    front, back = both
    push = front.open("PUSH")
    address = push.bind(wire.any())
    pulls = [back.open("PULL") for _ in range(3)]
    for pull in pulls:
        pull.connect(address)
    for pull in pulls:  # until all three are there
        eventually(lambda pull=pull: push.send([b"try"]) or pull.poll("POLLIN", 5))
    push.send(*[[b"%d" % number] for number in range(300)])
    push.send(*[[b"end"]] * 3)
    shares = [[m[0] for m in pull.receive_until([b"end"]) if m != [b"try"]] for pull in pulls]
    assert [len(share) for share in shares] == [100] * 3
    assert sorted(int(number) for share in shares for number in share) == list(range(300))
