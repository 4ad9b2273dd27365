"""PAIR: one peer, both ways (RFC 31).

A peer beyond the first is sent away. What a peer that left had sent is received before what the next one
sends.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.constants import SocketType
from purezmq.core.message import Message
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.pipe import Pipe


class Pair(FairQueued):
    """An exclusive pair."""

    socket_type: ClassVar[SocketType] = SocketType.PAIR
    passes_on: ClassVar[bool] = True
    converses: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.PAIR})

    def attach(self, pipe: Pipe) -> None:
        if self.pipes:
            pipe.link.close()
            return
        for former in self._queue.leaving:
            while former.inbox:  # each by an append and a pop, see queue_counts.py
                pipe.inbox.appendleft(former.inbox.pop())
                pipe.own += 1
        self._queue.peek()  # lets the former peers go
        super().attach(pipe)

    def detach(self, pipe: Pipe) -> None:
        if pipe in self.pipes:
            super().detach(pipe)

    def arrived(self, pipe: Pipe) -> None:
        if pipe in self.pipes:
            super().arrived(pipe)

    def send(self, message: Message) -> bool:
        return self.distribute([message]) == 1

    def distribute(self, messages: list[Message]) -> int:
        taken = min(self.room(), len(messages))
        if taken <= 0:
            return 0
        pipe = self.pipes[0]
        some = messages[:taken]
        self.dirty.append(pipe)
        del messages[:taken]  # in a row with the call: see LoadBalancer
        pipe.outbox.extend(some)
        return taken

    def room(self) -> int:
        return max(self.pipes[0].room(), 0) if self.pipes else 0

    def writable(self) -> bool:
        return self.room() > 0
