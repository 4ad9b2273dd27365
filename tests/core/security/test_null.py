"""NULL: READY each way. The bytes are those that libzmq 4.3.5 sent."""

from __future__ import annotations

import pytest

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    SocketType,
)
from purezmq.core.options import SocketOptions
from purezmq.core.security import Null, mechanism_for
from purezmq.errors import ProtocolError

READY_PUSH = b"\x05READY\x0bSocket-Type\0\0\0\x04PUSH"


def null() -> Null:
    return Null(SocketOptions.for_type(SocketType.PUSH), b"\x0bSocket-Type\0\0\0\x04PUSH", bytes)


def test_null_is_the_default():
    assert mechanism_for(SocketOptions.for_type(SocketType.PUSH)) is Null
    assert Null.name == b"NULL"


def test_ready_is_sent_once():
    ours = null()
    assert ours.next_command() == READY_PUSH
    assert ours.next_command() is None


def test_handshake_is_done_when_ready_came():
    ours = null()
    assert not ours.done
    ours.process_command(READY_PUSH)
    assert ours.done
    assert ours.properties == {"Socket-Type": b"PUSH"}


def test_frames_stay_as_they_are():
    assert Null.plain_frames


def test_other_command_is_refused():
    with pytest.raises(ProtocolError, match="b'HELLO' instead of READY") as caught:
        null().process_command(b"\x05HELLO")
    assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


def test_ready_with_broken_metadata_is_refused():
    ours = null()
    with pytest.raises(ProtocolError) as caught:
        ours.process_command(READY_PUSH[:-1])
    assert caught.value.args[1] == PROTOCOL_ERROR_ZMTP_INVALID_METADATA
    assert not ours.done
