"""Waiting for several sockets and descriptors: Poller, select, zmq_poll.

Rules:

- Sockets are asked for EVENTS; descriptors, and what has a fileno(), are polled by the system.
- A socket's descriptor stands for it: readable whenever its EVENTS may have grown since they were read last. So one
  system call tells which sockets to ask. Of the others, those that had events then are asked what the engine knows,
  for they may have been served meanwhile; those, too, whose EVENTS somebody else has read. The rest still have none.
- The first milliseconds of a wait cost nothing beyond that. Only a longer one tells each socket that somebody
  waits (`prepare_wait`), so that the keeper does not drive it at the same time, and minds their timers.
- One socket alone waits in its own loop, which is faster.
- A Poller passes over sockets that were closed before (PyZMQ's looks at standard input for each), unless nothing else
  is left; one that is closed while somebody waits for it ends the wait. Both are ENOTSOCK.
"""

from __future__ import annotations

from operator import index
from time import monotonic
from typing import TYPE_CHECKING, Any

from purezmq.constants import PollEvent
from purezmq.socket import Socket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from purezmq.engine.context import ContextCore
    from purezmq.engine.socket_core import SocketCore
    from purezmq.engine.system_poll import SystemPoll

__all__ = ["Poller", "select", "zmq_poll"]

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_POLLERR = int(PollEvent.POLLERR)
_BOTH = PollEvent.POLLIN | PollEvent.POLLOUT

_SHORT = 0.004  # s: shorter than the keeper's tick, in which it leaves sockets in use alone
_LONGEST = 3600.0  # s: a system call's time-out has a limit


class Poller:
    """Waits for any of several sockets, descriptors, or objects with a fileno()."""

    _flags: dict[Any, int]
    _wait: _Wait | None  # made of _flags on the next poll

    def __init__(self) -> None:
        self._flags = {}
        self._wait = None

    @property
    def sockets(self) -> list[tuple[Any, int]]:
        """What is registered, in the order of registration, with the events waited for."""
        return list(self._flags.items())

    def __contains__(self, socket: Any) -> bool:
        return socket in self._flags

    def register(self, socket: Any, flags: int = _BOTH) -> None:
        """Wait for these events of a socket from now on; flags 0 unregisters it."""
        self._wait = None
        if flags:
            self._flags[socket] = flags
        else:
            self._flags.pop(socket, None)

    def modify(self, socket: Any, flags: int = _BOTH) -> None:
        """Wait for other events of a socket."""
        self.register(socket, flags)

    def unregister(self, socket: Any) -> None:
        """Wait for it no more; KeyError: it was not registered."""
        self._wait = None
        del self._flags[socket]

    def poll(self, timeout: int | None = None) -> list[tuple[Any, int]]:
        """Return (socket or descriptor, events) for all that is ready, waiting up to timeout ms for the first.

        None or a negative timeout: no limit. In the order of registration; objects with a fileno() are returned
        as their descriptor.
        """
        if self._wait is None or self._wait.has_closed():
            rest = [wanted for wanted in self._flags.items() if not _is_closed(wanted[0])]
            self._wait = _Wait(rest or self._flags.items())
        return self._wait.poll(-1 if timeout is None or timeout < 0 else int(timeout))


def zmq_poll(sockets: Sequence[tuple[Any, int]], timeout: int = -1) -> list[tuple[Any, int]]:
    """Return what is ready of (socket or descriptor, events), waiting up to timeout ms; -1: no limit."""
    return _Wait(sockets).poll(int(timeout))


def select(
    rlist: list[Any], wlist: list[Any], xlist: list[Any], timeout: float | None = None
) -> tuple[list[Any], list[Any], list[Any]]:
    """Return which are readable, writable, in error, waiting up to timeout *seconds*; None: no limit.

    As select.select(), for sockets, descriptors, and objects with a fileno().
    """
    flags: dict[Any, int] = {}
    for wanted, event in ((rlist, _POLLIN), (wlist, _POLLOUT), (xlist, _POLLERR)):
        for socket in wanted:
            flags[socket] = flags.get(socket, 0) | event
    milliseconds = -1 if timeout is None or timeout < 0 else int(timeout * 1000)
    ready = zmq_poll(list(flags.items()), milliseconds)
    readable, writable, failed = (
        [socket for socket, events in ready if events & event] for event in (_POLLIN, _POLLOUT, _POLLERR)
    )
    return readable, writable, failed


class _Item:
    """One socket to ask, and where its answer goes."""

    __slots__ = ("answers", "core", "flags", "found", "place", "receiving", "socket")

    def __init__(self, socket: Socket[Any], flags: int, place: int) -> None:
        self.socket = socket
        self.core: SocketCore = socket._core
        self.receiving = socket._receiving  # by thread, whoever is in the midst of a message
        self.flags = flags
        self.place = place
        self.found = 0  # what it had when it was asked last
        self.answers = 0  # how often its EVENTS had been read then

    def ready(self) -> int:
        """Return EVENTS; the engine reads and writes for it."""
        self.answers = self.core.answers + 1  # before: who reads them meanwhile makes it more
        found = self.core.events(self.flags)
        if self.socket._receiving and self.socket._half_received():
            found |= _POLLIN
        self.found = found & self.flags
        return self.found

    def known(self) -> int:
        """Return EVENTS as they are known: right as long as the descriptor is not readable."""
        self.answers = self.core.answers
        found = 0
        if self.flags != _POLLIN or not self.core.surely_empty():
            found = self.core.known_events(self.flags)
        if self.socket._receiving and self.socket._half_received():
            found |= _POLLIN
        self.found = found & self.flags
        return self.found


class _Wait:
    """Waits for a fixed list of things, as often as wanted."""

    def __init__(self, wanted: Iterable[tuple[Any, int]]) -> None:
        self._items: list[_Item] = []
        self._raw: dict[int, list[int]] = {}  # descriptor: its places in the answer
        self._names: list[Any] = []  # what the answer calls each place
        masks: dict[int, int] = {}
        for place, (socket, flags) in enumerate(wanted):
            if isinstance(socket, Socket):
                self._items.append(_Item(socket, index(flags), place))
                self._names.append(socket)
            else:
                fd = _descriptor(socket)
                self._raw.setdefault(fd, []).append(place)
                self._names.append(fd)
                masks[fd] = masks.get(fd, 0) | index(flags)
        self._masks = masks
        self._by_fd: dict[int, _Item] = {}
        self._contexts: set[ContextCore] = {item.core.context for item in self._items}
        self._poll: SystemPoll | None = None

    def has_closed(self) -> bool:
        """Return whether one of the sockets has been closed."""
        for item in self._items:  # noqa: SIM110  # a generator takes three times as long
            if item.core.closed:
                return True
        return False

    def poll(self, timeout: int) -> list[tuple[Any, int]]:
        """Return what is ready, after up to timeout ms; negative: no limit."""
        items = self._items
        if not items and not self._raw:
            return []  # nothing will ever be ready; libzmq does not wait for it either
        if len(items) == 1 and not self._raw:
            item = items[0]
            found = Socket.poll(item.socket, timeout, item.flags) if not item.core.closed else item.ready()
            return [(item.socket, found)] if found else []
        ready = self._look_around()
        if not ready and timeout:
            ready = self._wait_for_any(None if timeout < 0 else monotonic() + timeout / 1000)
        return [(self._names[place], ready[place]) for place in sorted(ready)]

    def _look_around(self) -> dict[int, int]:
        """Return what is ready now."""
        first = self._poll is None  # from then on no event is missed, see `fd` in SocketCore
        ready = self._look(0)
        if first:
            ready.update(self._ask(self._items))
            return ready
        for item in self._items:
            core = item.core
            if core.outbox:
                core.flush()
            told = item.found or core.answers != item.answers or item.receiving
            if (told or core.closed) and item.place not in ready:
                found = item.known()
                if found:
                    ready[item.place] = found
        return ready

    def _wait_for_any(self, deadline: float | None) -> dict[int, int]:
        for context in self._contexts:
            if context.gathering:
                context.flush_gathering(None)
        short = monotonic() + _SHORT
        ready = self._wait_until(short if deadline is None else min(short, deadline), [])
        if ready or (deadline is not None and monotonic() >= deadline):
            return ready
        prepared: list[_Item] = []
        try:
            for item in self._items:
                item.core.prepare_wait()
                prepared.append(item)
            return self._wait_until(deadline, prepared)
        finally:
            for item in prepared:
                item.core.finish_wait()

    def _wait_until(self, deadline: float | None, timed: list[_Item]) -> dict[int, int]:
        """Wait until something is ready, minding the timers of the `timed` items."""
        while True:
            until = deadline
            for item in timed:
                timer = item.core.wait_deadline()
                if timer is not None and (until is None or timer < until):
                    until = timer
            patience = _LONGEST if until is None else until - monotonic()
            ready = self._look(max(patience, 0))
            if ready:
                return ready
            now = monotonic()
            if deadline is not None and now >= deadline:
                return {}
            if until is not None and now >= until:
                ready = self._ask(timed)  # which runs the timers
                if ready:
                    return ready

    def _look(self, seconds: float) -> dict[int, int]:
        """Ask the system, wait as long, and ask the sockets that it reports."""
        poll = self._poll or self._system_poll()
        ready: dict[int, int] = {}
        for fd, events in poll.wait(seconds):
            item = self._by_fd.get(fd)
            if item is not None:
                found = item.ready()
                if found:
                    ready[item.place] = found
            for place in self._raw.get(fd, ()):
                ready[place] = events
        return ready

    def _ask(self, items: list[_Item]) -> dict[int, int]:
        ready = {}
        for item in items:
            found = item.ready()
            if found:
                ready[item.place] = found
        return ready

    def _system_poll(self) -> SystemPoll:
        from purezmq.engine.system_poll import SystemPoll  # see context.py

        poll = self._poll = SystemPoll(self._masks)
        for item in self._items:
            fd = item.core.fd
            self._by_fd[fd] = item
            poll.watch(fd, _POLLIN)
        return poll


def _is_closed(socket: Any) -> bool:
    return isinstance(socket, Socket) and socket.closed


def _descriptor(socket: Any) -> int:
    if isinstance(socket, int):
        return socket
    fileno = getattr(socket, "fileno", None)
    if fileno is None:
        raise TypeError(f"Socket must be a 0MQ socket, an integer fd or have a fileno() method: {socket!r}")
    fd: int = fileno() if callable(fileno) else fileno
    return fd
