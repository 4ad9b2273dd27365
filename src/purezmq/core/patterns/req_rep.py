"""REQ and REP: one question, one answer, in lock step (RFC 28; libzmq's req.cpp and rep.cpp).

The envelope on the wire is ``[address, …, "", body, …]``: REQ puts the empty delimiter there (and before it,
with REQ_CORRELATE, the 4-byte number of the request), REP keeps everything up to the delimiter and puts it before
the reply.

    REQ   idle ── send ──▶ waiting ── receive ──▶ idle        (REQ_RELAXED: waiting ── send ──▶ waiting)
    REP   idle ── receive ──▶ replying ── send ──▶ idle

Anything else is EFSM. When the peer that was asked goes away, REQ keeps waiting, and, as in libzmq, then takes
a reply from whoever sends one.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from purezmq.constants import PROTOCOL_ERROR_ZMTP_UNSPECIFIED, Errno, SocketType
from purezmq.core.message import Message, Part, from_parts
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.dealer_router import RoutedPattern
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.patterns.load_balancer import LoadBalancer
from purezmq.core.pipe import Pipe
from purezmq.errors import ProtocolError, error


class Req(FairQueued):
    """Asks the next peer that has room, and receives only from the one it asked."""

    socket_type: ClassVar[SocketType] = SocketType.REQ
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.REP, SocketType.ROUTER})
    lockstep: ClassVar[bool] = True
    converses: ClassVar[bool] = True
    announces_routing_id: ClassVar[bool] = True
    one_connection_per_endpoint: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._balancer = LoadBalancer(self.dirty)
        self._waiting = False
        self._asked: Pipe | None = None
        self._number = int.from_bytes(random(4), "big")
        self._request_id = b""  # of the request that waits; b"" when it was sent without

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        self._balancer.attach(pipe)
        if self.options.probe_router:
            pipe.push(b"")
            self.dirty.append(pipe)

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        self._balancer.detach(pipe)
        if pipe is self._asked:
            self._asked = None

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(messages: list[Any]) -> None:
            for index, message in enumerate(messages):
                if not _is_reply(message):
                    # libzmq's req_session_t: the peer does not speak the protocol, and is left for good.
                    good = messages[:index]
                    del messages[:]
                    pipe.inbox.extend(good)
                    raise ProtocolError(
                        "a reply without the empty part that ends its envelope",
                        PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
                    )
            good = messages[:]
            del messages[:]
            pipe.inbox.extend(good)

        return accept

    def receive(self) -> Message | None:
        if not self._waiting:
            raise error(Errno.EFSM, "send() a request before you receive")
        queue = self._queue
        while (message := queue.peek()) is not None:
            reply = self._open(message)
            if reply is None:
                queue.throw_away(self)
                continue
            pipe = self.last_pipe = queue.last
            assert pipe is not None
            # In a row with the call: an exception out of a signal handler may lose the reply, but not the turn.
            self._waiting = False
            pipe.inbox.popleft()
            queue.pass_on(pipe)
            return reply
        return None

    def listening(self, pipe: Pipe) -> bool:
        return (
            self._waiting
            and self._asked is pipe
            and not (self._request_id or self._queue.leaving or pipe.inbox)
        )

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        if message.__class__ is bytes or not self.listening(pipe):
            return None
        reply: Message = message[1]  # type: ignore[assignment]  # FrameDecoder.lone
        # In a row, as in `receive`.
        self._waiting = False
        self.last_pipe = pipe
        del chunks[0]
        return reply

    def readable(self) -> bool:
        if not self._waiting:
            return False
        queue = self._queue
        while (message := queue.peek()) is not None:
            if self._open(message) is not None:
                return True
            queue.throw_away(self)
        return False

    def begin(self, part: bytes) -> None:
        if self._waiting and not self.options.req_relaxed:
            raise error(Errno.EFSM, "receive the reply before you send again, or set REQ_RELAXED")

    def send(self, message: Message) -> bool:
        if self._waiting:
            self.begin(b"")
        asked = self._balancer.pick()
        if asked is None:
            return False
        # A reply that is already there cannot be to this request. (An inproc peer answers at once: eat it first.)
        if asked.inbox or len(self.pipes) > 1 or self._queue.leaving:
            while self._queue.throw_away(self):
                pass
        parts: list[Part] = [b"", message] if message.__class__ is bytes else [b"", *message]
        request_id = b""
        if self.options.req_correlate:
            self._number = (self._number + 1) & 0xFFFFFFFF
            # libzmq sends its counter as the machine stores it.
            request_id = self._number.to_bytes(4, sys.byteorder)
            parts.insert(0, request_id)
        self.dirty.append(asked)
        self._request_id = request_id
        self._asked = asked
        self._waiting = True
        asked.outbox.append(parts)  # in a row, as above
        return True

    def writable(self) -> bool:
        return (not self._waiting or self.options.req_relaxed != 0) and self._balancer.writable()

    def _set_direct(self) -> None:
        """Leave `direct` None: replies are checked and unwrapped."""

    def _open(self, message: Message) -> Message | None:
        # The reply inside, or None when this is not one to our request.
        if self._asked is not None and self._queue.last is not self._asked:
            return None
        if message.__class__ is bytes:
            return None
        start = 1
        if self._request_id:
            if bytes(message[0]) != self._request_id:
                return None
            start = 2
        if len(message) <= start or len(message[start - 1]):  # type: ignore[arg-type]
            return None
        return from_parts(message[start:])  # type: ignore[arg-type]


class Rep(RoutedPattern):
    """Answers requests, one at a time, each to whoever asked."""

    socket_type: ClassVar[SocketType] = SocketType.REP
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.REQ, SocketType.DEALER})
    lockstep: ClassVar[bool] = True
    converses: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._replying = False
        self._asker: Pipe | None = None  # None: it has left
        self._envelope: list[Part] = []

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        if pipe is self._asker:
            self._asker = None

    def receive(self) -> Message | None:
        if self._replying:
            raise error(Errno.EFSM, "send() the reply before you receive the next request")
        queue = self._queue
        while (message := queue.peek()) is not None:
            start = _body_start(message)
            if not start:
                queue.throw_away(self)
                continue
            pipe = self.last_pipe = queue.last
            assert pipe is not None
            asker = self._routes.get(pipe.routing_id)
            # In a row with the call: an exception out of a signal handler may lose the request, but not the turn.
            self._asker = asker
            self._envelope = message[:start]
            self._replying = True
            pipe.inbox.popleft()
            queue.pass_on(pipe)
            return from_parts(message[start:])
        return None

    def listening(self, pipe: Pipe) -> bool:
        return not (self._replying or self._queue.leaving or pipe.inbox)

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        if message.__class__ is bytes or not self.listening(pipe):
            return None
        request: Message = message[1]  # type: ignore[assignment]  # FrameDecoder.lone
        asker = self._routes.get(pipe.routing_id)
        # In a row, as in `receive`.
        self._asker = asker
        self._envelope = [b""]
        self._replying = True
        self.last_pipe = pipe
        del chunks[0]
        return request

    def readable(self) -> bool:
        if self._replying:
            return False
        queue = self._queue
        while (message := queue.peek()) is not None:
            if _body_start(message):
                return True
            queue.throw_away(self)
        return False

    def begin(self, part: bytes) -> None:
        if not self._replying:
            raise error(Errno.EFSM, "receive a request before you send the reply")

    def send(self, message: Message) -> bool:
        if not self._replying:
            self.begin(b"")
        asker = self._asker
        parts = [*self._envelope, message] if message.__class__ is bytes else [*self._envelope, *message]
        if asker is None or asker.room() <= 0:
            if asker is None:
                self.unroutable += 1
            else:
                asker.dropped += 1
            self._replying = False
            self._asker = None
            return True
        self.dirty.append(asker)
        self._replying = False
        self._asker = None
        asker.outbox.append(parts)  # in a row, as above
        return True

    def writable(self) -> bool:
        return self._replying


def _is_reply(message: Any) -> bool:
    # REQ_CORRELATE may have been switched since the request: its id is let through, as libzmq does.
    if message.__class__ is bytes:
        return False
    if len(message[0]) == 4:
        return len(message) > 2 and not len(message[1])
    return len(message) > 1 and not len(message[0])


def _body_start(message: Message) -> int:
    # Where the body begins, after the delimiter; 0 when there is no delimiter, or nothing after it.
    if message.__class__ is bytes:
        return 0
    for index, part in enumerate(message):
        if not len(part):  # type: ignore[arg-type]
            return index + 1 if index + 1 < len(message) else 0
    return 0
