"""An authenticator that answers on the running event loop."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import purezmq
from purezmq.asyncio import Poller
from purezmq.auth.base import Authenticator
from purezmq.constants import PollEvent

__all__ = ["AsyncioAuthenticator"]


class AsyncioAuthenticator(Authenticator):
    """Call `start` where an event loop is running; it answers until `stop`."""

    def __init__(
        self,
        context: purezmq.Context[Any] | None = None,
        loop: Any = None,
        encoding: str = "utf-8",
        log: Any = None,
    ) -> None:
        super().__init__(context, encoding, log)
        if loop is not None:
            warnings.warn(
                f"{type(self).__name__}(loop) is deprecated and ignored", DeprecationWarning, stacklevel=2
            )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take questions from here on."""
        super().start()
        self._task = asyncio.ensure_future(self._answer())

    def stop(self) -> None:
        """Take no more questions."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        super().stop()

    async def _answer(self) -> None:
        poller = Poller()
        socket = self.zap_socket
        poller.register(socket, PollEvent.POLLIN)
        while self.zap_socket is socket:
            await poller.poll()
            if self.zap_socket is socket and socket.poll(0):
                await self.handle_zap_message(socket.recv_multipart())
