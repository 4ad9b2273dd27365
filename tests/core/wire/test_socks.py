"""SOCKS 5 as a client: the bytes of RFC 1928 and 1929, whole, byte by byte, and wrong."""

from errno import (
    EACCES,
    EAFNOSUPPORT,
    ECONNABORTED,
    ECONNREFUSED,
    EHOSTUNREACH,
    ENETUNREACH,
    EOPNOTSUPP,
    EPROTO,
    ETIMEDOUT,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.core.wire.socks import SocksHandshake

NO_PASSWORD = b"\x05\x00"
PASSWORD = b"\x05\x02"
WELCOME = b"\x01\x00"
CONNECTED = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38"
TO_LOOPBACK = b"\x05\x01\x00\x01\x7f\x00\x00\x01\x15\xb3"  # 127.0.0.1:5555


def to_loopback(*credentials):
    return SocksHandshake(b"127.0.0.1", b"\x7f\x00\x00\x01", 5555, *credentials)


def tell(handshake, answers, piece=1000):
    """Answer in pieces, as much as is wanted; return what was said, each time before an answer."""
    said = []
    while answers and not handshake.done:
        if handshake.outgoing:
            said.append(handshake.outgoing)
            handshake.sent(len(handshake.outgoing))
        count = min(handshake.wanted, piece)
        handshake.receive(answers[:count])
        answers = answers[count:]
    return said, answers


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_a_client_without_a_name_asks_and_is_connected(piece):
    handshake = to_loopback()
    said, rest = tell(handshake, NO_PASSWORD + CONNECTED, piece)
    assert said == [b"\x05\x01\x00", TO_LOOPBACK]
    assert handshake.done
    assert rest == b""


@pytest.mark.parametrize("piece", [1, 1000])
def test_a_client_with_a_name_logs_in_first(piece):
    handshake = to_loopback(b"me", b"secret")
    said, _ = tell(handshake, PASSWORD + WELCOME + CONNECTED, piece)
    assert said == [b"\x05\x01\x02", b"\x01\x02me\x06secret", TO_LOOPBACK]
    assert handshake.done


def test_a_password_may_be_empty():
    said, _ = tell(to_loopback(b"me"), PASSWORD + WELCOME)
    assert said[1] == b"\x01\x02me\x00"


def test_a_proxy_that_wants_no_password_gets_none():
    said, _ = tell(to_loopback(b"me", b"secret"), NO_PASSWORD + CONNECTED)
    assert said == [b"\x05\x01\x02", TO_LOOPBACK]


@pytest.mark.parametrize(
    "host, packed, request_",
    [
        (b"example.org", b"", b"\x05\x01\x00\x03\x0bexample.org\x00\x50"),
        (b"x" * 255, b"", b"\x05\x01\x00\x03\xff" + b"x" * 255 + b"\x00\x50"),
        (b"::1", bytes(15) + b"\x01", b"\x05\x01\x00\x04" + bytes(15) + b"\x01\x00\x50"),
    ],
)
def test_a_name_is_sent_as_it_is_and_an_address_packed(host, packed, request_):
    said, _ = tell(SocksHandshake(host, packed, 80), NO_PASSWORD + CONNECTED)
    assert said[1] == request_


@pytest.mark.parametrize(
    "reply",
    [
        CONNECTED,
        b"\x05\x00\x00\x04" + bytes(16) + b"\x00\x01",
        b"\x05\x00\x00\x03\x09localhost\x00\x01",
        b"\x05\x00\x00\x03\x00\x00\x01",
        b"\x05\x00\x00\x03\xff" + b"x" * 255 + b"\x00\x01",
    ],
)
@pytest.mark.parametrize("piece", [1, 4, 5, 1000])
def test_what_follows_the_reply_is_the_peers(reply, piece):
    handshake = to_loopback()
    _, rest = tell(handshake, NO_PASSWORD + reply + b"\xff the peer's greeting", piece)
    assert handshake.done
    assert rest == b"\xff the peer's greeting"


@pytest.mark.parametrize("size", range(len(NO_PASSWORD + CONNECTED)))
def test_a_truncated_answer_is_waited_for(size):
    handshake = to_loopback()
    tell(handshake, (NO_PASSWORD + CONNECTED)[:size], 1)
    assert not handshake.done
    assert handshake.wanted > 0


@pytest.mark.parametrize(
    "credentials, answers, number",
    [
        ((), b"\x04\x00", EPROTO),  # SOCKS 4
        ((), b"HTTP/1.1 400", EPROTO),
        ((), b"\x05\xff", EACCES),
        ((), b"\x05\x02", EACCES),  # a password, and there is none
        ((), b"\x05\x01", EPROTO),  # GSSAPI, which was not offered
        ((b"me",), b"\x05\xff", EACCES),
        ((b"me",), PASSWORD + b"\x01\x01", EACCES),
        ((b"me",), PASSWORD + b"\x05\x00", EPROTO),
        ((), NO_PASSWORD + b"\x01\x00\x00\x01\x00", EPROTO),
        ((), NO_PASSWORD + b"\x05\x00\x01\x01\x00", EPROTO),  # the reserved byte
        ((), NO_PASSWORD + b"\x05\x00\x00\x02\x00", EPROTO),  # no type of address
        ((), NO_PASSWORD + b"\x05\x01\x00\x01\x00", ECONNABORTED),
        ((), NO_PASSWORD + b"\x05\x02\x00\x01\x00", EACCES),
        ((), NO_PASSWORD + b"\x05\x03\x00\x01\x00", ENETUNREACH),
        ((), NO_PASSWORD + b"\x05\x04\x00\x01\x00", EHOSTUNREACH),
        ((), NO_PASSWORD + b"\x05\x05\x00\x01\x00", ECONNREFUSED),
        ((), NO_PASSWORD + b"\x05\x06\x00\x01\x00", ETIMEDOUT),
        ((), NO_PASSWORD + b"\x05\x07\x00\x01\x00", EOPNOTSUPP),
        ((), NO_PASSWORD + b"\x05\x08\x00\x01\x00", EAFNOSUPPORT),
        ((), NO_PASSWORD + b"\x05\x09\x00\x01\x00", EPROTO),
    ],
)
@pytest.mark.parametrize("piece", [1, 1000])
def test_a_refusal_or_nonsense_raises(credentials, answers, number, piece):
    with pytest.raises(OSError) as caught:
        tell(to_loopback(*credentials), answers, piece)
    assert caught.value.errno == number


def test_no_error_tells_the_password():
    with pytest.raises(OSError) as caught:
        tell(to_loopback(b"me", b"secret"), PASSWORD + b"\x01\x01")
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=300), st.booleans(), st.integers(1, 9))
def test_any_answer_is_waited_for_refused_or_done(answers, logs_in, piece):
    handshake = to_loopback(b"me", b"secret") if logs_in else to_loopback()
    try:
        tell(handshake, answers, piece)
    except OSError:
        return
    assert handshake.done or handshake.wanted > 0
