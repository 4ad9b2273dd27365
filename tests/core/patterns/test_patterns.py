"""The table of patterns, and what holds for every one of them."""

import pytest

from purezmq.core.patterns import SOCKET_TYPES, pattern_for
from tests.core.patterns.tools import attach, make, make_pipe

TYPES = sorted(SOCKET_TYPES)

# RFCs 28 to 31, 41, 48, 49, 51, 52; libzmq's mechanism.cpp check_socket_type.
COMPATIBLE = {
    "PAIR": "PAIR",
    "PUB": "SUB XSUB",
    "SUB": "PUB XPUB",
    "REQ": "REP ROUTER",
    "REP": "REQ DEALER",
    "DEALER": "REP DEALER ROUTER",
    "ROUTER": "REQ DEALER ROUTER",
    "PULL": "PUSH",
    "PUSH": "PULL",
    "XPUB": "SUB XSUB",
    "XSUB": "PUB XPUB",
    "STREAM": "",
    "SERVER": "CLIENT",
    "CLIENT": "SERVER",
    "GATHER": "SCATTER",
    "SCATTER": "GATHER",
    "RADIO": "DISH",
    "DISH": "RADIO",
    "PEER": "PEER",
    "CHANNEL": "CHANNEL",
    "DGRAM": "",
}


def test_every_pattern_is_in_the_table():
    assert {kind.name for kind in SOCKET_TYPES} == set(COMPATIBLE)


@pytest.mark.parametrize("kind", TYPES)
def test_pattern_is_found_by_its_type(kind):
    assert pattern_for(kind).socket_type is kind


@pytest.mark.parametrize("kind", TYPES)
def test_pattern_accepts_the_peers_of_the_rfc(kind):
    assert {peer.name for peer in pattern_for(kind).peers} == set(COMPATIBLE[kind.name].split())


def _named(attribute):
    return {kind.name for kind in SOCKET_TYPES if getattr(pattern_for(kind), attribute)}


def test_sockets_that_cannot_send():
    assert set(COMPATIBLE) - _named("can_send") == {"SUB", "PULL", "GATHER", "DISH"}


def test_sockets_that_cannot_receive():
    assert set(COMPATIBLE) - _named("can_receive") == {"PUB", "PUSH", "SCATTER", "RADIO"}


def test_sockets_that_announce_a_routing_id():
    assert _named("announces_routing_id") == {"REQ", "DEALER", "ROUTER"}


def test_sockets_that_heed_conflate():
    assert _named("can_conflate") == {"PUSH", "PULL", "PUB", "SUB", "DEALER"}


def test_sockets_that_ignore_a_second_connect():
    assert _named("one_connection_per_endpoint") == {"DEALER", "SUB", "PUB", "REQ"}


def test_sockets_that_are_told_of_subscriptions():
    told = {kind.name for kind in SOCKET_TYPES if pattern_for(kind).takes >= {b"SUBSCRIBE", b"CANCEL"}}
    assert told == {"PUB", "XPUB"}


def test_sockets_that_send_and_receive_in_turns():
    assert _named("lockstep") == {"REQ", "REP"}


@pytest.mark.parametrize("kind", TYPES)
def test_lonely_pattern_has_nothing_to_read(kind):
    assert not make(kind).readable()


@pytest.mark.parametrize("kind", TYPES)
def test_pattern_takes_an_attached_peer_before_its_link_is_up(kind):
    pattern = make(kind)
    pipe = make_pipe()
    pattern.attach(pipe)
    assert pattern.pipes == [pipe]
    pattern.detach(pipe)
    assert pattern.pipes == []


@pytest.mark.parametrize("kind", TYPES)
def test_pattern_is_told_of_an_empty_inbox_without_harm(kind):
    pattern = make(kind)
    pattern.arrived(attach(pattern, stream_notify=0))
    assert not pattern.readable()


@pytest.mark.parametrize("kind", TYPES)
def test_pattern_leaves_nothing_dirty_without_sending_anything(kind):
    pattern = make(kind)
    pipe = attach(pattern)
    assert not pipe.outbox
