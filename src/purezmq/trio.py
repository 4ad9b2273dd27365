"""trio: Context and Socket whose calls are awaited.

    async with purezmq.trio.Context() as context:
        with context.socket(purezmq.PULL) as socket:
            socket.bind("tcp://*:5555")
            async for parts in socket:
                ...

The rules:

- Every awaited call is a checkpoint. A call that is cancelled, at whatever point, has taken and sent nothing.
- Tasks that share a socket are served in the order of their calls. Messages that are sent or received part by part
  belong to the thread, not to the task: tasks that share a socket send and receive whole messages.
- A station stands at each socket that has been waited for: a system task, which watches the descriptor of the engine
  for as long as the socket is open and trio runs. No thread takes part.
- Who waits for a socket that is closed gets ZMQError(ENOTSOCK), and an ``async for`` ends.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import trio
from trio.lowlevel import (
    Abort,
    Task,
    TrioToken,
    cancel_shielded_checkpoint,
    checkpoint,
    checkpoint_if_cancelled,
    current_task,
    current_trio_token,
    reschedule,
    spawn_system_task,
    wait_readable,
    wait_task_rescheduled,
)

from purezmq._structured import AwaitedSocket
from purezmq._waiting import NOT_YET, WaitingRoom, attempted, take, take_now
from purezmq.constants import Flag, PollEvent
from purezmq.context import Context as SyncContext
from purezmq.errors import Again
from purezmq.socket import Socket as SyncSocket

if TYPE_CHECKING:
    from purezmq.engine.socket_core import SocketCore

__all__ = ["Context", "Socket"]

_DONTWAIT = int(Flag.DONTWAIT)

T = TypeVar("T")


class _Station(WaitingRoom[Task]):
    """Wakes the tasks of one trio run that wait for one socket (engine's Watcher)."""

    def __init__(self, core: SocketCore) -> None:
        super().__init__(core)
        self.token = current_trio_token()
        self._parked: set[Task] = set()
        self._rung = False
        self._scope = trio.CancelScope()
        fd = core.loop.fileno()
        core.add_watcher(self, polls=fd >= 0)
        _stations[core, self.token] = self
        spawn_system_task(self._watch, fd, name=f"purezmq socket {core.key}")

    async def _watch(self, fd: int) -> None:
        try:
            with self._scope:
                while not self.core.closed:
                    if fd >= 0:
                        await wait_readable(fd)
                        self.look(driving=True)
                    else:  # the keeper drives
                        await trio.sleep_forever()
        finally:
            del _stations[self.core, self.token]
            self.core.remove_watcher(self)

    def ring(self) -> bool:
        """Look soon; any thread (Watcher)."""
        if not self._rung and (self.core.closed or self.busy()):
            self._rung = True
            try:
                self.token.run_sync_soon(self._on_rung)
            except trio.RunFinishedError:
                return False
        return True

    def _on_rung(self) -> None:
        self._rung = False  # before the look: whoever rings from here on is heard again
        self.look()
        if self.core.closed:
            self._scope.cancel()

    def wake(self, waiter: Task) -> None:
        """Have a task go on."""
        if waiter in self._parked:
            self._parked.discard(waiter)
            reschedule(waiter)

    async def park(self) -> None:
        """Sleep until woken."""
        task = current_task()
        self._parked.add(task)

        def abort(_: Any) -> Abort:
            self._parked.discard(task)
            return Abort.SUCCEEDED

        await wait_task_rescheduled(abort)

    async def wait(self, queue: deque[Task], attempt: Callable[[], T]) -> T:
        """Return what the attempt returns, once it is not NOT_YET. A checkpoint."""
        task = current_task()
        queue.append(task)
        parked = False
        try:
            while True:
                if queue[0] is task:
                    result = attempt()
                    if result is not NOT_YET:
                        break
                await self.park()
                parked = True
        finally:
            queue.remove(task)
            self.ring()  # the next one may go on
        if not parked:
            await cancel_shielded_checkpoint()
        return result

    async def poll(self, flags: int, attempt: Callable[[], int]) -> int:
        """Return what the attempt returns, once it is not 0."""
        entry = (current_task(), flags)
        self.pollers.append(entry)
        try:
            while True:
                found = attempt()
                if found:
                    return found
                await self.park()
        finally:
            self.pollers.remove(entry)


_stations: dict[tuple[SocketCore, TrioToken], _Station] = {}


class Socket(AwaitedSocket):
    """A socket whose send, recv and poll are awaited; ``async for`` gives messages, each as a list of parts."""

    _repr_cls = "purezmq.trio.Socket"

    async def __aexit__(self, *raised: object) -> None:
        self.close()
        await checkpoint()

    # -- receiving -----------------------------------------------------------------------------------------

    async def recv(  # type: ignore[override]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Any:
        """Receive the next part, see Socket.recv()."""
        if flags or not copy or self._receiving:
            return await self._receive(partial(SyncSocket.recv, self, flags | _DONTWAIT, copy, track), flags)
        message = await self._take()
        return message if message.__class__ is bytes else bytes(self._first_part(message, None))

    async def recv_multipart(  # type: ignore[override]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Any:
        """Receive a whole message, see Socket.recv_multipart()."""
        if flags or not copy or self._receiving:
            attempt = partial(SyncSocket.recv_multipart, self, flags | _DONTWAIT, copy, track)
            return await self._receive(attempt, flags)
        message = await self._take()
        if message.__class__ is bytes:
            return [message]
        return [part if part.__class__ is bytes else bytes(part) for part in message]

    async def recv_into(  # type: ignore[override]
        self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0
    ) -> int:
        """Receive the next part into a buffer, see Socket.recv_into()."""
        attempt = partial(SyncSocket.recv_into, self, buffer, nbytes=nbytes, flags=flags | _DONTWAIT)
        return await self._receive(attempt, flags)

    async def _take(self) -> Any:
        """Return the next message."""
        await checkpoint_if_cancelled()
        core = self._core
        station = _stations.get((core, current_trio_token()))
        if station is None or not station.receivers:
            message = take_now(core)
            if message is not NOT_YET:
                await cancel_shielded_checkpoint()
                return message
        return await self._wait("receivers", partial(take, core), core.options.rcvtimeo)

    async def _receive(self, attempt: Callable[[], T], flags: int) -> T:
        """Return what an attempt returns, which raises Again when there is nothing."""
        return await self._try("receivers", attempt, flags, self._core.options.rcvtimeo)

    # -- sending -------------------------------------------------------------------------------------------

    async def send(  # type: ignore[override]
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> Any:
        """Send one part, see Socket.send()."""
        attempt = partial(SyncSocket.send, self, data, flags | _DONTWAIT, copy, track, routing_id, group)
        return await self._send(attempt, flags)

    async def send_multipart(  # type: ignore[override]
        self, msg_parts: Sequence[Any], flags: int = 0, copy: bool = True, track: bool = False, **kwargs: Any
    ) -> Any:
        """Send a message of several parts, see Socket.send_multipart()."""
        attempt = partial(
            SyncSocket.send_multipart, self, msg_parts, flags | _DONTWAIT, copy, track, **kwargs
        )
        return await self._send(attempt, flags)

    async def _send(self, attempt: Callable[[], T], flags: int) -> T:
        return await self._try("senders", attempt, flags, self._core.options.sndtimeo)

    # -- waiting -------------------------------------------------------------------------------------------

    async def _try(self, queue: str, attempt: Callable[[], T], flags: int, timeout_ms: int) -> T:
        """Return what an attempt returns; it raises Again when it cannot be made now."""
        await checkpoint_if_cancelled()
        station = _stations.get((self._core, current_trio_token()))
        if flags & _DONTWAIT or station is None or not getattr(station, queue):
            try:
                result = attempt()
            except Again:
                if flags & _DONTWAIT:
                    raise
            else:
                await cancel_shielded_checkpoint()
                return result
        return await self._wait(queue, partial(attempted, attempt), timeout_ms)

    async def _wait(self, queue: str, attempt: Callable[[], T], timeout_ms: int) -> T:
        """Return what an attempt returns that cannot be made now; raises Again after so many milliseconds."""
        if timeout_ms == 0:
            raise Again
        station = self._station()
        waiting = station.wait(getattr(station, queue), attempt)
        if timeout_ms < 0:
            return await waiting
        with trio.move_on_after(timeout_ms / 1000):
            return await waiting
        raise Again

    async def poll(  # type: ignore[override]
        self, timeout: int | None = None, flags: int = PollEvent.POLLIN
    ) -> int:
        """Wait until one of the events is there, see Socket.poll()."""
        await checkpoint_if_cancelled()
        found = SyncSocket.poll(self, 0, flags)
        if found or timeout == 0:
            await cancel_shielded_checkpoint()
            return found
        with trio.move_on_after(math.inf if timeout is None or timeout < 0 else timeout / 1000):
            return await self._station().poll(int(flags), partial(SyncSocket.poll, self, 0, flags))
        return 0

    def _station(self) -> _Station:
        """Return where tasks wait for this socket in this run of trio."""
        core = self._core
        station = _stations.get((core, current_trio_token()))
        if station is None:
            station = _Station(core)
        if core.context.gathering:
            core.context.flush_gathering(None)  # this task is about to wait
        return station


class Context(SyncContext[Socket]):
    """Makes sockets for trio. ``Context(other)`` is a shadow of any other context."""

    _repr_cls = "purezmq.trio.Context"
    _socket_class = Socket
    _instance: Any = None  # not shared with the blocking Context

    def __init__(
        self: Context, io_threads: int | SyncContext[Any] = 1, shadow: SyncContext[Any] | int = 0
    ) -> None:
        super().__init__(io_threads, shadow)

    async def __aenter__(self) -> Context:
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Close the sockets, and wait without blocking other tasks until they have sent what LINGER says."""
        for socket in self._open_sockets():
            socket.close()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self.destroy)
