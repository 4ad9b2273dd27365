"""One connect(): resolves, dials every address in turn, keeps the pipe over reconnects, backs off.

The rules:

- Without IMMEDIATE the pipe exists from connect() on, and messages queue in it while nobody is there. With
  IMMEDIATE it exists while a handshaken link does; what it still held is lost with the link.
- Every address that the name resolves to is tried before the back-off; the name is resolved anew each time.
- With SOCKS_PROXY the addresses are the proxy's, and what it does is told as if it were the peer. It must have
  connected us within HANDSHAKE_IVL (and within CONNECT_TIMEOUT, as any peer); libzmq waits for ever.
- A peer that breaks the protocol is not dialled again (libzmq's rule); any other loss is. RECONNECT_STOP says
  whether one is that refuses connections, or hangs up before the end of the handshake.
- The pattern may not want the peer: PAIR has one already, or a CONNECT_ROUTING_ID is in use. It is asked again
  every RECONNECT_IVL, before anybody is dialled.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from purezmq.constants import Event, ReconnectStop
from purezmq.core.connection import Failed
from purezmq.core.lifecycle import Lifecycle
from purezmq.core.monitor import EndpointPair
from purezmq.core.pipe import GONE
from purezmq.core.reconnect import Backoff
from purezmq.core.statistics import NOTHING, Counts, total
from purezmq.engine.loop import WRITE, Timer
from purezmq.engine.session import Session
from purezmq.engine.transports import CLOSED_BY_OTHERS, NAMELESS, let_go
from purezmq.errors import ZMQError

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions
    from purezmq.core.pipe import Pipe
    from purezmq.engine.socket_core import SocketCore
    from purezmq.engine.transports import Names, Stream, Transport
    from purezmq.engine.tunnel import Tunnel

IDLE, RESOLVING, DIALLING, LINKED, WAITING, CLOSED = (
    "idle",
    "resolving",
    "dialling",
    "linked",
    "waiting",
    "closed",
)
TRANSITIONS = {
    IDLE: {RESOLVING, DIALLING, WAITING, CLOSED},
    RESOLVING: {DIALLING, WAITING, CLOSED},
    DIALLING: {DIALLING, LINKED, WAITING, CLOSED},
    LINKED: {WAITING, CLOSED, IDLE},
    WAITING: {RESOLVING, DIALLING, WAITING, CLOSED},
    CLOSED: {CLOSED},
}

# A link that we have ended ourselves so early is not renewed at once: two peers of one name, each of which takes
# the other's place (ROUTER_HANDOVER), would do nothing else any more.
_SHORT_LIVED = 0.02  # s

_NO_DESCRIPTOR = -1  # of what could not even begin to connect


class Dialer:
    """Keeps one endpoint connected."""

    traffic = False

    def __init__(
        self, core: SocketCore, endpoint: str, address: str, transport: Transport, options: SocketOptions
    ) -> None:
        self._core = core
        self.endpoint = endpoint
        self._address = address
        self._transport = transport
        self._options = options
        self._proxy = transport.proxy(options)
        self._tunnel: Tunnel | None = None  # the handshake with the proxy, while it lasts
        self._backoff: Backoff | None = None  # most need none
        self._life = Lifecycle(TRANSITIONS, IDLE)
        self._targets: list[Any] = []
        self._stream: Stream | None = None
        self._session: Session | None = None
        self._timer: Timer | None = None
        self._pipe: Pipe | None = None
        self._linked_at = 0.0
        self._met = False  # a handshake has succeeded before
        self.retired = False  # the pattern has forgotten this peer; what is pending is still written

    def start(self) -> None:
        """Dial for the first time; the caller settles. Raises ZMQError when the CONNECT_ROUTING_ID is in use."""
        if not self._options.immediate:
            self._new_pipe()
        self._dial()

    # -- dialling ------------------------------------------------------------------------------------------

    def _dial(self) -> None:
        self._timer = None
        if self._life.state not in (IDLE, WAITING):
            return  # an exception has cut this short when it was called before, see `mend`
        if self._pipe is None and not self._options.immediate and not self._has_pipe():
            self._retry()
            return
        targets = self._transport.targets_now(self._address, self._options)
        if targets is not None:
            self._life.move(DIALLING)
            self._targets = targets
            self._try_next()
            return
        transport, address, options = self._transport, self._address, self._options
        self._core.awaited += 1
        self._core.context.resolver.resolve(
            lambda: transport.resolve(address, options),
            lambda result: self._core.post(lambda: self._resolved(result)),
        )
        self._life.move(RESOLVING)

    def _resolved(self, result: list[Any] | OSError) -> None:
        self._core.awaited -= 1
        if self._life.state != RESOLVING:
            return
        if isinstance(result, OSError):
            self._core.report("CONNECT_DELAYED", self.endpoint, f"cannot resolve: {result}")
            self._retry()
            return
        self._life.move(DIALLING)
        self._targets = result
        self._try_next()

    def _try_next(self) -> None:
        """Begin to connect to the next address, or back off when there is none left."""
        while self._targets:
            target = self._targets.pop(0)
            try:
                stream = self._transport.connect(target, self._options)
            except OSError as reason:
                self._core.report("CLOSED", self.endpoint, f"cannot connect: {reason}")
                self._tell(Event.CLOSED, _NO_DESCRIPTOR, str(reason))
                if self._stops_at(reason.errno):
                    self._stop()
                    return
                continue
            if self._core.monitors.hearers and not target.at_once:
                self._tell(Event.CONNECT_DELAYED, errno.EINPROGRESS)
            self._stream = stream
            names = None if self._proxy else self._transport.names(stream)
            if names is not None:  # as within one machine
                self._linked(stream, names)
                return
            loop = self._core.loop
            loop.watch(stream.fileno(), self, WRITE)
            if self._options.connect_timeout:
                self._limit("CONNECT_TIMEOUT", self._options.connect_timeout)
            return
        self._retry()

    def _limit(self, reason: str, milliseconds: int) -> None:
        """Give this address up, for this reason, unless the connection is made in time."""
        loop = self._core.loop
        self._timer = loop.call_at(
            loop.time() + milliseconds / 1000, lambda: self._failed(errno.ETIMEDOUT, reason)
        )

    def on_ready(self, mask: int) -> None:
        """The connection is made, or it failed, or the proxy has answered (Handler)."""
        stream = self._stream
        if stream is None:
            return
        if self._tunnel is not None:
            self._go_through(stream, self._tunnel)
            return
        problem = self._transport.connect_error(stream)
        if problem == errno.EINPROGRESS:
            return
        if problem:
            self._failed(problem, errno.errorcode.get(problem, str(problem)))
        elif self._proxy:
            self._tunnel = self._transport.tunnel(self._address, self._options)
            if self._timer is None and self._options.handshake_ivl:
                self._limit("the proxy does not answer: HANDSHAKE_IVL", self._options.handshake_ivl)
            self._go_through(stream, self._tunnel)
        else:
            self._made(stream)

    def _go_through(self, stream: Stream, tunnel: Tunnel) -> None:
        """Talk to the proxy, until it has connected us or refuses."""
        try:
            wanted = tunnel.step(stream)
        except OSError as reason:
            self._failed(reason.errno or errno.ECONNRESET, str(reason))
            return
        if wanted:
            self._core.loop.watch(stream.fileno(), self, wanted)
        else:
            self._made(stream)

    def _made(self, stream: Stream) -> None:
        """Go on with a connection that was waited for."""
        self._core.loop.unwatch(stream.fileno(), self)
        self._linked(stream, self._transport.names(stream) or NAMELESS)

    def _failed(self, problem: int, reason: str) -> None:
        """Give this address up, with the errno, and try the next one."""
        self._cancel_timer()
        self._drop_stream(reason)
        self._core.report("CLOSED", self.endpoint, reason)
        if self._stops_at(problem):
            self._stop()
        else:
            self._try_next()

    def _linked(self, stream: Stream, names: Names) -> None:
        """Start the session."""
        if self._timer is not None:
            self._cancel_timer()
        self._tunnel = None
        self._stream = None
        self._targets = []
        self._life.move(LINKED)
        self._linked_at = self._core.loop.time()
        self._core.report("CONNECTED", self.endpoint, "")
        ends = EndpointPair(names.local, self._proxy or self.endpoint, False)
        self._core.monitors.tell(Event.CONNECTED, stream.fileno(), ends)
        self._session = Session(self._core, stream, self, self._options, names.address, ends)
        self._session.start()

    def _stops_at(self, problem: int | None) -> bool:
        """Return whether nobody is to be dialled any more, after this errno."""
        stop = self._options.reconnect_stop
        wanted = stop & ReconnectStop.CONN_REFUSED or (stop & ReconnectStop.AFTER_DISCONNECT and self.retired)
        return bool(wanted) and problem == errno.ECONNREFUSED and not self._targets

    def _stop(self) -> None:
        """Dial no more, and let the pattern forget this peer."""
        self._life.move(CLOSED)
        self._drop_pipe()
        self._core.endpoints.forget(self)
        self._core.news = True
        self._core.settle()

    def _retry(self) -> None:
        if self._backoff is None:
            self._backoff = Backoff(self._options)
        delay = self._backoff.next(self._core.random_unit())
        if delay is None:  # RECONNECT_IVL is -1
            self._life.move(WAITING)
            return
        self._life.move(WAITING)
        self._core.report("CONNECT_RETRIED", self.endpoint, f"in {delay * 1000:.0f} ms")
        self._tell(Event.CONNECT_RETRIED, round(delay * 1000))
        loop = self._core.loop
        self._timer = loop.call_at(loop.time() + delay, self._dial)

    # -- Owner of the session ------------------------------------------------------------------------------

    def session_ready(self, session: Session) -> Pipe | None:
        """Give the pipe: the lasting one, or with IMMEDIATE a new one. None: the pattern does not want this peer."""
        if self._backoff is not None:
            self._backoff.reset()
        if self._met:
            self._core.tally.reconnects += 1
        self._met = True
        if self.retired:
            session.retire()
        elif self._pipe is None and not self._has_pipe():
            session.close()
        pipe = self._pipe
        if pipe is not None:
            pipe.link = session
        return pipe

    def session_lost(self, session: Session, failed: Failed) -> None:
        """Connect again, unless the peer broke the protocol."""
        self._session = None
        pipe = self._pipe
        core = self._core
        core.report("DISCONNECTED", self.endpoint, failed.reason)
        session.tell_lost(failed)
        if pipe is not None:
            if session.pipe is pipe:
                pipe.past = total([session.counts(), pipe.past or NOTHING])
            pipe.link = self
            pipe.paused = False
            if session.pipe is not None and not self.retired and not failed.renew:
                core.pattern.lost(pipe, accepted=False)
            if self._options.immediate or failed.final or failed.renew:
                self._drop_pipe()
            elif session.pipe is not None and not self.retired:
                core.pattern.hiccup(pipe)
        if failed.final or (
            session.pipe is None and self._options.reconnect_stop & ReconnectStop.HANDSHAKE_FAILED
        ):
            self._stop()
        elif self.retired and not self.pending():
            self._life.move(CLOSED)
        elif failed.renew and core.loop.time() - self._linked_at >= _SHORT_LIVED:
            self._life.move(IDLE)
            self._dial()
        else:
            self._retry()
        core.settle()

    def _has_pipe(self) -> bool:
        """Return whether there is a pipe; make one if not, and if the pattern wants it."""
        if self._pipe is None and not self.retired:
            try:
                self._new_pipe()
                self._core.settle()
            except ZMQError as refused:
                self._core.report("CONNECT_DELAYED", self.endpoint, str(refused))
        return self._pipe is not None

    def _new_pipe(self) -> None:
        core = self._core
        pipe = core.new_pipe(self, self._options)
        pipe.connect_id = self._options.connect_routing_id
        core.pattern.attach(pipe)
        if pipe not in core.pattern.pipes[-1:]:  # `close` was called
            core.report("CONNECT_DELAYED", self.endpoint, f"this {core.socket_type.name} has its one peer")
            return
        self._pipe = pipe

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        session = self._session
        if session is not None and session.open:
            session.mend()
        elif session is not None:
            self.session_lost(session, Failed.link(errno.ECONNABORTED))
        elif self._tunnel is not None:  # what was said and heard cannot be told from what was not: begin anew
            self._failed(errno.ECONNABORTED, "interrupted")
        elif self._stream is not None:
            self._core.loop.watch(self._stream.fileno(), self, WRITE)
        elif self._life.state in (IDLE, DIALLING, LINKED):
            self._retry()

    # -- Link, while there is no session -------------------------------------------------------------------

    @property
    def ends(self) -> EndpointPair:
        """Where we try to connect to: the proxy if there is one (libzmq tells of no other endpoint)."""
        return EndpointPair.of_connect(self._proxy or self.endpoint)

    def counts(self) -> Counts:
        """Return that there is no connection."""
        return NOTHING

    def flush(self) -> None:
        """Nobody to write to yet."""

    def resume(self) -> None:
        """Nobody to read from."""
        if self._pipe is not None:
            self._pipe.paused = False

    def close(self) -> None:
        """The pattern does not want this peer, and there is no link yet: start over with a new pipe."""
        if self._pipe is not None:
            self._drop_pipe()
            if not self._options.immediate and self._life.state != CLOSED:
                self._has_pipe()

    def dismiss(self, session: Session | None = None) -> None:
        """End this peer once what is queued is written, and dial no more (Link, and Owner of the session)."""
        self._core.endpoints.give_up(self)

    # -- the end -------------------------------------------------------------------------------------------

    def retire(self) -> None:
        """Let the pattern forget the peer; write on what is pending."""
        if self.retired:  # this is done again, after an exception out of a signal handler
            return
        self.retired = True
        if self._session is not None:
            self._session.retire()
        pipe = self._pipe
        if pipe is not None:
            self._core.pattern.detach(pipe)

    def _drop_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.ready = False
            if not self._core.closed:  # else nobody can ask any more
                self._core.tally.left(pipe, self._core.pattern, pipe.queued_out())
            if not self.retired:
                self._core.pattern.detach(pipe)
            pipe.link = GONE

    def pending(self) -> bool:
        """Return whether messages wait to be written."""
        session = self._session
        if session is not None and session.pipe is not None:
            return session.pending()
        return self._pipe is not None and bool(self._pipe.outbox)  # the handshake is still to come

    def unsent(self, connected_only: bool) -> int:
        """Return how much waits to be written; with `connected_only`, not for a peer that was not there."""
        if self._session is not None and self._session.pipe is not None:
            return self._session.unsent()
        absent = self._life.state == WAITING  # otherwise it may just be shaking hands
        return 0 if self._pipe is None or (connected_only and absent) else len(self._pipe.outbox)

    def shut(self) -> None:
        """Stop for good: disconnect(), or the socket is closed and nothing lingers."""
        if self._life.state == CLOSED:
            return
        self._life.move(CLOSED)
        self._cancel_timer()
        self._drop_stream()
        session, self._session = self._session, None
        if session is not None:
            session.shut()
        self._drop_pipe()

    def abandon(self) -> None:
        """In a forked child: close our copies of the descriptors."""
        if self._stream is not None:
            self._stream.close()
        if self._session is not None:
            self._session.abandon()

    def _drop_stream(self, reason: str = "") -> None:
        stream, self._stream = self._stream, None
        self._tunnel = None
        if stream is not None:
            fd = stream.fileno()
            problem = let_go(self._core.loop, self, stream)
            if problem:
                self._tell(Event.CLOSE_FAILED, problem, CLOSED_BY_OTHERS)
            else:
                self._tell(Event.CLOSED, fd, reason)

    def _tell(self, event: Event, value: int, reason: str = "") -> None:
        """Tell whoever monitors the socket what happens while there is no connection."""
        if self._core.monitors.hearers:
            self._core.monitors.tell(event, value, self.ends, None, reason)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
