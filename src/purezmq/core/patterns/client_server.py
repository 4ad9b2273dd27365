"""CLIENT and SERVER: asynchronous request-reply in messages of one part (RFC 41; libzmq's client.cpp, server.cpp).

The rules:

- SERVER gives each peer a routing id of 32 bits, never 0, from a counter that starts at random; it is new for each
  connection, and is never used again while the counter lasts.
- What SERVER receives bears the routing id of who sent it; what it sends must bear one: EHOSTUNREACH if nobody has
  it. A peer that is full is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from purezmq.constants import Errno, SocketType
from purezmq.core.message import Addressed, Message
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.dealer_router import Dealer
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.patterns.notices import Noticing
from purezmq.core.patterns.single_part import SinglePart, sole_part
from purezmq.core.pipe import Pipe
from purezmq.errors import error


class Client(SinglePart, Dealer):
    """Sends to its servers in turn, and receives from them in turn."""

    socket_type: ClassVar[SocketType] = SocketType.CLIENT
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.SERVER})
    can_conflate: ClassVar[bool] = False
    announces_routing_id: ClassVar[bool] = False
    one_connection_per_endpoint: ClassVar[bool] = False


class Server(Noticing, SinglePart, FairQueued):
    """Receives messages with the sender's routing id, and sends to the peer whose routing id a message bears."""

    socket_type: ClassVar[SocketType] = SocketType.SERVER
    addressed: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.CLIENT})
    hears_disconnects: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._routes: dict[int, Pipe] = {}
        self._counter = int.from_bytes(random(4), "big")

    def attach(self, pipe: Pipe) -> None:
        pipe.state = self._next_id()
        self._routes[pipe.state] = pipe
        super().attach(pipe)

    def detach(self, pipe: Pipe) -> None:
        del self._routes[pipe.state]
        super().detach(pipe)

    def receive(self) -> Message | None:
        queue = self._queue
        message = queue.pop()
        if message is None:
            return None
        pipe = self.last_pipe = queue.last
        assert pipe is not None
        return Addressed(message if message.__class__ is bytes else message[0], pipe.state)

    def send(self, message: Message) -> bool:
        part = sole_part(message)
        pipe = self._route(message.routing_id if isinstance(message, Addressed) else 0)
        if pipe.room() <= 0:
            return False
        pipe.outbox.append(part)
        self.dirty.append(pipe)
        return True

    def room(self) -> int:
        return 0  # an unknown routing id is told to whoever sends to it

    def writable(self) -> bool:
        return True  # it depends on the routing id

    def disconnect_peer(self, routing_id: int) -> None:
        self._route(routing_id).link.dismiss()

    def _route(self, routing_id: int) -> Pipe:
        pipe = self._routes.get(routing_id)
        if pipe is None:
            raise error(
                Errno.EHOSTUNREACH,
                f"no peer has the routing id {routing_id}"
                if routing_id
                else "say to whom: send(..., routing_id=frame.routing_id), with a frame received by copy=False",
            )
        return pipe

    def _next_id(self) -> int:
        while True:
            routing_id = self._counter
            self._counter = (routing_id + 1) & 0xFFFFFFFF
            if routing_id and routing_id not in self._routes:
                return routing_id

    def _set_direct(self) -> None:
        """Have every message asked for: a reader must get its routing id."""
