"""Handshakes and traffic with an honest peer whose every chunk is spoilt on its way, in each role. See fuzz/."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.fuzz_handshake import ROLES, check, connection, hear
from purezmq.core.connection import Connection

# What befalls the next chunk, and where: see Spoiler.
_INDEX = st.integers(0, 400).map(lambda at: at.to_bytes(2, "big"))
_SOME = st.binary(max_size=20).map(lambda some: bytes((len(some),)) + some)
DEED = st.one_of(
    st.just(b"\0"),
    st.just(b"\0"),
    st.builds(lambda at, by: b"\1" + at + by, _INDEX, st.binary(min_size=1, max_size=1)),
    st.builds(lambda at: b"\2" + at, _INDEX),
    st.builds(lambda some: b"\3" + some, _SOME),
    st.sampled_from([b"\4", b"\5", b"\6"]),
    st.builds(lambda some: b"\7" + some, _SOME),
    st.builds(lambda some, flags: b"\x08" + some + flags, _SOME, st.binary(min_size=1, max_size=1)),
    st.builds(lambda which: b"\x09" + which, st.binary(min_size=1, max_size=1)),
)
SCRIPT = st.builds(
    lambda piece, deeds: bytes((piece,)) + b"".join(deeds),
    st.sampled_from([0, 0, 0, 1, 7, 100]),
    st.lists(DEED, max_size=16),
)

# NULL has as many chunks as a greeting of two and one command; the others one or two commands more, then messages.
CHUNKS = 14
DEEDS = [b"\1\0\x20\1", b"\2\0\x20", b"\3\1x", b"\4", b"\5", b"\6", b"\7\1x", b"\x08\2\1xx", b"\x09\0"]

without_kdc = pytest.mark.parametrize("role", [role for role in ROLES if "gssapi" not in role])
with_kdc = pytest.mark.parametrize("role", [role for role in ROLES if "gssapi" in role])


@without_kdc
@settings(deadline=None, max_examples=200)
@given(script=SCRIPT)
@example(script=b"")
def test_whatever_befalls_the_peers_chunks_nothing_is_raised_kept_or_forged(role, script):
    check(role, script)


@without_kdc
@settings(deadline=None, max_examples=200)
@given(script=st.binary(max_size=60))
def test_so_with_any_bytes(role, script):
    check(role, script)


@without_kdc
def test_every_deed_at_every_chunk_is_borne(role):
    for chunk in range(CHUNKS):
        for deed in DEEDS:
            check(role, bytes(1 + chunk) + deed)


@pytest.mark.usefixtures("realm")
@with_kdc
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=SCRIPT)
@example(script=b"")
def test_so_with_the_contexts_of_a_kdc(role, script):
    pytest.importorskip("gssapi", reason="no package gssapi: pip install purezmq[gssapi]")
    check(role, script)


# -- traffic that is sealed ----------------------------------------------------------------------------------

SEALED = [
    (mechanism, serves)
    for mechanism, serves in (("CURVE", False), ("CURVE", True), ("GSSAPI", False), ("GSSAPI", True))
]
every_sealed = pytest.mark.parametrize(
    ("mechanism", "serves"),
    SEALED,
    ids=[f"{name} {'server' if serves else 'client'}" for name, serves in SEALED],
)
MESSAGES = [b"%d" % number * 50 for number in range(6)]


@pytest.fixture
def sealed(mechanism: str, serves: bool, request: pytest.FixtureRequest) -> tuple[Connection, list[bytes]]:
    """One of ours in traffic, and what its peer sends for MESSAGES."""
    if mechanism == "GSSAPI":
        pytest.importorskip("gssapi", reason="no package gssapi: pip install purezmq[gssapi]")
        request.getfixturevalue("realm")
    ours, theirs = connection(mechanism, serves, 1), connection(mechanism, not serves, 2)
    while ours.outgoing or theirs.outgoing:
        for speaks, hears in ((ours, theirs), (theirs, ours)):
            said = b"".join(speaks.outgoing)
            speaks.outgoing.clear()
            hear(hears, said, 0)
    return ours, [b"".join(theirs.encode([message])) for message in MESSAGES]


@every_sealed
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("earlier", [0, 1, 2])
def test_message_that_comes_again_ends_the_connection(sealed, earlier, at_once):
    ours, frames = sealed
    came = [*frames[:3], frames[earlier], *frames[3:]]
    got = hear(ours, b"".join(came), 0) if at_once else [part for one in came for part in hear(ours, one, 0)]
    assert got == MESSAGES[:3]
    assert ours.failed.event == "HANDSHAKE_FAILED_PROTOCOL"


@every_sealed
@pytest.mark.parametrize("at_once", [True, False])
def test_messages_that_change_places_end_the_connection(sealed, at_once):
    ours, frames = sealed
    came = [frames[0], frames[2], frames[1], *frames[3:]]
    got = hear(ours, b"".join(came), 0) if at_once else [part for one in came for part in hear(ours, one, 0)]
    assert got == [MESSAGES[0], MESSAGES[2]]
    assert ours.failed.event == "HANDSHAKE_FAILED_PROTOCOL"


@every_sealed
def test_what_is_sealed_is_not_readable(sealed):
    _, frames = sealed
    for message, frame in zip(MESSAGES, frames, strict=True):
        assert message[:5] not in frame


@every_sealed
def test_altered_traffic_never_arrives(sealed):
    ours, frames = sealed
    altered = bytearray(frames[0])
    altered[-1] ^= 1
    assert hear(ours, bytes(altered), 0) == []
    assert ours.failed.event == "HANDSHAKE_FAILED_PROTOCOL"
    assert hear(ours, frames[1], 0) == []
