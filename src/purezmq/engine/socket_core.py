"""One socket as the front ends see it: send, receive, poll, bind, connect, options, close.

Every front end is a thin handle over a SocketCore. How it waits and who drives it is in driven_socket.py, with the
rules that the fast paths of the front ends rest on (`fluent`, `outbox`, `mark`, `line`, `inbox`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from errno import EAGAIN, EFAULT, EINVAL, ENOTSUP
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NoReturn, TypeVar

from purezmq.constants import Flag, PollEvent, SocketOption, SocketType
from purezmq.core import options as option_table
from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import UNLIMITED, Link, Peer, Pipe
from purezmq.engine.doorbell import Doorbell
from purezmq.engine.endpoints import Endpoints
from purezmq.engine.loop import READ
from purezmq.engine.observed_socket import ObservedSocket
from purezmq.engine.unpatched import Lock
from purezmq.errors import error

if TYPE_CHECKING:
    from types import FrameType

    from purezmq.engine.context import ContextCore
    from purezmq.engine.session import Session

T = TypeVar("T")

_DONTWAIT = int(Flag.DONTWAIT)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_DRIVES_PER_EVENTS = 16  # how often reading EVENTS looks again for more
_SENDS_PER_LOOK = 64  # between two looks at the descriptors of a socket that only sends
_RECEIVES_PER_LOOK = 100  # libzmq's inbound_poll_rate


class SocketCore(ObservedSocket):
    """A socket of the engine. Front ends use what has no underscore."""

    __slots__ = ()

    def __init__(
        self, context: ContextCore, socket_type: SocketType, pattern: type[Pattern], key: int
    ) -> None:
        super().__init__(context, socket_type, pattern, key)
        self.endpoints = Endpoints(self)

    # -- sending ---------------------------------------------------------------------------------------------

    def send(self, message: Message, flags: int = 0) -> None:
        """Send one whole message; waits up to SNDTIMEO for room, not at all with DONTWAIT."""
        if self.offer(message):
            return
        timeout = 0 if flags & _DONTWAIT else self.options.sndtimeo
        if not self._wait_for(lambda: self._try_send(message), timeout):
            raise error(EAGAIN)

    def offer(self, message: Message) -> bool:
        """Send one whole message if there is room now; no look at the descriptors."""
        if not self.pattern.can_send:
            self._refuse("only receive")
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                return self._try_send(message) is True
        except BaseException as reason:
            self._cut(reason)
            raise

    def _try_send(self, message: Message) -> bool | None:
        if self._mailbox:
            self._read_mailbox()
        if self.outbox:
            self._flush()
            if self.outbox:
                return None
        pattern = self.pattern
        begun = 0.0 if pattern.lockstep else self.loop.time()
        if not pattern.send(message) and not (self._ask_for_room() and pattern.send(message)):
            return None
        self.flush_dirty()
        if not pattern.lockstep:  # what alternates with receiving never gathers, and looks when it receives
            self._looks += 1
            if self._looks >= _SENDS_PER_LOOK:
                self._drive()
            self._pace(begun, 1)
            self.settle()
        elif self.watched:
            self._tell_watchers()  # it may receive now
        return True

    def begin(self, part: bytes) -> None:
        """Check whether a message may start with this part now; raises what sending it would (EFSM, ENOTSUP…)."""
        if not self.pattern.can_send:
            self._refuse("only receive")
        with self.lock:
            self._check_open()
            if self._mailbox:
                self._read_mailbox()
            self.pattern.begin(part)

    def wait_to_begin(self, part: bytes, timeout_ms: int | None) -> bool:
        """Wait until there is room for a message that starts with this part; False: not within so many ms."""

        def attempt() -> bool | None:
            if self._mailbox:
                self._read_mailbox()
            if self.outbox:
                self._flush()
            writable = self.pattern.writable_for
            if not self.outbox and (writable(part) or (self._ask_for_room() and writable(part))):
                return True
            return None

        return self._wait_for(attempt, timeout_ms) is not None

    # -- receiving -------------------------------------------------------------------------------------------

    def receive(self, flags: int = 0) -> Message:
        """Return the next whole message; waits up to RCVTIMEO, not at all with DONTWAIT."""
        if not self.pattern.can_receive:
            self._refuse("only send")
        timeout = 0 if flags & _DONTWAIT else self.options.rcvtimeo
        partner = self._partner
        message: Message | None
        if partner is not None and timeout and partner.ready and self.pattern.listening(partner):
            message = self._hear(partner)
            if message is not None:
                return message
        message = self._wait_for(self._try_receive, timeout)
        if message is None:
            raise error(EAGAIN)
        return message

    def _hear(self, partner: Pipe) -> Message | None:
        """Look for the partner's next message as long as a wait looks before it sleeps; None: wait.

        A short message is taken right out of what was read: that costs two thirds of the way through the queues.
        """
        if (
            self._unusual
            or self.outbox
            or self._mailbox
            or self._leader
            or self._pacer.gather
            or self.context.gathering
        ):
            return None
        ready = self.loop.look()
        if not ready:
            return None
        try:
            with self.lock:
                # What is ready stays so: whatever is in the way, the wait that follows finds it.
                if (
                    self._unusual
                    or self._partner is not partner
                    or not partner.ready
                    or partner.paused
                    or self._leader
                    or self._mailbox
                    or self.watched
                    or not self.listed
                    or len(ready) > 1
                ):
                    return None
                session: Session = partner.link  # type: ignore[assignment]
                if ready[0] != (session.fd, READ):
                    return None
                self.hot = True
                self.news = False
                heard = session.hear()
                if heard is None:
                    if self.news and not self.fluent and not self.pattern.lockstep:
                        self.settle()
                    return None
                message = self.pattern.hear(partner, heard, session.connection.incoming)
                if message is None:
                    session.mend()  # which takes it in as any other
                else:
                    session.messages_in += 1
                return message
        except BaseException as reason:
            self._cut(reason)
            raise

    def take(self) -> Message | None:
        """Return the next whole message if there is one, without a look at the descriptors."""
        if self.surely_empty():
            return None
        if not self.pattern.can_receive:
            self._refuse("only send")
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                return self._try_receive()
        except BaseException as reason:
            self._cut(reason)
            raise

    def surely_empty(self) -> bool:
        """Return whether there is no message: the one queue that it could be in is empty, and was not full.

        False: perhaps there is one. Needs no lock.
        """
        inbox = self.inbox
        pipes = self.pattern.pipes[:2]  # another thread may be letting peers go
        return (
            len(pipes) == 1
            and inbox is pipes[0].inbox
            and not inbox
            and not self._mailbox
            and not pipes[0].paused
        )

    def take_sole(self) -> Message | None:
        """Return a message of the only peer, if there is one: without the lock."""
        if len(self.pattern.pipes) != 1:
            return None  # of several peers: `peer` could be asked when another thread has received, too
        try:
            message: Message = self.inbox.popleft()
        except IndexError:
            return None
        if self.attention:
            self.attend()
        return message

    def receive_burst(self, limit: int) -> list[Message]:
        """Return up to so many messages that are there now, under one lock; no look at the descriptors."""
        messages: list[Message] = []
        if not self.pattern.can_receive:
            self._refuse("only send")
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                message = self._try_receive()
                if message is not None:
                    messages.append(message)
                    self._receive_more(messages, limit)
                    if self.pattern.dirty:
                        self.flush_dirty()
                    if self.attention:
                        self._attend()
        except BaseException as reason:
            self._cut(reason)
            raise
        return messages

    def _receive_more(self, messages: list[Message], limit: int) -> None:
        pattern = self.pattern
        while (left := limit - len(messages)) > 0:
            direct = pattern.direct
            if direct:
                try:
                    # One C call: no signal handler comes between taking a message and keeping it.
                    messages.extend(islice(iter(direct.popleft, None), min(left, len(direct))))
                except IndexError:  # a reader without the lock was faster; what was taken is kept
                    continue
                for pipe in pattern.pipes[:1]:  # XPUB's queue may hold what one has said who has left
                    if (
                        pipe.paused
                        and not pipe.inproc
                        and direct is pipe.inbox
                        and len(direct) <= pipe.low_mark()
                    ):
                        pipe.link.resume()
                continue
            message = pattern.receive()
            if message is None:
                return
            messages.append(message)

    def send_burst(self, messages: list[Message]) -> None:
        """Send whole messages, at once and under one lock; waits, as `send`, for those that there is no room for."""
        if not self.fluent_parts:
            for message in messages:
                self.send(message)
            return
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                if self._mailbox:
                    self._read_mailbox()
                pattern = self.pattern
                if self.outbox or pattern.takes:
                    self.outbox.extend(messages)
                    self._flush(pace=False)
                    return
                batch = messages[:]
                try:
                    pattern.distribute(batch)
                finally:
                    self.outbox.extend(batch)  # what was not taken
                self.flush_dirty()
                if self.outbox or pattern.room() <= 0:
                    self._flush(pace=False)
        except BaseException as reason:
            self._cut(reason)
            raise

    def room(self) -> int:
        """Return for how many messages there is room, as far as that is known; look again when the socket stirs."""
        if self.fluent:
            with self.lock:
                room = self.pattern.room()
            if room > 0:
                return room
        return 1 if self.known_events(_POLLOUT) else 0

    def _try_receive(self) -> Message | None:
        if self._mailbox:
            self._read_mailbox()
        self._looks += 1
        if self._looks >= _RECEIVES_PER_LOOK:
            self._drive()
        message = self.pattern.receive()
        if self.pattern.dirty:  # a pattern may answer while it looks
            self.flush_dirty()
        if message is not None:
            if self.attention:
                self._attend()
            if self.watched and self.pattern.lockstep:
                self._tell_watchers()  # it may send now
        return message

    def _refuse(self, ability: str) -> NoReturn:
        with self.lock:
            self._check_open()
        raise error(ENOTSUP, f"{self.socket_type.name} sockets {ability}")

    def peer(self) -> Peer | None:
        """Return who sent the message that was received last."""
        pipe = self.pattern.sender()
        return pipe.peer if pipe is not None else None

    # -- polling ---------------------------------------------------------------------------------------------

    def poll(self, events: int, timeout_ms: int | None) -> int:
        """Return which of the events are there, after at most so many milliseconds (None or -1: no limit)."""
        found: int | None = self._wait_for(lambda: self._events(events) or None, timeout_ms)
        return found or 0

    def events(self, wanted: int = _POLLIN | _POLLOUT) -> int:
        """Return EVENTS: POLLIN, POLLOUT, as far as they are wanted.

        Drives the engine; afterwards `fd` is unreadable until more happens.
        """
        try:
            with self.lock:
                self._answered = self._doorbell  # what comes now is told by the answer, not by the bell
                self.answers += 1
                if self._unusual:
                    if self.terminated and not self.closed and self._doorbell is not None:
                        self._drive()  # ETERM is an answer, too
                        self._doorbell.silence()
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                if self.outbox:
                    self._flush()
                self.more = False
                self.dispatch(self.loop.wait(0))
                if self.more:
                    self._drive_on()
                if self._doorbell is not None:
                    self._doorbell.silence()
                found = self._events(wanted)
                self._answered = None  # before the last look: whoever leaves mail from here on rings
                return self._events(wanted) if self._mailbox else found
        except BaseException as reason:
            self._cut(reason)
            raise
        finally:
            self._answered = None

    def _drive_on(self) -> None:
        """Drive again, while a drive has read as much as it could, but not for ever (lock held)."""
        for _ in range(_DRIVES_PER_EVENTS - 1):
            self.more = False
            self.dispatch(self.loop.wait(0))
            if not self.more:
                break

    def known_events(self, wanted: int = _POLLIN | _POLLOUT) -> int:
        """Return EVENTS as they are known: right as long as `fd` is not readable. Looks at no descriptor."""
        with self.lock:
            if self._unusual:
                self._check_open()
            return self._events(wanted)

    def _events(self, wanted: int = _POLLIN | _POLLOUT) -> int:
        if self._mailbox:
            self._read_mailbox()
        pattern = self.pattern
        found = 0
        if self.outbox:
            self._flush()
        if wanted & _POLLIN and pattern.can_receive and (self.inbox or pattern.readable()):
            found = _POLLIN
        may_send = wanted & _POLLOUT and pattern.can_send and not self.outbox
        if may_send and (pattern.writable() or self._ask_for_room()):
            found |= _POLLOUT
        return found

    @property
    def fd(self) -> int:
        """The descriptor that is readable when EVENTS should be read; one for the socket's life."""
        with self.lock:
            self._check_open()
            self.touch()
            if self._doorbell is None:
                self._doorbell = Doorbell(self.loop.fileno())
                self.watched = self.polled_elsewhere = True
                self._close_lines()
                if self._events():
                    self._doorbell.ring()
            return self._doorbell.fileno()

    # -- endpoints -------------------------------------------------------------------------------------------

    def bind(self, endpoint: str) -> None:
        """Bind; LAST_ENDPOINT tells the resolved endpoint."""
        self._endpoint(self.endpoints.bind, endpoint)

    def connect(self, endpoint: str) -> None:
        """Connect, now or whenever somebody is there."""
        self._endpoint(self.endpoints.connect, endpoint)
        self.options.connect_routing_id = b""

    def connect_peer(self, endpoint: str) -> int:
        """Connect, and return the routing id of the peer that will be there (PEER)."""
        if not self.pattern.numbers_peers:
            raise error(ENOTSUP, f"{self.socket_type.name} sockets do not number their peers")
        if self.options.immediate:
            raise error(EFAULT, "with IMMEDIATE no peer is there when connect_peer returns: set it to 0")

        def connect(endpoint: str) -> int:
            self.endpoints.connect(endpoint)
            return self.pattern.newest_peer()

        return self._endpoint(connect, endpoint)

    def unbind(self, endpoint: str) -> None:
        """Stop listening at the endpoint."""
        self._endpoint(self.endpoints.undo, endpoint)

    def disconnect(self, endpoint: str) -> None:
        """End a connection that `connect` made."""
        self._endpoint(self.endpoints.undo, endpoint)

    def disconnect_peer(self, routing_id: int) -> None:
        """Let a peer go (SERVER, PEER)."""
        self._speak(self.pattern.disconnect_peer, routing_id)

    def join(self, group: bytes) -> None:
        """Receive what is sent to this group, too (DISH)."""
        self._speak(self.pattern.join, group)

    def leave(self, group: bytes) -> None:
        """Undo `join`."""
        self._speak(self.pattern.leave, group)

    def _speak(self, operation: Callable[[T], None], subject: T) -> None:
        """Tell the pattern something that its peers may have to be told."""
        with self.lock:
            self._check_open()
            if self._mailbox:
                self._read_mailbox()
            operation(subject)
            self.flush_dirty()
            self.settle()
            self._tell_waiters()

    def _endpoint(self, operation: Callable[[str], T], endpoint: str) -> T:
        with self.lock:
            if self._unusual:
                self._check_open()
            if self._mailbox:
                self._read_mailbox()
            if self.outbox:
                self._flush()
            result = operation(endpoint)
            self.flush_dirty()
            self.settle()
            self.touch()
            self.context.keeper.hurry()
            if self.waiters or self.outbox or self.watched:
                self._tell_waiters()  # they have a new timer or peer to look at
            return result

    def new_pipe(self, link: Link, options: SocketOptions) -> Pipe:
        """Make a pipe with this socket's limits (lock held)."""
        conflate = bool(options.conflate) and self.pattern.can_conflate
        return Pipe(link, options, self.options.sndhwm, self.options.rcvhwm, conflate=conflate)

    def random_unit(self) -> float:
        """Return a random number in [0, 1)."""
        return int.from_bytes(self.context.random(4), "big") / 2**32

    # -- options ---------------------------------------------------------------------------------------------

    def set(self, option: int, value: int | bytes) -> None:
        """Set an option by libzmq's number."""
        with self.lock:
            self._check_open()
            if self._mailbox:
                self._read_mailbox()
            if option in (SocketOption.SUBSCRIBE, SocketOption.UNSUBSCRIBE):
                self._set_subscription(option, value)
            else:
                option_table.set_option(self.options, self.socket_type, option, value)
                if option in (SocketOption.SNDHWM, SocketOption.RCVHWM):
                    self._set_limits()
                self.pattern.option_changed(option)
            self.flush_dirty()
            self.settle()
            self._tell_waiters()

    def _set_subscription(self, option: int, value: int | bytes) -> None:
        if not self.pattern.can_subscribe:
            raise error(EINVAL, f"{self.socket_type.name} sockets cannot subscribe: a SUB or XSUB can")
        if not isinstance(value, bytes):
            raise error(EINVAL, f"a topic is bytes, not {value!r}")
        if option == SocketOption.SUBSCRIBE:
            self.pattern.subscribe(value)
        else:
            self.pattern.unsubscribe(value)

    def _set_limits(self) -> None:
        for pipe in self.pattern.pipes:
            if pipe.inproc:
                pipe.link.limit()  # type: ignore[attr-defined]  # an inproc link
                self.line_mark = 0
            elif not pipe.conflate:
                pipe.send_limit = self.options.sndhwm or UNLIMITED
                pipe.receive_limit = self.options.rcvhwm or UNLIMITED
                if pipe.paused and len(pipe.inbox) < pipe.receive_limit:
                    pipe.link.resume()

    def get(self, option: int) -> int | bytes:
        """Return an option by libzmq's number."""
        if option == SocketOption.EVENTS:
            return self.events()
        if option == SocketOption.FD:
            return self.fd
        with self.lock:
            self._check_open()
            if option == SocketOption.TYPE:
                return int(self.socket_type)
            if option == SocketOption.LAST_ENDPOINT:
                return self.endpoints.last.encode()
            if option == SocketOption.TOPICS_COUNT:
                return self.pattern.topics()
            return option_table.get_option(self.options, self.socket_type, option)

    # -- the end ---------------------------------------------------------------------------------------------

    def terminate(self) -> None:
        """Wake every caller with ETERM: the context ends."""
        with self.lock:
            self.terminated = self._unusual = True
            if not self.closed:
                self.settle()
                self.loop.wakeup.set()
                self._tell_watchers()
                self.monitors.stop()

    def close(self, linger: int | None = None) -> None:
        """Close; what is unsent is sent in the background for up to `linger` ms (None: LINGER, -1: no limit).

        A finaliser of the program's may call this while its thread holds our lock: then it is done a little later.
        """
        if self.lock.locked() and _interrupted_the_engine():
            self.context.keeper.later(partial(self._close, linger))
        else:
            self._close(linger)

    def close_later(self, linger: int | None = None) -> None:
        """Have the keeper close this socket: for finalisers, which may run in any thread and under any lock.

        And after a `close` that was cut short: the keeper ends what it began.
        """
        if not self.closed or self._cut_short:
            self.context.keeper.later(partial(self._close, linger))

    def _close(self, linger: int | None = None) -> None:
        try:
            with self.lock:
                if self._cut_short:
                    self._mend()
                if not self.closed:
                    self._say_goodbye(linger)
        except BaseException as reason:
            self._cut(reason)
            raise

    def _say_goodbye(self, linger: int | None) -> None:
        if self._mailbox:
            self._read_mailbox()
        if self.outbox:
            self._flush()
        if self.outbox:  # several threads went past the HWM together
            for pipe in self.pattern.pipes:
                pipe.send_limit = UNLIMITED
            self._flush()
        if self._mailbox:
            self._read_mailbox()
        if linger is not None:
            self.options.linger = linger
        self.touch()
        self.closed = self._unusual = True
        self._wind_up()

    def _wind_up(self) -> None:
        """Do what is to do once the socket is closed; again, if it was cut short (lock held)."""
        self.settle()
        self.endpoints.retire_all(self.options.linger)
        if self.waiters:
            self.loop.wakeup.set()
        self._tell_watchers()
        self._check_finished()

    def _check_finished(self) -> None:
        """Finish a closed socket as soon as nothing of it is left to send (lock held)."""
        if self.endpoints.retiring or (self.finished and self not in self.context.sockets):
            return
        self.finished = True  # and yet what follows is done again, if it is cut short
        self.monitors.stop()
        self._mailbox.clear()
        self.outbox.clear()
        self.context.gathering.discard(self)
        self.context.keeper.release(self)
        self._close_loop()
        self.context.socket_finished(self)
        # They would keep this socket until the garbage is collected.
        self.endpoints.end()
        self.monitors.end()

    def pending_at_exit(self) -> tuple[int, int]:
        """Flush; return how much is left that is worth waiting for, and LINGER."""
        with self.lock:
            if self.finished:
                return 0, 0
            if self.outbox and not self.closed:
                self._flush()
            linger = self.options.linger
            return (self.endpoints.unsent(connected_only=linger < 0) if linger else 0), linger

    def abandon(self) -> None:
        """In a forked child: give our copies of the descriptors back; the parent keeps the connections."""
        self.lock = Lock()
        self.closed = self.finished = self._unusual = True
        self.settle()
        self.outbox = []
        self._mailbox.clear()
        self.watchers = ()
        self.endpoints.abandon()
        self.monitors.abandon()
        if self._doorbell is not None:
            self._doorbell.close()
        self.loop.abandon()


def _interrupted_the_engine() -> bool:
    """Return whether who called our caller is a finaliser that Python runs in the midst of the engine's work."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("purezmq.engine."):
            return True
        frame = frame.f_back
    return False
