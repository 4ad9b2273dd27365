"""Read what a monitor socket sends: see Socket.get_monitor_socket()."""

from __future__ import annotations

import struct
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, overload

from purezmq.constants import Event

if TYPE_CHECKING:
    from purezmq.asyncio import Socket as AsyncSocket
    from purezmq.socket import Socket

__all__ = ["parse_monitor_message", "recv_monitor_message"]

_EVENT_AND_VALUE = struct.Struct("=hi")
_FRAMES_AT_LEAST = 5  # of version 2: the event, how many values, one value, two endpoints


_NUMBER = struct.Struct("=Q")  # in messages of version 2


class _MonitorMessage(TypedDict):
    event: int
    value: int
    endpoint: bytes
    values: NotRequired[list[int]]  # the rest: of version 2 only
    local: NotRequired[bytes]
    remote: NotRequired[bytes]


def parse_monitor_message(msg: list[bytes]) -> _MonitorMessage:
    """Return the event (an Event), its value and the endpoint of a message that a monitor socket sent.

    Of a message of version 2 (Socket.monitor_versioned) also all its values, and its local and remote endpoints; the
    endpoint is the remote one then, if there is one. Raises RuntimeError for any other message.
    """
    if len(msg) >= _FRAMES_AT_LEAST:
        return _parse_version_2(msg)
    if len(msg) != 2 or len(msg[0]) != _EVENT_AND_VALUE.size:
        raise RuntimeError(f"Invalid event message format: {msg}")
    event, value = _EVENT_AND_VALUE.unpack(msg[0])
    return {"event": Event(event), "value": Event(value), "endpoint": msg[1]}


def _parse_version_2(msg: list[bytes]) -> _MonitorMessage:
    *numbers, local, remote = msg
    if any(len(frame) != _NUMBER.size for frame in numbers):
        raise RuntimeError(f"Invalid event message format: {msg}")
    event, count, *values = (_NUMBER.unpack(frame)[0] for frame in numbers)
    if count != len(values):
        raise RuntimeError(f"Invalid event message format: {msg}")
    return {
        "event": Event(event),
        "value": values[0],
        "endpoint": remote or local,
        "values": values,
        "local": local,
        "remote": remote,
    }


@overload
def recv_monitor_message(socket: AsyncSocket, flags: int = 0) -> Awaitable[_MonitorMessage]: ...


@overload
def recv_monitor_message(socket: Socket[bytes], flags: int = 0) -> _MonitorMessage: ...


def recv_monitor_message(socket: Any, flags: int = 0) -> _MonitorMessage | Awaitable[_MonitorMessage]:
    """Receive the next event from a monitor socket; awaitable if the socket's recv_multipart() is."""
    message = socket.recv_multipart(flags)
    if isinstance(message, Awaitable):
        return _parse_awaited(message)
    return parse_monitor_message(message)


async def _parse_awaited(message: Awaitable[list[bytes]]) -> _MonitorMessage:
    return parse_monitor_message(await message)
