"""One peer: greeting, handshake, traffic, heartbeat (RFC 23, RFC 37); bytes and `now` in, messages and a deadline out.

Peers of ZMTP 2.0 and 1.0 (RFC 15, RFC 13) have a routing id for a handshake, and no commands.

    GREETING ──► HANDSHAKE ──► TRAFFIC          64 bytes each way, the mechanism's commands, messages
        └────────────┴────────────┴──► FAILED   the peer's mistake, its ERROR command, or its silence

The rules:

- Nothing here raises for what a peer sent or failed to send: `failed` is set, once, and says what happened.
- A session appends what it received to `incoming` and calls `receive`; it writes `outgoing` before any message,
  then what `encode` returns; and it calls `tick` when the time that `deadline` gave has come.
- Any bytes from the peer show that it is alive. While a session does not read because nobody takes what it has
  read, silence proves nothing: it calls `heard` before `tick`.
- What the program's ZAP handler is to say about the peer stands in `question`, until `answer` is called with its
  reply. Meanwhile the handshake rests, and whatever else the peer sends stays in `incoming`.
- What takes a mechanism long stands in `errand`, until `fetched` is called with what it has returned.
- Times are seconds on the caller's clock.
"""

from __future__ import annotations

from collections import deque
from errno import EACCES, ECONNRESET, EFAULT, EINVAL, ETIMEDOUT
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from purezmq.constants import (
    PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
    SocketType,
)
from purezmq.core.heartbeat import Heartbeat
from purezmq.core.message import Command, Item, Message
from purezmq.core.options import SocketOptions
from purezmq.core.pipe import Peer
from purezmq.core.security import Unable, mechanism_for, zap
from purezmq.core.security.sealed import SealedDecoder, encode_sealed
from purezmq.core.wire import commands, zmtp1
from purezmq.core.wire.encoder import encode, encode_frame
from purezmq.core.wire.frames import COMMAND, LARGEST_COMMAND, UNLIMITED, FrameDecoder
from purezmq.core.wire.greeting import Greeting
from purezmq.core.wire.zmtp1 import OldFrameDecoder
from purezmq.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

# States of a connection.
GREETING: Final = "greeting"
HANDSHAKE: Final = "handshake"
TRAFFIC: Final = "traffic"
FAILED: Final = "failed"

TRANSITIONS = {
    GREETING: {HANDSHAKE, FAILED},
    HANDSHAKE: {TRAFFIC, FAILED},
    TRAFFIC: {FAILED},
    FAILED: set[str](),
}

# Kinds of failure, and what `detail` is.
PROTOCOL: Final = (
    "protocol"  # the peer broke an RFC: a PROTOCOL_ERROR_* number, or EINVAL for its socket type
)
FORGED: Final = "forged"  # the same, in traffic that is sealed: libzmq calls it a failed handshake still
REFUSED: Final = "refused"  # the peer sent ERROR: its status code as in ZAP, 0 when it gave none
DENIED: Final = "denied"  # our ZAP handler said no to the peer: the status code, 300, 400 or 500
UNJUDGED: Final = "unjudged"  # no ZAP handler to say yes: EFAULT
UNABLE: Final = "unable"  # our side lacks what its mechanism needs, as a Kerberos ticket: EACCES
TIMEOUT: Final = "timeout"  # no handshake in time, or no sign of life: ETIMEDOUT
LINK: Final = "link"  # the transport failed: errno
UNWANTED: Final = "unwanted"  # our own side ended it: 0

# What a handshake that ended so is called (zmq_socket_monitor(3)).
_EVENTS = {
    PROTOCOL: "HANDSHAKE_FAILED_PROTOCOL",
    FORGED: "HANDSHAKE_FAILED_PROTOCOL",
    REFUSED: "HANDSHAKE_FAILED_AUTH",
    DENIED: "HANDSHAKE_FAILED_AUTH",
    UNJUDGED: "HANDSHAKE_FAILED_NO_DETAIL",
    UNABLE: "HANDSHAKE_FAILED_NO_DETAIL",
    TIMEOUT: "HANDSHAKE_FAILED_NO_DETAIL",
    LINK: "HANDSHAKE_FAILED_NO_DETAIL",
    UNWANTED: "HANDSHAKE_FAILED_NO_DETAIL",
}

_LARGEST_ROUTING_ID = 255


@lru_cache(64)
def _type_and_id(socket_type: SocketType, routing_id: bytes | None) -> bytes:
    """Return the metadata that every peer of a socket gets."""
    metadata = [(b"Socket-Type", socket_type.name.encode())]
    if routing_id is not None:
        metadata.append((b"Identity", routing_id))
    return commands.encode_metadata(metadata)


@lru_cache(64)
def _names(types: frozenset[SocketType]) -> tuple[str, ...]:
    return tuple(sorted(allowed.name for allowed in types))


def _no_random(size: int) -> bytes:
    raise AssertionError(f"a mechanism draws {size} random bytes: give the Connection a source")


# What ERROR says when it is libzmq that refuses (ZAP).
_STATUS_CODES = {"300", "400", "500"}

# The peer's user id is what our handler says, and its address what our system says; never what it says itself.
_OURS_TO_SAY = {"user-id", "peer-address"}


class Failed:
    """Why a connection is over."""

    __slots__ = ("detail", "kind", "reason")

    def __init__(self, reason: str, kind: str, detail: int) -> None:
        self.reason = reason
        self.kind = kind
        self.detail = detail

    @property
    def event(self) -> str:
        """What a monitor is told when it was the handshake that failed, with `value`; "": nothing, as in libzmq."""
        # libzmq is silent about a peer whose socket type does not fit, and about an ERROR without a status code.
        silent = (self.kind == PROTOCOL and self.detail == EINVAL) or (
            self.kind == REFUSED and not self.detail
        )
        return "" if silent else _EVENTS[self.kind]

    @property
    def value(self) -> int:
        """The value of `event`: a PROTOCOL_ERROR_* number, a status code of ZAP, or an errno."""
        return self.detail

    @property
    def final(self) -> bool:
        """Do not connect again: libzmq gives a peer up that broke the protocol."""
        return self.kind in (PROTOCOL, FORGED, REFUSED) or (
            self.kind == DENIED and self.detail != zap.TEMPORARY
        )

    @property
    def renew(self) -> bool:
        """Connect again as if for the first time, with a new pipe."""
        return self.kind == UNWANTED

    @classmethod
    def link(cls, errno: int) -> Failed:
        """The transport failed with this errno."""
        reason = (
            "the peer closed the connection" if errno == ECONNRESET else f"the link failed: errno {errno}"
        )
        return cls(reason, LINK, errno)

    @classmethod
    def unwanted(cls) -> Failed:
        """Our own side wants this peer no longer."""
        return cls("closed by this side", UNWANTED, 0)

    def __repr__(self) -> str:
        return f"Failed({self.reason!r}, {self.kind!r}, {self.detail:#x})"


class Connection:
    """One peer, from its first byte to its last."""

    __slots__ = (
        "_decoder",
        "_expires",
        "_frames",
        "_granted",
        "_greeting",
        "_major",
        "_heart",
        "_last_heard",
        "_mechanism",
        "_minor",
        "_options",
        "_peers",
        "_pong",
        "_takes",
        "errand",
        "failed",
        "held",
        "filled",
        "incoming",
        "outgoing",
        "peer",
        "plain",
        "question",
        "state",
    )

    def __init__(
        self,
        socket_type: SocketType,
        peers: frozenset[SocketType],
        options: SocketOptions,
        now: float,
        *,
        announce_id: bool,
        takes: frozenset[bytes] = commands.SUBSCRIPTIONS,
        random: Callable[[int], bytes] = _no_random,
    ) -> None:
        """Begin the greeting. announce_id: READY carries our routing id, even an empty one.

        takes: the names of the commands that the pattern gets; others, unless they are our own, are ignored. random
        gives so many random bytes: CURVE needs them.
        """
        self.state: str = GREETING
        self.peer: Peer | None = None  # who it is, once the handshake is done
        self.failed: Failed | None = None
        self.incoming: deque[bytes] = deque()  # as received
        self.outgoing: list[bytes] = []  # to be written before any message
        self.held = False  # bytes were left undecoded because of the limit given to `receive`
        self.question: zap.Request | None = None  # for the ZAP handler
        self.errand: Callable[[], object] | None = None  # to be called in another thread
        self.plain = True  # frames are not sealed: what one peer gets may be what another gets
        self._options = options
        self._peers = peers
        self._takes = takes
        self._granted: dict[str, bytes] | None = None  # properties that the ZAP handler gave the peer
        mechanism = mechanism_for(options)
        metadata = _type_and_id(socket_type, options.routing_id if announce_id else None) + options.metadata
        self._mechanism = mechanism(options, metadata, random)
        self._greeting = Greeting(mechanism.name, options.routing_id, socket_type, self.outgoing)
        self._major, self._minor = 3, 1  # of the peer's protocol
        self._frames = FrameDecoder(self._command, LARGEST_COMMAND)
        self._decoder: FrameDecoder | SealedDecoder | OldFrameDecoder = self._frames
        self.filled = self._frames.filled  # see `space`
        self._heart: Heartbeat | None = None
        self._last_heard = now
        self._pong = b""  # the last that was put into `outgoing`
        self._expires = now + options.handshake_ivl / 1000 if options.handshake_ivl > 0 else None

    # -- traffic -------------------------------------------------------------------------------------------

    def receive(self, now: float, limit: int) -> list[Message | Command]:
        """Take all of `incoming`; return at most `limit` messages and SUBSCRIBE or CANCEL commands.

        Then look at `failed`, `outgoing` and `held`: with `held` call again as soon as there is room for more.
        What was decoded before the peer's mistake is returned.
        """
        if self.state is not TRAFFIC:
            self._shake_hands(now)
            if self.state is not TRAFFIC:
                return []
        if self.incoming or self.filled:
            self._last_heard = now
            if self._heart is not None:
                self._heart.heard(now)
        decoder = self._decoder
        self.held = True  # in case a signal handler raises in here: what was taken is still to be decoded
        messages = decoder.decode(self.incoming, limit)
        self.held = decoder.held
        if decoder.error is not None:
            self._mistake(decoder.error, FORGED if isinstance(decoder, SealedDecoder) else PROTOCOL)
            decoder.error = None  # the frames of its traceback hold keys
        return messages

    def lone(self) -> Message | None:
        """Return the message in `incoming`, if that is one short one and all there is, and nothing else is due.

        Whoever has it takes it out of `incoming`; else `receive` finds it.
        """
        frames = self._frames
        if self._decoder is not frames or self._heart is not None or self.state is not TRAFFIC:
            return None
        return frames.lone(self.incoming)

    def reject(self, mistake: ProtocolError) -> None:
        """End this peer: it has broken the pattern's protocol. Decode no more."""
        self.held = False
        if self.failed is None:
            self._mistake(mistake)

    def encode(self, items: list[Item]) -> list[bytes | memoryview]:
        """Return the buffers to write for these items, small frames joined, large payloads as they are."""
        if self.plain:
            return encode(items, subscriptions_as_messages=self._minor == 0)
        if self._major == 1:
            return zmtp1.encode(items)
        return encode_sealed(items, self._mechanism, subscriptions_as_messages=self._minor == 0)

    def encoder(self) -> Callable[[list[Item]], list[bytes | memoryview]]:
        """Return what does what `encode` does, in fewer steps if possible; after the handshake."""
        return encode if self.plain and self._minor else self.encode

    def gathers(self) -> bool:
        """Return whether a large frame is under way: receive into `space`."""
        return self._frames.gathers()

    def space(self) -> list[memoryview] | None:
        """Return where the next bytes from the peer belong, in this order, or None: put them into `incoming`.

        Append to `filled` how many were written there, and call `receive`.
        """
        return self._frames.space()

    def end(self) -> None:
        """Let go of everything: the link is closed, and nothing will be asked any more but what has been."""
        self._frames.end()
        self._decoder = self._frames

    # -- authentication ------------------------------------------------------------------------------------

    def link_failed(self, errno: int) -> Failed:
        """Return why the connection is over when the transport has failed, with what may be wrong in the handshake."""
        failed = Failed.link(errno)
        if self.state in (GREETING, HANDSHAKE) and errno == ECONNRESET:
            failed.reason += self._mechanism.doubt
        return failed

    def unasked(self) -> None:
        """There is no ZAP handler. Then call `receive`: the handshake goes on."""
        self.question = None
        if self._mechanism.needs_handler or self._options.zap_enforce_domain:
            self._fail("no ZAP handler at inproc://zeromq.zap.01 to let the peer in", UNJUDGED, EFAULT)
        else:
            self._admit()

    def answer(self, reply: list[bytes] | None, request_id: bytes) -> None:
        """Take the ZAP handler's reply to the request with this id; None: the handler has gone.

        Then call `receive`: the handshake goes on.
        """
        self.question = None
        if self.state is not HANDSHAKE:
            return
        if reply is None:
            self._fail("the ZAP handler has gone, or cannot answer", UNJUDGED, EFAULT)
            return
        try:
            if self._may_come_in(reply, request_id):
                self._admit()
        except ProtocolError as mistake:
            self._mistake(mistake)

    def fetched(self, result: object) -> None:
        """Take what `errand` has returned. Then call `receive`: the handshake goes on."""
        self.errand = None
        if self.state is not HANDSHAKE:
            return
        try:
            self._mechanism.fetched(result)
            self._send_commands()
        except ProtocolError as mistake:
            self._mistake(mistake)
        except Unable as reason:
            self._unable(reason)

    def _admit(self) -> None:
        self._mechanism.admit()
        self._send_commands()

    def _may_come_in(self, reply: list[bytes], request_id: bytes) -> bool:
        verdict = zap.parse_reply(reply, request_id)
        if verdict.status == zap.OK:
            self._granted = verdict.properties
            return True
        # RFC 27: what is temporary is not told, so that the peer tries again.
        if verdict.status != zap.TEMPORARY:
            self.outgoing.append(encode_frame(COMMAND, commands.encode_error(b"%d" % verdict.status)))
        self._fail(f"the ZAP handler said {verdict.status} {verdict.text!r}", DENIED, verdict.status)
        return False

    # -- time ----------------------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """Return when `tick` is due next, None: never, as things are."""
        heart = self._heart
        return self._expires if heart is None else heart.deadline()

    def tick(self, now: float) -> None:
        """Send the PING that is due, or set `failed`: too late for a handshake or for a sign of life."""
        heart = self._heart
        if heart is not None:
            reason = heart.overdue(now)
            if reason:
                self._fail(reason, TIMEOUT, ETIMEDOUT)
            elif heart.ping_due(now):
                self.outgoing.append(self._command_frame(heart.ping))
        elif self._expires is not None and now >= self._expires:
            limit = self._options.handshake_ivl
            self._fail(f"no handshake within HANDSHAKE_IVL, {limit} ms", TIMEOUT, ETIMEDOUT)

    def heard(self, now: float) -> None:
        """Take the peer for alive: instead of `receive`, while the session does not read."""
        if self._heart is not None:
            self._heart.heard(now)

    # -- before traffic ------------------------------------------------------------------------------------

    def _shake_hands(self, now: float) -> None:
        """Go as far towards traffic as `incoming` reaches."""
        try:
            if self.state is GREETING:
                if self._greeting.receive(self.incoming):
                    self._begin_handshake()
                elif self._greeting.agreed and self._mechanism.speaks_first:
                    self._send_commands()
            if self.state is HANDSHAKE and self._handshake_is_done():
                self._begin_traffic(now)
        except ProtocolError as mistake:
            self._mistake(mistake)
        except Unable as reason:
            self._unable(reason)
        if self.state is FAILED:
            self.incoming.clear()

    def _begin_handshake(self) -> None:
        greeting = self._greeting
        self._major, self._minor = greeting.major, greeting.minor
        if greeting.leftover:
            self.incoming.append(greeting.leftover)
        self._move(HANDSHAKE)
        if greeting.major < 3:
            self._begin_old_handshake()
        else:
            self._send_commands()

    def _handshake_is_done(self) -> bool:
        if self._major < 3:
            return self._old_peer_is_known()
        mechanism = self._mechanism
        while not mechanism.done:
            if mechanism.credentials is not None:  # until the ZAP handler has spoken
                self._rest()
                return False
            if self.incoming:
                self._frames.take(self.incoming)
            frame = self._frames.frame()
            if frame is None:
                return False
            flags, body = frame
            if not flags & COMMAND:
                raise ProtocolError(
                    f"a message of {len(body)} bytes before the end of the handshake",
                    PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
                )
            name, data = mechanism.parse(body)
            if name == commands.ERROR and mechanism.may_be_refused:
                self._refused(commands.parse_error(data))
                return False
            mechanism.process_command(body)
            self._send_commands()
        return True

    def _begin_old_handshake(self) -> None:
        greeting, options = self._greeting, self._options
        if self._mechanism.name != b"NULL" or options.zap_domain:
            raise ProtocolError(
                f"the peer speaks ZMTP {greeting.major}.0, which has no security",
                PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
            )
        if greeting.major == 2:
            self.outgoing.append(encode_frame(0, options.routing_id))
            return
        first = []
        if greeting.peer_type is not None:
            self.outgoing.append(zmtp1.encode_frame(0, options.routing_id))
        elif commands.SUBSCRIBE in self._takes:  # libzmq 2 filters at the subscriber: it gets everything
            first.append(Command(commands.SUBSCRIBE))
        self._decoder = OldFrameDecoder(_LARGEST_ROUTING_ID, first)

    def _old_peer_is_known(self) -> bool:
        """Take the peer's routing id, which is its first frame."""
        decoder = self._decoder
        assert not isinstance(decoder, SealedDecoder)
        if self.incoming:
            decoder.take(self.incoming)
        frame = decoder.frame()
        if frame is None:
            return False
        kind = self._greeting.peer_type
        if kind is None:
            name = ""
        else:
            name = SocketType(kind).name if kind in SocketType.__members__.values() else f"type {kind}"
        self._mechanism.properties.update({"Socket-Type": name.encode(), "Identity": frame[1]})
        return True

    def _send_commands(self) -> None:
        mechanism = self._mechanism
        while (body := mechanism.next_command()) is not None:
            self.outgoing.append(encode_frame(COMMAND, body))
        if mechanism.errand is not None:
            self.errand = mechanism.errand
            mechanism.errand = None
        if mechanism.credentials is not None:
            options = self._options
            self.question = zap.Request(
                options.zap_domain, options.routing_id, mechanism.name, mechanism.credentials
            )

    def _rest(self) -> None:
        """Let what comes wait for the ZAP handler, up to the size of a large command."""
        waiting = sum(map(len, self.incoming))
        if waiting > LARGEST_COMMAND:
            raise ProtocolError(
                f"{waiting} bytes from a peer that has not been let in yet", PROTOCOL_ERROR_ZMTP_UNSPECIFIED
            )

    def _begin_traffic(self, now: float) -> None:
        properties = self._mechanism.properties
        theirs = properties.get("Socket-Type", b"").decode("latin-1")
        major = self._major
        unsaid = major < 3 and self._greeting.peer_type is None
        names = _names(self._peers)
        if not unsaid and theirs not in names:
            # libzmq sends no ERROR here either.
            self._fail(
                f"the peer is a {theirs or 'socket of no type'}; possible are {', '.join(names)}",
                PROTOCOL,
                self._mechanism.wrong_type,
            )
            return
        routing_id = properties.get("Identity", b"")
        if len(routing_id) > _LARGEST_ROUTING_ID:
            raise ProtocolError(
                f"a routing id of {len(routing_id)} bytes, of which RFC 23 allows {_LARGEST_ROUTING_ID}",
                PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
            )
        for name in [name for name in properties if name.lower() in _OURS_TO_SAY]:
            del properties[name]
        if self._granted:
            properties.update(self._granted)
        self.peer = Peer(theirs, routing_id, properties)
        self.plain = self._mechanism.plain_frames
        largest = self._options.maxmsgsize
        self._frames.limit(largest + self._mechanism.overhead if largest >= 0 else UNLIMITED)
        if major == 1:
            assert isinstance(self._decoder, OldFrameDecoder)
            self._decoder.limit(largest if largest >= 0 else UNLIMITED)
            self.plain = False  # what others get is framed otherwise
        elif not self.plain:
            self._decoder = SealedDecoder(self._frames, self._mechanism, self._command)
        self._expires = None
        if self._options.heartbeat_ivl > 0 and major == 3:
            self._heart = Heartbeat.from_options(self._options, now)
        self._move(TRAFFIC)
        # What nobody needs any more: it was half of what a peer at rest takes.
        del self._greeting
        if self.plain:
            del self._mechanism

    # -- commands in traffic -------------------------------------------------------------------------------

    def _command(self, body: bytes) -> Command | None:
        """Act on a command; return it when it is the pattern's business."""
        name, data = commands.parse_command(body)
        if name in self._takes:
            return Command(name, data)
        if name == commands.PING:
            self._answer(*commands.parse_ping(data))
        return None  # PONG has shown by coming that the peer is alive

    def _answer(self, ttl: int, context: bytes) -> None:
        if ttl:
            self._heart = heart = self._heart or Heartbeat(self._last_heard)
            heart.ttl = ttl / 10
        pong = self._command_frame(commands.encode_pong(context))
        outgoing = self.outgoing
        # A PONG that has not left yet is replaced: a peer that floods us with PINGs cannot make us hoard.
        if outgoing and outgoing[-1] is self._pong:
            outgoing.pop()
        outgoing.append(pong)
        self._pong = pong

    def _command_frame(self, body: bytes) -> bytes:
        if self.plain:
            return encode_frame(COMMAND, body)
        return bytes(self._mechanism.seal(COMMAND, body))

    # -- the end -------------------------------------------------------------------------------------------

    def _refused(self, reason: bytes) -> None:
        text = reason.decode("latin-1")
        self._fail(f"the peer refused us: {text!r}", REFUSED, int(text) if text in _STATUS_CODES else 0)

    def _mistake(self, mistake: ProtocolError, kind: str = PROTOCOL) -> None:
        reason, number = mistake.args
        self._fail(reason, kind, number)

    def _unable(self, reason: Unable) -> None:
        self._fail(str(reason), UNABLE, EACCES)

    def _fail(self, reason: str, kind: str, detail: int) -> None:
        self.failed = Failed(reason, kind, detail)
        self._expires = None
        self._heart = None
        self.question = self.errand = None
        if self.peer is None:
            del self._mechanism  # and its keys: it will not be asked again
        self._move(FAILED)

    def _move(self, state: str) -> None:
        assert state in TRANSITIONS[self.state], f"no way from {self.state} to {state}"
        self.state = state
