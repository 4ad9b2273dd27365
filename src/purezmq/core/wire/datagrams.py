"""What a UDP datagram holds (libzmq's udp_engine.cpp).

RADIO and DISH: one byte, how long the group is; the group; the body. A datagram that is shorter than its group is
none, and is dropped. DGRAM: the body alone; who sent it, or is to get it, is a part of the message, b"127.0.0.1:5555"
and, when it is received, a zero byte behind it, as libzmq gives it.
"""

from __future__ import annotations

from typing import Any, Protocol


class Datagrams(Protocol):
    """Messages of two parts to datagrams and back."""

    def pack(self, message: list[Any]) -> tuple[bytes, tuple[str, int] | None] | None:
        """Return the datagram and where it is to go; None for where: to the endpoint. None: it cannot be one."""

    def unpack(self, datagram: bytes, host: str, port: int) -> list[bytes] | None:
        """Return the message that came from this address; None: it is none."""


class GroupDatagrams:
    """A group and a body."""

    def pack(self, message: list[Any]) -> tuple[bytes, tuple[str, int] | None] | None:
        group, body = message
        return bytes((len(group),)) + group + bytes(body), None

    def unpack(self, datagram: bytes, host: str, port: int) -> list[bytes] | None:
        start = 1 + datagram[0] if datagram else 1
        if start > len(datagram):
            return None
        return [datagram[1:start], datagram[start:]]


class AddressedDatagrams:
    """The peer's address and a body."""

    def pack(self, message: list[Any]) -> tuple[bytes, tuple[str, int] | None] | None:
        address = bytes(message[0]).partition(b"\0")[0].decode("latin-1")
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        if not host or not port.isdecimal() or len(port) > 5 or not 0 < int(port) <= 0xFFFF:
            return None
        return bytes(message[1]), (host, int(port))

    def unpack(self, datagram: bytes, host: str, port: int) -> list[bytes] | None:
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return [name.encode() + b"\0", datagram]
