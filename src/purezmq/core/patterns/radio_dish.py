"""RADIO and DISH: messages for groups (RFC 48; libzmq's radio.cpp, dish.cpp).

The rules:

- A message bears the name of its group, up to 255 bytes; on the wire that is a frame before the body. A message
  without one is for the group of the empty name.
- RADIO sends to every peer that has joined just this group, and has room; the others miss it. With XPUB_NODROP it
  waits until all of them have room.
- DISH sends JOIN and LEAVE to all its peers, and all its groups anew whenever a link comes up. It looks at the group
  again when a message is received: what was queued for a group that it has left vanishes.
- Over udp nobody can join: what RADIO connects to gets everything, and DISH throws away what it has not joined.
- What DISH gets must be a group and a body: anything else ends the connection. What RADIO gets besides JOIN and
  LEAVE is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
    PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
    Errno,
    SocketType,
)
from purezmq.core.message import LARGEST_GROUP, Addressed, Command, Message, Part
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.patterns.fan_out import give
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.patterns.single_part import SinglePart, sole_part
from purezmq.core.pipe import UNLIMITED, Pipe
from purezmq.core.statistics import Dropped
from purezmq.core.wire.commands import JOIN, LEAVE, MEMBERSHIPS
from purezmq.core.wire.datagrams import Datagrams, GroupDatagrams
from purezmq.errors import ProtocolError, error

_TOLD = "told"  # state of a DISH's pipe: our groups are in its outbox, or beyond


class Radio(SinglePart, Pattern):
    """Sends each message to the peers that joined its group."""

    socket_type: ClassVar[SocketType] = SocketType.RADIO
    addressed: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.DISH})
    can_receive: ClassVar[bool] = False
    takes: ClassVar[frozenset[bytes]] = MEMBERSHIPS
    datagrams: ClassVar[Datagrams | None] = GroupDatagrams()

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._members: dict[bytes, dict[Pipe, None]] = {}  # by group, in the order in which they joined
        self._everywhere: dict[Pipe, None] = {}  # pipes that get everything
        self._unwanted = 0  # messages to groups without members

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        if pipe.everything:
            self._everywhere[pipe] = None

    def detach(self, pipe: Pipe) -> None:
        super().detach(pipe)
        self._everywhere.pop(pipe, None)
        for group in [group for group, members in self._members.items() if pipe in members]:
            self._leave(group, pipe)

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(items: list[Any]) -> None:
            taken = 0
            try:
                for item in items:
                    self._take_in(item, pipe)
                    taken += 1
            finally:
                del items[:taken]

        return accept

    def arrived(self, pipe: Pipe) -> None:
        inbox = pipe.inbox
        while inbox:
            self._take_in(inbox[0], pipe)
            inbox.popleft()
        if pipe.paused:
            pipe.link.resume()

    def send(self, message: Message) -> bool:
        addressed: list[Any] = _to_group(message)
        if self.options.xpub_nodrop:
            for pipe in self._audience(addressed[0]):
                if pipe.room() <= 0:
                    return False
        self._spread([addressed], [message])
        return True

    def distribute(self, messages: list[Message]) -> int:
        if self.options.xpub_nodrop:
            return super().distribute(messages)
        count = len(messages)
        self._spread(list(map(_to_group, messages)), messages)
        return count

    def room(self) -> int:
        return 0 if self.options.xpub_nodrop else UNLIMITED

    def writable(self) -> bool:
        return True  # even with XPUB_NODROP and full peers: it depends on the group

    def dropped(self) -> Dropped:
        return super().dropped()._replace(no_peer=self._unwanted)

    def audience(self, start: bytes) -> int:
        return len(self._audience(start))

    def _spread(self, addressed: list[Any], source: list[Message]) -> None:
        # What is for one group in a row goes out together, encoded once.
        count = len(addressed)
        touched: dict[Pipe, None] = {}
        start = 0
        for end in range(1, count + 1):
            if end == count or addressed[end][0] != addressed[start][0]:
                members = self._audience(addressed[start][0])
                if not members:
                    self._unwanted += end - start
                touched.update(members)
                give(tuple(members), addressed[start:end], source)
                start = end
        self.dirty.extend(touched)

    def _audience(self, group: bytes) -> dict[Pipe, None]:
        members = self._members.get(group, {})
        return {**self._everywhere, **members} if self._everywhere else members

    def _take_in(self, item: Any, pipe: Pipe) -> None:
        if item.__class__ is not Command:
            return
        if len(item.body) > LARGEST_GROUP:
            raise ProtocolError(
                f"{item.name.decode()} of a group of {len(item.body)} bytes, of which RFC 48 allows {LARGEST_GROUP}",
                PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
            )
        if item.name == JOIN:
            self._members.setdefault(item.body, {})[pipe] = None
        else:
            self._leave(item.body, pipe)

    def _leave(self, group: bytes, pipe: Pipe) -> None:
        members = self._members.get(group, {})
        members.pop(pipe, None)
        if not members:
            self._members.pop(group, None)


class Dish(FairQueued):
    """Receives what is sent to the groups it has joined."""

    socket_type: ClassVar[SocketType] = SocketType.DISH
    single_part: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = frozenset({SocketType.RADIO})
    can_send: ClassVar[bool] = False
    datagrams: ClassVar[Datagrams | None] = GroupDatagrams()

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._groups: dict[bytes, None] = {}  # in the order in which they were joined

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        self._tell_all(pipe)

    def ready(self, pipe: Pipe) -> None:
        if pipe.state is not _TOLD:
            self._tell_all(pipe)

    def hiccup(self, pipe: Pipe) -> None:
        pipe.state = None  # `ready` will say it all again
        pipe.outbox.clear()

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(messages: list[Any]) -> None:
            bad = next((place for place, message in enumerate(messages) if not _is_for_group(message)), None)
            taken = messages[:bad]
            del messages[:]
            pipe.inbox.extend(taken)
            if bad is not None:
                raise ProtocolError(
                    "a message that is not a group and a body (RFC 48)", PROTOCOL_ERROR_ZMTP_UNSPECIFIED
                )

        return accept

    def receive(self) -> Message | None:
        while (message := super().receive()) is not None:
            group: Any = message[0]
            if group in self._groups:
                return Addressed(message[1], group=group)  # type: ignore[arg-type]  # two parts, see `acceptor`
            assert self.last_pipe is not None
            self.thrown_away(self.last_pipe)
        return None

    def readable(self) -> bool:
        queue = self._queue
        while (message := queue.peek()) is not None:
            if message[0] in self._groups:
                return True
            queue.throw_away(self)
        return False

    def join(self, group: bytes) -> None:
        if group in self._groups:
            raise error(Errno.EINVAL, f"the group {group!r} has been joined already")
        self._groups[group] = None
        self._tell(Command(JOIN, group))

    def leave(self, group: bytes) -> None:
        if group not in self._groups:
            raise error(Errno.EINVAL, f"the group {group!r} has not been joined")
        del self._groups[group]
        self._tell(Command(LEAVE, group))

    def _tell(self, command: Command) -> None:
        for pipe in self.pipes:
            if pipe.state is _TOLD:
                pipe.push(command)
                self.dirty.append(pipe)

    def _tell_all(self, pipe: Pipe) -> None:
        # Past the HWM if need be: a JOIN that is dropped is never made up for.
        pipe.state = _TOLD
        pipe.outbox.extend([Command(JOIN, group) for group in self._groups])
        self.dirty.append(pipe)

    def _set_direct(self) -> None:
        """Have every message asked for: it is looked at when it is received."""


def _to_group(message: Message) -> list[Part]:
    """Return the group and the body: the message as it goes to a peer."""
    body = sole_part(message)
    group = message.group if isinstance(message, Addressed) else b""
    return [group, body if body.__class__ is bytes else body[0]]  # type: ignore[list-item]


def _is_for_group(message: Any) -> bool:
    return message.__class__ is list and len(message) == 2 and len(message[0]) <= LARGEST_GROUP
