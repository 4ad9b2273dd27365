"""DEALER and ROUTER: asynchronous request-reply (RFC 28; libzmq's dealer.cpp and router.cpp).

The rules of routing ids:

- A peer that announces an id in its handshake is known by it; an anonymous one gets a zero byte and a 4-byte
  big-endian counter that starts at random. CONNECT_ROUTING_ID, given before connect(), goes before both.
- A peer keeps its id over reconnects, whatever it announces later.
- A second peer that announces an id in use stays connected and is never served; with ROUTER_HANDOVER it takes
  the id over, and the first one is closed and what it had sent is dropped.
- PROBE_ROUTER sends one empty message per pipe, not one per reconnect, as libzmq does.
- ROUTER_RAW, deprecated, makes a STREAM of a ROUTER, which is told of links always, and refuses nothing.
- ROUTER_NOTIFY has [routing id, b""] received when a link comes up, or is lost (not over inproc).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from purezmq.constants import Errno, RouterNotify, SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Message, Part, first_part, from_parts
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.fair_queue import FairQueue, FairQueued
from purezmq.core.patterns.load_balancer import LoadBalancer
from purezmq.core.patterns.notices import Noticing
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import UNLIMITED, Pipe
from purezmq.core.raw_connection import RawConnection
from purezmq.errors import error


class Dealer(Noticing, FairQueued):
    """Sends to its peers in turn, and receives from them in turn."""

    socket_type: ClassVar[SocketType] = SocketType.DEALER
    passes_on: ClassVar[bool] = True
    stages: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.REP, SocketType.DEALER, SocketType.ROUTER})
    can_conflate: ClassVar[bool] = True
    announces_routing_id: ClassVar[bool] = True
    one_connection_per_endpoint: ClassVar[bool] = True
    hears_hiccups: ClassVar[bool] = True
    converses: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._balancer = LoadBalancer(self.dirty)

    def attach(self, pipe: Pipe) -> None:
        self._balancer.attach(pipe)
        super().attach(pipe)
        if self.options.probe_router:
            pipe.push(b"")
            self.dirty.append(pipe)

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        self._balancer.detach(pipe)

    def send(self, message: Message) -> bool:
        return self._balancer.send(message) is not None

    def distribute(self, messages: list[Message]) -> int:
        return self._balancer.distribute(messages)

    def room(self) -> int:
        return self._balancer.room()

    def writable(self) -> bool:
        return self._balancer.writable()


class RoutedPattern(Pattern):
    """The base of ROUTER and REP: receives in turn, and knows its peers by routing id."""

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._queue = FairQueue()
        self._routes: dict[bytes, Pipe] = {}
        self._counter = int.from_bytes(random(4), "big")

    def attach(self, pipe: Pipe) -> None:
        """Take a peer on; raise ZMQError(EADDRINUSE), and do not, when its CONNECT_ROUTING_ID is in use."""
        if pipe.connect_id:
            if pipe.connect_id in self._routes:
                # libzmq aborts the process here.
                raise error(
                    Errno.EADDRINUSE, f"another peer has the routing id {pipe.connect_id!r}: choose another"
                )
            self._serve(pipe, pipe.connect_id)
        super().attach(pipe)
        if self.options.probe_router:
            pipe.push(b"")
            self.dirty.append(pipe)

    def ready(self, pipe: Pipe) -> None:
        if pipe.routing_id:
            return
        announced = pipe.peer.routing_id if pipe.peer is not None else b""
        former = self._routes.get(announced) if announced else None
        if former is None:
            self._serve(pipe, announced or self._next_id())
        elif self.options.router_handover:
            self.unstage()
            former.routing_id = b""
            self.thrown_away(former, len(former.inbox))
            self._queue.drop(former)
            self._serve(pipe, announced)
            former.link.close()

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        if pipe.routing_id:
            del self._routes[pipe.routing_id]
            self._queue.detach(pipe)

    def arrived(self, pipe: Pipe) -> None:
        if not pipe.active and pipe.routing_id:
            self._queue.activate(pipe)

    def readable(self) -> bool:
        return self._queue.peek() is not None

    def unstage(self) -> None:
        self._queue.unstage()

    def sender(self) -> Pipe | None:
        return self._queue.sender() or super().sender()

    def queued_in(self) -> int:
        return super().queued_in() + self._queue.left_behind()

    def _serve(self, pipe: Pipe, routing_id: bytes) -> None:
        pipe.routing_id = routing_id
        self._routes[routing_id] = pipe
        self._queue.attach(pipe)

    def _next_id(self) -> bytes:
        while True:
            routing_id = b"\0" + self._counter.to_bytes(4, "big")
            self._counter = (self._counter + 1) & 0xFFFFFFFF
            if routing_id not in self._routes:
                return routing_id


class Router(Noticing, RoutedPattern):
    """Receives [routing id, *parts], and sends to the peer that the first part names."""

    socket_type: ClassVar[SocketType] = SocketType.ROUTER
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.REQ, SocketType.DEALER, SocketType.ROUTER})
    announces_routing_id: ClassVar[bool] = True
    hears_disconnects: ClassVar[bool] = True
    converses: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._queue = FairQueue(addressed=True)
        self.direct = self._queue.staged

    def connection(self, options: SocketOptions, now: float) -> Connection:
        if options.router_raw:
            return RawConnection(self.socket_type, options, now)
        return super().connection(options, now)

    def ready(self, pipe: Pipe) -> None:
        super().ready(pipe)
        self._notify(pipe, RouterNotify.CONNECT)

    def lost(self, pipe: Pipe, accepted: bool) -> None:
        self._notify(pipe, RouterNotify.DISCONNECT)
        super().lost(pipe, accepted)

    def receive(self) -> Message | None:
        queue = self._queue
        message = queue.pop()
        if message is None:
            return None
        pipe = self.last_pipe = queue.last
        assert pipe is not None
        if queue.owners:  # it was staged, and has its address
            return message  # type: ignore[no-any-return]
        message = [pipe.routing_id, message] if message.__class__ is bytes else [pipe.routing_id, *message]
        queue.stage()
        return message

    def listening(self, pipe: Pipe) -> bool:
        if pipe.inbox or self._queue.leaving or self._queue.staged or not pipe.routing_id:
            return False
        return not pipe.options.router_raw

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        if not self.listening(pipe):
            return None
        named: list[Part] = (
            [pipe.routing_id, message] if message.__class__ is bytes else [pipe.routing_id, *message]
        )
        # In a row, see FairQueued.hear().
        self._queue.owners = []
        self.last_pipe = pipe
        del chunks[0]
        return named

    def begin(self, part: bytes) -> None:
        if self.options.router_mandatory and part not in self._routes:
            raise self._unreachable(part)

    def send(self, message: Message) -> bool:
        if message.__class__ is bytes or len(message) < 2:
            return True  # an address and no message: libzmq takes it and does nothing
        routing_id = first_part(message)
        pipe = self._routes.get(routing_id)
        if pipe is None:
            if self.options.router_mandatory:
                raise self._unreachable(routing_id)
            self.unroutable += 1
            return True
        if pipe.room() <= 0:
            if self.options.router_mandatory:
                return False
            pipe.dropped += 1
            return True
        if pipe.options.router_raw:
            return self._send_raw(pipe, message)  # type: ignore[arg-type]  # mypy cannot narrow on __class__
        pipe.outbox.append(from_parts(message[1:]))  # type: ignore[arg-type]  # mypy cannot narrow on __class__
        self.dirty.append(pipe)
        return True

    def distribute(self, messages: list[Message]) -> int:
        if self.options.router_mandatory or self.options.router_raw:
            return super().distribute(messages)
        routes = self._routes
        touched: dict[Pipe, None] = {}
        taken = 0
        try:
            for message in messages:
                taken += 1
                if message.__class__ is bytes or len(message) < 2:
                    continue
                routing_id = message[0]
                pipe = routes.get(routing_id if routing_id.__class__ is bytes else bytes(routing_id))
                if pipe is None:
                    self.unroutable += 1
                elif pipe.send_limit - len(pipe.outbox) - pipe.extra - pipe.unsent <= 0:  # Pipe.room
                    pipe.dropped += 1
                else:
                    touched[pipe] = None
                    last = message[1]
                    if len(message) == 2 and last.__class__ is bytes:
                        pipe.outbox.append(last)
                    else:
                        pipe.outbox.append(message[1:])
        finally:
            del messages[:taken]
        self.dirty.extend(touched)
        return taken

    def room(self) -> int:
        return 0 if self.options.router_mandatory else UNLIMITED

    def writable(self) -> bool:
        return not self.options.router_mandatory or any(pipe.room() > 0 for pipe in self._routes.values())

    def writable_for(self, part: bytes) -> bool:
        pipe = self._routes.get(part)
        return not self.options.router_mandatory or pipe is None or pipe.room() > 0

    def _send_raw(self, pipe: Pipe, message: list[Part]) -> bool:
        for part in message[1:]:
            if len(part):
                pipe.outbox.append(from_parts([part]))
                self.dirty.append(pipe)
            else:
                pipe.link.dismiss()
                break
        return True

    def _notify(self, pipe: Pipe, event: RouterNotify) -> None:
        if (pipe.options.router_notify & event or pipe.options.router_raw) and not pipe.inproc:
            self.deliver(pipe, b"")

    def _unreachable(self, routing_id: bytes) -> Exception:
        return error(Errno.EHOSTUNREACH, f"no peer has the routing id {routing_id!r}")
