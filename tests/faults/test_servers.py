"""Servers that misbehave towards a connecting socket of ours: given up, or tried again in good time."""

import logging
import threading
import time

import pytest
import zmq as libzmq

import purezmq
import purezmq as zmq
from tests.faults.tools import (
    COMMAND,
    GREETING,
    MORE,
    PATIENCE,
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

IVL = 20  # ms: RECONNECT_IVL; a wait is up to twice as long
MS = int(PATIENCE * 1000)

BREACHES = {
    "http": (b"HTTP/1.1 400 Bad Request\r\n\r\n", ["not a ZMTP", "HTTP/1.1"]),
    "other mechanism": (SIGNATURE + b"\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32), ["'CURVE'"]),
    "no READY": (GREETING + frame(b"hello"), ["before the end of the handshake"]),
    "unknown command": (GREETING + frame(b"\x05HELLOx", COMMAND), ["instead of READY"]),
    "malformed READY": (GREETING + frame(b"\x05READY\x0bSocket", COMMAND), ["property at 0"]),
    "refusal": (GREETING + frame(b"\x05ERROR\x03400", COMMAND), ["refused us"]),
    "incompatible type": (GREETING + ready(b"PULL"), ["the peer is a PULL"]),
    "frame flags": (GREETING + ready(b"ROUTER") + b"\xff" * 20, ["frame flags"]),
    "large frame": (GREETING + ready(b"ROUTER") + announced(2**62), ["frame of", "limit of 1000"]),
}


def connected(context, *addresses, kind=zmq.DEALER, module=purezmq, **options):
    """Return a socket that connects to these addresses and never waits for ever."""
    made = context.socket(kind)
    settings = {"linger": 0, "rcvtimeo": MS, "sndtimeo": MS, "reconnect_ivl": IVL, "maxmsgsize": 1000}
    for name, value in (settings | options).items():
        made.set(getattr(module, name.upper()), value)
    for address in addresses:
        made.connect(address)
    return made


@pytest.fixture
def connect(ctx):
    """A maker of connected sockets."""
    kept = []  # a socket that nobody holds is closed

    def make(*addresses, **how):
        kept.append(connected(ctx, *addresses, **how))
        return kept[-1]

    return make


@pytest.fixture
def good(ctx):
    """A ROUTER of ours, as the peer that notices nothing."""
    router = ctx.socket(zmq.ROUTER)
    router.rcvtimeo = MS
    router.bind("tcp://127.0.0.1:*")
    return router


def address_of(bound):
    return bound.get(zmq.LAST_ENDPOINT).decode()


def exchange(client, server, text):
    """Let the server speak to the client, whose name is b"client"."""
    server.router_mandatory = 1

    def reached():
        try:
            server.send_multipart([b"client", text])
        except zmq.ZMQError:  # not connected yet
            return False
        return True

    eventually(reached)
    assert client.recv() == text


# -- those who break the protocol ----------------------------------------------------------------------------


@pytest.mark.parametrize("said, words", BREACHES.values(), ids=list(BREACHES))
def test_server_that_breaks_the_protocol_is_given_up(connect, log, good, make_server, said, words):
    server = make_server()
    client = connect(address_of(good), server.address, routing_id=b"client")
    exchange(client, good, b"before")
    peer = server.accept()
    peer.say(said)
    peer.ended()
    log.says("DEALER ", server.address, "DISCONNECTED", *words)
    assert server.accepted_within(WINDOW) == 0
    assert not log.find(server.address, "CONNECT_RETRIED")
    exchange(client, good, b"after")
    idle()


@pytest.mark.parametrize("breach", ["other mechanism", "malformed READY", "incompatible type"])
@pytest.mark.parametrize("module", [libzmq, purezmq], ids=["theirs", "ours"])
def test_giving_up_is_what_libzmq_does(make_server, module, breach):
    server = make_server()
    with module.Context() as context, connected(context, server.address, module=module):
        peer = server.accept()
        peer.say(BREACHES[breach][0])
        peer.ended()
        assert server.accepted_within(WINDOW) == 0


def test_server_that_was_given_up_may_be_connected_to_again(connect, log, make_server):
    server = make_server()
    client = connect(server.address)
    server.accept().say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    log.says("DISCONNECTED", "not a ZMTP")
    client.connect(server.address)
    client.send(b"hello")
    peer = server.accept(b"ROUTER")
    assert peer.hear(7) == frame(b"hello")


def test_messages_for_a_server_that_is_given_up_go_to_the_others(connect, log, good, make_server):
    server = make_server()
    client = connect(server.address, routing_id=b"client")
    server.accept().say(GREETING + ready(b"PULL"))
    log.says("DISCONNECTED", "the peer is a PULL")
    client.connect(address_of(good))
    for number in range(10):
        client.send(b"%d" % number)
        assert good.recv_multipart() == [b"client", b"%d" % number]


@pytest.mark.parametrize("reply", [frame(b"x"), frame(b"x", MORE) + frame(b"y"), frame(b"")])
@pytest.mark.parametrize("module", [libzmq, purezmq], ids=["theirs", "ours"])
def test_req_gives_up_a_server_whose_replies_have_no_envelope(make_server, module, reply):
    server = make_server()
    with (
        module.Context() as context,
        connected(context, server.address, kind=zmq.REQ, module=module) as client,
    ):
        client.send(b"question")
        peer = server.accept()
        peer.shake_hands(b"REP")
        assert peer.hear(12) == frame(b"", MORE) + frame(b"question")
        peer.say(reply)
        peer.ended()
        assert server.accepted_within(WINDOW) == 0


def test_req_says_why_it_gives_a_server_up(connect, log, make_server):
    server = make_server()
    client = connect(server.address, kind=zmq.REQ)
    client.send(b"question")
    peer = server.accept(b"REP")
    peer.say(frame(b"", MORE) + frame(b"answer") + frame(b"what?"))
    log.says("REQ ", "DISCONNECTED", "envelope")
    assert client.recv() == b"answer"


# -- those who come and go -----------------------------------------------------------------------------------


def paced(server, log, leave, said=b"", window=0.25):
    """Check that who is left at once comes back again and again, but not more often than RECONNECT_IVL."""
    deadline = time.monotonic() + window
    count = 0
    while time.monotonic() < deadline:
        peer = server.accept()
        peer.say(said)
        leave(peer)
        count += 1
    assert 2 <= count <= window * 1000 / IVL + 2
    log.says("CONNECT_RETRIED", " ms")


@pytest.mark.parametrize("leave", [Raw.close, Raw.reset])
@pytest.mark.parametrize(
    "said", [b"", GREETING[:20], GREETING, GREETING + ready(b"ROUTER")], ids=["", "half", "greeting", "READY"]
)
def test_server_that_leaves_at_once_is_tried_again_in_good_time(connect, log, make_server, said, leave):
    server = make_server()
    client = connect(server.address, immediate=1)
    begun = time.process_time()
    paced(server, log, leave, said)
    assert time.process_time() - begun < 0.2
    assert not client.poll(0)


def test_server_that_leaves_is_tried_less_and_less_often(connect, log, make_server):
    server = make_server()
    connect(server.address, reconnect_ivl=10, reconnect_ivl_max=10_000)
    for _ in range(5):
        server.accept().close()
    eventually(lambda: len(log.find("CONNECT_RETRIED")) >= 5)
    waits = [int(text.split()[-2]) for text in log.find("CONNECT_RETRIED")]
    assert waits[:5] == [10, 20, 40, 80, 160]


def test_caller_who_waits_does_not_spin_while_servers_leave(connect, log, make_server):
    server = make_server()
    client = connect(server.address)
    leaving = Background(paced, server, log, Raw.close)
    begun = time.process_time()
    assert not client.poll(300)
    assert time.process_time() - begun < 0.15
    leaving.join()


def test_nobody_who_listens_is_tried_again_in_good_time(connect, log, make_server):
    server = make_server()
    server.close()
    client = connect(server.address)
    log.says("CLOSED", "ECONNREFUSED")
    begun = len(log.find("CONNECT_RETRIED"))
    idle()
    assert not client.poll(int(WINDOW * 1000))
    assert len(log.find("CONNECT_RETRIED")) - begun <= 60 * WINDOW * 1000 / IVL


@pytest.mark.parametrize("said", [b"", GREETING[:20], GREETING], ids=["nothing", "half", "greeting"])
def test_silent_server_is_left_after_handshake_ivl_and_tried_again(connect, log, make_server, said):
    server = make_server()
    client = connect(server.address, handshake_ivl=50)
    client.send(b"patience")
    for _ in range(2):
        peer = server.accept()
        peer.say(said)
        peer.ended()
    log.says("DISCONNECTED", "HANDSHAKE_IVL")
    assert server.accept(b"ROUTER").hear(10) == frame(b"patience")


@pytest.mark.parametrize("module", [libzmq, purezmq], ids=["theirs", "ours"])
@pytest.mark.parametrize(
    "wrong, words",
    [
        ("curve_serverkey", "after our HELLO: is CURVE_SERVERKEY its public key?"),
        ("curve_publickey", "after our INITIATE: do CURVE_PUBLICKEY and CURVE_SECRETKEY belong together"),
    ],
)
def test_server_that_leaves_for_a_wrong_key_lets_us_name_it(connect, log, module, wrong, words):
    (serverkey, server_secret), (public, secret), (other, _) = (libzmq.curve_keypair() for _ in range(3))
    keys = {"curve_serverkey": serverkey, "curve_publickey": public, "curve_secretkey": secret, wrong: other}
    with module.Context() as context, context.socket(module.ROUTER) as server:
        server.linger = 0
        server.curve_server = True
        server.curve_secretkey = server_secret
        server.bind("tcp://127.0.0.1:*")
        connect(address_of(server), **keys)
        log.says("DEALER ", "DISCONNECTED", "the peer closed the connection " + words)


def test_server_that_stops_talking_is_left_and_tried_again(connect, log, make_server):
    server = make_server()
    connect(server.address, heartbeat_ivl=20, heartbeat_timeout=60)
    server.accept(b"ROUTER").ended()
    log.says("DISCONNECTED", "no sign of life")
    server.accept(b"ROUTER")


def test_message_outlives_servers_that_leave(connect, log, make_server):
    server = make_server()
    client = connect(server.address)
    client.send(b"outlives")
    for said in (b"", GREETING[:20], GREETING):
        peer = server.accept()
        peer.say(said)
        peer.close()
    assert server.accept(b"ROUTER").hear(10) == frame(b"outlives")


# -- peers that are not wanted -------------------------------------------------------------------------------


def test_servers_of_one_name_do_not_chase_each_other(connect, ctx, log):
    servers = []
    for _ in range(2):
        server = ctx.socket(zmq.DEALER)
        server.routing_id = b"same"
        server.bind("tcp://127.0.0.1:*")
        servers.append(server)
    connect(*map(address_of, servers), kind=zmq.ROUTER, router_handover=1, reconnect_ivl=100)
    log.says("ROUTER ", "closed by this side")
    begun = len(log.texts)
    idle()
    assert len(log.texts) - begun < 100 * PATIENCE  # thousands a second they were


def test_second_server_of_a_pair_waits_for_the_first_to_leave(connect, log, make_server):
    first, second = make_server(), make_server()
    pair = connect(first.address, kind=zmq.PAIR)
    peer = first.accept(b"PAIR")
    pair.connect(second.address)
    log.says(second.address, "CONNECT_DELAYED", "one peer")
    assert second.accepted_within(WINDOW) == 0
    pair.send(b"hello")
    assert peer.hear(7) == frame(b"hello")
    peer.say(b"\xff" * 10)  # the first is given up
    successor = second.accept(b"PAIR")
    pair.send(b"hello")
    assert successor.hear(7) == frame(b"hello")


def test_routing_id_that_is_taken_disturbs_no_other_call(connect, log, make_server):
    first, second = make_server(), make_server()
    router = connect(kind=zmq.ROUTER, immediate=1)
    for server in (first, second):
        router.connect_routing_id = b"name"
        router.connect(server.address)
    peer = first.accept(b"DEALER", prop(b"Identity", b"one"))
    peer.say(frame(b"hello"))
    assert router.recv_multipart() == [b"name", b"hello"]
    rival = second.accept()
    rival.say(GREETING + ready(b"DEALER", prop(b"Identity", b"two")))
    assert not router.poll(int(WINDOW * 1000))
    rival.ended()
    log.says(second.address, "routing id b'name'")
    peer.close()
    eventually(lambda: _succeeds(second, router))


def _succeeds(server, router):
    server.accept().say(GREETING + ready(b"DEALER") + frame(b"hello"))
    return router.poll(100) and router.recv_multipart() == [b"name", b"hello"]


# -- the log -------------------------------------------------------------------------------------------------


class Broadcaster(logging.Handler):
    """As zmq.log.handlers.PUBHandler: publishes what is logged."""

    def __init__(self, publisher):
        super().__init__()
        self.publisher = publisher
        self.published = 0

    def emit(self, record):
        self.publisher.send_string(record.getMessage())
        self.published += 1


def test_log_may_be_sent_through_the_socket_that_it_is_about(ctx, log):
    publisher = ctx.socket(zmq.PUB)
    publisher.bind("tcp://127.0.0.1:*")
    handler = Broadcaster(publisher)
    logger = logging.getLogger("purezmq")
    logger.addHandler(handler)
    try:
        for _ in range(10):
            raw = Raw.at(address_of(publisher))
            raw.say(b"GET / HTTP/1.1\r\n\r\n")
            while not raw.closed_within(0.001):  # driven by us, or by the keeper
                publisher.send(b"x")
            raw.close()
        eventually(lambda: handler.published >= 10)
    finally:
        logger.removeHandler(handler)


def test_log_handler_that_fails_stops_nothing(ctx, log, monkeypatch):
    failures = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: failures.append(arguments.exc_value))

    def emit(record):
        raise RuntimeError("what a handler may do")

    bound = ctx.socket(zmq.PULL)
    bound.bind("tcp://127.0.0.1:*")
    handler = logging.Handler()
    handler.emit = emit
    logger = logging.getLogger("purezmq")
    logger.addHandler(handler)
    try:
        raw = Raw.at(address_of(bound))
        raw.say(b"GET / HTTP/1.1\r\n\r\n")
        raw.ended()
        raw.close()
        raw = Raw.at(address_of(bound))
        raw.shake_hands(b"PUSH")
        raw.say(frame(b"fine"))
        assert bound.recv() == b"fine"
        raw.close()
        eventually(lambda: failures)
    finally:
        logger.removeHandler(handler)


def test_records_that_a_slow_handler_lets_pile_up_are_bounded(ctx, log):
    may_go_on = threading.Event()

    def emit(record):
        assert may_go_on.wait(PATIENCE)

    core = ctx._core
    handler = logging.Handler()
    handler.emit = emit
    logger = logging.getLogger("purezmq")
    logger.addHandler(handler)
    try:
        bound = ctx.socket(zmq.PULL)
        with memory_below(8 * 2**20):
            for number in range(50_000):
                core.report(bound._core, "EVENT", "tcp://127.0.0.1:5555", f"number {number}")
        may_go_on.set()
        log.says("number 49999")
    finally:
        logger.removeHandler(handler)
