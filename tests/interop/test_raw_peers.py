"""Peers of ZMTP 3.0, RFC 23, who subscribe with messages, and for comparison of 3.1, RFC 37, who have commands for it.

Each is a plain socket, and each test runs with libzmq at the other end too: so it is known to talk as libzmq expects.
"""

import pytest

from .child import pattern
from .raw import Raw
from .sides import eventually


@pytest.fixture(params=["ours", "theirs"])
def one(request, side):
    """A process of one implementation, the one that the raw peer talks with."""
    return side(request.param)


@pytest.fixture(params=[True, False], ids=["which-binds", "which-connects"])
def binds(request):
    """Whether the socket in the process binds; the raw peer connects then."""
    return request.param


@pytest.mark.parametrize("in_steps", [False, True], ids=["greets-at-once", "greets-in-steps"])
@pytest.mark.parametrize("minor", [0, 1])
def test_messages_go_both_ways(one, binds, minor, in_steps):
    pair = one.open("PAIR")
    with Raw(pair, binds, b"PAIR", minor, in_steps) as raw:
        raw.send(
            b"\x00\x01a", b"\x01\x00", b"\x01\x01b", b"\x00\x00", b"\x02\x00\x00\x00\x00\x00\x00\x00\x03abc"
        )
        assert pair.take(3) == [b"a", [b"", b"b", b""], b"abc"]
        pair.send([b"a"], [b"", b"b", b""], [256])
        raw.expect(b"\x00\x01a", b"\x01\x00", b"\x01\x01b", b"\x00\x00")
        raw.expect(b"\x02\x00\x00\x00\x00\x00\x00\x01\x00", pattern(256))


@pytest.mark.parametrize("minor", [0, 1])
def test_publisher_takes_subscriptions_as_messages(one, binds, minor):
    xpub = one.open("XPUB")
    with Raw(xpub, binds, b"SUB", minor) as raw:
        raw.send(b"\x00\x02\x01a", b"\x00\x02\x01b")
        assert xpub.take(2) == [b"\x01a", b"\x01b"]
        xpub.send([b"c"], [b"a", b""], [b"b"])
        raw.expect(b"\x01\x01a", b"\x00\x00", b"\x00\x01b")
        raw.send(b"\x00\x02\x00a")
        assert xpub.take() == [b"\x00a"]
        xpub.send([b"a"], [b"b"])
        raw.expect(b"\x00\x01b")


@pytest.mark.parametrize("minor", [0, 1])
def test_pub_takes_subscriptions_as_messages(one, binds, minor):
    pub = one.open("PUB")
    with Raw(pub, binds, b"SUB", minor) as raw:
        raw.send(b"\x00\x02\x01a")
        eventually(lambda: pub.send([b"b"], [b"a"]) or raw.readable())
        raw.expect(b"\x00\x01a")


def test_publisher_takes_subscriptions_as_commands(one, binds):
    xpub = one.open("XPUB")
    with Raw(xpub, binds, b"SUB", 1) as raw:
        raw.send(b"\x04\x0b\x09SUBSCRIBEa", b"\x04\x0b\x09SUBSCRIBEb")
        assert xpub.take(2) == [b"\x01a", b"\x01b"]
        raw.send(b"\x04\x08\x06CANCELa")
        assert xpub.take() == [b"\x00a"]
        xpub.send([b"a"], [b"b"])
        raw.expect(b"\x00\x01b")


def test_publisher_takes_a_long_topic_as_a_message(one, binds):
    xpub = one.open("XPUB")
    with Raw(xpub, binds, b"SUB", 0) as raw:
        raw.send(b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x01" + b"t" * 256)
        assert xpub.take() == [b"\x01" + b"t" * 256]


def test_subscriber_subscribes_with_messages_to_a_3_0_publisher(one, binds):
    sub = one.open("SUB")
    sub.set("SUBSCRIBE", b"a")
    with Raw(sub, binds, b"PUB", 0) as raw:
        attend(sub, raw)
        raw.expect(b"\x00\x02\x01a")
        sub.set("SUBSCRIBE", b"")
        raw.expect(b"\x00\x01\x01")
        sub.set("UNSUBSCRIBE", b"")
        raw.expect(b"\x00\x01\x00")
        raw.send(b"\x00\x01b", b"\x01\x02ab", b"\x00\x01c")
        assert sub.take() == [[b"ab", b"c"]]


def test_subscriber_subscribes_with_commands_to_a_3_1_publisher(one, binds):
    sub = one.open("SUB")
    sub.set("SUBSCRIBE", b"a")
    with Raw(sub, binds, b"PUB", 1) as raw:
        attend(sub, raw)
        raw.expect(b"\x04\x0b\x09SUBSCRIBEa")
        sub.set("UNSUBSCRIBE", b"a")
        raw.expect(b"\x04\x08\x06CANCELa")


@pytest.mark.parametrize(
    "size, header", [(254, b"\x00\xff\x01"), (256, b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x01")]
)
def test_subscriber_says_a_long_topic_to_a_3_0_publisher(one, binds, size, header):
    sub = one.open("SUB")
    sub.set("SUBSCRIBE", b"t" * size)
    with Raw(sub, binds, b"PUB", 0) as raw:
        attend(sub, raw)
        raw.expect(header, b"t" * size)


def attend(sub, raw):
    """Wait until a subscriber says something. A bound one of libzmq does when somebody calls one of its methods."""
    eventually(lambda: sub.poll("POLLIN", 1) or raw.readable())


def test_xsub_subscribes_with_messages_to_a_3_0_publisher(one, binds):
    xsub = one.open("XSUB")
    with Raw(xsub, binds, b"XPUB", 0) as raw:
        eventually(lambda: xsub.send([b"\x01a"]) or raw.readable())
        raw.expect(b"\x00\x02\x01a")
        raw.send(b"\x00\x01a")
        assert xsub.take() == [b"a"]


@pytest.mark.parametrize("kind, envelope", [(b"DEALER", b""), (b"REQ", b"\x01\x00")])
def test_router_makes_up_an_id_for_a_peer_without_identity_property(one, binds, kind, envelope):
    router = one.open("ROUTER")
    with Raw(router, binds, kind, 0) as raw:
        raw.send(envelope + b"\x00\x01q")
        [[name, *parts]] = router.take()
        assert (len(name), name[0]) == (5, 0)
        assert parts == ([b"", b"q"] if envelope else [b"q"])
        router.send([name, *parts[:-1], b"answer"])
        raw.expect(envelope, b"\x00\x06answer")


def test_rep_answers_a_3_0_req(one, binds):
    rep = one.open("REP")
    with Raw(rep, binds, b"REQ", 0) as raw:
        raw.send(b"\x01\x00", b"\x01\x01q", b"\x00\x00")
        assert rep.take() == [[b"q", b""]]
        rep.send([b"answer"])
        raw.expect(b"\x01\x00", b"\x00\x06answer")


def test_ping_is_sent_and_a_peer_that_never_answers_is_given_up(one, binds):
    push = one.open("PUSH", HEARTBEAT_IVL=50, HEARTBEAT_TTL=1200)
    with Raw(push, binds, b"PULL", 1) as raw:
        raw.expect(b"\x04\x07\x04PING\x00\x0c")
        eventually(raw.hung_up)


def test_ping_is_answered_while_nobody_calls_a_method(one, binds):
    push = one.open("PUSH")
    with Raw(push, binds, b"PULL", 1) as raw:
        raw.send(b"\x04\x0b\x04PING\x00\x00abcd")
        raw.expect(b"\x04\x09\x04PONGabcd")
