"""Descriptors, polled by the system; ZeroMQ's event masks in and out. For Poller, zmq_poll and select."""

from __future__ import annotations

from typing import Any

from purezmq.constants import PollEvent
from purezmq.engine.unpatched import select as system

_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_POLLERR = int(PollEvent.POLLERR)
_POLLPRI = int(PollEvent.POLLPRI)


if hasattr(system, "poll"):

    class SystemPoll:
        """epoll, or poll(2) where there is none, in ZeroMQ's event masks."""

        def __init__(self, raw: dict[int, int]) -> None:
            # epoll asks only who is ready: 100 sockets take it 4 us, and poll(2) 400 us. But it forgets a descriptor
            # of the program's that was closed and opened again under the same number.
            self._milliseconds = bool(raw) or not hasattr(system, "epoll")
            self._poll: Any = system.poll() if self._milliseconds else system.epoll()
            for fd, mask in raw.items():
                self.watch(fd, mask)

        def watch(self, fd: int, mask: int) -> None:
            wanted = system.POLLIN if mask & _POLLIN else 0
            wanted |= system.POLLOUT if mask & _POLLOUT else 0
            wanted |= system.POLLPRI if mask & _POLLPRI else 0
            self._poll.register(fd, wanted)

        def wait(self, seconds: float) -> list[tuple[int, int]]:
            """Return (descriptor, events). Rounded up to whole milliseconds."""
            timeout = -(-seconds * 1000 // 1) if self._milliseconds else seconds
            return [(fd, _events_of(found)) for fd, found in self._poll.poll(timeout)]

    def _events_of(found: int) -> int:
        if found == system.POLLIN:
            return _POLLIN
        events = _POLLIN if found & system.POLLIN else 0
        events |= _POLLOUT if found & system.POLLOUT else 0
        events |= _POLLPRI if found & system.POLLPRI else 0
        other = found & ~(system.POLLIN | system.POLLOUT | system.POLLPRI)
        return events | _POLLERR if other else events

else:  # Windows

    class SystemPoll:  # type: ignore[no-redef]
        """select(2), in ZeroMQ's event masks."""

        def __init__(self, raw: dict[int, int]) -> None:
            self._masks = dict(raw)

        def watch(self, fd: int, mask: int) -> None:
            self._masks[fd] = mask

        def wait(self, seconds: float) -> list[tuple[int, int]]:
            """Return (descriptor, events)."""
            readers = [fd for fd, mask in self._masks.items() if mask & _POLLIN]
            writers = [fd for fd, mask in self._masks.items() if mask & _POLLOUT]
            found: dict[int, int] = {}
            for fds, event in zip(
                system.select(readers, writers, list(self._masks), seconds),
                (_POLLIN, _POLLOUT, _POLLERR),
                strict=True,
            ):
                for fd in fds:
                    found[fd] = found.get(fd, 0) | event
            return list(found.items())
