"""NULL with ZAP, PLAIN and CURVE between libzmq and us, in both directions, and who is kept out."""

from __future__ import annotations

from contextlib import suppress

import pytest

from .tools import CLIENT_KEY, MECHANISMS, SILENCE, Ends, answer, eventually, exchange, link

CRYPTOGRAPHIC = 0x11000001
MISMATCH = 0x11000002
UNEXPECTED = 0x10000001


@pytest.fixture(params=["tcp", "ipc"])
def address(request, tmp_path):
    return "tcp://127.0.0.1:*" if request.param == "tcp" else f"ipc://{tmp_path}/socket"


@pytest.mark.parametrize("kinds", ["REP-REQ", "ROUTER-DEALER", "DEALER-DEALER"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_requests_are_answered(ends: Ends, mechanism, kinds, address):
    ends.handler()
    server, client = ends.pair(mechanism, kinds)
    link(server, client, address)
    exchange(server, client)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_subscriptions_travel_and_are_kept(ends: Ends, mechanism, address):
    ends.handler()
    server, client = ends.pair(mechanism, "XPUB-SUB")
    client.subscribe("a")
    link(server, client, address)
    assert server.recv() == b"\1a"
    server.send(b"b: nobody")
    server.send_multipart([b"a", b"somebody"])
    assert client.recv_multipart() == [b"a", b"somebody"]
    client.unsubscribe("a")
    assert server.recv() == b"\0a"


@pytest.mark.parametrize("kinds", ["PULL-PUSH", "PUSH-PULL"])
def test_many_messages_keep_their_order_under_curve(ends: Ends, kinds):
    server, client = ends.pair("CURVE", kinds)
    sender, receiver = (client, server) if kinds == "PULL-PUSH" else (server, client)
    server.rcvhwm = client.rcvhwm = server.sndhwm = client.sndhwm = 0
    link(server, client)
    messages = [[b"%d" % number] * (1 + number % 3) + [b"x" * (number % 700)] for number in range(3000)]
    for message in messages:
        sender.send_multipart(message)
    assert [receiver.recv_multipart() for _ in messages] == messages


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_heartbeats_go_between_messages(ends: Ends, mechanism):
    ends.handler()
    server, client = ends.pair(mechanism, "DEALER-DEALER")
    for socket in (server, client):
        socket.heartbeat_ivl, socket.heartbeat_timeout, socket.heartbeat_ttl = 5, 5000, 5000
    link(server, client)
    for turn in range(20):
        client.send(b"%d" % turn)
        assert server.recv() == b"%d" % turn
        assert not client.poll(5)  # so that there is time for one
        server.send(b"%d" % turn)
        assert client.recv() == b"%d" % turn


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_client_comes_back_to_a_server_that_was_away(ends: Ends, mechanism):
    ends.handler()
    server, client = ends.pair(mechanism, "PULL-PUSH")
    client.reconnect_ivl = 10
    client.immediate = True
    link(server, client)
    client.send(b"before")
    assert server.recv() == b"before"
    endpoint = server.last_endpoint.decode()
    monitor = ends.monitor(1, client)
    server.close()
    assert monitor.hears("DISCONNECTED")
    again, _ = ends.pair(mechanism, "PULL-PUSH")
    eventually(lambda: again.bind(endpoint), ends.zmq.ZMQError)  # libzmq closes in the background
    assert monitor.hears("HANDSHAKE_SUCCEEDED")
    client.send(b"after")
    assert again.recv() == b"after"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_handler_is_asked_with_domain_address_and_credentials(server: Ends, mechanism):
    handler = server.handler()
    bound, client = server.pair(mechanism, "DEALER-DEALER")
    bound.zap_domain, bound.routing_id = b"home", b"IDENT"
    link(bound, client)
    exchange(bound, client)
    credentials = {"NULL": [], "PLAIN": [b"joe", b"secret"], "CURVE": [CLIENT_KEY]}[mechanism]
    expected = [b"1.0", b"1", b"home", b"127.0.0.1", b"IDENT", mechanism.encode(), *credentials]
    assert handler.requests == [expected]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_messages_tell_who_has_sent_them(server: Ends, mechanism):
    server.handler()
    bound, client = server.pair(mechanism, "DEALER-DEALER")
    client.set(server.client_zmq.METADATA if hasattr(server.client_zmq, "METADATA") else 95, b"X-color:blue")
    link(bound, client)
    client.send(b"")
    frame = bound.recv(copy=False)
    names = ["User-Id", "Hello", "X-color", "Socket-Type", "Peer-Address", "Identity"]
    assert [frame.get(name) for name in names] == ["joe", "World", "blue", "DEALER", "127.0.0.1", ""]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_metadata_of_both_reaches_both(ends: Ends, mechanism):
    ends.handler()
    server, client = ends.pair(mechanism, "DEALER-DEALER")
    server.set(95, b"X-color:blue")  # METADATA
    client.set(95, b"X-color:red")
    client.set(95, b"X-shape:round")
    link(server, client)
    client.send(b"")
    frame = server.recv(copy=False)
    assert (frame.get("X-color"), frame.get("X-shape")) == ("red", "round")
    server.send(b"")
    assert client.recv(copy=False).get("X-color") == "blue"


def test_user_id_is_not_what_the_peer_says(our_ends: Ends):
    server, client = our_ends.pair("CURVE", "DEALER-DEALER")
    client._core.options.metadata = b"\x07User-Id\0\0\0\5admin\x0cpeer-address\0\0\0\1x"
    link(server, client)
    client.send(b"")
    frame = server.recv(copy=False)
    for name in ("User-Id", "peer-address"):
        with pytest.raises(our_ends.zmq.ZMQError):
            frame.get(name)


# -- who is kept out ---------------------------------------------------------------------------------------


def kept_out(ends: Ends, server, client):
    """Check that nothing passes; return what both monitors say."""
    monitors = ends.monitor(0, server), ends.monitor(1, client)
    link(server, client)
    failures = [monitor.failure() for monitor in monitors]
    with suppress(ends.client_zmq.Again):  # it may have given the server up
        client.send(b"", ends.client_zmq.DONTWAIT)
    assert not server.poll(SILENCE)
    return failures


def test_client_with_another_servers_key_is_kept_out(ends: Ends):
    server, client = ends.pair("CURVE", "PULL-PUSH")
    client.curve_serverkey = ends.client_zmq.curve_keypair()[0]
    ours, theirs = kept_out(ends, server, client)
    assert ours == ("HANDSHAKE_FAILED_PROTOCOL", CRYPTOGRAPHIC)
    assert theirs[0] == "HANDSHAKE_FAILED_NO_DETAIL"


def test_client_whose_keys_do_not_match_is_kept_out(ends: Ends):
    server, client = ends.pair("CURVE", "PULL-PUSH")
    client.curve_publickey = ends.client_zmq.curve_keypair()[0]
    ours, theirs = kept_out(ends, server, client)
    assert ours == ("HANDSHAKE_FAILED_PROTOCOL", CRYPTOGRAPHIC)
    assert theirs[0] == "HANDSHAKE_FAILED_NO_DETAIL"


@pytest.mark.parametrize(("serves", "comes"), [(s, c) for s in MECHANISMS for c in MECHANISMS if s != c])
def test_peer_of_another_mechanism_is_kept_out(ends: Ends, serves, comes):
    server, _ = ends.pair(serves, "PULL-PUSH")
    _, client = ends.pair(comes, "PULL-PUSH")
    # Who is the first to see it ends the connection, perhaps before the other has seen it.
    assert ("HANDSHAKE_FAILED_PROTOCOL", MISMATCH) in kept_out(ends, server, client)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_peer_that_the_handler_refuses_is_told_so(ends: Ends, mechanism, status):
    ends.handler(answer(b"%d" % status))
    server, client = ends.pair(mechanism, "PULL-PUSH")
    ours, theirs = kept_out(ends, server, client)
    assert ours == ("HANDSHAKE_FAILED_AUTH", status)
    if (mechanism, ends.zmq.__name__, ends.client_zmq.__name__) == ("PLAIN", "purezmq", "zmq"):
        assert theirs == ("HANDSHAKE_FAILED_PROTOCOL", UNEXPECTED)  # libzmq spells ERROR otherwise
    else:
        assert theirs == ours


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_peer_that_is_to_try_later_is_told_nothing_and_tries_again(ends: Ends, mechanism):
    if ends.zmq.__name__ == "zmq":
        pytest.skip("libzmq keeps such a connection open until HANDSHAKE_IVL is over")
    replies = [answer(b"300"), answer(b"200")]
    ends.handler(lambda request: replies.pop(0)(request))
    server, client = ends.pair(mechanism, "PULL-PUSH")
    client.reconnect_ivl = 10
    monitors = ends.monitor(0, server), ends.monitor(1, client)
    link(server, client)
    assert monitors[0].failure() == ("HANDSHAKE_FAILED_AUTH", 300)
    assert monitors[1].failure()[0] == "HANDSHAKE_FAILED_NO_DETAIL"
    client.send(b"again")
    assert server.recv() == b"again"


def test_wrong_password_keeps_out_and_is_told(ends: Ends):
    ends.handler(lambda request: answer(b"200" if request[6:] == [b"joe", b"secret"] else b"400")(request))
    server, client = ends.pair("PLAIN", "PULL-PUSH")
    client.plain_password = b"Secret"
    ours, theirs = kept_out(ends, server, client)
    assert ours == ("HANDSHAKE_FAILED_AUTH", 400)
    if (ends.zmq.__name__, ends.client_zmq.__name__) != ("purezmq", "zmq"):  # libzmq spells ERROR otherwise
        assert theirs == ours


def test_password_decides(server: Ends):
    def judge(request):
        return answer(b"200" if request[6:] == [b"joe", b"secret"] else b"400")(request)

    server.handler(judge)
    bound, friend = server.pair("PLAIN", "PULL-PUSH")
    _, stranger = server.pair("PLAIN", "PULL-PUSH")
    stranger.plain_password = b"guess"
    link(bound, stranger)
    friend.connect(bound.last_endpoint.decode())
    stranger.send(b"from a stranger")
    friend.send(b"from a friend")
    assert bound.recv() == b"from a friend"
    assert not bound.poll(SILENCE)


# -- without a handler -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", ["NULL", "CURVE"])
def test_without_handler_everybody_may_come_in(ends: Ends, mechanism):
    server, client = ends.pair(mechanism)
    link(server, client)
    exchange(server, client)


def test_without_handler_nobody_comes_in_by_plain(ends: Ends):
    server, client = ends.pair("PLAIN", "PULL-PUSH")
    monitor = ends.monitor(0, server)
    link(server, client)
    name, _ = monitor.failure()
    assert name == "HANDSHAKE_FAILED_NO_DETAIL"
    client.send(b"")
    assert not server.poll(SILENCE)


@pytest.mark.parametrize("mechanism", ["NULL", "CURVE"])
def test_without_handler_nobody_comes_in_where_the_domain_is_enforced(ends: Ends, mechanism):
    server, client = ends.pair(mechanism, "PULL-PUSH")
    server.zap_domain = b"home"
    server.set(93, 1)  # ZAP_ENFORCE_DOMAIN
    monitor = ends.monitor(0, server)
    link(server, client)
    name, _ = monitor.failure()
    assert name == "HANDSHAKE_FAILED_NO_DETAIL"
    client.send(b"")
    assert not server.poll(SILENCE)


def test_enforced_domain_that_is_empty_asks_nobody(ends: Ends):
    ends.handler(answer(b"400"))
    server, client = ends.pair("CURVE")
    server.set(93, 1)
    link(server, client)
    exchange(server, client)


def test_domain_of_a_connecting_socket_judges_the_server(ends: Ends):
    ends.handler(answer(b"400"), side=1)
    server, client = ends.socket(0, "PULL"), ends.socket(1, "PUSH")
    client.zap_domain = b"home"
    monitor = ends.monitor(1, client)
    link(server, client)
    assert monitor.failure() == ("HANDSHAKE_FAILED_AUTH", 400)


def test_inproc_peers_are_not_judged(ends: Ends):
    server, _ = ends.pair("CURVE", "PAIR-PAIR")
    peer = ends.socket(0, "PAIR")
    server.bind("inproc://plainly")
    peer.connect("inproc://plainly")
    peer.send(b"as it is")
    assert server.recv() == b"as it is"
