"""Commands: literal bytes both ways, and every length that points outside is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
)
from purezmq.core.wire import commands
from purezmq.errors import ProtocolError

# As libzmq 4.3.5 sent it for a DEALER with the routing id "me".
READY_DEALER = b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x02me"


def test_ready_is_what_libzmq_sends():
    metadata = commands.encode_metadata([(b"Socket-Type", b"DEALER"), (b"Identity", b"me")])
    assert commands.encode_command(commands.READY, metadata) == READY_DEALER


def test_ready_of_libzmq_is_understood():
    name, data = commands.parse_command(READY_DEALER)
    assert name == b"READY"
    assert commands.parse_metadata(data) == {"Socket-Type": b"DEALER", "Identity": b"me"}


def test_metadata_may_be_empty():
    assert commands.parse_metadata(b"") == {}


def test_of_two_properties_with_one_name_the_first_counts():
    assert commands.parse_metadata(b"\x03X-a\0\0\0\x011\x03X-a\0\0\0\x012") == {"X-a": b"1"}


def test_names_of_known_properties_are_case_insensitive():
    assert commands.parse_metadata(b"\x0bSOCKET-type\0\0\0\x03SUB") == {"Socket-Type": b"SUB"}


@pytest.mark.parametrize("cut", range(1, len(READY_DEALER) - 6))
def test_metadata_cut_short_is_refused_or_shorter(cut):
    data = READY_DEALER[6 : 6 + cut]
    if data == b"\x0bSocket-Type\0\0\0\x06DEALER":
        assert list(commands.parse_metadata(data)) == ["Socket-Type"]
    else:
        with pytest.raises(ProtocolError) as caught:
            commands.parse_metadata(data)
        assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_INVALID_METADATA


def test_a_value_of_4_gigabytes_is_refused():
    with pytest.raises(ProtocolError, match="reaches beyond"):
        commands.parse_metadata(b"\x01a\xff\xff\xff\xffxyz")


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.binary(max_size=300)), max_size=5))
def test_metadata_survives_the_way_there_and_back(properties):
    expected: dict[str, bytes] = {}
    for name, value in properties:
        expected.setdefault(name.decode("latin-1"), value)
    assert commands.parse_metadata(commands.encode_metadata(properties)) == expected


@given(st.binary(max_size=60))
def test_any_metadata_is_parsed_or_refused(data):
    try:
        properties = commands.parse_metadata(data)
    except ProtocolError:
        return
    assert sum(len(name) + len(value) + 5 for name, value in properties.items()) <= len(data)


@pytest.mark.parametrize("body", [b"", b"\0", b"\0x", b"\x01", b"\x05READ", b"\xffPING"])
def test_command_whose_name_does_not_fit_is_refused(body):
    with pytest.raises(ProtocolError) as caught:
        commands.parse_command(body)
    assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED


def test_command_may_have_no_data():
    assert commands.parse_command(b"\x04PONG") == (b"PONG", b"")


def test_error_is_a_length_and_a_reason():
    assert commands.encode_error(b"400") == b"\x05ERROR\x03400"
    assert commands.parse_error(b"\x03400") == b"400"


def test_error_may_have_an_empty_reason():
    assert commands.parse_error(b"\0") == b""


@pytest.mark.parametrize("data", [b"", b"\x04400", b"\x02400"])
def test_error_whose_reason_does_not_fit_is_refused(data):
    with pytest.raises(ProtocolError) as caught:
        commands.parse_error(data)
    assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR


def test_ping_has_its_ttl_in_tenths_of_a_second():
    assert commands.encode_ping(25) == b"\x04PING\x00\x19"  # libzmq with HEARTBEAT_TTL 2500
    assert commands.parse_ping(b"\x00\x19") == (25, b"")


def test_context_of_a_ping_is_cut_after_16_bytes():
    assert commands.parse_ping(b"\0\0" + b"c" * 20) == (0, b"c" * 16)


@pytest.mark.parametrize("data", [b"", b"\0"])
def test_ping_without_a_whole_ttl_is_refused(data):
    with pytest.raises(ProtocolError, match="TTL of 2"):
        commands.parse_ping(data)


def test_pong_carries_the_context():
    assert commands.encode_pong(b"ctx") == b"\x04PONGctx"
