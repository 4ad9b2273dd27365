"""Datagrams: literal bytes both ways, and nonsense."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fuzz.fuzz_datagrams import check
from purezmq.core.message import SharedPart
from purezmq.core.wire.datagrams import AddressedDatagrams, GroupDatagrams

groups, addresses = GroupDatagrams(), AddressedDatagrams()


def test_a_group_stands_before_the_body_with_its_size():
    # As a libzmq 4.3.5 with draft sockets sent it.
    assert groups.pack([b"group", b"body"]) == (b"\x05groupbody", None)
    assert groups.unpack(b"\x05groupbody", "127.0.0.1", 1) == [b"group", b"body"]


@pytest.mark.parametrize("datagram", [b"", b"\x01", b"\x05grou", b"\xff" + b"x" * 254])
def test_a_datagram_that_is_shorter_than_its_group_is_none(datagram):
    assert groups.unpack(datagram, "127.0.0.1", 1) is None


@given(st.binary(max_size=600))
def test_any_datagram_is_a_message_or_none(datagram):
    message = groups.unpack(datagram, "127.0.0.1", 1)
    if message is not None:
        assert groups.pack(message) == (datagram, None)


def test_shared_parts_are_packed():
    assert groups.pack([b"g", SharedPart(memoryview(b"x"))]) == (b"\x01gx", None)
    assert addresses.pack([b"127.0.0.1:5", SharedPart(memoryview(b"x"))]) == (b"x", ("127.0.0.1", 5))


@pytest.mark.parametrize(
    ("host", "port", "name"), [("127.0.0.1", 5555, b"127.0.0.1:5555\0"), ("::1", 1, b"[::1]:1\0")]
)
def test_an_address_goes_out_as_it_came_in(host, port, name):
    assert addresses.unpack(b"x", host, port) == [name, b"x"]
    assert addresses.pack([name, b"x"]) == addresses.pack([name[:-1], b"x"]) == (b"x", (host, port))


@pytest.mark.parametrize(
    "address",
    [b"", b":", b"host", b"host:", b":5", b"1.2.3.4:0", b"1.2.3.4:65536", b"1.2.3.4:-1", b"\xff:\xb2"],
)
def test_what_is_no_address_is_none(address):
    assert addresses.pack([address, b"x"]) is None


@given(
    st.binary(max_size=600),
    st.one_of(st.binary(max_size=40), st.integers(-1, 10**5).map(lambda port: b"127.0.0.1:%d" % port)),
    st.integers(1, 0xFFFF),
)
@example(b"", b"127.0.0.1:" + b"9" * 5000, 1)
@example(b"", b"[:77", 1)
def test_whatever_comes_or_is_to_go_is_a_message_or_nothing(datagram, address, port):
    check(datagram, address, port)
