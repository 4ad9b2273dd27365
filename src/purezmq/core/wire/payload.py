"""The payload of a large frame, filled by the kernel itself: bytes that nobody has seen yet.

``socket.recv_into`` wants a writable buffer and the program is given bytes: copying one into the other would cost as
much again as the kernel's copy (bench: 1 MB in 257 us in pieces that are joined, in 136 us directly). CPython's C
interface lets whoever has made a bytes object fill it before anybody else gets it, and ctypes reaches it. Where that
is not so (`_tools` finds out), a bytearray is copied at the end.

Rules:

- A peer that only announces gets _FIRST bytes of addresses, and no memory; afterwards at most _GROWTH times what
  has arrived is asked for.
- What has not been filled is never handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

_FIRST = 1024 * 1024
_GROWTH = 64

# Makes an uninitialised bytes object, and a view of it that can be written to; None: not on this interpreter.
_Maker = Callable[[int], tuple[bytes, memoryview]]
_Opener = Callable[[bytes], memoryview]


class Payload:
    """Bytes to be filled from the front. `gathered` is the caller's to keep."""

    __slots__ = ("_content", "_view", "gathered", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.gathered = 0
        self._content, self._view = _allocate(min(size, _FIRST))

    def space(self) -> memoryview:
        """Return where the next bytes go: some room, as long as `gathered` is below `size`."""
        if self.gathered == len(self._view):
            content, view = _allocate(min(self.size, self.gathered * _GROWTH))
            view[: self.gathered] = self._view
            self._content, self._view = content, view
        return self._view[self.gathered :]

    def add(self, piece: bytes | memoryview) -> None:
        """Copy what came another way."""
        while len(piece):
            room = self.space()
            count = min(len(room), len(piece))
            room[:count] = piece[:count]
            self.gathered += count
            piece = memoryview(piece)[count:]

    def finish(self) -> bytes:
        """Return the content, once it is all there."""
        content = self._content
        return content if isinstance(content, bytes) else bytes(content)


def writable(content: bytes) -> memoryview | None:
    """Return a view of the bytes that can be written to, and keeps them alive; None: not on this interpreter.

    For bytes that nobody else has, and nobody is going to get.
    """
    tools = _tools()
    return None if tools is None else tools[1](content)


def _allocate(size: int) -> tuple[bytes | bytearray, memoryview]:
    tools = _tools()
    if tools is not None:
        return tools[0](size)
    content = bytearray(size)
    return content, memoryview(content)


@cache
def _tools() -> tuple[_Maker, _Opener] | None:
    """Return what makes bytes to be filled, and `writable`, if this interpreter keeps them where CPython does."""
    import sys

    if sys.implementation.name != "cpython":
        return None
    import ctypes  # 2 ms: only for who receives large messages

    try:
        new = ctypes.pythonapi.PyBytes_FromStringAndSize
        address_of = ctypes.pythonapi.PyBytes_AsString
    except AttributeError:
        return None
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_char_p, ctypes.c_ssize_t]
    address_of.restype, address_of.argtypes = ctypes.c_void_p, [ctypes.py_object]
    kinds: dict[int, type[ctypes.Array[ctypes.c_char]]] = {}

    def memory_of(content: bytes) -> ctypes.Array[ctypes.c_char]:
        size = len(content)
        kind = kinds.get(size)
        if kind is None:
            if len(kinds) > 64:
                kinds.clear()
            kind = kinds[size] = ctypes.c_char * size
        return kind.from_address(address_of(content))

    def make(size: int) -> tuple[bytes, memoryview]:
        content: bytes = new(None, size)
        return content, memoryview(memory_of(content)).cast("B")

    def opened(content: bytes) -> memoryview:
        memory = memory_of(content)
        memory.content = content  # type: ignore[attr-defined]  # whoever has the view has the memory, which has this
        return memoryview(memory).cast("B")

    content, view = make(3)
    view[:] = b"abc"
    return (make, opened) if content == b"abc" else None
