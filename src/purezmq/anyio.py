"""anyio: Context and Socket whose calls are awaited, in asyncio or in trio.

    async with purezmq.anyio.Context() as context:
        with context.socket(purezmq.PULL) as socket:
            socket.bind("tcp://*:5555")
            async for parts in socket:
                ...

A Socket passes its calls on to a shadow of itself of purezmq.trio or purezmq.asyncio, whichever runs. Every call is a
checkpoint, and one that is cancelled, by anyio or by the event loop's own means, has taken and sent nothing.
"""

from __future__ import annotations

import sys
from asyncio import CancelledError, current_task
from collections.abc import Sequence
from errno import ENOTSOCK
from typing import TYPE_CHECKING, Any

import anyio
from anyio.lowlevel import checkpoint

import purezmq.asyncio
from purezmq._structured import AwaitedSocket
from purezmq.constants import PollEvent
from purezmq.context import Context as SyncContext
from purezmq.errors import error

if TYPE_CHECKING:
    import purezmq.trio

__all__ = ["Context", "Socket"]


class Socket(AwaitedSocket):
    """A socket whose send, recv and poll are awaited; ``async for`` gives messages, each as a list of parts."""

    _repr_cls = "purezmq.anyio.Socket"
    _for_asyncio: purezmq.asyncio.Socket | None = None
    _for_trio: purezmq.trio.Socket | None = None

    async def __aexit__(self, *raised: object) -> None:
        self.close()
        await checkpoint()

    async def recv(  # type: ignore[override]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Any:
        """Receive the next part, see Socket.recv()."""
        return await self._call("recv", flags, copy, track)

    async def recv_multipart(  # type: ignore[override]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Any:
        """Receive a whole message, see Socket.recv_multipart()."""
        return await self._call("recv_multipart", flags, copy, track)

    async def recv_into(  # type: ignore[override]
        self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0
    ) -> int:
        """Receive the next part into a buffer, see Socket.recv_into()."""
        size: int = await self._call("recv_into", buffer, nbytes=nbytes, flags=flags)
        return size

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
        return await self._call("send", data, flags, copy, track, routing_id, group)

    async def send_multipart(  # type: ignore[override]
        self, msg_parts: Sequence[Any], flags: int = 0, copy: bool = True, track: bool = False, **kwargs: Any
    ) -> Any:
        """Send a message of several parts, see Socket.send_multipart()."""
        return await self._call("send_multipart", msg_parts, flags, copy, track, **kwargs)

    async def poll(  # type: ignore[override]
        self, timeout: int | None = None, flags: int = PollEvent.POLLIN
    ) -> int:
        """Wait until one of the events is there, see Socket.poll()."""
        found: int = await self._call("poll", timeout, flags)
        return found

    async def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Have the shadow for the event loop that runs do it; a checkpoint."""
        trio: Any = sys.modules.get("trio")
        if trio is not None and trio.lowlevel.in_trio_task():
            if self._for_trio is None:
                from purezmq.trio import Socket

                self._for_trio = Socket(shadow=self)
            return await getattr(self._for_trio, name)(*args, **kwargs)
        # Before the call, and not after it: asyncio may cancel a task at any point where it waits.
        await checkpoint()
        if self._for_asyncio is None:
            self._for_asyncio = purezmq.asyncio.Socket.from_socket(self)
        try:
            return await getattr(self._for_asyncio, name)(*args, **kwargs)
        except CancelledError:
            task = current_task()
            if (
                self.closed and task is not None and not task.cancelling()
            ):  # the call was cancelled, not the task
                raise error(ENOTSOCK, "the socket is closed") from None
            raise


class Context(SyncContext[Socket]):
    """Makes sockets for anyio. ``Context(other)`` is a shadow of any other context."""

    _repr_cls = "purezmq.anyio.Context"
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
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.destroy)
