"""An authenticator that answers in a thread of its own."""

from __future__ import annotations

import asyncio
from threading import Event, Thread
from typing import Any

import purezmq
import purezmq.asyncio
from purezmq.auth.base import Authenticator
from purezmq.constants import PollEvent, SocketType

__all__ = ["ThreadAuthenticator"]

_START_TIMEOUT = 10  # s
_TERMINATE = b"TERMINATE"


class AuthenticationThread(Thread):
    """Answers for a ThreadAuthenticator, until `pipe` says TERMINATE."""

    def __init__(self, authenticator: Authenticator, pipe: purezmq.Socket[bytes]) -> None:
        super().__init__(daemon=True, name="purezmq-auth")
        self.authenticator = authenticator
        self.log = authenticator.log
        self.pipe = pipe
        self._zap_socket = authenticator.zap_socket
        self.started = Event()

    def run(self) -> None:
        """Answer questions."""
        try:
            asyncio.run(self._answer())
        except (purezmq.ZMQError, asyncio.CancelledError):
            # The program has destroyed the context: who polls is cancelled, and who comes later finds a socket closed.
            if not (self.pipe.closed or self._zap_socket.closed):
                raise
        finally:
            self.pipe.close()

    async def _answer(self) -> None:
        zap_socket = self._zap_socket
        poller = purezmq.asyncio.Poller()
        poller.register(self.pipe, PollEvent.POLLIN)
        poller.register(zap_socket, PollEvent.POLLIN)
        self.started.set()
        while True:
            ready = dict(await poller.poll())
            if self.pipe in ready:
                command = self.pipe.recv()
                if command == _TERMINATE:
                    return
                self.log.error("Invalid auth command from API: %r", command)
                self.pipe.send(b"ERROR")
            if zap_socket in ready:
                await self.authenticator.handle_zap_message(zap_socket.recv_multipart())


class ThreadAuthenticator(Authenticator):
    """Whatever is configured while it runs counts for the next question."""

    pipe: Any  # to the thread, None while stopped
    pipe_endpoint: str
    thread: AuthenticationThread | None

    def __init__(
        self,
        context: purezmq.Context[Any] | None = None,
        encoding: str = "utf-8",
        log: Any = None,
    ) -> None:
        self.pipe = None
        self.thread = None
        super().__init__(context=context, encoding=encoding, log=log)
        self.pipe_endpoint = f"inproc://{id(self)}.inproc"

    def start(self) -> None:
        """Start the thread; questions are answered from here on."""
        super().start()
        self.pipe = self.context.socket(SocketType.PAIR, socket_class=purezmq.Socket)
        self.pipe.linger = 1
        self.pipe.bind(self.pipe_endpoint)
        far_end = self.context.socket(SocketType.PAIR, socket_class=purezmq.Socket)
        far_end.linger = 1
        far_end.connect(self.pipe_endpoint)
        self.thread = AuthenticationThread(self, far_end)
        self.thread.start()
        if not self.thread.started.wait(_START_TIMEOUT):
            raise RuntimeError("Authenticator thread failed to start")

    def stop(self) -> None:
        """End the thread, and wait until it has ended."""
        pipe, thread = self.pipe, self.thread
        self.pipe = self.thread = None
        if pipe is not None:
            if thread is not None and thread.is_alive():
                pipe.send(_TERMINATE)
                thread.join()
            pipe.close()
        super().stop()

    def is_alive(self) -> bool:
        """Return whether the thread is running."""
        return self.thread is not None and self.thread.is_alive()

    def __del__(self) -> None:
        if self.pipe is not None:
            self.stop()
