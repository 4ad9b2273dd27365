"""pynng behind as much of PyZMQ's face as PUSH, PULL, REQ, REP and PAIR need.

- nng keeps one message in its queues by default: they get 1000 places, ZeroMQ's.
- nng forgets what is unsent when a socket is closed: a socket that sent last waits until its peer has left.
"""

from threading import Event
from types import TracebackType
from typing import Any, Self

import pynng

__version__: str = pynng.__version__
PUSH, PULL, REQ, REP, PAIR, LAST_ENDPOINT = range(6)
_TYPES = (pynng.Push0, pynng.Pull0, pynng.Req0, pynng.Rep0, pynng.Pair0)
_QUEUE = 1000  # messages
_PATIENCE = 30.0  # seconds for a peer to take what was sent last


class Socket:
    def __init__(self, kind: int) -> None:
        self._socket = _TYPES[kind]()
        if kind in (PUSH, PAIR):
            self._socket.send_buffer_size = _QUEUE
        if kind in (PULL, PAIR):
            self._socket.recv_buffer_size = _QUEUE
        self._sent_last = False
        self._peer_left = Event()
        self._socket.add_post_pipe_remove_cb(lambda _: self._peer_left.set())
        self._socket.recv_max_size = 0  # none
        self._endpoint = ""

    def bind(self, endpoint: str) -> None:
        listener = self._socket.listen(endpoint.replace(":*", ":0"))
        self._endpoint = str(listener.local_address) if endpoint.startswith("tcp") else endpoint
        if endpoint.startswith("tcp"):
            self._endpoint = f"tcp://{self._endpoint}"

    def connect(self, endpoint: str) -> None:
        self._socket.dial(endpoint, block=True)

    def getsockopt_string(self, option: int) -> str:
        assert option == LAST_ENDPOINT
        return self._endpoint

    def send(self, payload: bytes) -> None:
        self._sent_last = True
        self._socket.send(payload)

    def recv(self) -> bytes:
        self._sent_last = False
        return bytes(self._socket.recv())

    def close(self) -> None:
        if self._sent_last:
            self._peer_left.wait(_PATIENCE)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Context:
    """nng has none; sockets are independent."""

    @classmethod
    def instance(cls) -> "Context":
        return cls()

    def socket(self, kind: int) -> Any:
        return Socket(kind)

    def term(self) -> None:
        pass

    def destroy(self) -> None:
        pass
