"""The base of every socket type: which peers there are, who gets a message, whose message is next.

The rules, for whoever writes a pattern:

- A pattern is values in, values out: no descriptors, no clock, no threads. The engine calls it under the
  socket's lock; random bytes come from `self.random`.
- "Cannot now" is a value: `send` returns False, `receive` returns None. Only the caller's mistakes (EFSM,
  EHOSTUNREACH) are raised.
- A pattern that puts something into a pipe's outbox appends that pipe to `self.dirty`; the engine flushes
  what is in there after every call.
- `direct` is the one deque from which a reader may pop the next message without the lock and without asking
  the pattern, or None when the pattern must be asked. Keep it true in attach, detach and ready.
- `room()` is how many messages `distribute` is sure to take just now; the engine lets a burst of that many
  gather before it calls. 0 means: hand me every message by itself, through `send`.

Life of a pipe: attach (at connect(), or after the handshake on the bound side) → ready (each time a handshake
ends well) → lost (the link), hiccup (the pipe lives on and reconnects) → ready … → lost, detach. After detach the
inbox may still hold messages: they are delivered before the pipe is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from purezmq.constants import Errno, SocketType
from purezmq.core.connection import Connection
from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.pipe import Pipe
from purezmq.core.statistics import Dropped
from purezmq.core.wire.datagrams import Datagrams
from purezmq.errors import error


class Pattern:
    """What every socket type answers; a new type overrides what differs."""

    socket_type: ClassVar[SocketType]
    peers: ClassVar[frozenset[SocketType]]  # the types it may be connected to
    can_send: ClassVar[bool] = True
    can_receive: ClassVar[bool] = True
    passes_on: ClassVar[bool] = False  # what is sent goes to one peer, as it is
    can_subscribe: ClassVar[bool] = False
    takes: ClassVar[frozenset[bytes]] = frozenset()  # the names of the commands that `acceptor` is given
    reads_inboxes: ClassVar[bool] = False  # `direct` may be the inbox of a peer
    single_part: ClassVar[bool] = False  # a message has one part, never more
    addressed: ClassVar[bool] = False  # and bears a routing id or a group
    lockstep: ClassVar[bool] = False  # a message must be read to its last part before the next may be sent
    can_conflate: ClassVar[bool] = False
    converses: ClassVar[bool] = False  # `listening` and `hear` mean something
    announces_routing_id: ClassVar[bool] = False  # READY carries Identity
    says_hello: ClassVar[bool] = False  # HELLO_MSG goes to each peer, first of all
    streams: ClassVar[bool] = True  # it speaks over connections: not only datagrams
    datagrams: ClassVar[Datagrams | None] = None  # how its messages are made datagrams of; None: they are not
    numbers_peers: ClassVar[bool] = False  # `newest_peer` and `disconnect_peer` mean something
    one_connection_per_endpoint: ClassVar[bool] = False  # a second connect() to the same endpoint is ignored

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        self.options = options  # live: read a field where it is used
        self.random = random  # random(n) -> n random bytes
        self.pipes: list[Pipe] = []
        self.dirty: list[Pipe] = []
        self.direct: deque[Any] | None = None
        self.last_pipe: Pipe | None = None  # where the message that `receive` returned came from
        self.full = 0  # messages dropped at the HWM of peers that have left since
        self.unroutable = 0  # messages dropped because no peer had the routing id
        self.filtered = 0  # messages received and thrown away
        self.conflated = 0  # messages overwritten by newer ones, of peers that have left since

    def connection(self, options: SocketOptions, now: float) -> Connection:
        """Make what speaks with one peer. options: those of its bind or connect."""
        return Connection(
            self.socket_type,
            self.peers,
            options,
            now,
            announce_id=self.announces_routing_id,
            takes=self.takes,
            random=self.random,
        )

    # -- peers come and go ---------------------------------------------------------------------------------

    def attach(self, pipe: Pipe) -> None:
        """A peer is there to be sent to (perhaps before its link is up).

        To be called last, or nearly: a pipe that is not among `pipes` is attached again after an exception.
        """
        self.pipes.append(pipe)

    def ready(self, pipe: Pipe) -> None:
        """The handshake with this peer is done; also after each reconnect. `pipe.peer` is known."""

    def hiccup(self, pipe: Pipe) -> None:
        """The link of this pipe was lost; the pipe stays and its outbox too."""

    def lost(self, pipe: Pipe, accepted: bool) -> None:
        """The link of this pipe was lost, not by our will; `hiccup` or `detach` follows.

        accepted: the peer had come to us; otherwise we connected.
        """

    def detach(self, pipe: Pipe) -> None:
        """This peer is gone for good; what its inbox still holds may be received."""
        if pipe in self.pipes:  # else `attach` was cut short by a signal handler
            self.pipes.remove(pipe)
        self.full += pipe.dropped
        self.conflated += pipe.conflated()

    # -- messages arrive -----------------------------------------------------------------------------------

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        """Return what the session calls with each list of messages and commands from this wire peer.

        What is taken is taken out of the list: after an exception out of a signal handler the session calls again
        with what is left. (Only ``inbox.extend`` itself, which cannot be cut in two, leaves the list alone.)
        It raises ProtocolError at what breaks the pattern's protocol; what came before is taken.
        """
        return pipe.inbox.extend

    def arrived(self, pipe: Pipe) -> None:
        """The inbox of this pipe has grown."""

    def receive(self) -> Message | None:
        """Return the next message, or None; `last_pipe` says where it came from."""
        return None

    def listening(self, pipe: Pipe) -> bool:
        """Return whether `hear` may be called: this is the only peer, and nothing is in the queues."""
        return False

    def hear(self, pipe: Pipe, message: Message, chunks: deque[bytes]) -> Message | None:
        """Take what the one peer has just sent past the queues, and return what `receive` would have; None: refused.

        With the message the one chunk that it is made of is taken away.
        """
        return None

    def unstage(self) -> None:
        """Put back into the inboxes what was taken out of several, to be received next."""

    def sender(self) -> Pipe | None:
        """Return where the message came from that was received last, by `receive` or out of `direct`."""
        if self.last_pipe is None and len(self.pipes) == 1:
            return self.pipes[0]
        return self.last_pipe

    def readable(self) -> bool:
        """Return whether `receive` would return a message."""
        return False

    # -- messages leave ------------------------------------------------------------------------------------

    def begin(self, part: bytes) -> None:
        """Check whether a message may be started whose first part is this one; raise EFSM and the like.

        Called for the first part of a message that is sent part by part.
        """

    def send(self, message: Message) -> bool:
        """Take one message for a peer; False: nobody can take it now."""
        return False

    def distribute(self, messages: list[Message]) -> int:
        """Take messages out of the list, in order, while somebody can take them; return how many were.

        As with `acceptor`: what is still in the list when a signal handler raises has not been taken.
        """
        taken = 0
        try:
            for message in messages:
                taken += 1
                if not self.send(message):
                    taken -= 1
                    break
        finally:
            del messages[:taken]
        return taken

    def room(self) -> int:
        """Return how many messages `distribute` surely takes now; 0: each must go through `send`."""
        return 0

    def writable(self) -> bool:
        """Return whether `send` would take a message."""
        return False

    def writable_for(self, part: bytes) -> bool:
        """Return whether `send` would take a message that starts with this part."""
        return self.writable()

    def dropped(self) -> Dropped:
        """Return how many messages were dropped so far, and why."""
        return Dropped(
            full=self.full + sum(pipe.dropped for pipe in self.pipes),
            no_peer=0,
            unroutable=self.unroutable,
            filtered=self.filtered,
            conflated=self.conflated + sum(pipe.conflated() for pipe in self.pipes),
        )

    def thrown_away(self, pipe: Pipe, count: int = 1) -> None:
        """Note that so many messages of this peer are not for the program."""
        self.filtered += count
        pipe.filtered += count

    def queued_in(self) -> int:
        """Return how many messages have been received and not been read."""
        return sum(len(pipe.inbox) for pipe in self.pipes)

    def audience(self, start: bytes) -> int:
        """Return to how many peers a message that begins so would go (publishers)."""
        raise error(Errno.ENOTSUP, f"nobody subscribes to a {self.socket_type.name}")

    # -- the application speaks ----------------------------------------------------------------------------

    def subscribe(self, topic: bytes) -> None:
        """Add a subscription (SUB; XPUB with XPUB_MANUAL)."""
        raise NotImplementedError

    def unsubscribe(self, topic: bytes) -> None:
        """Take one subscription back."""
        raise NotImplementedError

    def join(self, group: bytes) -> None:
        """Receive what is sent to this group, too (DISH)."""
        raise error(Errno.ENOTSUP, f"{self.socket_type.name} sockets join no groups")

    def leave(self, group: bytes) -> None:
        """Undo `join`."""
        raise error(Errno.ENOTSUP, f"{self.socket_type.name} sockets join no groups")

    def topics(self) -> int:
        """Return how many topics there are subscriptions to: TOPICS_COUNT."""
        raise error(Errno.EINVAL, f"{self.socket_type.name} sockets have no topics")

    def newest_peer(self) -> int:
        """Return the routing id of the peer attached last (PEER)."""
        raise NotImplementedError

    def disconnect_peer(self, routing_id: int) -> None:
        """Let this peer go (SERVER, PEER)."""
        raise error(Errno.ENOTSUP, f"{self.socket_type.name} sockets do not number their peers")

    def option_changed(self, number: int) -> None:
        """A live option was set; `self.options` has the new value."""
