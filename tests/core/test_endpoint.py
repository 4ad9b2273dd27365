"""Endpoints: what is refused is what PyZMQ refuses, with the same number."""

import ctypes
import sys
from errno import EINVAL

import pytest
import zmq
from hypothesis import example, given
from hypothesis import strategies as st

from purezmq.core.endpoint import (
    atoi,
    check_connect_address,
    parse_endpoint,
    parse_host_and_port,
    split_source,
    zone_number,
)
from purezmq.errors import ZMQError


def refusal(function, *arguments, **keywords):
    """Return the errno that calling raises, None if it does not."""
    try:
        function(*arguments, **keywords)
    except ZMQError as refused:
        return refused.errno
    return None


def their_connect(endpoint):
    """Return the errno of PyZMQ's connect(), None if it takes the endpoint."""
    with zmq.Context() as context, context.socket(zmq.PAIR) as theirs:
        theirs.linger = 0
        theirs.reconnect_ivl = -1
        try:
            theirs.connect(endpoint)
        except zmq.ZMQError as refused:
            return refused.errno
    return None


@pytest.mark.parametrize(
    "text, scheme, address",
    [
        ("tcp://127.0.0.1:5555", "tcp", "127.0.0.1:5555"),
        ("ipc:///tmp/x", "ipc", "/tmp/x"),
        ("inproc://a://b", "inproc", "a://b"),
        ("TCP://x", "TCP", "x"),
        ("a b://  ", "a b", "  "),
        ("tcp://x\0y", "tcp", "x"),
    ],
)
def test_endpoint_is_split_at_the_first_separator(text, scheme, address):
    endpoint = parse_endpoint(text)
    assert (endpoint.scheme, endpoint.address) == (scheme, address)
    assert str(endpoint) == text.partition("\0")[0]


@pytest.mark.parametrize(
    "text", ["", "tcp", "tcp:", "tcp:/x", "tcp//x", "tcp://", "://", "://x", "tcp://\0x", "\0"]
)
def test_endpoint_without_scheme_or_address_is_refused_as_theirs(text):
    assert refusal(parse_endpoint, text) == their_connect(text) == EINVAL


def test_refusal_says_what_an_endpoint_looks_like():
    with pytest.raises(ZMQError, match=r"tcp://127\.0\.0\.1:5555, not 'localhost'"):
        parse_endpoint("localhost")


# What follows resolves without a name server, so that PyZMQ's I/O thread is not held up. The source of an address
# ("x;") is never looked up.
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:5555",
        "127.0.0.1:0",
        "127.0.0.1:00",
        "127.0.0.1:65536",
        "127.0.0.1:71077",
        "127.0.0.1:99999999999999999999",
        "127.0.0.1:5555x",
        "127.0.0.1:5555;",
        "localhost:5555",
        "[::1]:5555",
        "::1:5555",
        ":5555",
        "[::1:5555",
        "::1]:5555",
        "[fe80::1%lo]:5555",
        "127.0.0.1:0;127.0.0.1:5555",
        "127.0.0.1:*;127.0.0.1:5555",
        "127.0.0.1;127.0.0.1:5555",
        "lo:0;127.0.0.1:5555",
        "a_b:0;127.0.0.1:5555",
        "b-:0;127.0.0.1:5555",
        "x*:0;127.0.0.1:5555",
    ],
)
def test_connect_takes_what_theirs_takes(address):
    assert refusal(check_connect_address, address) is their_connect(f"tcp://{address}") is None


@pytest.mark.parametrize(
    "address",
    [
        "*",
        "*:",
        "*:*",
        "*:0",
        "*:5555",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:*",
        "127.0.0.1:-1",
        "127.0.0.1:+5555",
        "127.0.0.1: 5555",
        "127.0.0.1:5555 ",
        "127.0.0.1:x5555",
        "localhost:invalid",
        "localhost:http",
        " 127.0.0.1:5555",
        "127.0.0.1 :5555",
        "local host:5555",
        "1.2.3.4:*",
        "[fe80::1%]:*",
        "%lo:5555",
        ";127.0.0.1:5555",
        "bad host:0;127.0.0.1:5555",
        "_b:5555",
        "-b:5555",
        ".:5555",
        "*x:5555",
        "b~:5555",
        "b/c:5555",
        "b@c:5555",
        "127.0.0.1:5555/path",
        "é.de:5555",
        "١٢٧.0.0.1:5555",
        "127.0.0.1:٥",
        "x",
        "5555",
    ],
)
def test_connect_refuses_what_theirs_refuses(address):
    assert refusal(check_connect_address, address) == their_connect(f"tcp://{address}") == EINVAL


@pytest.mark.parametrize(
    "text, host, zone, port",
    [
        ("127.0.0.1:5555", "127.0.0.1", "", 5555),
        ("*:*", "*", "", 0),
        ("lo:0", "lo", "", 0),
        (":1", "", "", 1),
        ("[::1]:5555", "::1", "", 5555),
        ("::1:5555", "::1", "", 5555),
        ("[]:1", "", "", 1),
        ("[:1", "[", "", 1),
        ("[::1:1", "[::1", "", 1),
        ("[fe80::1%eth0]:5", "fe80::1", "eth0", 5),
        ("fe80::1%4:5", "fe80::1", "4", 5),
        ("a%b%c:5", "a%b", "c", 5),
        ("127.0.0.1:05555", "127.0.0.1", "", 5555),
        ("127.0.0.1: 5555", "127.0.0.1", "", 5555),
        ("127.0.0.1:5555/x", "127.0.0.1", "", 5555),
        ("127.0.0.1:71077", "127.0.0.1", "", 5541),
        ("127.0.0.1:-1", "127.0.0.1", "", 65535),
    ],
)
def test_tcp_address_has_a_host_a_zone_and_a_port(text, host, zone, port):
    parsed = parse_host_and_port(text, bindable=True)
    assert (parsed.host, parsed.zone, parsed.port) == (host, zone, port)


@pytest.mark.parametrize("text", ["", "x", "x:", "x:y", "x:00", "x:65536", "x:-0", "x:+", "a%:1", "[a%]:1"])
def test_tcp_address_without_port_or_zone_is_refused(text):
    assert refusal(parse_host_and_port, text, bindable=True) == EINVAL


def test_any_port_is_for_bind_only():
    assert refusal(parse_host_and_port, "127.0.0.1:*", bindable=False) == EINVAL
    assert parse_host_and_port("127.0.0.1:0", bindable=False).port == 0


@pytest.mark.parametrize(
    "address, source, destination",
    [
        ("a:1", None, "a:1"),
        ("a:1;b:2", "a:1", "b:2"),
        ("a;b;c", "a;b", "c"),
        (";b", "", "b"),
        ("a;", "a", ""),
    ],
)
def test_source_ends_at_the_last_semicolon(address, source, destination):
    assert split_source(address) == (source, destination)


@pytest.mark.parametrize("zone, number", [("eth0", None), ("4", 4), ("4x", 4), ("0", 0), ("_x", 0), ("é", 0)])
def test_zone_that_starts_with_a_letter_is_a_name(zone, number):
    assert zone_number(zone) == number


@pytest.mark.skipif(sys.platform == "win32", reason="no libc to ask")
@given(st.text("0123456789+- \t\n\v\f\rx.٣", max_size=30))
@example("9223372036854775807")
@example("9223372036854775808")
@example("-99999999999999999999")
def test_number_is_read_as_c_reads_it(text):
    theirs = ctypes.CDLL(None).atoi
    assert atoi(text) & 0xFFFF == theirs(text.encode()) & 0xFFFF


@given(st.text(), st.booleans())
def test_any_text_is_an_address_or_einval(text, bindable):
    for function, keywords in (
        (parse_endpoint, {}),
        (parse_host_and_port, {"bindable": bindable}),
        (check_connect_address, {}),
    ):
        if text or function is not check_connect_address:  # parse_endpoint() gives no empty address
            assert refusal(function, text, **keywords) in (None, EINVAL)
