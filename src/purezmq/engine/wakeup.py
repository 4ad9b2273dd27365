"""A descriptor that one thread makes readable to wake another.

The rule that loses no wake-up: whoever wakes posts its work *before* `set`; whoever is woken calls `clear`
*before* it looks for work.
"""

from __future__ import annotations

import os

from purezmq.engine.unpatched import socket


class Wakeup:
    """Readable from `set` until `clear`; setting twice costs one system call."""

    __slots__ = ("_pair", "_pending", "_read_fd", "_write_fd")

    def __init__(self) -> None:
        self._pair: tuple[socket.socket, socket.socket] | None = None
        if hasattr(os, "eventfd"):
            self._read_fd = self._write_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        else:
            reader, writer = self._pair = socket.socketpair()
            reader.setblocking(False)
            writer.setblocking(False)
            self._read_fd, self._write_fd = reader.fileno(), writer.fileno()
        self._pending = False

    def fileno(self) -> int:
        """Return the descriptor to watch for reading."""
        return self._read_fd

    def set(self) -> None:
        """Wake whoever waits, from any thread."""
        if self._pending:
            return
        self._pending = True
        if self._pair is None:
            try:
                os.eventfd_write(self._write_fd, 1)
            except OSError:  # closed meanwhile: nobody is left to wake
                return
        else:
            try:
                self._pair[1].send(b"\0")
            except OSError:
                return

    def clear(self) -> None:
        """Make the descriptor unreadable; look for work after this, not before."""
        if not self._pending:
            return
        try:
            if self._pair is None:
                os.eventfd_read(self._read_fd)
            else:
                self._pair[0].recv(64)
        except BlockingIOError:
            pass  # another thread has just cleared it
        finally:  # even if a signal handler raises in here: else `set` would do nothing for ever
            self._pending = False

    def close(self) -> None:
        """Give the descriptors back; once, although a fork may find another thread in the midst of this."""
        self._pending = True  # a late `set` must not write to a number that is somebody else's by now
        if self._pair is None:
            closing, self._read_fd = self._read_fd, -1
            if closing >= 0:
                os.close(closing)
        else:
            for end in self._pair:
                end.close()
