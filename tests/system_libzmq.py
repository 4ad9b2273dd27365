"""The system's libzmq through ctypes, for what the one in PyZMQ's wheels is built without."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from functools import cache

SNDMORE, RCVMORE, LAST_ENDPOINT, LINGER, RCVTIMEO, SNDTIMEO = 2, 13, 32, 17, 27, 28
PATIENCE = 5000  # ms
_LARGEST = 2_000_000


@cache
def library() -> ctypes.CDLL | None:
    """Return it, or None: there is none."""
    path = ctypes.util.find_library("zmq")
    if path is None:
        return None
    found = ctypes.CDLL(path)
    for name in ("zmq_ctx_new", "zmq_socket"):
        getattr(found, name).restype = ctypes.c_void_p
    return found


def has(capability: str) -> bool:
    found = library()
    return found is not None and found.zmq_has(capability.encode()) == 1


class Context:
    """Its sockets are closed with it."""

    def __init__(self) -> None:
        found = library()
        assert found is not None
        self.libzmq = found
        self.handle = ctypes.c_void_p(found.zmq_ctx_new())
        self._sockets: list[Socket] = []

    def socket(self, kind: int) -> Socket:
        made = Socket(self, kind)
        self._sockets.append(made)
        return made

    def close(self) -> None:
        for made in self._sockets:
            made.close()
        self.libzmq.zmq_ctx_term(self.handle)


class Socket:
    """As much of PyZMQ's as the tests need."""

    def __init__(self, context: Context, kind: int) -> None:
        self._libzmq = context.libzmq
        self._handle: ctypes.c_void_p | None = ctypes.c_void_p(
            self._libzmq.zmq_socket(context.handle, int(kind))
        )
        self._room = ctypes.create_string_buffer(_LARGEST)
        self.set(LINGER, 0)
        self.set(RCVTIMEO, PATIENCE)
        self.set(SNDTIMEO, PATIENCE)

    def set(self, option: int, value: int | bytes) -> None:
        content = value if isinstance(value, bytes) else bytes(ctypes.c_int(value))
        self._check(
            self._libzmq.zmq_setsockopt(self._handle, int(option), content, ctypes.c_size_t(len(content)))
        )

    def get(self, option: int, kind: type = int) -> int | bytes:
        size = ctypes.c_size_t(4 if kind is int else 512)
        self._check(self._libzmq.zmq_getsockopt(self._handle, int(option), self._room, ctypes.byref(size)))
        content = self._room.raw[: size.value]
        return int.from_bytes(content, "little") if kind is int else content.removesuffix(b"\0")

    @property
    def last_endpoint(self) -> bytes:
        endpoint = self.get(LAST_ENDPOINT, bytes)
        assert isinstance(endpoint, bytes)
        return endpoint

    def bind(self, address: str) -> None:
        self._check(self._libzmq.zmq_bind(self._handle, address.encode()))

    def connect(self, address: str) -> None:
        self._check(self._libzmq.zmq_connect(self._handle, address.encode()))

    def send(self, part: bytes, flags: int = 0) -> None:
        self._check(self._libzmq.zmq_send(self._handle, part, ctypes.c_size_t(len(part)), flags))

    def send_multipart(self, parts: list[bytes]) -> None:
        for part in parts[:-1]:
            self.send(part, SNDMORE)
        self.send(parts[-1])

    def recv(self) -> bytes:
        size = self._libzmq.zmq_recv(self._handle, self._room, ctypes.c_size_t(_LARGEST), 0)
        self._check(size)
        return self._room.raw[:size]

    def recv_multipart(self) -> list[bytes]:
        parts = [self.recv()]
        while self.get(RCVMORE):
            parts.append(self.recv())
        return parts

    def close(self) -> None:
        if self._handle is not None:
            self._libzmq.zmq_close(self._handle)
            self._handle = None

    def _check(self, result: int) -> None:
        if result < 0:
            number = self._libzmq.zmq_errno()
            raise OSError(number, os.strerror(number))
