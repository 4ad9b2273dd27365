"""Whoever comes to a bound socket and is no peer: the connection ends, the log says why, nobody else notices."""

import random

import pytest

import purezmq as zmq
from tests.faults.tools import (
    COMMAND,
    GREETING,
    LONG_COMMAND,
    SIGNATURE,
    WINDOW,
    Background,
    Raw,
    announced,
    eventually,
    frame,
    idle,
    memory_below,
    prop,
    ready,
)

HTTP = b"GET / HTTP/1.1\r\nHost: localhost:5555\r\nAccept: */*\r\n\r\n"
TLS = bytes.fromhex("16030100c8010000c40303") + random.Random(1).randbytes(194)
RANDOM = b"\x9c" + random.Random(2).randbytes(20_000)


def greeting(mechanism):
    return SIGNATURE + b"\x03\x01" + mechanism.ljust(20, b"\0") + bytes(32)


# name: what is said, and what the log says about it
NONSENSE = {
    "http": (HTTP, ["not a ZMTP", "GET / HTTP"]),
    "tls": (TLS, ["not a ZMTP"]),
    "ssh": (b"SSH-2.0-OpenSSH_9.6\r\n", ["not a ZMTP", "SSH-2.0"]),
    "random": (RANDOM, ["not a ZMTP"]),
    "a million zeros": (bytes(10**6), ["HANDSHAKE_FAILED"]),
    "a million 255": (b"\xff" * 10**6, ["mechanism"]),
    "signature and random": (SIGNATURE + b"\x03" + RANDOM, ["mechanism"]),
    "other mechanism": (greeting(b"PLAIN"), ["'PLAIN'", "'NULL'"]),
    "mechanism of 20 letters": (greeting(b"ABCDEFGHIJKLMNOPQRST"), ["ABCDEFGHIJKLMNOPQRST"]),
    "mechanism in lower case": (greeting(b"null"), ["'null'"]),
    "message for READY": (GREETING + frame(b"hello"), ["message of 5 bytes before the end of the handshake"]),
    "unknown command for READY": (GREETING + frame(b"\x05HELLOx", COMMAND), ["HELLO", "instead of READY"]),
    "command without a name": (GREETING + frame(b"\x00", COMMAND), ["command of 1 bytes", "name of 0"]),
    "command of no bytes": (GREETING + frame(b"", COMMAND), ["command of 0 bytes"]),
    "name beyond the command": (GREETING + frame(b"\x20READY", COMMAND), ["name of 32"]),
    "reserved flags": (GREETING + b"\xf8\x00", ["frame flags 0xf8"]),
    "command with MORE": (GREETING + b"\x05\x05\x04PING", ["frame flags 0x05"]),
    "command of 2^62 bytes": (GREETING + announced(2**62, LONG_COMMAND), [f"frame of {2**62} bytes"]),
    "message of 2^62 bytes": (GREETING + announced(2**62), ["HANDSHAKE_FAILED"]),
    "READY cut short": (GREETING + frame(b"\x05READY\x0bSocket", COMMAND), ["property at 0"]),
    "value beyond READY": (
        GREETING + frame(b"\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER", COMMAND),
        ["property at 0", "beyond"],
    ),
    "READY without a type": (
        GREETING + frame(b"\x05READY" + prop(b"Identity", b"me"), COMMAND),
        ["socket of no type"],
    ),
    "type that does not exist": (GREETING + ready(b"DOOR"), ["DOOR", "possible are"]),
    "type in lower case": (GREETING + ready(b"dealer"), ["dealer"]),
    "incompatible type": (GREETING + ready(b"PULL"), ["the peer is a PULL", "DEALER, REQ, ROUTER"]),
    "routing id of 256 bytes": (
        GREETING + ready(b"DEALER", prop(b"Identity", b"i" * 256)),
        ["routing id of 256 bytes"],
    ),
    "refusal": (GREETING + frame(b"\x05ERROR\x03400", COMMAND), ["refused us", "400"]),
    "malformed refusal": (GREETING + frame(b"\x05ERROR\x09400", COMMAND), ["ERROR with 4 bytes"]),
}
nonsense = pytest.mark.parametrize("said, words", NONSENSE.values(), ids=list(NONSENSE))


@nonsense
def test_stranger_is_sent_away(make_victim, log, endpoint, said, words):
    victim = make_victim(endpoint)
    raw = victim.raw()
    raw.say(said)
    raw.ended()
    log.says("HANDSHAKE_FAILED", *words)


@nonsense
def test_stranger_who_speaks_byte_by_byte_is_sent_away(make_victim, log, said, words):
    victim = make_victim()
    raw = victim.raw()
    for position in range(min(len(said), 300)):
        raw.say(said[position : position + 1])
    raw.say(said[300:])
    raw.ended()
    log.says(
        "HANDSHAKE_FAILED", words[0]
    )  # it is sent away as soon as it is known: what it would have said is not


def test_strangers_at_a_socket_whose_caller_waits(make_victim):
    victim = make_victim()

    def come():
        for said, _ in NONSENSE.values():
            raw = Raw.at(victim.address)
            raw.say(said)
            raw.ended()
            raw.close()

    strangers = Background(come)
    while strangers.running:
        victim.exchange()
    strangers.join()


# type of the victim: type of its friend, and whether the friend sends
FRIENDS = {
    zmq.PULL: (zmq.PUSH, True),
    zmq.PUSH: (zmq.PULL, False),
    zmq.REP: (zmq.REQ, True),
    zmq.REQ: (zmq.REP, False),
    zmq.DEALER: (zmq.DEALER, True),
    zmq.ROUTER: (zmq.DEALER, True),
    zmq.PAIR: (zmq.PAIR, True),
    zmq.PUB: (zmq.SUB, False),
    zmq.XPUB: (zmq.SUB, False),
    zmq.SUB: (zmq.PUB, True),
    zmq.XSUB: (zmq.PUB, True),
}


@pytest.mark.parametrize("kind", FRIENDS, ids=lambda kind: kind.name)
def test_every_type_of_socket_survives_strangers(ctx, log, kind):
    bound = ctx.socket(kind)
    bound.bind("tcp://127.0.0.1:*")
    address = bound.get(zmq.LAST_ENDPOINT).decode()
    for said in (HTTP, TLS, RANDOM, GREETING + ready(b"DOOR"), GREETING + frame(b"early")):
        raw = Raw.at(address)
        raw.say(said)
        raw.ended()
        raw.close()
    eventually(lambda: len(log.find("HANDSHAKE_FAILED")) == 5)
    friend_kind, friend_sends = FRIENDS[kind]
    friend = ctx.socket(friend_kind)
    sender, receiver = (friend, bound) if friend_sends else (bound, friend)
    if receiver.type in (zmq.SUB, zmq.XSUB):
        receiver.subscribe(b"") if receiver.type == zmq.SUB else receiver.send(b"\x01")
    friend.connect(address)
    sender.send(b"fine")  # a publisher's may come too early
    while not receiver.poll(20):
        if sender.type in (zmq.PUB, zmq.XPUB):
            sender.send(b"fine")
    assert receiver.recv_multipart()[-1] == b"fine"


# -- those who do not finish -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        b"",
        GREETING[:1],
        GREETING[:10],
        GREETING[:11],
        GREETING[:33],
        GREETING,
        GREETING + ready(b"DEALER")[:-3],
    ],
    ids=["nothing", "1 byte", "signature", "major", "half", "greeting", "half READY"],
)
def test_silence_in_the_handshake_ends_after_handshake_ivl(make_victim, log, endpoint, said):
    victim = make_victim(endpoint, handshake_ivl=50)
    raw = victim.raw()
    raw.say(said)
    raw.ended()
    log.says("HANDSHAKE_FAILED", "HANDSHAKE_IVL", "50 ms")


def test_silent_stranger_costs_no_processor_time(make_victim):
    victim = make_victim(handshake_ivl=0)
    raw = victim.raw()
    raw.say(GREETING[:20])
    assert not raw.closed_within(WINDOW)
    idle()


def test_slow_loris_does_not_prolong_the_handshake(make_victim, log):
    victim = make_victim(handshake_ivl=100)
    raw = victim.raw()
    endless = GREETING + ready(b"DEALER", prop(b"X-Padding", bytes(60_000)))
    with memory_below(4 * 2**20):
        for position in range(len(endless)):
            raw.say(endless[position : position + 1])
            if raw.closed_within(0.001):
                break
            if position % 16 == 0:
                victim.exchange()
    assert position < len(endless) - 1
    log.says("HANDSHAKE_FAILED", "HANDSHAKE_IVL")


@pytest.mark.parametrize("said", [b"", GREETING[:20], GREETING, GREETING + ready(b"DEALER")])
@pytest.mark.parametrize("leave", [Raw.close, Raw.reset])
def test_peer_that_connects_and_goes_is_let_go(make_victim, log, said, leave):
    victim = make_victim()
    for _ in range(20):
        raw = victim.raw()
        raw.say(said)
        leave(raw)
    victim.exchange()
    gone = "DISCONNECTED" if said.endswith(b"DEALER") else "HANDSHAKE_FAILED"
    if leave is Raw.close:
        eventually(lambda: len(log.find("ROUTER ", gone)) == 20)
    else:  # a reset may be faster than what was said before it
        eventually(lambda: len(log.find("ROUTER ", "DISCONNECTED") + log.find("HANDSHAKE_FAILED")) == 20)
    idle()


def test_pair_is_not_taken_by_a_stranger(ctx, log):
    bound, friend = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    bound.bind("tcp://127.0.0.1:*")
    address = bound.get(zmq.LAST_ENDPOINT).decode()
    raw = Raw.at(address)
    raw.say(GREETING)
    friend.connect(address)
    friend.send(b"hello")
    assert bound.recv() == b"hello"
    raw.say(ready(b"PAIR"))  # too late
    raw.ended()
    bound.send(b"still here")
    assert friend.recv() == b"still here"
    raw.close()
