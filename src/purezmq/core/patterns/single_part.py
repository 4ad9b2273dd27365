"""What the socket types whose messages have one part share: CLIENT, SERVER, SCATTER, GATHER, CHANNEL, PEER, RADIO.

The rules:

- Sending several parts is refused with EINVAL, as soon as the first part is sent with SNDMORE.
- A message of several parts that a peer sends is dropped, and nothing else happens to that peer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from purezmq.constants import Errno
from purezmq.core.message import Message, from_parts
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe
from purezmq.errors import error


class SinglePart(Pattern):
    """Stands before another base, and lets through it messages of one part only."""

    single_part: ClassVar[bool] = True

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(messages: list[Any]) -> None:
            whole = [message for message in messages if message.__class__ is bytes]
            self.thrown_away(pipe, len(messages) - len(whole))
            del messages[:]
            pipe.inbox.extend(whole)

        return accept

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        return super().hear(pipe, message, chunks) if message.__class__ is bytes else None

    def begin(self, part: bytes) -> None:
        raise _several_parts()

    def send(self, message: Message) -> bool:
        return super().send(sole_part(message))


def sole_part(message: Message) -> Message:
    """Return the message as it goes to a peer, without its address; EINVAL if it has several parts."""
    if message.__class__ is bytes:
        return message
    if len(message) > 1:
        raise _several_parts()
    return from_parts([message[0]])  # type: ignore[list-item]  # mypy cannot narrow on __class__


def _several_parts() -> Exception:
    return error(
        Errno.EINVAL, "messages of this type of socket have one part: pack what belongs together into it"
    )
