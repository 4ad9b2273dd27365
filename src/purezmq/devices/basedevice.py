"""Device, ThreadDevice, ProcessDevice: two sockets and a proxy between them, made where they run.

Rules:

- A device is told what its sockets are to be (types, options, endpoints) before it starts. The sockets are made in
  the thread or process that runs it; nobody else touches them.
- It ends when its context ends, or when its sockets are closed; that is no error. Then it closes what it made.
- A ProcessDevice is pickled where processes are spawned, so a device holds nothing but plain data until it runs.
- Subclasses add sockets: `_settings` has one entry for each, and `run_device` makes them and works.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from errno import ENOTSOCK
from multiprocessing import Process
from threading import Thread
from typing import Any

from purezmq.constants import ETERM, PUSH, QUEUE
from purezmq.context import Context
from purezmq.errors import ZMQBindError, ZMQError
from purezmq.proxy import proxy
from purezmq.socket import Socket

__all__ = ["Device", "ThreadDevice", "ProcessDevice"]

_TRIES = 5  # to find a port that this device has not reserved yet
_LOOK = 0.001  # seconds between two looks at `done`


class SocketSettings:
    """What one socket of a device is to be."""

    __slots__ = ("binds", "connects", "options", "socket_type")

    def __init__(self, socket_type: int) -> None:
        self.socket_type = socket_type
        self.options: list[tuple[int, Any]] = []
        self.binds: list[str] = []
        self.connects: list[str] = []


class Device:
    """Runs a proxy between two sockets; in the caller's thread, unless a subclass says otherwise.

    device_type: kept, and without meaning. in_type, out_type: socket types; with an out_type below 0 one socket is
    both sides.
    """

    # Called where the device runs. Context.instance: with the program's own inproc endpoints.
    context_factory: Callable[[], Context[Any]] = Context.instance

    daemon: bool  # whether the program may end while this runs
    done: bool  # whether it has run
    device_type: int
    in_type: int
    out_type: int

    def __init__(
        self, device_type: int = QUEUE, in_type: int | None = None, out_type: int | None = None
    ) -> None:
        if in_type is None:
            raise TypeError("in_type must be specified")
        if out_type is None:
            raise TypeError("out_type must be specified")
        self.device_type = device_type
        self.in_type = in_type
        self.out_type = out_type
        self.daemon = True
        self.done = False
        self._in = SocketSettings(in_type)
        self._out = SocketSettings(out_type)
        self._random_addrs: list[str] = []
        self._sockets: list[Socket[Any]] = []

    # -- before it runs ------------------------------------------------------------------------------------

    def bind_in(self, addr: str) -> None:
        """Have the in socket bind to an endpoint."""
        self._in.binds.append(addr)

    def bind_in_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """Have the in socket bind to a port that is free now, and return it; see Socket.bind_to_random_port()."""
        return self._bind_to_random_port(self._in, addr, *args, **kwargs)

    def connect_in(self, addr: str) -> None:
        """Have the in socket connect to an endpoint."""
        self._in.connects.append(addr)

    def setsockopt_in(self, opt: int, value: Any) -> None:
        """Set an option of the in socket, before it binds and connects."""
        self._in.options.append((opt, value))

    def bind_out(self, addr: str) -> None:
        """Have the out socket bind to an endpoint."""
        self._out.binds.append(addr)

    def bind_out_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """Have the out socket bind to a port that is free now, and return it; see Socket.bind_to_random_port()."""
        return self._bind_to_random_port(self._out, addr, *args, **kwargs)

    def connect_out(self, addr: str) -> None:
        """Have the out socket connect to an endpoint."""
        self._out.connects.append(addr)

    def setsockopt_out(self, opt: int, value: Any) -> None:
        """Set an option of the out socket, before it binds and connects."""
        self._out.options.append((opt, value))

    def _bind_to_random_port(self, settings: SocketSettings, addr: str, *args: int, **kwargs: int) -> int:
        port = self._reserve_random_port(addr, *args, **kwargs)
        settings.binds.append(f"{addr}:{port}")
        return port

    def _reserve_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """Return a port that was free a moment ago, and that this device has not been given yet."""
        with Context() as context, context.socket(PUSH) as socket:
            for _ in range(_TRIES):
                port = socket.bind_to_random_port(addr, *args, **kwargs)
                if f"{addr}:{port}" not in self._random_addrs:
                    self._random_addrs.append(f"{addr}:{port}")
                    return port
        raise ZMQBindError("Could not reserve random port.")

    # -- running -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run. Subclasses return at once, and run in the background."""
        self.run()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has run, for up to timeout seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.done and (deadline is None or time.monotonic() < deadline):
            time.sleep(_LOOK)  # an Event could not be pickled

    def run(self) -> None:
        """Run until the context ends; errors other than that are raised."""
        try:
            self.run_device()
        except ZMQError as reason:
            if reason.errno not in (ETERM, ENOTSOCK):
                raise
        finally:
            self.done = True
            for socket in self._sockets:
                socket.close()

    def run_device(self) -> None:
        """Make the sockets and work: what a subclass with other work overrides."""
        proxy(*self._setup_sockets())

    def _settings(self) -> list[SocketSettings]:
        """Return the settings of all sockets, in the order in which `run_device` wants them."""
        return [self._in, self._out]

    def _setup_sockets(self) -> list[Socket[Any]]:
        self._context = self.context_factory()
        plans: list[tuple[Socket[Any], SocketSettings]] = []
        for settings in self._settings():
            if settings is self._out and settings.socket_type < 0:
                socket = plans[0][0]
            else:
                socket = self._context.socket(settings.socket_type)
                self._sockets.append(socket)
            plans.append((socket, settings))
        for socket, settings in plans:  # options first: they count for what is bound and connected later
            for option, value in settings.options:
                socket.set(option, value)
        for socket, settings in plans:
            for endpoint in settings.binds:
                socket.bind(endpoint)
        for socket, settings in plans:
            for endpoint in settings.connects:
                socket.connect(endpoint)
        return [socket for socket, _ in plans]


class BackgroundDevice(Device):
    """A device that runs in what `_launch_class` makes: a thread or a process."""

    launcher: Any = None
    _launch_class: Any = None

    def start(self) -> None:
        """Start it in the background."""
        self.launcher = self._launch_class(target=self.run)
        self.launcher.daemon = self.daemon
        self.launcher.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, for up to timeout seconds."""
        self.launcher.join(timeout=timeout)


class ThreadDevice(BackgroundDevice):
    """A Device in a thread of its own."""

    _launch_class = Thread


class ProcessDevice(BackgroundDevice):
    """A Device in a process of its own, with a context of its own."""

    _launch_class = Process
    context_factory = Context
