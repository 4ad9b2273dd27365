"""Exporter: a class written in Python that has the buffer protocol: ``memoryview(it)`` is a view of its content.

From Python 3.12 on that is ``__buffer__`` (PEP 688). CPython 3.11 asks a class for its buffer through two C functions
in the class, and takes them from C code only. The standard library has a pair that fits: those of pickle.PickleBuffer,
whose whole work is to pass the request on to the object in the second word after the object's header. In Exporter that
word is the slot `_content`. So a class that gets these two functions exports what `_content` holds: without a copy,
without a compiler, and with not a line of Python run inside a request (which a signal handler could interrupt).

Rules for 3.11:

- Before anything is written, what is read of both classes must be what Python says about them; if it is not, nothing
  is written, and the class has no buffer. 3.11's layout changes no more; other versions are never touched.
- A slot that is empty, or holds something without a buffer, is an error for who asked, not a crash.
- What a view shows is what `_content` was when the view was made: LAZY is False, nothing can be prepared then.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["LAZY", "Exporter"]

_WRITABLE = 1  # PyBUF_WRITABLE

# Whether _exported() is asked at each request; else requests go to what `_content` holds already.
LAZY = sys.version_info >= (3, 12)


class Exporter:
    """Has the buffer of its `_content`."""

    __slots__ = ("_bytes", "_content")  # the place of `_content` counts on 3.11: the second in sorted order

    _bytes: Any
    _content: Any

    if LAZY:

        def __buffer__(self, flags: int, /) -> memoryview:
            view = self._exported()
            if flags & _WRITABLE and view.readonly:
                raise BufferError("this content is not writable")
            return view

    def _exported(self) -> memoryview:
        """Return the view to export."""
        return memoryview(self._content)


# Places of fields in PyTypeObject, in words (Include/cpython/object.h of 3.11).
_BASICSIZE, _AS_BUFFER, _FLAGS = 4, 20, 21


def _take_functions_of_pickle_buffer() -> None:
    import ctypes  # 2 ms: only where it is needed
    from _pickle import PickleBuffer

    word = ctypes.sizeof(ctypes.c_void_p)

    def is_as_described(cls: type) -> bool:
        return (
            ctypes.c_ssize_t.from_address(id(cls) + _BASICSIZE * word).value == cls.__basicsize__
            and ctypes.c_ulong.from_address(id(cls) + _FLAGS * word).value == cls.__flags__
            and bool(ctypes.c_void_p.from_address(id(cls) + _AS_BUFFER * word).value)
        )

    def content_is_second_word() -> bool:
        exporter, mark = Exporter(), object()
        exporter._content = mark
        return ctypes.c_void_p.from_address(id(exporter) + object.__basicsize__ + word).value == id(mark)

    def getbuffer_and_releasebuffer(cls: type) -> ctypes.Array[ctypes.c_void_p]:
        address = ctypes.c_void_p.from_address(id(cls) + _AS_BUFFER * word).value
        assert address is not None
        return (ctypes.c_void_p * 2).from_address(address)

    if is_as_described(Exporter) and is_as_described(PickleBuffer) and content_is_second_word():
        ours, theirs = getbuffer_and_releasebuffer(Exporter), getbuffer_and_releasebuffer(PickleBuffer)
        ours[0], ours[1] = theirs[0], theirs[1]


if not LAZY and sys.implementation.name == "cpython":
    _take_functions_of_pickle_buffer()
