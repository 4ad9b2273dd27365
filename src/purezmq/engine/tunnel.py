"""The way through a proxy: what is said on a connected stream before it is the peer's (SOCKS_PROXY)."""

from __future__ import annotations

from errno import ECONNRESET
from typing import TYPE_CHECKING

from purezmq.engine.loop import READ, WRITE

if TYPE_CHECKING:
    from purezmq.core.wire.socks import SocksHandshake
    from purezmq.engine.transports import Stream


class Tunnel:
    """One handshake with a proxy."""

    def __init__(self, handshake: SocksHandshake) -> None:
        self._handshake = handshake

    def step(self, stream: Stream) -> int:
        """Say and hear what can be now; return what the stream must be ready for, READ or WRITE; 0: we are through.

        Raises OSError: the proxy refuses, or is none.
        """
        handshake = self._handshake
        while not handshake.done:
            try:
                if handshake.outgoing:
                    handshake.sent(stream.send(handshake.outgoing))
                    continue
                answer = stream.recv(handshake.wanted)
            except (BlockingIOError, InterruptedError):
                return WRITE if handshake.outgoing else READ
            if not answer:
                raise OSError(ECONNRESET, "the proxy hung up")
            handshake.receive(answer)
        return 0
