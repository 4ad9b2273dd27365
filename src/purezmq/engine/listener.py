"""One bind(): accepts, and owns the sessions of the peers that came in."""

from __future__ import annotations

from errno import EBADF, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOTSOCK
from typing import TYPE_CHECKING

from purezmq.constants import Event
from purezmq.core.connection import Failed
from purezmq.core.monitor import EndpointPair
from purezmq.core.pipe import GONE
from purezmq.engine.loop import READ
from purezmq.engine.session import Session
from purezmq.engine.transports import CLOSED_BY_OTHERS, NAMELESS, let_go
from purezmq.errors import strerror

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions
    from purezmq.core.pipe import Pipe
    from purezmq.engine.socket_core import SocketCore
    from purezmq.engine.transports import Listening, Transport

_ACCEPTS_AT_ONCE = 64  # at the most; one by one as long as nobody else is there
_EXHAUSTED = frozenset({EMFILE, ENFILE, ENOBUFS, ENOMEM})  # who was not accepted still waits
_NOT_OURS = frozenset({EBADF, ENOTSOCK})  # the program has closed the descriptor
_EXHAUSTED_PAUSE = 0.1  # s; accepting again at once would only spin


class Leaver:
    """A peer that was accepted and is let go alone, while messages for it are still to be written (Endpoint)."""

    def __init__(self, listener: Listener, session: Session) -> None:
        self._listener = listener
        self._session = session
        self.endpoint = listener.endpoint

    def retire(self) -> None:
        """It has retired already."""

    def pending(self) -> bool:
        """Return whether something is still to be written."""
        return self._session.open and self._session.pending()

    def unsent(self, connected_only: bool) -> int:
        """Return how much waits to be written: the listener tells."""
        return 0

    def mend(self) -> None:
        """Leave it to the listener."""

    def shut(self) -> None:
        """End for good."""
        self._listener.drop(self._session)

    def abandon(self) -> None:
        """Leave it to the listener."""


class Listener:
    """Accepts at one endpoint."""

    traffic = False

    def __init__(
        self, core: SocketCore, listening: Listening, transport: Transport, options: SocketOptions
    ) -> None:
        self._core = core
        self._listening = listening
        self._transport = transport
        self._options = options
        self._fd = listening.fileno()
        self.endpoint = listening.endpoint
        self._sessions: set[Session] = set()
        self._open = True
        self._retired = False
        self._most = 1  # how many to accept at once: a call that accepts nobody is a waste

    def start(self) -> None:
        """Begin to accept."""
        self._core.loop.watch(self._fd, self, READ)
        self._core.report("LISTENING", self.endpoint, "")
        self._tell(Event.LISTENING, self._fd)

    def matches(self, given: str) -> bool:
        """Return whether unbind(given) means this one."""
        return given in (self.endpoint, self._listening.alias) or self._transport.matches(
            given, self.endpoint
        )

    def on_ready(self, mask: int) -> None:
        """Accept who is there (Handler)."""
        most = self._most
        for count in range(most):
            if not self._open:
                return
            try:
                stream = self._listening.accept()
            except OSError as reason:
                self._core.report("ACCEPT_FAILED", self.endpoint, str(reason))
                self._tell(Event.ACCEPT_FAILED, reason.errno or ECONNABORTED, str(reason))
                if reason.errno in _EXHAUSTED:
                    self._pause()
                    return
                if reason.errno in _NOT_OURS:
                    return  # for unbind() to tell
                continue  # that peer went before it was accepted; others wait
            if stream is None:
                self._most = max(count, 1)
                return
            names = self._transport.names(stream) or NAMELESS
            ends = EndpointPair(names.local, names.remote, True)
            self._core.report("ACCEPTED", self.endpoint, "")
            self._core.monitors.tell(Event.ACCEPTED, stream.fileno(), ends)
            session = Session(self._core, stream, self, self._options, names.address, ends)
            self._sessions.add(session)
            session.welcome()
        self._most = min(2 * most, _ACCEPTS_AT_ONCE)
        self._core.more = True  # perhaps

    def _pause(self) -> None:
        loop = self._core.loop
        loop.watch(self._fd, self, 0)
        loop.call_at(loop.time() + _EXHAUSTED_PAUSE, self._go_on)

    def _go_on(self) -> None:
        if self._open:
            self._core.loop.watch(self._fd, self, READ)

    # -- Owner of sessions ---------------------------------------------------------------------------------

    def session_ready(self, session: Session) -> Pipe | None:
        """Make the pipe of a peer that has shaken hands; None: too late."""
        if self._retired:
            return None
        pipe = self._core.new_pipe(session, self._options)
        self._core.pattern.attach(pipe)
        return pipe

    def session_lost(self, session: Session, failed: Failed) -> None:
        """Let the peer go; it may come again."""
        core = self._core
        self._sessions.discard(session)
        core.report("DISCONNECTED" if session.pipe else "HANDSHAKE_FAILED", self.endpoint, failed.reason)
        session.tell_lost(failed)
        if session.pipe is not None:
            core.tally.left(session.pipe, core.pattern, session.pipe.queued_out())
        if session.pipe is not None and not session.retired:
            if not failed.renew:
                core.pattern.lost(session.pipe, accepted=True)
            core.pattern.detach(session.pipe)
        if session.pipe is not None:
            session.pipe.link = GONE
        core.settle()

    def dismiss(self, session: Session) -> None:
        """Let this one peer go once what is queued for it is written."""
        session.retire()
        if session.pipe is not None:
            self._core.pattern.detach(session.pipe)
        self._core.endpoints.finish(Leaver(self, session))

    def drop(self, session: Session) -> None:
        """Close what has left."""
        session.shut()
        if session.pipe is not None:
            self._core.tally.left(session.pipe, self._core.pattern, session.pipe.queued_out())
            session.pipe.link = GONE
        self._sessions.discard(session)

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        if self._open:
            self._core.loop.watch(self._fd, self, READ)
        for session in list(self._sessions):
            if session.open:
                session.mend()
            else:
                self.session_lost(session, Failed.link(ECONNABORTED))

    # -- the end -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Accept no more and free the address; peers stay."""
        if self._open:
            self._open = False
            problem = let_go(self._core.loop, self, self._listening)
            if problem:
                reason = (
                    CLOSED_BY_OTHERS
                    if problem == EBADF
                    else f"{strerror(problem)}: the file or directory of ipc"
                )
                self._core.report("CLOSE_FAILED", self.endpoint, reason)
                self._tell(Event.CLOSE_FAILED, problem, reason)
            else:
                self._core.report("CLOSED", self.endpoint, "")
                self._tell(Event.CLOSED, self._fd)

    def _tell(self, event: Event, value: int, reason: str = "") -> None:
        self._core.monitors.tell(event, value, EndpointPair.of_bind(self.endpoint), None, reason)

    def retire(self) -> None:
        """Accept no more, and let the pattern forget the peers; write on what is pending."""
        self.stop()
        self._retired = True
        for session in list(self._sessions):
            if not session.retired:  # else this is done again, after an exception out of a signal handler
                session.retire()
                if session.pipe is not None:
                    self._core.pattern.detach(session.pipe)
            if not session.pending():
                session.shut()
                self._sessions.discard(session)

    def pending(self) -> bool:
        """Return whether messages wait to be written."""
        return any(session.pending() for session in self._sessions if session.pipe is not None)

    def unsent(self, connected_only: bool) -> int:
        """Return how many messages wait to be written."""
        return sum(session.unsent() for session in self._sessions)

    def shut(self) -> None:
        """Stop for good, peers and all."""
        self.stop()
        for session in list(self._sessions):
            session.shut()
            if session.pipe is not None and not self._core.closed:  # else nobody can ask any more
                self._core.tally.left(session.pipe, self._core.pattern, session.pipe.queued_out())
            if session.pipe is not None and not session.retired:
                session.pipe.ready = False
                self._core.pattern.detach(session.pipe)
            if session.pipe is not None:
                session.pipe.link = GONE
        self._sessions.clear()

    def abandon(self) -> None:
        """In a forked child: close our copies of the descriptors; the ipc file is the parent's."""
        if self._open:
            self._open = False
            self._listening.abandon()
        for session in self._sessions:
            session.abandon()
