"""A peer that is nothing but a plain socket: every byte that it says, or expects, stands in the test."""

import socket
from select import select

from .child import PATIENCE

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
VERSION_3 = b"\x03"
MECHANISM = b"NULL" + bytes(16) + bytes(32)


class Raw:
    """A ZMTP 3 peer that has shaken hands. Use it in a with statement."""

    def __init__(self, remote, remote_binds, kind, minor=0, in_steps=False):
        """Link up with a socket in a child, as a socket of this kind.

        minor: 0 or 1, of version 3. in_steps: say each part of the greeting only when that of the other has come.
        """
        self._stream = _join(remote, remote_binds)
        self._stream.settimeout(PATIENCE)
        try:
            self._greet([SIGNATURE, VERSION_3, bytes([minor]) + MECHANISM], in_steps)
            self.send_command(b"\x05READY\x0bSocket-Type\x00\x00\x00" + bytes([len(kind)]) + kind)
            flags, size = self.read(2)
            assert flags == 4
            assert self.read(size).startswith(b"\x05READY\x0bSocket-Type")
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def _greet(self, parts, in_steps):
        if not in_steps:
            self.send(*parts)
        for part in parts:
            if in_steps:
                self.send(part)
            self._check_greeting(len(part))

    def _check_greeting(self, size):
        came = self.read(size)
        if size == len(SIGNATURE):
            assert (came[0], came[9] & 1) == (0xFF, 1)
        elif size == len(VERSION_3):
            assert came == VERSION_3
        else:
            assert came[1:] == MECHANISM

    def send(self, *frames):
        self._stream.sendall(b"".join(frames))

    def expect(self, *frames):
        """Read exactly these bytes."""
        expected = b"".join(frames)
        assert self.read(len(expected)) == expected

    def send_command(self, body):
        self.send(bytes([4, len(body)]) + body)

    def read(self, size):
        """Return exactly this many bytes."""
        data = b""
        while len(data) < size:
            came = self._stream.recv(size - len(data))
            assert came, f"the other one has hung up after {data!r}"
            data += came
        return data

    def readable(self):
        """Return whether there is something to read now."""
        return bool(select([self._stream], [], [], 0)[0])

    def hung_up(self):
        """Read what there is; return whether the other one has closed the connection."""
        while self.readable():
            try:
                if not self._stream.recv(65536):
                    return True
            except ConnectionResetError:
                return True
        return False


def _join(remote, remote_binds):
    if remote_binds:
        host, port = remote.bind("tcp://127.0.0.1:*").removeprefix("tcp://").split(":")
        return socket.create_connection((host, int(port)), PATIENCE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        remote.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        return server.accept()[0]
