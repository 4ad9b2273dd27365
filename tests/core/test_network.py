"""Networks, as TCP_ACCEPT_FILTER has them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purezmq.core.endpoint import parse_network
from purezmq.errors import ZMQError


def packed(address):
    return ipaddress.ip_address(address).packed


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("10.1.2.3/8", "10.255.0.1", "11.0.0.0"),
        ("10.0.0.0/9", "10.127.0.1", "10.128.0.0"),
        ("192.168.1.0/31", "192.168.1.1", "192.168.1.2"),
    ],
)
def test_addresses_that_begin_alike_are_in(text, inside, outside):
    network = parse_network(text, ipv6=False)
    assert network.has(packed(inside))
    assert not network.has(packed(outside))


def test_a_mask_of_0_lets_everybody_in():
    assert parse_network("10.0.0.0/0", ipv6=False).has(packed("1.2.3.4"))


def test_with_ipv6_there_are_both_kinds_and_mapped_addresses():
    assert parse_network("fe80::/10", ipv6=True).has(packed("fe80::1"))
    assert not parse_network("fe80::/10", ipv6=True).has(packed("2001:db8::1"))
    assert parse_network("127.0.0.1", ipv6=True).has(packed("::ffff:127.0.0.1"))
    assert not parse_network("127.0.0.1", ipv6=True).has(packed("127.0.0.1"))
    assert parse_network("10.0.0.0/8", ipv6=True).has(packed("::ffff:10.1.1.1"))
    assert not parse_network("10.0.0.0/8", ipv6=True).has(packed("::ffff:11.1.1.1"))


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_python_agrees(base, address, bits):
    text = f"{ipaddress.IPv4Address(base)}/{bits}"
    expected = ipaddress.IPv4Address(address) in ipaddress.ip_network(text, strict=False)
    assert parse_network(text, ipv6=False).has(address.to_bytes(4, "big")) == expected


@given(st.text(max_size=20), st.booleans())
def test_any_text_is_a_network_or_einval(text, ipv6):
    try:
        parse_network(text, ipv6)
    except ZMQError as refusal:
        assert refusal.errno == 22
