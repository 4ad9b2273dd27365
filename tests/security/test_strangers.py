"""What a stranger gets wrong in a handshake, or behind it, byte by byte: who ends it, and what a monitor is told.

The same scripts run against libzmq, which says what the numbers are. Where it says less, or lets more pass, our rule
has a test of its own, and a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nacl import bindings as nacl

import purezmq

from .stranger import CurveClient, CurveServer, Stranger
from .tools import CLIENT, CLIENT_KEY, SERVER, Ends

UNEXPECTED, SEQUENCE, KEY_EXCHANGE = 0x10000001, 0x10000002, 0x10000003
MALFORMED, M_MESSAGE, M_HELLO, M_INITIATE, M_ERROR, M_READY, M_WELCOME = range(0x10000011, 0x10000018)
METADATA, CRYPTOGRAPHIC = 0x10000018, 0x11000001

# zmq_curve(7), decoded
SERVER_KEYS = (
    bytes.fromhex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652"),
    bytes.fromhex("8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7"),
)
CLIENT_KEYS = (
    CLIENT_KEY,
    bytes.fromhex("7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888"),
)

PUSH = b"\x0bSocket-Type\0\0\0\4PUSH"
PULL = b"\x0bSocket-Type\0\0\0\4PULL"
HELLO = b"\x05HELLO\3joe\6secret"
WELCOME = b"\x07WELCOME"
REFUSAL = b"\x05ERROR\x03400"


def flipped(body: bytes, index: int) -> bytes:
    altered = bytearray(body)
    altered[index] ^= 1
    return bytes(altered)


class Watched:
    """A socket whose handshakes fail, and what its monitor hears of them."""

    def __init__(self, ends: Ends, mechanism: str, side: int, greets: bool = True) -> None:
        if mechanism == "PLAIN" and side == 0:
            ends.handler()
        if mechanism == "NULL":
            self.socket = ends.socket(side, ("PULL", "PUSH")[side])
        else:
            self.socket = ends.pair(mechanism, "PULL-PUSH")[side]
        self._monitor = ends.monitor(side, self.socket)
        if side == 0:
            self.socket.bind("tcp://127.0.0.1:*")
            self.stranger = Stranger.calls(self.socket)
        else:
            self.socket.reconnect_ivl = -1
            self.stranger = Stranger.is_called_by(self.socket)
        if greets:
            self.stranger.greet(mechanism)

    def failure(self) -> tuple[str, int]:
        """Return the first event about a handshake that did not succeed."""
        while (event := self._monitor.failure())[0] == "HANDSHAKE_SUCCEEDED":
            pass
        return event


@pytest.fixture
def watched(one: Ends) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(mechanism: str, side: int, greets: bool = True) -> Watched:
        made.append(Watched(one, mechanism, side, greets))
        return made[-1]

    yield make
    for each in made:
        each.stranger.close()


@pytest.fixture
def ours(our_ends: Ends) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(mechanism: str, side: int) -> Watched:
        made.append(Watched(our_ends, mechanism, side))
        return made[-1]

    yield make
    for each in made:
        each.stranger.close()


def refused(number: int) -> tuple[str, int]:
    return ("HANDSHAKE_FAILED_PROTOCOL", number)


# -- greetings -----------------------------------------------------------------------------------------------

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(SIGNATURE + b"\x03\x01NULL" + bytes(16 + 32) + b"\4\x19\x05READY" + PUSH, id="NULL"),
        pytest.param(
            SIGNATURE + b"\x03\x00NULL" + bytes(16 + 32) + b"\4\x19\x05READY" + PUSH, id="NULL of 3.0"
        ),
        pytest.param(SIGNATURE + b"\x01\x08\0\0", id="ZMTP 2.0"),
        pytest.param(SIGNATURE + b"\x00\x08\0\0", id="ZMTP 1.0 behind a signature"),
        pytest.param(b"\x01\x00\x06\0hello", id="ZMTP 1.0"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("mechanism", ["PLAIN", "CURVE"])
def test_socket_with_a_mechanism_does_without_for_nobody(watched, mechanism, side, greeting):
    one = watched(mechanism, side, greets=False)
    one.stranger.stream.sendall(greeting)
    heard = one.stranger.read_to_end()
    if b"READY" in greeting or isinstance(one.socket, purezmq.Socket):
        assert one.failure()[0] == "HANDSHAKE_FAILED_PROTOCOL"  # libzmq says nothing of an older peer
    for telling in (b"READY", b"Socket-Type", b"joe", b"secret"):
        assert telling not in heard


# -- NULL ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", refused(UNEXPECTED), id="no command"),
        pytest.param(b"\x05READ", refused(UNEXPECTED), id="name cut"),
        pytest.param(b"\x05READX" + PUSH, refused(UNEXPECTED), id="other name"),
        pytest.param(HELLO, refused(UNEXPECTED), id="HELLO"),
        pytest.param(REFUSAL, ("HANDSHAKE_FAILED_AUTH", 400), id="ERROR"),
        pytest.param(b"\x05ERROR", refused(M_ERROR), id="ERROR without reason"),
        pytest.param(b"\x05ERROR\x04400", refused(M_ERROR), id="ERROR cut"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_null_is_ready_or_nothing(watched, side, body, expected):
    one = watched("NULL", side)
    one.stranger.send(body)
    assert one.stranger.is_hung_up()
    assert one.failure() == expected


@pytest.mark.parametrize("cut", [1, 4, 9, len(PUSH) - 1])
def test_broken_metadata_is_told_by_us(ours, cut):
    # libzmq tells its monitors nothing, in this role and that of other servers.
    one = ours("NULL", 0)
    one.stranger.send(b"\x05READY" + PUSH[:-cut])
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(METADATA)


# -- PLAIN ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "number"),
    [
        pytest.param(b"", MALFORMED, id="no command"),
        pytest.param(b"\x05HELL", MALFORMED, id="name cut"),
        pytest.param(b"\x05HELLX\3joe\6secret", UNEXPECTED, id="other name"),
        pytest.param(b"\x08INITIATE" + PUSH, UNEXPECTED, id="INITIATE"),
        pytest.param(REFUSAL, UNEXPECTED, id="ERROR"),
        *[pytest.param(HELLO[:size], M_HELLO, id=f"{size} bytes") for size in range(6, len(HELLO))],
        pytest.param(HELLO + b"x", M_HELLO, id="a byte too many"),
    ],
)
def test_plain_server_takes_nothing_but_hello(watched, body, number):
    one = watched("PLAIN", 0)
    one.stranger.send(body)
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


@pytest.mark.parametrize(
    "body", [HELLO, b"\x08INITIATX" + PUSH, b"\x05READY" + PUSH, REFUSAL], ids=lambda body: repr(body[:9])
)
def test_plain_server_takes_nothing_but_initiate_after_hello(watched, body):
    one = watched("PLAIN", 0)
    one.stranger.send(HELLO)
    assert one.stranger.read() == WELCOME
    one.stranger.send(body)
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(UNEXPECTED)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", refused(UNEXPECTED), id="no command"),
        pytest.param(WELCOME[:-1], refused(UNEXPECTED), id="name cut"),
        pytest.param(b"\x07WELCOMX", refused(UNEXPECTED), id="other name"),
        pytest.param(b"\x05READY" + PULL, refused(UNEXPECTED), id="READY"),
        pytest.param(HELLO, refused(UNEXPECTED), id="HELLO"),
        pytest.param(WELCOME + b"x", refused(M_WELCOME), id="a byte too many"),
        pytest.param(b"^RROR\x03400", ("HANDSHAKE_FAILED_AUTH", 400), id="ERROR"),  # as libzmq spells it
        pytest.param(b"^RROR\x03300", ("HANDSHAKE_FAILED_AUTH", 300), id="ERROR 300"),
        pytest.param(b"^RROR\x04400", refused(M_ERROR), id="ERROR cut"),
        pytest.param(b"^RROR", refused(M_ERROR), id="ERROR without reason"),
    ],
)
def test_plain_client_takes_nothing_but_welcome(watched, body, expected):
    one = watched("PLAIN", 1)
    assert one.stranger.read()[:6] == b"\x05HELLO"
    one.stranger.send(body)
    assert one.stranger.is_hung_up()
    assert one.failure() == expected


@pytest.mark.parametrize(
    ("body", "number"),
    [
        pytest.param(WELCOME, UNEXPECTED, id="WELCOME again"),
        pytest.param(b"\x05READX" + PULL, UNEXPECTED, id="other name"),
        pytest.param(b"\x05READY" + PULL[:-1], METADATA, id="cut"),
        pytest.param(b"\x05READY" + PULL + b"x", METADATA, id="a byte too many"),
        pytest.param(b"\x05READY\x0bSocket-Type\0\0\0\3REP", METADATA, id="type that does not fit"),
    ],
)
def test_plain_client_takes_nothing_but_ready_after_welcome(watched, body, number):
    one = watched("PLAIN", 1)
    one.stranger.read()
    one.stranger.send(WELCOME)
    assert one.stranger.read()[:9] == b"\x08INITIATE"
    one.stranger.send(body)
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


# -- CURVE, we serve -----------------------------------------------------------------------------------------

Say = Callable[[CurveClient], bytes]


def param(name: str, number: int, say: Callable[[Any], bytes]) -> Any:
    return pytest.param(say, number, id=name)


@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("no command", MALFORMED, lambda it: b""),
        param("name cut", MALFORMED, lambda it: b"\x05HELL"),
        param("name only", M_HELLO, lambda it: b"\x05HELLO"),
        param("other name", UNEXPECTED, lambda it: b"\x05HELLX" + it.hello()[6:]),
        param("a byte too few", M_HELLO, lambda it: it.hello()[:-1]),
        param("a byte too many", M_HELLO, lambda it: it.hello() + b"\0"),
        param("major version", M_HELLO, lambda it: it.hello(version=b"\2\0")),
        param("minor version", M_HELLO, lambda it: it.hello(version=b"\1\1")),
        param("client key", CRYPTOGRAPHIC, lambda it: flipped(it.hello(), 90)),
        param("client key of low order", CRYPTOGRAPHIC, lambda it: it.hello(short=bytes(32))),
        param("number", CRYPTOGRAPHIC, lambda it: flipped(it.hello(), 115)),
        param("box", CRYPTOGRAPHIC, lambda it: flipped(it.hello(), 150)),
        param("INITIATE", UNEXPECTED, lambda it: b"\x08INITIATE" + bytes(300)),
        param("ERROR", UNEXPECTED, lambda it: REFUSAL),
    ],
)
def test_curve_server_takes_nothing_but_hello(watched, say: Say, number):
    one = watched("CURVE", 0)
    one.stranger.send(say(CurveClient(SERVER_KEYS[0], CLIENT_KEYS)))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


OTHER = nacl.crypto_box_keypair()


@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("HELLO again", UNEXPECTED, lambda it: it.hello()),
        param("other name", UNEXPECTED, lambda it: b"\x08INITIATX" + it.initiate()[9:]),
        param("too small", M_INITIATE, lambda it: it.initiate()[:256]),
        param("a byte too few", CRYPTOGRAPHIC, lambda it: it.initiate()[:-1]),
        param("a byte too many", CRYPTOGRAPHIC, lambda it: it.initiate() + b"\0"),
        param("cookie", CRYPTOGRAPHIC, lambda it: flipped(it.initiate(), 40)),
        param("cookie's nonce", CRYPTOGRAPHIC, lambda it: flipped(it.initiate(), 10)),
        param("number", CRYPTOGRAPHIC, lambda it: flipped(it.initiate(), 108)),
        param("box", CRYPTOGRAPHIC, lambda it: flipped(it.initiate(), 150)),
        param("vouch of another", CRYPTOGRAPHIC, lambda it: it.initiate(vouch_secret=OTHER[1])),
        param("key of another", CRYPTOGRAPHIC, lambda it: it.initiate(public=OTHER[0])),
        param("vouch for another", KEY_EXCHANGE, lambda it: it.initiate(vouched=OTHER[0])),
    ],
)
def test_curve_server_takes_nothing_but_initiate_after_hello(watched, say: Say, number):
    one = watched("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    one.stranger.send(say(it))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


# libzmq lets them in, or says nothing.
@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("vouch for another server", KEY_EXCHANGE, lambda it: it.initiate(server_key=OTHER[0])),
        param("number 0", SEQUENCE, lambda it: it.initiate(value=0)),
        param("metadata cut", METADATA, lambda it: it.initiate(metadata=PUSH[:-1])),
    ],
)
def test_our_curve_server_is_stricter(ours, say: Say, number):
    one = ours("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    one.stranger.send(say(it))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


@pytest.mark.parametrize(
    "wrong", [{"padding": bytes(71) + b"\1"}, {"signature": b"\1" + bytes(63)}], ids=["padding", "signature"]
)
def test_our_curve_server_wants_the_zeros_of_hello(ours, wrong):
    one = ours("CURVE", 0)
    one.stranger.send(CurveClient(SERVER_KEYS[0], CLIENT_KEYS).hello(**wrong))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(M_HELLO)


def test_welcome_counts_on_its_own_connection_only(watched):
    one = watched("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    with_cookie = it.initiate()
    again = Stranger.calls(one.socket)
    again.greet("CURVE")
    again.send(it.hello())
    again.read()
    again.send(with_cookie)
    assert again.is_hung_up()
    again.close()
    assert one.failure() == refused(CRYPTOGRAPHIC)


def welcomed(stranger: Stranger, it: CurveClient) -> None:
    stranger.send(it.hello())
    it.take_welcome(stranger.read())


# -- CURVE, we call ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("no command", UNEXPECTED, lambda it: b""),
        param("name only", CRYPTOGRAPHIC, lambda it: WELCOME),
        param("other name", UNEXPECTED, lambda it: b"\x07WELCOMX" + it.welcome()[8:]),
        param("HELLO", UNEXPECTED, lambda it: b"\x05HELLO" + bytes(194)),
        param("a byte too few", CRYPTOGRAPHIC, lambda it: it.welcome()[:-1]),
        param("a byte too many", CRYPTOGRAPHIC, lambda it: it.welcome() + b"\0"),
        param("more in the box", CRYPTOGRAPHIC, lambda it: it.welcome(more=b"\0")),
        param("nonce", CRYPTOGRAPHIC, lambda it: flipped(it.welcome(), 10)),
        param("box", CRYPTOGRAPHIC, lambda it: flipped(it.welcome(), 100)),
        param("of another server", CRYPTOGRAPHIC, lambda it: it.welcome(secret=OTHER[1])),
        param("ERROR cut", M_ERROR, lambda it: b"\x05ERROR\x04400"),
        param("ERROR without reason", M_ERROR, lambda it: b"\x05ERROR"),
    ],
)
def test_curve_client_takes_nothing_but_welcome(watched, say, number):
    one = watched("CURVE", 1)
    it = CurveServer(SERVER_KEYS)
    it.take_hello(one.stranger.read())
    one.stranger.send(say(it))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


def test_server_key_of_low_order_is_refused(ours):
    one = ours("CURVE", 1)  # libzmq aborts the process
    it = CurveServer(SERVER_KEYS)
    it.take_hello(one.stranger.read())
    one.stranger.send(it.welcome(short=bytes(32)))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(CRYPTOGRAPHIC)


@pytest.mark.parametrize("status", [300, 400, 500])
@pytest.mark.parametrize("initiated", [False, True])
def test_curve_client_hears_that_it_is_refused(watched, initiated, status):
    one = watched("CURVE", 1)
    it = CurveServer(SERVER_KEYS)
    it.take_hello(one.stranger.read())
    if initiated:
        one.stranger.send(it.welcome())
        one.stranger.read()
    one.stranger.send(b"\x05ERROR\x03%d" % status)
    assert one.stranger.is_hung_up()
    assert one.failure() == ("HANDSHAKE_FAILED_AUTH", status)


@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("other name", UNEXPECTED, lambda it: b"\x05READX" + it.ready()[6:]),
        param("too small", M_READY, lambda it: it.ready()[:29]),
        param("a byte too few", CRYPTOGRAPHIC, lambda it: it.ready()[:-1]),
        param("a byte too many", CRYPTOGRAPHIC, lambda it: it.ready() + b"\0"),
        param("number", CRYPTOGRAPHIC, lambda it: flipped(it.ready(), 10)),
        param("box", CRYPTOGRAPHIC, lambda it: flipped(it.ready(), 20)),
        param("of another server", CRYPTOGRAPHIC, lambda it: it.ready(secret=OTHER[1])),
        param("metadata cut", METADATA, lambda it: it.ready(metadata=PULL[:-1])),
        param("type", METADATA, lambda it: it.ready(metadata=b"\x0bSocket-Type\0\0\0\3REP")),
    ],
)
def test_curve_client_takes_nothing_but_ready_after_welcome(watched, say, number):
    one = watched("CURVE", 1)
    it = welcoming(one.stranger)
    one.stranger.send(say(it))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


# libzmq ignores the first, and lets the other in.
@pytest.mark.parametrize(
    ("say", "number"),
    [
        param("WELCOME again", UNEXPECTED, lambda it: it.welcome()),
        param("number 0", SEQUENCE, lambda it: it.ready(value=0)),
    ],
)
def test_our_curve_client_is_stricter(ours, say, number):
    one = ours("CURVE", 1)
    it = welcoming(one.stranger)
    one.stranger.send(say(it))
    assert one.stranger.is_hung_up()
    assert one.failure() == refused(number)


def welcoming(stranger: Stranger) -> CurveServer:
    it = CurveServer(SERVER_KEYS)
    it.take_hello(stranger.read())
    stranger.send(it.welcome())
    assert stranger.read()[:9] == b"\x08INITIATE"
    return it


# -- CURVE, traffic ------------------------------------------------------------------------------------------

TRAFFIC = [
    param("the number of the handshake", SEQUENCE, lambda it: it.message(1, b"x")),
    param("a replay", SEQUENCE, lambda it: it.message(5, b"x")),
    param("an earlier number", SEQUENCE, lambda it: it.message(4, b"x")),
    param("number 0", SEQUENCE, lambda it: it.message(0, b"x")),
    param("altered", CRYPTOGRAPHIC, lambda it: flipped(it.message(6, b"x"), 20)),
    param("altered number", CRYPTOGRAPHIC, lambda it: flipped(it.message(6, b"x"), 15)),
    param("cut", CRYPTOGRAPHIC, lambda it: it.message(6, b"xx")[:-1]),
    param("too small", M_MESSAGE, lambda it: it.message(6, b"")[:32]),
    param("other name", UNEXPECTED, lambda it: b"\x07MESSAGX" + it.message(6, b"x")[8:]),
    param("no command", MALFORMED, lambda it: b"hello"),
    param("nothing", MALFORMED, lambda it: b""),
]


@pytest.mark.parametrize(("say", "number"), TRAFFIC)
def test_message_that_is_wrong_ends_the_connection_with_a_client(watched, say: Say, number):
    one = watched("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    one.stranger.send(it.initiate())
    assert one.stranger.read()[:6] == b"\x05READY"
    one.stranger.send(it.message(5, b"first"), say(it), flags=0)
    assert one.socket.recv() == b"first"
    assert one.failure() == refused(number)


@pytest.mark.parametrize(("say", "number"), TRAFFIC)
def test_message_that_is_wrong_ends_the_connection_with_a_server(our_ends, say, number):
    # A PUSH of libzmq's notices the first message, which it did not expect either.
    client = our_ends.pair("CURVE", "DEALER-DEALER")[1]
    client.reconnect_ivl = -1
    monitor = our_ends.monitor(1, client)
    stranger = Stranger.is_called_by(client)
    stranger.greet("CURVE")
    it = welcoming(stranger)
    stranger.send(it.ready(metadata=b"\x0bSocket-Type\0\0\0\6DEALER"))
    stranger.send(it.message(5, b"first"), say(it), flags=0)
    assert client.recv() == b"first"
    assert monitor.failure() == ("HANDSHAKE_SUCCEEDED", 0)
    assert monitor.failure() == refused(number)
    assert stranger.is_hung_up()
    stranger.close()


@pytest.mark.parametrize("prefix", [b"CurveZMQMESSAGES", b"CurveZMQREADY---"])
def test_message_of_the_other_direction_is_refused(watched, prefix):
    one = watched("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    one.stranger.send(it.initiate())
    one.stranger.read()
    one.stranger.send(it.message(5, b"x", prefix=prefix), flags=0)
    assert one.failure() == refused(CRYPTOGRAPHIC)
    assert not one.socket.poll(0)


def test_highest_number_is_the_last(watched):
    one = watched("CURVE", 0)
    welcomed(one.stranger, it := CurveClient(SERVER_KEYS[0], CLIENT_KEYS))
    one.stranger.send(it.initiate())
    one.stranger.read()
    one.stranger.send(it.message(2**64 - 1, b"last"), flags=0)
    assert one.socket.recv() == b"last"
    one.stranger.send(it.message(0, b"around"), flags=0)
    assert one.failure() == refused(SEQUENCE)


def test_others_go_on_when_one_is_refused(one: Ends):
    server, client = one.pair("CURVE")
    server.bind("tcp://127.0.0.1:*")
    client.connect(server.last_endpoint.decode())
    for turn in range(3):
        stranger = Stranger.calls(server)
        stranger.greet("CURVE")
        stranger.send(b"\x05HELLO" + bytes(194))
        assert stranger.is_hung_up()
        stranger.close()
        client.send(b"%d" % turn)
        assert server.recv() == b"%d" % turn
        server.send(b"")
        client.recv()


def test_keys_are_those_of_the_manual_page():
    assert tuple(map(_z85, SERVER_KEYS)) == SERVER
    assert tuple(map(_z85, CLIENT_KEYS)) == CLIENT


def _z85(key: bytes) -> bytes:
    import zmq.utils.z85

    encoded: bytes = zmq.utils.z85.encode(key)
    return encoded
