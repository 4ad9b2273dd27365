"""GSSAPI between us and a libzmq that has it, in both directions, with a KDC of the tests' own; and who is kept out.

The libzmq in PyZMQ's wheels has no GSSAPI; Debian's has.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from errno import EACCES
from pathlib import Path
from socket import MSG_DONTWAIT, create_server
from typing import Any

import pytest

import purezmq as zmq
from purezmq.auth.thread import ThreadAuthenticator
from tests import kerberos, system_libzmq
from tests.kerberos import SERVICE, Realm

from .tools import PATIENCE, SILENCE, Ends, answer, exchange, link

JOE = b"joe@" + kerberos.NAME.encode()
CRYPTOGRAPHIC = 0x11000001
UNEXPECTED = 0x10000001

Make = Callable[..., Any]


@pytest.fixture(scope="session")
def running_realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    yield from kerberos.running(tmp_path_factory.mktemp("realm"))


@pytest.fixture(autouse=True)
def realm(running_realm: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Realm:
    """A realm in which this process is the service and joe."""
    kerberos.enter(running_realm, tmp_path, monkeypatch)
    return running_realm


@pytest.fixture
def libzmq() -> Iterator[system_libzmq.Context]:
    if not system_libzmq.has("gssapi"):
        pytest.skip("no libzmq with GSSAPI: apt-get install libzmq5")
    context = system_libzmq.Context()
    yield context
    context.close()


@pytest.fixture(params=["ours-ours", "ours-libzmq", "libzmq-ours"])
def make(request: pytest.FixtureRequest, our_ends: Ends) -> Make:
    """Open a server and a client, make("REP-REQ", GSSAPI_PLAINTEXT=1); nothing is bound yet."""
    sides = request.param.split("-")

    def make(kinds: str, **options: int | bytes) -> tuple[Any, Any]:
        made = []
        for side, (end, kind) in enumerate(zip(sides, kinds.split("-"), strict=True)):
            if end == "ours":
                socket = our_ends.socket(side, kind)
            else:
                socket = request.getfixturevalue("libzmq").socket(zmq.SocketType[kind])
            made.append(configured(socket, side, **options))
        return made[0], made[1]

    return make


we_serve = pytest.mark.parametrize("make", ["ours-ours", "ours-libzmq"], indirect=True)


def configured(socket: Any, side: int, **options: int | bytes) -> Any:
    if side == 0:
        socket.set(zmq.GSSAPI_SERVER, 1)
    else:
        socket.set(zmq.GSSAPI_SERVICE_PRINCIPAL, SERVICE)
    for name, value in options.items():
        socket.set(zmq.SocketOption[name], value)
    return socket


def pair(ends: Ends, kinds: str = "DEALER-DEALER", **options: int | bytes) -> tuple[Any, Any]:
    """Open a server and a client of ours."""
    server, client = (
        configured(ends.socket(side, kind), side, **options) for side, kind in enumerate(kinds.split("-"))
    )
    return server, client


# -- who comes in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plaintext", [0, 1])
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
@pytest.mark.parametrize("kinds", ["REP-REQ", "ROUTER-DEALER", "DEALER-DEALER"])
def test_requests_are_answered(make: Make, kinds, transport, plaintext, tmp_path):
    server, client = make(kinds, GSSAPI_PLAINTEXT=plaintext)
    link(server, client, "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/socket")
    exchange(server, client)


# A SUB of libzmq 4.3.5 seals the topic without saying that it is a subscription, so that it gets nothing from anybody.
@pytest.mark.parametrize(
    ("make", "plaintext"),
    [("ours-ours", 0), ("ours-ours", 1), ("libzmq-ours", 0), ("libzmq-ours", 1), ("ours-libzmq", 1)],
    indirect=["make"],
)
def test_subscriptions_travel_and_are_kept(make: Make, plaintext):
    server, client = make("XPUB-SUB", GSSAPI_PLAINTEXT=plaintext)
    client.set(zmq.SUBSCRIBE, b"a")
    link(server, client)
    assert server.recv() == b"\1a"
    server.send(b"b: nobody")
    server.send_multipart([b"a", b"somebody"])
    assert client.recv_multipart() == [b"a", b"somebody"]
    client.set(zmq.UNSUBSCRIBE, b"a")
    assert server.recv() == b"\0a"


@pytest.mark.parametrize("kinds", ["PULL-PUSH", "PUSH-PULL"])
def test_many_messages_keep_their_order_among_heartbeats(make: Make, kinds):
    server, client = make(kinds, SNDHWM=0, RCVHWM=0, HEARTBEAT_IVL=1, HEARTBEAT_TIMEOUT=PATIENCE)
    link(server, client)
    sender, receiver = (client, server) if kinds == "PULL-PUSH" else (server, client)
    messages = [[b"%d" % number] * (1 + number % 3) + [b"x" * (number % 700)] for number in range(500)]
    for message in messages:
        sender.send_multipart(message)
    assert [receiver.recv_multipart() for _ in messages] == messages


@pytest.mark.parametrize(
    ("principal", "kind"), [(b"joe", 1), (b"joe", 2), (JOE, 2), (JOE + b"\0", 2)], ids=lambda it: str(it)
)
def test_client_is_whom_it_is_told_to_be(our_ends: Ends, principal, kind):
    handler = our_ends.handler()
    server, client = pair(our_ends)
    client.set(zmq.GSSAPI_PRINCIPAL, principal)
    client.set(zmq.GSSAPI_PRINCIPAL_NAMETYPE, kind)
    link(server, client)
    exchange(server, client)
    assert handler.requests[0][5:] == [b"GSSAPI", JOE]


def test_server_may_be_named_as_a_kerberos_principal(our_ends: Ends):
    server, client = pair(our_ends)
    server.set(zmq.GSSAPI_PRINCIPAL, SERVICE)
    client.set(zmq.GSSAPI_SERVICE_PRINCIPAL, b"zmq/localhost")
    client.set(zmq.GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, 2)
    link(server, client)
    exchange(server, client)


def test_libzmq_client_is_whom_it_is_told_to_be(our_ends: Ends, libzmq, realm, monkeypatch):
    # libzmq wants a key for both roles, whichever it has.
    monkeypatch.setenv("KRB5_KTNAME", realm.keytab("server"))
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", realm.keytab("server"))
    handler = our_ends.handler()
    server = configured(our_ends.socket(0, "DEALER"), 0)
    client = configured(libzmq.socket(zmq.DEALER), 1, GSSAPI_PRINCIPAL=SERVICE + b"\0")
    link(server, client)
    exchange(server, client)
    assert handler.requests[0][6] == b"zmq/localhost@" + kerberos.NAME.encode()


def test_client_whose_ticket_comes_later_comes_in(our_ends: Ends, realm, monkeypatch):
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", realm.keytab("nobody"))
    server, client = pair(our_ends)
    client.reconnect_ivl = 10
    monitor = our_ends.monitor(1, client)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_NO_DETAIL", EACCES)
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", realm.keytab("joe"))
    exchange(server, client)


def test_kdc_that_says_nothing_holds_nobody_up(our_ends: Ends, realm, tmp_path, monkeypatch):
    with create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE / 1000)
        text = (realm.directory / "krb5.conf").read_text()
        port = silent.getsockname()[1]
        (tmp_path / "krb5.conf").write_text(re.sub(r"(kdc = 127.0.0.1):\d+", rf"\1:{port}", text))
        monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))
        server, client = pair(our_ends)
        client.immediate = True
        link(server, client)
        with silent.accept()[0] as asked:
            assert asked.recv(65536)  # the client wants a ticket
            client.plain_server = True
            client.plain_server = False  # back to NULL, for other servers
            other = our_ends.socket(0, "DEALER")
            link(other, client)
            exchange(other, client)
            with pytest.raises(BlockingIOError):  # and waits for it still
                asked.recv(1, MSG_DONTWAIT)


# -- the handler ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plaintext", [0, 1])
@we_serve
def test_handler_is_asked_about_the_principal(make: Make, our_ends: Ends, plaintext):
    handler = our_ends.handler()
    server, client = make("DEALER-DEALER", GSSAPI_PLAINTEXT=plaintext)
    server.zap_domain, server.routing_id = b"home", b"IDENT"
    link(server, client)
    exchange(server, client)
    assert handler.requests == [[b"1.0", b"1", b"home", b"127.0.0.1", b"IDENT", b"GSSAPI", JOE]]
    client.send(b"")
    frame = server.recv(copy=False)
    assert [frame.get(name) for name in ("User-Id", "Hello", "Socket-Type")] == ["joe", "World", "DEALER"]


@pytest.mark.parametrize("status", [300, 400, 500])
@we_serve
def test_client_that_the_handler_refuses_is_kept_out(make: Make, our_ends: Ends, status):
    our_ends.handler(answer(b"%d" % status))
    server, client = make("PULL-PUSH")
    monitor = our_ends.monitor(0, server)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_AUTH", status)
    assert not server.poll(SILENCE)


@pytest.mark.parametrize("status", [400, 500])
def test_refused_client_is_told_so(our_ends: Ends, status):
    our_ends.handler(answer(b"%d" % status))
    server, client = pair(our_ends)
    monitor = our_ends.monitor(1, client)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_AUTH", status)


@pytest.mark.parametrize("enforced", [0, 1])
def test_without_a_handler_whom_kerberos_knows_comes_in_unless_it_is_enforced(our_ends: Ends, enforced):
    server, client = pair(our_ends)
    server.set(zmq.ZAP_ENFORCE_DOMAIN, enforced)
    monitor = our_ends.monitor(0, server)
    link(server, client)
    expected = "HANDSHAKE_FAILED_NO_DETAIL" if enforced else "HANDSHAKE_SUCCEEDED"
    assert monitor.failure()[0] == expected


def test_authenticator_makes_the_principal_the_user_id(our_ends: Ends):
    server, client = pair(our_ends)
    auth = ThreadAuthenticator(our_ends._contexts[0])
    auth.start()
    try:
        auth.configure_gssapi(domain="*")
        link(server, client)
        client.send(b"")
        assert server.recv(copy=False).get("User-Id") == JOE.decode()
    finally:
        auth.stop()


# -- who is kept out -----------------------------------------------------------------------------------------


def test_service_that_the_kdc_does_not_know_is_tried_again(our_ends: Ends):
    server, client = pair(our_ends)
    client.set(zmq.GSSAPI_SERVICE_PRINCIPAL, b"other@localhost")
    client.reconnect_ivl = 10
    monitor = our_ends.monitor(1, client)
    link(server, client)
    assert [monitor.failure() for _ in range(2)] == [("HANDSHAKE_FAILED_NO_DETAIL", EACCES)] * 2


@we_serve  # libzmq says nothing, and waits for HANDSHAKE_IVL
def test_ticket_for_another_service_is_refused(make: Make, our_ends: Ends, realm, monkeypatch):
    monkeypatch.setenv("KRB5_KTNAME", realm.keytab("eve"))
    server, client = make("PULL-PUSH")
    monitor = our_ends.monitor(0, server)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_PROTOCOL", CRYPTOGRAPHIC)


@pytest.mark.parametrize("plaintext", [0, 1])
def test_sides_that_do_not_agree_on_encryption_do_not_talk(our_ends: Ends, plaintext):
    server, client = pair(our_ends, GSSAPI_PLAINTEXT=plaintext)
    server.set(zmq.GSSAPI_PLAINTEXT, 1 - plaintext)
    monitor = our_ends.monitor(1, client)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_PROTOCOL", UNEXPECTED)


# -- what is said about it -----------------------------------------------------------------------------------


def test_server_without_a_key_is_told_so_at_once(our_ends: Ends, realm, monkeypatch):
    monkeypatch.setenv("KRB5_KTNAME", realm.keytab("nobody"))
    server = configured(our_ends.socket(0, "REP"), 0)
    with pytest.raises(zmq.ZMQError, match="KRB5_KTNAME") as refusal:
        server.bind("tcp://127.0.0.1:*")
    assert refusal.value.errno == zmq.EINVAL


def test_client_that_names_no_service_is_told_so(our_ends: Ends):
    client = our_ends.socket(1, "REQ")
    client.set(zmq.GSSAPI_PRINCIPAL, b"joe")
    with pytest.raises(zmq.ZMQError, match="GSSAPI_SERVICE_PRINCIPAL") as refusal:
        client.connect("tcp://127.0.0.1:9")
    assert refusal.value.errno == zmq.EINVAL


WITHOUT_GSSAPI = """
import sys
sys.modules["gssapi"] = None
import purezmq as zmq
assert not zmq.has("gssapi")
socket = zmq.Context().socket(zmq.PUSH)
socket.set(zmq.GSSAPI_SERVER, 1)
try:
    socket.bind("tcp://127.0.0.1:*")
except zmq.ZMQError as refusal:
    assert refusal.errno == zmq.ENOTSUP
    assert "gssapi" in str(refusal), refusal
    print("told")
"""


def test_missing_package_is_enotsup_and_named():
    assert zmq.has("gssapi")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_GSSAPI], capture_output=True, text=True, timeout=20
    )
    assert done.stdout == "told\n", done.stderr


# -- options -------------------------------------------------------------------------------------------------

NUMBERS = [
    "GSSAPI_SERVER",
    "GSSAPI_PLAINTEXT",
    "GSSAPI_PRINCIPAL_NAMETYPE",
    "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
]
NAMES = ["GSSAPI_PRINCIPAL", "GSSAPI_SERVICE_PRINCIPAL"]
SETTINGS: list[list[tuple[str, int | bytes]]] = [
    [],
    *([(name, value)] for name in NUMBERS for value in (-1, 0, 1, 2, 3)),
    *([(name, value)] for name in NAMES for value in (b"", b"x", b"x" * 254, b"x" * 256)),
    [("GSSAPI_SERVER", 1), ("GSSAPI_SERVER", 0)],
    [("GSSAPI_SERVER", 1), ("GSSAPI_SERVICE_PRINCIPAL", b"x")],
    [("GSSAPI_SERVICE_PRINCIPAL", b"x"), ("GSSAPI_SERVER", 1)],
    [("GSSAPI_SERVER", 1), ("GSSAPI_PRINCIPAL", b"x")],
    [("GSSAPI_SERVER", 1), ("PLAIN_SERVER", 1)],
    [("PLAIN_SERVER", 1), ("GSSAPI_SERVER", 1)],
    [("GSSAPI_SERVER", 1), ("PLAIN_USERNAME", b"x")],
    [("GSSAPI_SERVER", 1), ("CURVE_SERVERKEY", b"x" * 32)],
    [("CURVE_SERVER", 1), ("GSSAPI_SERVICE_PRINCIPAL", b"x")],
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_options_are_libzmqs(our_ends: Ends, libzmq, settings):
    ours, theirs = our_ends.socket(0, "PUSH"), libzmq.socket(zmq.PUSH)

    def accepts(socket: Any, name: str, value: int | bytes) -> bool:
        try:
            socket.set(zmq.SocketOption[name], value)
        except (OSError, zmq.ZMQError) as refusal:
            assert refusal.errno == zmq.EINVAL
            return False
        return True

    for name, value in settings:
        assert accepts(ours, name, value) is accepts(theirs, name, value)
    for name in [*NUMBERS, "MECHANISM", "PLAIN_SERVER", "CURVE_SERVER"]:
        assert ours.get(zmq.SocketOption[name]) == theirs.get(zmq.SocketOption[name]), name
    for name in NAMES:
        assert ours.get(zmq.SocketOption[name]) == theirs.get(zmq.SocketOption[name], bytes), name
