"""Read what a monitor socket sends: see Socket.get_monitor_socket()."""

from __future__ import annotations

import struct
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypedDict, overload

from purezmq.constants import Event

if TYPE_CHECKING:
    from purezmq.asyncio import Socket as AsyncSocket
    from purezmq.socket import Socket

__all__ = ["parse_monitor_message", "recv_monitor_message"]

_EVENT_AND_VALUE = struct.Struct("=hi")


class _MonitorMessage(TypedDict):
    event: int
    value: int
    endpoint: bytes


def parse_monitor_message(msg: list[bytes]) -> _MonitorMessage:
    """Return the event (an Event), its value and the endpoint of a message that a monitor socket sent.

    Raises RuntimeError for any other message.
    """
    if len(msg) != 2 or len(msg[0]) != _EVENT_AND_VALUE.size:
        raise RuntimeError(f"Invalid event message format: {msg}")
    event, value = _EVENT_AND_VALUE.unpack(msg[0])
    return {"event": Event(event), "value": Event(value), "endpoint": msg[1]}


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
