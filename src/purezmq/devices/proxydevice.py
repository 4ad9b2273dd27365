"""Proxy devices: a third socket gets a copy of every message."""

from __future__ import annotations

from typing import Any

from purezmq.constants import PUB, QUEUE
from purezmq.devices.basedevice import Device, ProcessDevice, SocketSettings, ThreadDevice

__all__ = ["Proxy", "ThreadProxy", "ProcessProxy"]


class ProxyBase(Device):
    """What all proxy devices do; mon_type: the type of the socket that gets the copies."""

    def __init__(self, in_type: int, out_type: int, mon_type: int = PUB) -> None:
        super().__init__(QUEUE, in_type, out_type)
        self.mon_type = mon_type
        self._mon = SocketSettings(mon_type)

    def bind_mon(self, addr: str) -> None:
        """Have the monitor socket bind to an endpoint."""
        self._mon.binds.append(addr)

    def bind_mon_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """Have the monitor socket bind to a port that is free now, and return it."""
        return self._bind_to_random_port(self._mon, addr, *args, **kwargs)

    def connect_mon(self, addr: str) -> None:
        """Have the monitor socket connect to an endpoint."""
        self._mon.connects.append(addr)

    def setsockopt_mon(self, opt: int, value: Any) -> None:
        """Set an option of the monitor socket, before it binds and connects."""
        self._mon.options.append((opt, value))

    def _settings(self) -> list[SocketSettings]:
        return [*super()._settings(), self._mon]


class Proxy(ProxyBase, Device):
    """A Device whose third socket, usually a PUB, gets a copy of every message."""


class ThreadProxy(ProxyBase, ThreadDevice):
    """A Proxy in a thread of its own."""


class ProcessProxy(ProxyBase, ProcessDevice):
    """A Proxy in a process of its own."""
