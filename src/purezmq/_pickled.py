"""Objects as pickles, for send_pyobj and recv_pyobj: the bytes that pickle makes, made with less copying.

What is sent is a plain pickle in one part, as PyZMQ sends and expects it. Rules:

- `dumps` gives what pickle.dumps gives, byte for byte, and a snapshot: the object may change as soon as it returns.
- pickle.dumps writes large content, such as an array's buffer with protocol 5, into a block that it lets grow, and
  copies when it has to; a Pickler with a file hands it over as it is. So the file here is a list, joined once.
- glibc gives large blocks back to the system when they are freed, and takes them anew, page by page, for the next
  message. It stops doing so, up to twice the size of the largest block that it saw freed. bench, content/tcp/pyobj_1MB:
  the receiver's CPU time falls from 870 µs a message to 290, and what is kept is at most 32 MB.
"""

from __future__ import annotations

import pickle
from typing import Any

_LARGE = 128 * 1024  # bytes; glibc's first limit for blocks of their own
_LESSON = 16 * 1024 * 1024  # bytes of the block that raises the limit; never touched, so it costs no memory

_taught = False


class _Pieces(list[Any]):
    """A file that keeps what is written to it, in the pieces in which it was."""

    __slots__ = ()

    write = list.append


def dumps(obj: object, protocol: int) -> bytes:
    """Return pickle.dumps(obj, protocol)."""
    pieces = _Pieces()
    pickle.Pickler(pieces, protocol).dump(obj)
    if len(pieces) == 1:
        whole: bytes = pieces[0]
        return whole
    return b"".join(pieces)


def loads(part: bytes) -> Any:
    """Return pickle.loads(part)."""
    if len(part) >= _LARGE and not _taught:
        _teach_malloc()
    return pickle.loads(part)


def _teach_malloc() -> None:
    global _taught
    _taught = True
    bytes(_LESSON)
