"""What travels through pipes: messages, and the few other things that keep their order with them.

A single-part message is plain ``bytes``: no wrapper, nothing to unpack. Several parts are a ``list``, and so is the
one part that bears a routing id or a group: `Addressed`. Nobody changes a list once it has been handed on; whoever
needs it altered builds a new one.
"""

from __future__ import annotations

from collections.abc import Callable


class SharedPart:
    """A caller's buffer that is sent without being copied (``send(copy=False)``).

    `release` is called once the engine holds the buffer no longer: every frame of it went to the kernel, or
    the message was dropped.
    """

    __slots__ = ("_release", "view")

    def __init__(self, view: memoryview, release: Callable[[], None] | None = None) -> None:
        self.view = view
        self._release = release

    def __len__(self) -> int:
        return self.view.nbytes

    def __bytes__(self) -> bytes:
        return bytes(self.view)

    def __del__(self) -> None:
        if self._release is not None:
            self._release()


class Addressed(list["Part"]):
    """One part and whom it is for, or comes from: SERVER's and PEER's routing id, RADIO's and DISH's group.

    Patterns take and give it at the application's side; through pipes travels what is on the wire.
    """

    __slots__ = ("group", "routing_id")

    def __init__(self, part: Part, routing_id: int = 0, group: bytes = b"") -> None:
        super().__init__((part,))
        self.routing_id = routing_id  # 0: none
        self.group = group


class Command:
    """A ZMTP command in its place among the messages: SUBSCRIBE, CANCEL (RFC 37), JOIN, LEAVE (RFC 48)."""

    __slots__ = ("body", "name")

    def __init__(self, name: bytes, body: bytes = b"") -> None:
        self.name = name
        self.body = body

    def __repr__(self) -> str:
        return f"Command({self.name!r}, {self.body!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Command) and (self.name, self.body) == (other.name, other.body)

    def __hash__(self) -> int:
        return hash((self.name, self.body))


class Broadcast:
    """Messages for many peers at once; `wire` is filled by the first session that encodes them."""

    __slots__ = ("messages", "wire")

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.wire: list[bytes | memoryview] | None = None


LARGEST_GROUP = 255  # bytes; ZMQ_GROUP_MAX_LENGTH, RFC 48

Part = bytes | SharedPart
Message = bytes | list[Part]
Item = Message | Command | Broadcast


def first_part(message: Message) -> bytes:
    """Return the first part as bytes: the topic of PUB, the routing id of ROUTER."""
    if isinstance(message, bytes):
        return message
    return bytes(message[0])


def parts_of(message: Message) -> list[Part]:
    """Return the parts as a list that the caller must not change."""
    if isinstance(message, bytes):
        return [message]
    return message


def from_parts(parts: list[Part]) -> Message:
    """Return the canonical message of one or more parts: bytes when it is one part of bytes."""
    if len(parts) == 1 and parts[0].__class__ is bytes:
        return parts[0]
    return parts
