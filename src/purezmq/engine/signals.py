"""Wake a task of asyncio or trio from any thread; tasks of anyio are of one of the two."""

from __future__ import annotations

import sys
from typing import Any, Protocol


class Signal(Protocol):
    """Wakes one task. It may be a Watcher of a socket."""

    def ring(self) -> bool:
        """Wake the task, now or when it sleeps next; any thread. False: its event loop has gone."""

    async def wait(self, seconds: float | None) -> bool:
        """Sleep until rung, for up to so many seconds, None: no limit; return whether it was."""


def new_signal() -> Signal:
    """Return a signal for the task that runs."""
    if "trio" in sys.modules:
        from sniffio import AsyncLibraryNotFoundError, current_async_library  # trio needs it

        try:
            if current_async_library() == "trio":
                return _TrioSignal()
        except AsyncLibraryNotFoundError:  # an event loop of asyncio's kind that is not known to it
            pass
    return _AsyncioSignal()


class _AsyncioSignal:
    def __init__(self) -> None:
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._limit = asyncio.timeout

    def ring(self) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:  # the loop was closed with the task in it
            return False
        return True

    async def wait(self, seconds: float | None) -> bool:
        try:
            async with self._limit(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class _TrioSignal:
    def __init__(self) -> None:
        import trio

        self._trio: Any = trio
        self._token = trio.lowlevel.current_trio_token()
        self._event = trio.Event()

    def ring(self) -> bool:
        try:
            self._token.run_sync_soon(self._set)
        except self._trio.RunFinishedError:
            return False
        return True

    def _set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None) -> bool:
        rung = False
        with self._trio.move_on_after(float("inf") if seconds is None else seconds):
            await self._event.wait()
            self._event = self._trio.Event()
            rung = True
        return rung
