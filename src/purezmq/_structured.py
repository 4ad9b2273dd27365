"""A socket whose calls are coroutines: what purezmq.trio and purezmq.anyio have in common.

They differ in six calls: recv, recv_multipart, recv_into, send, send_multipart and poll. The others are made of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from purezmq.errors import ZMQError
from purezmq.observed import AsyncObserved
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")


class AwaitedSocket(AsyncObserved, Socket[bytes]):
    """A socket whose send, recv and poll are awaited; ``async for`` gives messages, each as a list of parts."""

    if TYPE_CHECKING:  # the six
        recv: Callable[..., Awaitable[Any]]  # type: ignore[assignment]
        recv_multipart: Callable[..., Awaitable[Any]]  # type: ignore[assignment]
        recv_into: Callable[..., Awaitable[int]]  # type: ignore[assignment]
        send: Callable[..., Awaitable[Any]]  # type: ignore[assignment]
        send_multipart: Callable[..., Awaitable[Any]]  # type: ignore[assignment]
        poll: Callable[..., Awaitable[int]]  # type: ignore[assignment]

    async def __aenter__(self) -> Self:
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[bytes]:
        """Return the next message; the iteration ends when the socket is closed."""
        try:
            parts: list[bytes] = await self.recv_multipart()
        except ZMQError:
            if self.closed:
                raise StopAsyncIteration from None
            raise
        return parts

    # -- receiving -----------------------------------------------------------------------------------------

    async def recv_string(self, flags: int = 0, encoding: str = "utf-8") -> str:  # type: ignore[override]
        """Receive what send_string sent."""
        part: bytes = await self.recv(flags)
        return part.decode(encoding)

    recv_unicode = recv_string  # type: ignore[assignment]

    async def recv_json(self, flags: int = 0, **kwargs: Any) -> Any:  # type: ignore[override]
        """Receive what send_json sent. kwargs go to json.loads()."""
        import json

        return json.loads(await self.recv(flags), **kwargs)

    async def recv_pyobj(self, flags: int = 0) -> Any:
        """Receive what send_pyobj sent. Unpickling runs whatever the sender wants: only from peers you trust."""
        from purezmq._pickled import loads

        return loads(await self.recv(flags))

    async def recv_serialized(  # type: ignore[override]
        self, deserialize: Callable[[list[Any]], T], flags: int = 0, copy: bool = True
    ) -> T:
        """Receive a message and return deserialize(parts)."""
        return deserialize(await self.recv_multipart(flags, copy))

    # -- sending -------------------------------------------------------------------------------------------

    async def send_string(  # type: ignore[override]
        self, u: str, flags: int = 0, copy: bool = True, encoding: str = "utf-8", **kwargs: Any
    ) -> Any:
        """Send a str, encoded."""
        return await super().send_string(u, flags, copy, encoding, **kwargs)  # type: ignore[misc]

    send_unicode = send_string  # type: ignore[assignment]

    async def send_json(self, obj: object, flags: int = 0, **kwargs: Any) -> None:  # type: ignore[override]
        """Send an object as JSON. kwargs go to json.dumps(), but routing_id and group to send()."""
        import json

        send_kwargs = {key: kwargs.pop(key) for key in ("routing_id", "group") if key in kwargs}
        await self.send(json.dumps(obj, **kwargs).encode(), flags, **send_kwargs)
