"""Peers that shake hands properly and then misbehave."""

import socket
import time
import tracemalloc

import pytest

import purezmq as zmq
from tests.faults.tools import (
    COMMAND,
    GREETING,
    LONG_COMMAND,
    MORE,
    PATIENCE,
    WINDOW,
    Background,
    Raw,
    announced,
    eventually,
    frame,
    idle,
    memory_below,
    ping,
    prop,
    ready,
    resident_below,
)

MB = 2**20
MILLION = 10**6


# -- sizes -------------------------------------------------------------------------------------------------


def test_announced_frame_allocates_nothing(make_victim, log):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    with memory_below(2 * MB):
        raw.say(announced(2**62) + bytes(100_000))
        assert not raw.closed_within(WINDOW)
        victim.exchange()
        idle()
    raw.close()
    log.says("ROUTER ", "DISCONNECTED", "the peer closed the connection")


@pytest.mark.parametrize(
    "limit, header, words",
    [
        (1000, announced(2**62), ["frame of 4611686018427387904 bytes", "limit of 1000"]),
        (1000, announced(1001), ["frame of 1001 bytes", "limit of 1000"]),
        (1000, MORE + b"\x01x" + announced(1001), ["frame of 1001 bytes", "limit of 1000"]),
        (10, b"\x00\x0b", ["frame of 11 bytes", "limit of 10"]),
        (0, b"\x00\x01", ["frame of 1 bytes", "limit of 0"]),
        (-1, announced(2**63), ["2^63-1"]),
        (-1, announced(2**64 - 1), ["2^63-1"]),
        (1000, announced(2**62, LONG_COMMAND), ["frame of 4611686018427387904 bytes"]),
    ],
)
def test_header_over_the_limit_ends_the_connection(make_victim, log, endpoint, limit, header, words):
    victim = make_victim(endpoint)
    strict = victim.context.socket(zmq.PULL)
    strict.maxmsgsize = limit
    strict.bind("tcp://127.0.0.1:*")
    stranger = Raw.at(strict.get(zmq.LAST_ENDPOINT).decode())
    stranger.shake_hands(b"PUSH")
    with memory_below(2 * MB):
        stranger.say(header)
        stranger.ended()
    log.says("PULL ", "DISCONNECTED", *words)
    stranger.close()
    strict.close()


def test_frame_at_the_limit_is_delivered(make_victim):
    victim = make_victim(maxmsgsize=1000)
    raw = victim.raw(b"DEALER")
    raw.say(announced(1000) + b"x" * 1000)
    assert victim.next_from_stranger() == [b"x" * 1000]


def test_what_came_before_the_mistake_is_delivered(make_victim):
    victim = make_victim(maxmsgsize=1000)
    raw = victim.raw(b"DEALER")
    raw.say(frame(b"one") + frame(b"two") + announced(1001))
    raw.ended()
    assert victim.next_from_stranger() == [b"one"]
    assert victim.next_from_stranger() == [b"two"]


def test_begun_message_of_a_peer_that_leaves_is_dropped(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    raw.say(frame(b"one") + frame(b"begun", MORE) + announced(1000) + bytes(999))
    raw.close()
    assert victim.next_from_stranger() == [b"one"]
    victim.exchange()
    assert victim.strangers == []


# -- numbers -----------------------------------------------------------------------------------------------


def flood(raw, data):
    """Send this from another thread; it ends when everything is taken, or when the raw peer is closed."""

    def send():
        try:
            raw.stream.settimeout(None)
            raw.stream.sendall(data)
        except OSError:
            return False
        return True

    return Background(send)


def test_million_empty_messages_are_delivered(ctx, log):
    pull = ctx.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    pull.rcvtimeo = int(PATIENCE * 1000)
    raw = Raw.at(pull.get(zmq.LAST_ENDPOINT).decode())
    raw.shake_hands(b"PUSH")
    flooding = flood(raw, frame(b"") * MILLION + frame(b"last"))
    received = 0
    while not pull.recv():
        received += 1
    assert received == MILLION
    assert flooding.join()
    raw.close()


def test_million_empty_messages_that_nobody_reads_wait_at_the_sender(make_victim):
    victim = make_victim(rcvhwm=1000, rcvbuf=64 * 1024)
    raw = victim.raw(b"DEALER")
    raw.stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
    with memory_below(4 * MB):
        flooding = flood(raw, frame(b"") * MILLION)
        for _ in range(100):
            victim.exchange()
        idle()
    assert flooding.running
    raw.stream.shutdown(socket.SHUT_RDWR)
    assert not flooding.join()


def test_million_empty_parts_take_no_more_than_a_list(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    flooded = frame(b"", MORE) * MILLION
    with resident_below(32 * MB):
        flooding = flood(raw, flooded)
        while flooding.running:
            victim.exchange()
        assert flooding.join()
        raw.say(frame(b"end"))
        message = victim.next_from_stranger()
    assert len(message) == MILLION + 1
    assert message[-1] == b"end"


def test_endless_message_goes_with_its_peer(make_victim):
    victim = make_victim()
    flooded = frame(b"", MORE) * MILLION
    with resident_below(48 * MB):
        for _ in range(5):
            raw = victim.raw(b"DEALER")
            raw.say(flooded)
            raw.close()
            victim.exchange()
    assert victim.strangers == []


def test_peer_that_sends_a_large_frame_byte_by_byte_is_heard(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    with memory_below(2 * MB):
        raw.say(announced(3000))
        for _ in range(3000):
            raw.say(b"x")
        assert victim.next_from_stranger() == [b"x" * 3000]


def test_peer_that_waits_for_nothing_is_heard(make_victim, endpoint):
    victim = make_victim(endpoint)
    raw = victim.raw()
    raw.say(GREETING + ready(b"DEALER") + frame(b"hasty") + frame(b"again"))
    assert victim.next_from_stranger() == [b"hasty"]
    assert victim.next_from_stranger() == [b"again"]


def test_urgent_data_is_left_out(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    raw.stream.send(b"!", socket.MSG_OOB)
    raw.say(frame(b"message"))
    assert victim.next_from_stranger() == [b"message"]
    idle()


# -- commands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        frame(b"\x05HELLOx", COMMAND),
        frame(b"\x01?", COMMAND),
        frame(b"\xf0" + b"?" * 240, COMMAND),
        announced(300, LONG_COMMAND) + b"\x05HELLO" + bytes(294),
        frame(b"\x09SUBSCRIBEtopic", COMMAND),
        frame(b"\x06CANCELtopic", COMMAND),
        frame(b"\x04PONGwho asked?", COMMAND),
        ready(b"PULL"),
    ],
    ids=["HELLO", "?", "long name", "long", "SUBSCRIBE", "CANCEL", "PONG", "READY"],
)
def test_command_that_is_unknown_here_is_ignored(make_victim, command):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    raw.say(command * 3 + frame(b"message") + command)
    assert victim.next_from_stranger() == [b"message"]
    victim.exchange()
    raw.say(frame(b"another"))
    assert victim.next_from_stranger() == [b"another"]


@pytest.mark.parametrize(
    "said, words",
    [
        (frame(b"", COMMAND), ["command of 0 bytes"]),
        (frame(b"\x00", COMMAND), ["name of 0"]),
        (frame(b"\x05PING", COMMAND), ["name of 5"]),
        (frame(b"\xffPING" + bytes(10), COMMAND), ["name of 255"]),
        (frame(b"\x04PING\x00", COMMAND), ["PING with 1 bytes"]),
        (frame(b"x", b"\x05"), ["frame flags 0x05"]),
        (frame(b"x", b"\x08"), ["frame flags 0x08"]),
        (frame(b"x", b"\x80"), ["frame flags 0x80"]),
        (b"\xff" * 1000, ["frame flags 0xff"]),
        (b"GET / HTTP/1.1\r\n\r\n", ["frame flags 0x47"]),
    ],
)
def test_malformed_traffic_ends_the_connection(make_victim, log, endpoint, said, words):
    victim = make_victim(endpoint)
    raw = victim.raw(b"DEALER")
    raw.say(said)
    raw.ended()
    log.says("ROUTER ", "DISCONNECTED", *words)


def test_malformed_traffic_ends_a_connection_that_nobody_reads(make_victim, log):
    victim = make_victim(rcvhwm=10)
    raw = victim.raw(b"DEALER")
    raw.say(frame(b"x") * 20)
    raw.say(b"\xff" * 10)
    for _ in range(20):
        assert victim.next_from_stranger() == [b"x"]
    raw.ended()
    log.says("ROUTER ", "DISCONNECTED", "frame flags 0xff")


def test_flood_of_unknown_commands_is_dropped(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    flooded = frame(b"\x05HELLOx", COMMAND) * (MILLION // 5)
    with resident_below(16 * MB):
        flooding = flood(raw, flooded)
        while flooding.running:
            victim.exchange()
        assert flooding.join()


# -- PINGs -------------------------------------------------------------------------------------------------


def test_flood_of_pings_from_a_peer_that_never_reads_hoards_nothing(make_victim):
    victim = make_victim(sndbuf=16 * 1024)
    raw = victim.raw(b"DEALER")
    flooded = ping(context=b"0123456789abcdef") * (MILLION // 5)
    with resident_below(16 * MB):
        flooding = flood(raw, flooded)
        while flooding.running:
            victim.exchange()
        assert flooding.join()
        idle()
    raw.stream.settimeout(PATIENCE)
    raw.say(ping(context=b"last"))
    heard = b""
    while not heard.endswith(b"\x04PONGlast"):
        heard += raw.stream.recv(65536)


def test_flood_of_pings_is_answered_to_who_reads(make_victim):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    for number in range(200):
        raw.say(ping(context=b"%03d" % number))
        assert raw.hear(10) == b"\x04\x08\x04PONG%03d" % number
    victim.exchange()


def test_ping_with_a_ttl_is_a_promise(make_victim, log):
    victim = make_victim()
    raw = victim.raw(b"DEALER")
    raw.say(ping(ttl=1))
    raw.ended()
    log.says("ROUTER ", "DISCONNECTED", "its own TTL")


def test_peer_that_stops_in_a_frame_is_found_by_heartbeats(make_victim, log):
    victim = make_victim(heartbeat_ivl=50, heartbeat_timeout=100)
    raw = victim.raw(b"DEALER")
    raw.say(announced(1000) + b"half")
    raw.ended()
    log.says("ROUTER ", "DISCONNECTED", "no sign of life")


def test_heartbeats_to_a_peer_that_talks_and_never_reads_hoard_nothing(make_victim):
    victim = make_victim(heartbeat_ivl=1, heartbeat_timeout=int(PATIENCE * 1000), sndbuf=4096)
    raw = victim.raw(b"DEALER")
    with memory_below(2 * MB):
        deadline = time.monotonic() + 2 * WINDOW
        while time.monotonic() < deadline:
            raw.say(frame(b"", MORE) + frame(b""))
            victim.exchange()


# -- peers that do not read, and such as leave ----------------------------------------------------------------


def test_peer_that_never_reads_costs_no_more_than_the_hwm(make_victim):
    victim = make_victim(sndhwm=100, sndbuf=16 * 1024)
    raw = victim.raw(b"DEALER", prop(b"Identity", b"deaf"))
    raw.say(frame(b"here"))
    assert victim.next_from_stranger() == [b"here"]
    with memory_below(8 * MB):
        for _ in range(5000):
            victim.socket.send_multipart([b"deaf", b"x" * 10_000])
        victim.exchange()
        idle()


def test_peer_that_will_say_no_more_is_let_go(make_victim, log, endpoint):
    victim = make_victim(endpoint)
    raw = victim.raw(b"DEALER")
    raw.say(frame(b"last"))
    raw.stream.shutdown(socket.SHUT_WR)
    raw.ended()
    assert victim.next_from_stranger() == [b"last"]
    log.says("ROUTER ", "DISCONNECTED", "the peer closed the connection")


@pytest.mark.parametrize("leave", [Raw.close, Raw.reset])
def test_peer_that_goes_while_we_write_to_it_is_let_go(make_victim, log, endpoint, leave):
    victim = make_victim(endpoint, sndhwm=0, sndbuf=16 * 1024)
    raw = victim.raw(b"DEALER", prop(b"Identity", b"deaf"))
    raw.say(frame(b"here"))
    assert victim.next_from_stranger() == [b"here"]
    for _ in range(100):
        victim.socket.send_multipart([b"deaf", b"x" * 100_000])
    leave(raw)
    log.says("ROUTER ", "DISCONNECTED")
    idle()


def full(victim, count, *more):
    """Return a raw peer that has sent more than there is room for; what is beyond is not read."""
    raw = victim.raw(b"DEALER", *more)
    raw.say(b"".join(frame(b"%d" % number) for number in range(count)))
    eventually(lambda: paused(victim))
    return raw


def paused(victim):
    return any(pipe.paused for pipe in victim.socket._core.pattern.pipes)


@pytest.mark.parametrize("count", [50, 50_000])
def test_peer_that_leaves_before_its_messages_are_read_is_heard_out(make_victim, log, endpoint, count):
    victim = make_victim(endpoint, rcvhwm=10)
    raw = victim.raw(b"DEALER")
    flooding = flood(raw, b"".join(frame(b"%d" % number) for number in range(count)))
    eventually(lambda: paused(victim))
    if count == 50:
        assert flooding.join()
        raw.close()
        idle()
    assert not log.find("ROUTER ", "DISCONNECTED")
    for number in range(count):
        assert victim.next_from_stranger() == [b"%d" % number]
    assert flooding.join()
    raw.close()
    victim.exchange()
    log.says("ROUTER ", "DISCONNECTED", "the peer closed the connection")


def test_reset_of_a_peer_that_nobody_reads_costs_no_processor_time(make_victim, log, endpoint):
    victim = make_victim(endpoint, rcvhwm=10)
    full(victim, 50).reset()
    idle()
    for number in range(50):  # they came in one piece, before the reset
        assert victim.next_from_stranger() == [b"%d" % number]
    victim.exchange()
    log.says("ROUTER ", "DISCONNECTED")


def test_peer_that_leaves_unread_while_we_write_to_it_is_heard_out(make_victim, log, endpoint):
    victim = make_victim(endpoint, rcvhwm=10, sndhwm=0, sndbuf=16 * 1024)
    raw = full(victim, 50, prop(b"Identity", b"deaf"))
    for _ in range(20):
        victim.socket.send_multipart([b"deaf", b"x" * 100_000])
    raw.close()
    idle()
    for number in range(50):
        assert victim.next_from_stranger() == [b"%d" % number]
    victim.exchange()
    log.says("ROUTER ", "DISCONNECTED")


# -- subscriptions -------------------------------------------------------------------------------------------


def subscription(topic, name=b"SUBSCRIBE"):
    return frame(bytes((len(name),)) + name + topic, COMMAND)


def drained(publisher):
    """Read what an XPUB has to say about subscriptions."""
    while publisher.type == zmq.XPUB and publisher.poll(0):
        publisher.recv()
    return True


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.XPUB], ids=["PUB", "XPUB"])
def test_subscriptions_go_with_the_peer_that_made_them(ctx, log, kind):
    publisher, friend = ctx.socket(kind), ctx.socket(zmq.SUB)
    publisher.bind("tcp://127.0.0.1:*")
    address = publisher.get(zmq.LAST_ENDPOINT).decode()
    friend.rcvtimeo = int(PATIENCE * 1000)
    friend.subscribe(b"friend")
    friend.connect(address)
    while not friend.poll(5):
        publisher.send(b"friend")
    publisher.send(b"friend: end")
    while friend.recv() != b"friend: end":
        pass
    with memory_below(24 * MB):
        raw = Raw.at(address)
        raw.shake_hands(b"SUB")
        for number in range(0, 20_000, 1000):
            raw.say(b"".join(subscription(b"topic %d" % each) for each in range(number, number + 1000)))
            raw.say(subscription(b"never subscribed to", b"CANCEL") * 100)
            publisher.send(b"friend")
            assert friend.recv() == b"friend"
        raw.say(frame(b"\x00") + frame(b"neither") + frame(b""))
        raw.close()
        log.says("DISCONNECTED", "the peer closed the connection")
        eventually(lambda: drained(publisher) and tracemalloc.get_traced_memory()[0] < 2 * MB)
    publisher.send(b"friend")
    assert friend.recv() == b"friend"
