"""One peer's two bounded queues of whole messages.

The rules:

- `inbox` holds what came from the peer, `outbox` what is to go to it. HWM counts whole messages (libzmq's
  `pipe.cpp`); a limit of 0 given by the user is stored as `UNLIMITED`.
- A wire pipe belongs to a session, which takes the outbox and fills the inbox under its socket's lock.
- An inproc pipe's outbox *is* the other end's inbox: one deque, appended by one thread and popped by another,
  which needs no lock. The link wakes the other side.
- With CONFLATE both queues hold one message, the newest.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from purezmq.core.message import Broadcast, Command, Item, Message

if TYPE_CHECKING:
    from purezmq.core.monitor import EndpointPair
    from purezmq.core.statistics import Counts
from purezmq.core.options import SocketOptions
from purezmq.core.queue_counts import Newest

UNLIMITED = sys.maxsize

# Runs an iterator in one C call and keeps nothing: no signal handler comes between its steps.
run_whole: Callable[[Iterable[Any]], None] = deque[Any](maxlen=0).extend


class Link(Protocol):
    """What a pattern may ask of the engine behind a pipe."""

    @property
    def ends(self) -> EndpointPair:
        """Between which endpoints it is, or would be."""

    def counts(self) -> Counts | None:
        """Return what went over the connection that there is now; None: nobody counts."""

    def flush(self) -> None:
        """Move what the outbox holds towards the peer, as far as that goes without waiting."""

    def resume(self) -> None:
        """Read on: the inbox was full and now has room."""

    def close(self) -> None:
        """End this peer for good: the connection closes, the pattern is told by `detach`."""

    def dismiss(self) -> None:
        """As `close`, but what is queued is still written, and nobody connects there again."""


class Gone:
    """The link of a pipe whose peer is gone for good (Link). It keeps nothing of what was there."""

    __slots__ = ()

    @property
    def ends(self) -> EndpointPair:
        """Nowhere."""
        from purezmq.core.monitor import NOWHERE  # it imports this module

        return NOWHERE

    def counts(self) -> None:
        """Nobody counts."""

    def flush(self) -> None:
        """Nobody to write to."""

    def resume(self) -> None:
        """Nobody to read from."""

    def close(self) -> None:
        """It is."""

    def dismiss(self) -> None:
        """It is."""


GONE = Gone()


class Peer:
    """Who is at the other end, as the handshake told."""

    __slots__ = ("address", "properties", "routing_id", "socket_type")

    def __init__(
        self,
        socket_type: str,
        routing_id: bytes = b"",
        properties: dict[str, bytes] | None = None,
        address: str = "",
    ) -> None:
        self.socket_type = socket_type  # "PUSH", as READY spells it
        self.routing_id = routing_id  # b"" when anonymous
        self.properties = properties if properties is not None else {}
        self.address = address  # the IP address without port; "" on inproc


class Pipe:
    """A peer, as a pattern sees it."""

    __slots__ = (
        "active",
        "conflate",
        "connect_id",
        "everything",
        "dropped",
        "extra",
        "filtered",
        "inbox",
        "inproc",
        "link",
        "options",
        "outbox",
        "overwritten",
        "own",
        "past",
        "paused",
        "peer",
        "posted",
        "ready",
        "receive_limit",
        "routing_id",
        "send_limit",
        "shares_encoding",
        "state",
        "unsent",
    )

    def __init__(
        self,
        link: Link,
        options: SocketOptions,
        send_limit: int,
        receive_limit: int,
        *,
        conflate: bool = False,
        inbox: deque[Any] | None = None,
        outbox: deque[Any] | None = None,
    ) -> None:
        new_queue: Callable[[], deque[Any]] = Newest if conflate else deque
        self.link = link
        self.options = options  # those of its bind or connect
        self.inbox: deque[Any] = inbox if inbox is not None else new_queue()
        self.outbox: deque[Any] = outbox if outbox is not None else new_queue()
        self.conflate = conflate
        self.send_limit = UNLIMITED if conflate else send_limit or UNLIMITED
        self.receive_limit = UNLIMITED if conflate else receive_limit or UNLIMITED
        self.extra = 0  # messages inside Broadcasts, beyond the one that each counts for
        self.unsent = 0  # messages encoded, not yet taken by the kernel
        self.dropped = 0  # messages that it did not get because of its HWM
        self.filtered = 0  # messages from it that the pattern threw away
        self.overwritten = (
            0  # messages to it that a newer one has taken the place of, in outboxes that are taken
        )
        self.own = 0  # messages in the inbox that did not come from it
        self.past: Counts | None = None  # what went over the connections that it had before
        self.ready = False  # the handshake is done and the link is up
        self.peer: Peer | None = None  # known from the first handshake on, kept over reconnects
        self.inproc = inbox is not None  # the other end is in this process and shares the queues
        self.active = False  # stands in the pattern's fair queue
        self.paused = (
            False  # somebody waits for room in the inbox: a session stopped reading, or an inproc sender
        )
        self.posted = False  # inproc: stands in the mailbox of its socket
        self.shares_encoding = False  # wire pipe whose mechanism leaves frames alone: takes Broadcasts
        self.everything = False  # nobody can tell us what he wants: he gets all (udp)
        self.connect_id = b""  # CONNECT_ROUTING_ID given before connect()
        self.routing_id = b""  # the pattern's name for this peer (ROUTER)
        self.state: Any = None  # the pattern's own

    def room(self) -> int:
        """Return how many more messages may be pushed before the HWM; 0 or less: full."""
        return self.send_limit - len(self.outbox) - self.extra - self.unsent

    def queued_out(self) -> int:
        """Return how many messages wait to be taken by the kernel, or by an inproc peer."""
        return len(self.outbox) + self.extra + self.unsent

    def conflated(self) -> int:
        """Return how many messages have given way to newer ones (of an inproc link the sender knows)."""
        count = self.overwritten
        if isinstance(self.outbox, Newest):
            count += self.outbox.overwritten()
        if isinstance(self.inbox, Newest) and not self.inproc:
            count += self.inbox.overwritten()
        return count

    def low_mark(self) -> int:
        """Return at how many messages in the inbox whoever waits for room is told that there is some."""
        return self.receive_limit // 2

    def push(self, item: Message | Command) -> None:
        """Queue one message or command; the caller has looked at `room`."""
        self.outbox.append(item)

    def broadcast(self, batch: Broadcast) -> None:
        """Queue messages that other peers get too; encoded once for all wire pipes."""
        if self.shares_encoding and not self.conflate:
            self.outbox.append(batch)
            self.extra += len(batch.messages) - 1
        else:
            self.outbox.extend(batch.messages)

    def take(self) -> list[Item]:
        """Take all that is queued, for encoding; it counts as unsent until `sent` is called. Not for inproc."""
        outbox = self.outbox
        items = list(outbox)
        count = len(items)
        empty: deque[Any] = deque()
        if isinstance(outbox, Newest):
            self.overwritten += outbox.overwritten()
            empty = Newest()
        # No calls from here on, see frames.py: a handler that raises leaves all of it queued, or all of it taken.
        self.outbox = empty
        self.unsent += count + self.extra
        self.extra = 0
        return items

    def take_some(self, size: int) -> list[Item]:
        """As `take`, but no more messages than have about so many bytes, and one at least: each will be copied."""
        outbox = self.outbox
        count = 0
        for item in outbox:
            size -= sum(map(len, item)) if item.__class__ is list else len(getattr(item, "body", item))
            count += 1
            if size <= 0:
                break
        if count == len(outbox):
            return self.take()
        items = list(islice(outbox, count))
        rest: deque[Any] = deque(islice(outbox, count, None))
        # As above. What lies in a pipe that is taken from like this is never a Broadcast, nor one that conflates.
        self.outbox = rest
        self.unsent += count
        return items

    def sent(self) -> None:
        """Note that the kernel has taken everything that was taken from the outbox."""
        self.unsent = 0
