"""ZAP requests and replies (RFC 27)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzz.fuzz_zap import check_reply
from purezmq.constants import (
    PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
    PROTOCOL_ERROR_ZAP_BAD_VERSION,
    PROTOCOL_ERROR_ZAP_INVALID_METADATA,
    PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
    PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
    PROTOCOL_ERROR_ZAP_UNSPECIFIED,
)
from purezmq.core.security.zap import Request, parse_reply
from purezmq.errors import ProtocolError

REPLY = [b"", b"1.0", b"1", b"200", b"OK", b"joe", b"\x05Hello\0\0\0\x05World"]


def reply(**changed: bytes) -> list[bytes]:
    names = ["delimiter", "version", "id", "status", "text", "user", "metadata"]
    return [changed.get(name, frame) for name, frame in zip(names, REPLY, strict=True)]


def test_request_is_laid_out_as_libzmq_does():
    asked = Request(b"home", b"IDENT", b"PLAIN", (b"joe", b"secret"))
    assert asked.frames(b"1", "127.0.0.1") == [
        b"",
        b"1.0",
        b"1",
        b"home",
        b"127.0.0.1",
        b"IDENT",
        b"PLAIN",
        b"joe",
        b"secret",
    ]


def test_request_does_not_show_credentials():
    assert repr(Request(b"", b"", b"PLAIN", (b"joe", b"secret"))) == "Request(PLAIN)"


def test_reply_is_taken_apart():
    said = parse_reply(REPLY, b"1")
    assert (said.status, said.text, said.properties) == (200, "OK", {"User-Id": b"joe", "Hello": b"World"})


@pytest.mark.parametrize("status", [200, 300, 400, 500])
def test_every_status_is_known(status):
    assert parse_reply(reply(status=b"%d" % status), b"1").status == status


@pytest.mark.parametrize(
    ("frames", "number"),
    [
        ([], PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        (REPLY[:-1], PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        ([*REPLY, b""], PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        (reply(delimiter=b"x"), PROTOCOL_ERROR_ZAP_UNSPECIFIED),
        (reply(version=b"1.1"), PROTOCOL_ERROR_ZAP_BAD_VERSION),
        (reply(version=b"1.0\0"), PROTOCOL_ERROR_ZAP_BAD_VERSION),
        (reply(id=b"2"), PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID),
        (reply(status=b"201"), PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        (reply(status=b"100"), PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        (reply(status=b"600"), PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        (reply(status=b""), PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        (reply(metadata=b"\x05Hello"), PROTOCOL_ERROR_ZAP_INVALID_METADATA),
    ],
)
def test_nonsense_is_refused_with_libzmqs_number(frames, number):
    with pytest.raises(ProtocolError) as caught:
        parse_reply(frames, b"1")
    assert caught.value.args[1] == number


# Frames that are nearly right go further than random ones.
FRAME = st.one_of(
    st.sampled_from(
        [*REPLY, b"300", b"400", b"500", b"1.1", b"PLAIN", b"CURVE", b"NULL", b"joe", b"secret", bytes(32)]
    ),
    st.binary(max_size=40),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(FRAME, max_size=9))
@example(REPLY)
def test_whatever_the_handler_answers_lets_in_or_keeps_out(frames):
    check_reply(frames)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 6), FRAME)
def test_reply_with_one_frame_altered_lets_in_or_keeps_out(index, frame):
    check_reply([*REPLY[:index], frame, *REPLY[index + 1 :]])
