"""Waiting for several sockets and descriptors in a greenlet: Poller, zmq_poll, select."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gevent.hub import Waiter, get_hub

from purezmq import poller
from purezmq.constants import PollEvent
from purezmq.errors import Again
from purezmq.green.station import Station, station_of, within
from purezmq.socket import Socket

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_POLLERR = int(PollEvent.POLLERR)
_READ, _WRITE = 1, 2  # gevent's

_Ready = list[tuple[Any, int]]


class _Poller(poller.Poller):
    """A Poller whose poll() blocks only the calling greenlet."""

    def poll(self, timeout: int | None = -1) -> _Ready:
        """Return what is ready, waiting up to timeout ms, see Poller.poll()."""
        return zmq_poll(self.sockets, -1 if timeout is None else timeout)


def zmq_poll(sockets: Sequence[tuple[Any, int]], timeout: int = -1) -> _Ready:
    """Return what is ready of (socket or descriptor, events), waiting up to timeout ms; -1: no limit."""
    ready = _look(sockets)
    return ready if ready or not timeout or not sockets else wait_for_any(sockets, timeout)


def select(
    rlist: list[Any], wlist: list[Any], xlist: list[Any], timeout: float | None = None
) -> tuple[list[Any], list[Any], list[Any]]:
    """Return which are readable, writable, in error, waiting up to timeout *seconds*; None: no limit."""
    flags: dict[Any, int] = {}
    for wanted, event in ((rlist, _POLLIN), (wlist, _POLLOUT), (xlist, _POLLERR)):
        for socket in wanted:
            flags[socket] = flags.get(socket, 0) | event
    ready = zmq_poll(list(flags.items()), -1 if timeout is None or timeout < 0 else int(timeout * 1000))
    readable, writable, failed = (
        [socket for socket, events in ready if events & event] for event in (_POLLIN, _POLLOUT, _POLLERR)
    )
    return readable, writable, failed


def wait_for_any(wanted: Sequence[tuple[Any, int]], timeout: float) -> _Ready:
    """Return what is ready, or nothing after so many milliseconds; negative: no limit."""
    try:
        return within(timeout, partial(_wait, wanted))
    except Again:
        return []


def _wait(wanted: Sequence[tuple[Any, int]]) -> _Ready:
    hub = get_hub()
    waiter: Waiter[None] = Waiter(hub)
    joined: list[tuple[Station, tuple[Waiter[None], int]]] = []
    watchers: list[Any] = []
    try:
        for item, flags in wanted:
            if isinstance(item, Socket):
                entry = (waiter, int(flags))
                station = station_of(item._core)
                station.pollers.append(entry)
                joined.append((station, entry))
            else:
                mask = (_READ if flags & ~_POLLOUT else 0) | (_WRITE if flags & _POLLOUT else 0)
                watchers.append(hub.loop.io(item if isinstance(item, int) else item.fileno(), mask))
                watchers[-1].start(_wake, waiter)
        while True:
            ready = _look(wanted)  # after we have joined: from here on nothing is missed
            if ready:
                return ready
            waiter.get()
            waiter.clear()
    finally:
        for station, entry in joined:
            station.pollers.remove(entry)
            station.leave()
        for watcher in watchers:
            watcher.stop()
            watcher.close()


def _wake(waiter: Waiter[None]) -> None:
    if not waiter.ready():
        waiter.switch(None)


def _look(wanted: Sequence[tuple[Any, int]]) -> _Ready:
    """Return what is ready now."""
    raw = [(item, flags) for item, flags in wanted if not isinstance(item, Socket)]
    found = dict(poller.zmq_poll(raw, 0)) if raw else {}
    ready = []
    for item, flags in wanted:
        if isinstance(item, Socket):
            events = Socket.poll(item, 0, flags) if not item.closed else item._core.events(flags)
        else:
            item = item if isinstance(item, int) else item.fileno()
            events = found.get(item, 0)
        if events:
            ready.append((item, events))
    return ready
