"""PUSH and PULL: work handed out in turn, results gathered in turn (RFC 30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from purezmq.constants import SocketType
from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.patterns.load_balancer import LoadBalancer
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe


class Push(Pattern):
    """Gives each message to the next peer that has room."""

    socket_type: ClassVar[SocketType] = SocketType.PUSH
    passes_on: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.PULL})
    can_receive: ClassVar[bool] = False
    can_conflate: ClassVar[bool] = True

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._balancer = LoadBalancer(self.dirty)

    def attach(self, pipe: Pipe) -> None:
        self._balancer.attach(pipe)
        super().attach(pipe)

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


class Pull(FairQueued):
    """Receives from all peers in turn."""

    socket_type: ClassVar[SocketType] = SocketType.PULL
    stages: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.PUSH})
    can_send: ClassVar[bool] = False
    can_conflate: ClassVar[bool] = True
    converses: ClassVar[bool] = True
