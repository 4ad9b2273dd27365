"""Steerable proxies: a fourth socket tells them to PAUSE, RESUME and TERMINATE; see proxy_steerable()."""

from __future__ import annotations

from typing import Any

from purezmq.constants import PUB
from purezmq.devices.basedevice import SocketSettings
from purezmq.devices.proxydevice import ProcessProxy, Proxy, ProxyBase, ThreadProxy
from purezmq.proxy import proxy_steerable

__all__ = ["ProxySteerable", "ThreadProxySteerable", "ProcessProxySteerable"]


class ProxySteerableBase(ProxyBase):
    """What all steerable proxies do; ctrl_type: the type of the socket that steers, e.g. PAIR. None: there is none."""

    def __init__(
        self, in_type: int, out_type: int, mon_type: int = PUB, ctrl_type: int | None = None
    ) -> None:
        super().__init__(in_type=in_type, out_type=out_type, mon_type=mon_type)
        self.ctrl_type = ctrl_type
        self._ctrl = SocketSettings(-1 if ctrl_type is None else ctrl_type)

    def bind_ctrl(self, addr: str) -> None:
        """Have the control socket bind to an endpoint."""
        self._ctrl.binds.append(addr)

    def bind_ctrl_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """Have the control socket bind to a port that is free now, and return it."""
        return self._bind_to_random_port(self._ctrl, addr, *args, **kwargs)

    def connect_ctrl(self, addr: str) -> None:
        """Have the control socket connect to an endpoint."""
        self._ctrl.connects.append(addr)

    def setsockopt_ctrl(self, opt: int, value: Any) -> None:
        """Set an option of the control socket, before it binds and connects."""
        self._ctrl.options.append((opt, value))

    def run_device(self) -> None:
        """Make the sockets and run until TERMINATE comes."""
        proxy_steerable(*self._setup_sockets())

    def _settings(self) -> list[SocketSettings]:
        return [*super()._settings(), *([] if self.ctrl_type is None else [self._ctrl])]


class ProxySteerable(ProxySteerableBase, Proxy):
    """A Proxy that is steered through a control socket."""


class ThreadProxySteerable(ProxySteerableBase, ThreadProxy):
    """A ProxySteerable in a thread of its own."""


class ProcessProxySteerable(ProxySteerableBase, ProcessProxy):
    """A ProxySteerable in a process of its own."""
