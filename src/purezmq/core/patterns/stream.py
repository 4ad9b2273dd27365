"""STREAM: plain TCP, both ways (zmq_socket(3); libzmq's stream.cpp).

The rules:

- A message is [routing id, bytes]. Every connection has a routing id from the start: CONNECT_ROUTING_ID, or a zero
  byte and a 4-byte counter; the option ROUTING_ID tells the latest of these.
- With STREAM_NOTIFY, [routing id, b""] is received when a connection is made, and when it is lost.
- Sending [routing id, b""] closes the connection once what was sent before is written, and what we connected is not
  connected again. A lost connection that we made is made again, under its routing id.
- A message for an unknown routing id is refused with EHOSTUNREACH; a peer that is full is waited for.
"""

from __future__ import annotations

from typing import Any, ClassVar

from purezmq.constants import Errno, SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Message, first_part, from_parts
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.dealer_router import RoutedPattern
from purezmq.core.pipe import Pipe
from purezmq.core.raw_connection import RawConnection
from purezmq.errors import error


class Stream(RoutedPattern):
    """Receives [routing id, bytes], and sends to the connection that the first part names."""

    socket_type: ClassVar[SocketType] = SocketType.STREAM
    peers: ClassVar[frozenset[SocketType]] = frozenset()  # whoever speaks TCP

    def connection(self, options: SocketOptions, now: float) -> Connection:
        return RawConnection(self.socket_type, options, now)

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        if not pipe.routing_id:
            self._serve(pipe, self._next_id())
            self.options.routing_id = pipe.routing_id

    def ready(self, pipe: Pipe) -> None:
        self._notify(pipe)

    def lost(self, pipe: Pipe, accepted: bool) -> None:
        self._notify(pipe)

    def receive(self) -> Message | None:
        queue = self._queue
        message = queue.pop()
        if message is None:
            return None
        pipe = self.last_pipe = queue.last
        assert pipe is not None
        return [pipe.routing_id, message]

    def begin(self, part: bytes) -> None:
        self._route(part)

    def send(self, message: Message) -> bool:
        if message.__class__ is bytes or len(message) < 2:
            return True  # a routing id and nothing to send: libzmq takes it and does nothing
        if len(message) > 2:
            raise error(Errno.EINVAL, f"STREAM sends [routing id, bytes], not {len(message)} parts")
        pipe = self._route(first_part(message))
        if pipe.room() <= 0:
            return False
        parts: Any = message[1:]
        if len(parts[0]):
            pipe.outbox.append(from_parts(parts))
            self.dirty.append(pipe)
        else:
            pipe.link.dismiss()
        return True

    def writable(self) -> bool:
        return True  # it depends on the routing id

    def _route(self, routing_id: bytes) -> Pipe:
        pipe = self._routes.get(routing_id)
        if pipe is None:
            raise error(Errno.EHOSTUNREACH, f"no connection has the routing id {routing_id!r}")
        return pipe

    def _notify(self, pipe: Pipe) -> None:
        if pipe.options.stream_notify:
            pipe.inbox.append(b"")
            pipe.own += 1
            self._queue.activate(pipe)
