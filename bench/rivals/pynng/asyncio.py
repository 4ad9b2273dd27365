"""The awaited face of pynng."""

from typing import Any

from bench.rivals import pynng
from bench.rivals.pynng import Socket


class AsyncSocket(Socket):
    async def send(self, payload: bytes) -> None:  # type: ignore[override]
        self._sent_last = True
        await self._socket.asend(payload)

    async def recv(self) -> bytes:  # type: ignore[override]
        self._sent_last = False
        return bytes(await self._socket.arecv())


class Context(pynng.Context):
    def socket(self, kind: int) -> Any:
        return AsyncSocket(kind)
