"""asyncio: Context, Socket and Poller whose calls are awaited.

    context = purezmq.asyncio.Context()
    async with context.socket(purezmq.PULL) as socket:
        socket.bind("tcp://*:5555")
        async for parts in socket:
            ...

The running event loop watches the sockets' descriptors itself: any loop with add_reader (asyncio's selector loop,
uvloop); on one without (Windows' proactor loop) the context's background thread does the I/O. Cancelling a call
never loses a message. See _future.py for the rules.
"""

from __future__ import annotations

import asyncio
import selectors
import warnings
from typing import Any

from purezmq import _future
from purezmq.context import Context as SyncContext

__all__ = ["Context", "Poller", "Socket", "ZMQEventLoop", "install"]


class Poller(_future._AsyncPoller):
    """A Poller whose poll() is awaited."""


class Socket(_future._AsyncSocket):
    """A socket whose send, recv and poll are awaited; ``async for`` gives messages, each as a list of parts."""

    _repr_cls = "zmq.asyncio.Socket"


class Context(SyncContext[Socket]):
    """Makes asyncio sockets. ``Context(other)`` is a shadow of any other context."""

    _repr_cls = "zmq.asyncio.Context"
    _socket_class = Socket
    _instance: Any = None  # not shared with the blocking Context

    def __init__(
        self: Context, io_threads: int | SyncContext[Any] = 1, shadow: SyncContext[Any] | int = 0
    ) -> None:
        super().__init__(io_threads, shadow)  # type: ignore[misc]  # its type is for blocking contexts

    async def __aenter__(self) -> Context:
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Close the sockets, and wait without blocking the loop until they have sent what LINGER says."""
        for socket in self._open_sockets():
            socket.close()
        await asyncio.get_running_loop().run_in_executor(None, self.destroy)


class ProactorSelectorThreadWarning(RuntimeWarning):
    """Never raised; for programs that filter it. On the proactor loop PyZMQ warns of a thread that it needs there."""


class ZMQEventLoop(asyncio.SelectorEventLoop):
    """Deprecated: every event loop will do."""

    def __init__(self, selector: selectors.BaseSelector | None = None) -> None:
        _warn_deprecated()
        super().__init__(selector)


def install() -> None:
    """Deprecated, and does nothing: every event loop will do."""
    _warn_deprecated()


_warned = False


def _warn_deprecated() -> None:
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            "ZMQEventLoop and install() are deprecated: the sockets work with every event loop.",
            DeprecationWarning,
            stacklevel=3,
        )
