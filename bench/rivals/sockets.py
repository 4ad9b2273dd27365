"""The limit: what a bare loop over a socket does in Python, without any library.

PUSH→PULL: the sender gathers frames, as a program would that knows what it does, and writes a batch with one call; the
receiver reads as much as there is and cuts the messages out one by one. REQ↔REP: two blocking sockets that play
ping-pong, with nothing around the payload. There is no reconnecting, no queue, no second peer, no limit of memory.
"""

import os
import socket
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from bench.conduct import Job, Line

BATCH = 64 * 1024  # bytes of one write, and of one read
HEAD = 4  # bytes that hold a frame's length


class Context:
    """There is nothing to share; the worker ends one."""

    @classmethod
    def instance(cls) -> "Context":
        return cls()

    def term(self) -> None:
        pass


class Listener:
    """A listening socket that is gone with its path."""

    def __init__(self, endpoint: str) -> None:
        self._path = endpoint.removeprefix("ipc://") if endpoint.startswith("ipc://") else ""
        if self._path:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(self._path)
        else:
            self._socket = socket.socket()
            self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()

    @property
    def endpoint(self) -> str:
        return f"ipc://{self._path}" if self._path else f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"

    def accept(self) -> socket.socket:
        return quick(self._socket.accept()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        if self._path:
            os.unlink(self._path)


def dial(endpoint: str) -> socket.socket:
    if endpoint.startswith("ipc://"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(endpoint.removeprefix("ipc://"))
        return s
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    return quick(socket.create_connection((host, int(port))))


def quick(s: socket.socket) -> socket.socket:
    if s.family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def push(zmq: Any, job: Job, line: Line) -> None:
    from bench.roles import be_ready

    payload = b"x" * job.size

    def send(count: int) -> None:
        batch: list[bytes] = []
        full = max(BATCH // (HEAD + job.size), 1)
        for _ in range(count):
            batch.append(len(payload).to_bytes(HEAD))
            batch.append(payload)
            if len(batch) >= 2 * full:
                s.sendall(b"".join(batch))
                batch.clear()
        s.sendall(b"".join(batch))

    with dial(job.endpoint) as s:
        send(job.warm_up)
        be_ready(line)
        send(job.count)
    line.say({})


def messages(s: socket.socket) -> Iterator[bytes]:
    """Every message that arrives, as bytes."""
    rest = b""
    while chunk := s.recv(BATCH):
        stream = rest + chunk if rest else chunk
        at, end = 0, len(stream)
        while at + HEAD <= end:
            begin = at + HEAD
            stop = begin + int.from_bytes(stream[at:begin])
            if stop > end:
                break
            yield stream[begin:stop]
            at = stop
        rest = stream[at:]


def pull(zmq: Any, job: Job, line: Line) -> None:
    from bench.roles import clock

    with Listener(job.endpoint) as listener:
        line.say({"endpoint": listener.endpoint})
        with listener.accept() as s:
            arriving = messages(s)
            for _ in range(job.warm_up):
                next(arriving)
            line.say({"ready": True})
            next(arriving)
            start = clock()
            for _ in range(job.count - 1):
                next(arriving)
            end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


def req(zmq: Any, job: Job, line: Line) -> None:
    from bench.roles import be_ready, clock, one_way_percentiles

    payload = b"x" * job.size
    trips = []
    with dial(job.endpoint) as s:
        for _ in range(job.warm_up):
            s.sendall(payload)
            take(s, job.size)
        be_ready(line)
        for _ in range(job.count):
            start = clock()
            s.sendall(payload)
            take(s, job.size)
            trips.append(clock() - start)
    line.say(one_way_percentiles(trips))


def rep(zmq: Any, job: Job, line: Line) -> None:
    with Listener(job.endpoint) as listener:
        line.say({"endpoint": listener.endpoint})
        with listener.accept() as s:
            for _ in range(job.warm_up):
                s.sendall(take(s, job.size))
            line.say({"ready": True})
            for _ in range(job.count):
                s.sendall(take(s, job.size))
    line.say({})


def take(s: socket.socket, size: int) -> bytes:
    """Return the next `size` bytes."""
    found = s.recv(size)
    while len(found) < size:
        found += s.recv(size - len(found))
    return found


ROLES: dict[str, Callable[[Any, Job, Line], None]] = {role.__name__: role for role in (push, pull, req, rep)}
