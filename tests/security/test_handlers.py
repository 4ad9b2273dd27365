"""ZAP handlers of every kind: those that behave, those that die, and those that talk nonsense."""

from __future__ import annotations

import logging
import socket as plain
import threading

import pytest

import purezmq as zmq

from .tools import MECHANISMS, SILENCE, Ends, answer, exchange, link

MALFORMED, BAD_ID, BAD_VERSION, BAD_STATUS, BAD_METADATA = (0x20000000 + n for n in (1, 2, 3, 4, 5))
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15 + 32)


@pytest.mark.parametrize("kind", ["REP", "ROUTER", "DEALER"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_handler_may_be_a_rep_a_router_or_a_dealer(our_ends: Ends, mechanism, kind):
    handler = our_ends.handler(kind=kind)
    server, client = our_ends.pair(mechanism)
    link(server, client)
    exchange(server, client)
    assert handler.requests[0][5] == mechanism.encode()


@pytest.mark.parametrize("kind", ["ROUTER", "DEALER"])
def test_answers_that_come_in_another_order_find_their_peers(our_ends: Ends, kind):
    handler = our_ends.socket(0, kind)
    handler.bind("inproc://zeromq.zap.01")
    server, _ = our_ends.pair("PLAIN", "ROUTER-DEALER")
    server.bind("tcp://127.0.0.1:*")
    clients = []
    for number in range(4):
        client = our_ends.socket(1, "DEALER")
        client.plain_username = client.plain_password = b"%d" % number
        client.connect(server.last_endpoint.decode())
        client.send(b"%d" % number)
        clients.append(client)
    asked = [handler.recv_multipart() for _ in clients]
    for request in reversed(asked):
        start = request.index(b"1.0")
        name = request[-2]
        status = b"200" if int(name) % 2 else b"400"
        handler.send_multipart([*request[: start + 2], status, b"", name, b""])
    got = [server.recv_multipart(copy=False) for _ in (1, 3)]
    assert sorted((parts[1].bytes, parts[1].get("User-Id")) for parts in got) == [(b"1", "1"), (b"3", "3")]
    assert not server.poll(SILENCE)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({}, MALFORMED),
        ({0: b"1.1"}, BAD_VERSION),
        ({1: b"2"}, BAD_ID),
        ({2: b"201"}, BAD_STATUS),
        ({5: b"\5Hello\0\0\0\5Wor"}, BAD_METADATA),
    ],
)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_nonsense_lets_nobody_in(server: Ends, mechanism, change, number):
    def nonsense(request):
        reply = answer()(request)
        for index, frame in change.items():
            reply[index] = frame
        return reply if change else reply[:-1]

    server.handler(nonsense)
    bound, client = server.pair(mechanism, "PULL-PUSH")
    monitor = server.monitor(0, bound)
    link(bound, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_PROTOCOL", number)
    client.send(b"")
    assert not bound.poll(SILENCE)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_handler_that_dies_when_it_is_asked_lets_nobody_in(our_ends: Ends, mechanism):
    our_ends.handler(lambda request: None)
    server, client = our_ends.pair(mechanism, "PULL-PUSH")
    client.reconnect_ivl = -1
    monitor = our_ends.monitor(0, server)
    link(server, client)
    assert monitor.failure()[0] == "HANDSHAKE_FAILED_NO_DETAIL"
    client.send(b"")
    assert not server.poll(SILENCE)


@pytest.mark.parametrize("kind", ["PULL", "SUB", "PUSH"])
def test_socket_that_cannot_answer_lets_nobody_in(our_ends: Ends, kind):
    our_ends.socket(0, kind).bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("CURVE", "PULL-PUSH")
    monitor = our_ends.monitor(0, server)
    link(server, client)
    assert monitor.failure()[0] == "HANDSHAKE_FAILED_NO_DETAIL"


def test_handler_that_answers_and_leaves_has_answered(our_ends: Ends):
    handler = our_ends.socket(0, "REP")
    handler.bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("PLAIN")
    link(server, client)
    handler.send_multipart(answer()(handler.recv_multipart()))
    handler.close()
    exchange(server, client)


def test_handler_may_live_in_the_thread_of_its_server(our_ends: Ends):
    handler = our_ends.socket(0, "REP")
    handler.bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("CURVE", "PULL-PUSH")
    link(server, client)
    client.send(b"hello")
    poller = zmq.Poller()
    poller.register(handler, zmq.POLLIN)
    poller.register(server, zmq.POLLIN)
    ready = dict(poller.poll(5000))
    assert ready == {handler: zmq.POLLIN}
    handler.send_multipart(answer()(handler.recv_multipart()))
    assert server.recv() == b"hello"


def test_socket_goes_on_while_a_peer_is_being_judged(our_ends: Ends):
    handler = our_ends.socket(0, "ROUTER")
    handler.bind("inproc://zeromq.zap.01")
    server, friend = our_ends.pair("PLAIN")
    _, waiting = our_ends.pair("PLAIN")
    link(server, friend)
    request = handler.recv_multipart()
    handler.send_multipart(request[:2] + answer()(request[2:]))
    exchange(server, friend)
    waiting.connect(server.last_endpoint.decode())
    assert handler.recv_multipart()[-2:] == [b"joe", b"secret"]  # and says nothing
    exchange(server, friend)


def test_closing_while_a_peer_is_being_judged_leaves_nothing(our_ends: Ends):
    handler = our_ends.socket(0, "REP")
    handler.bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("PLAIN", "PULL-PUSH")
    link(server, client)
    request = handler.recv_multipart()
    server.close()
    handler.send_multipart(answer()(request))  # to nobody
    assert not handler.poll(SILENCE)


def test_peer_that_leaves_while_it_is_being_judged_is_forgotten(our_ends: Ends):
    handler = our_ends.socket(0, "REP")
    handler.bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("PLAIN", "PULL-PUSH")
    monitor = our_ends.monitor(0, server)
    link(server, client)
    request = handler.recv_multipart()
    client.close()
    assert monitor.failure()[0] == "HANDSHAKE_FAILED_NO_DETAIL"
    handler.send_multipart(answer()(request))
    _, other = our_ends.pair("PLAIN", "PULL-PUSH")
    other.connect(server.last_endpoint.decode())
    handler.send_multipart(answer()(handler.recv_multipart()))
    other.send(b"next")
    assert server.recv() == b"next"


def test_handshake_that_is_not_judged_in_time_ends(our_ends: Ends):
    handler = our_ends.socket(0, "REP")
    handler.bind("inproc://zeromq.zap.01")
    server, client = our_ends.pair("PLAIN", "PULL-PUSH")
    server.handshake_ivl = 50
    monitor = our_ends.monitor(0, server)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_NO_DETAIL", zmq.ETIMEDOUT)


# -- strangers ---------------------------------------------------------------------------------------------


def test_half_open_handshakes_keep_nobody_out_and_go_away(our_ends: Ends):
    server, client = our_ends.pair("CURVE")
    server.handshake_ivl = 300
    server.bind("tcp://127.0.0.1:*")
    port = int(server.last_endpoint.decode().rpartition(":")[2])
    strangers = [plain.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for number, stranger in enumerate(strangers):
        stranger.sendall(GREETING[: number % 65])
    client.connect(server.last_endpoint.decode())
    exchange(server, client)
    for stranger in strangers:
        stranger.settimeout(5)
        while stranger.recv(1000):
            pass  # until the server has closed it
        stranger.close()


# -- what is said to the program ---------------------------------------------------------------------------


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self.came.set()


@pytest.fixture
def records():
    handler = Records()
    logger = logging.getLogger("purezmq")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_server_that_lets_everybody_in_says_so_once(our_ends: Ends, records: Records):
    server, _ = our_ends.pair("CURVE", "PULL-PUSH")
    server.bind("tcp://127.0.0.1:*")
    for _ in range(3):
        _, client = our_ends.pair("CURVE", "PULL-PUSH")
        client.connect(server.last_endpoint.decode())
        client.send(b"")
        server.recv()
    assert records.came.wait(5)
    assert len(records.texts) == 1
    assert "lets every client in" in records.texts[0]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"curve_server": 1}, "CURVE needs CURVE_SECRETKEY"),
        ({"curve_serverkey": bytes(32)}, "CURVE needs CURVE_SECRETKEY, CURVE_PUBLICKEY"),
        (
            {"curve_secretkey": bytes(32), "curve_publickey": bytes(32)},
            "CURVE needs CURVE_SERVERKEY, or CURVE_SERVER",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["bind", "connect"])
def test_curve_without_its_keys_is_refused_at_once(our_ends: Ends, options, hint, verb):
    # libzmq tries, and tells a monitor that it was in vain.
    socket = our_ends.socket(0, "PULL")
    for name, value in options.items():
        setattr(socket, name, value)
    with pytest.raises(zmq.ZMQError, match=hint) as refusal:
        getattr(socket, verb)("tcp://127.0.0.1:*" if verb == "bind" else "tcp://127.0.0.1:9")
    assert refusal.value.errno == zmq.EINVAL
