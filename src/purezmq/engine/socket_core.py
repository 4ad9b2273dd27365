"""One socket: its pattern, its endpoints, its loop, its lock; every front end is a thin handle over this.

The rules:

- A socket drives itself, in the thread that waits for it. What no caller drives, the keeper drives (keeper.py).
- `lock` guards everything but the fast paths, and no thread ever holds two sockets' locks: what a socket wants of
  another goes into that one's mailbox.
- The fast paths take no lock. Sending: append to `outbox` while `fluent`, then `flush` when there are `mark` of
  them. Receiving: pop from `inbox`, which is the one queue that holds the next message, or one that stays empty.
  Both rest on atomic list and deque operations; whoever takes from `outbox` holds the lock.
- `mark` is above 1 only while the keeper looks at this socket every few milliseconds. The keeper lowers it before
  its last flush, and a sender reads it after it has appended: no message is left behind.
- Where there is one peer and it is inproc, a sender appends to `line`, the peer's inbox itself, and calls
  `flush_line` when it holds `line_mark`: at the HWM, or at once if the peer may be asleep. The peer lowers the
  mark before it looks for the last time; the sender reads it after it has appended.
- `waiters` is raised before the last look for work, so that whoever brings work after that look wakes us.
- A signal handler may raise almost anywhere in the main thread (frames.py says where). Whoever is left with a half
  done thing notes it (`_cut`), and the next who takes the lock goes on with it (`_mend`).
- Of several threads that wait in one socket one leads: it waits in the loop, and drives. The others follow: each
  sleeps on a lock of its own until the leader has driven, or leaves; then it looks for itself. Whoever takes a
  wake-up out of the loop that was for the leader sets it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from errno import EAGAIN, EINVAL, ENOTSOCK, ENOTSUP
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, NoReturn

from purezmq.constants import ETERM, Flag, PollEvent, SocketOption, SocketType
from purezmq.core import options as option_table
from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.pacing import Pacer
from purezmq.core.patterns import Pattern
from purezmq.core.pipe import UNLIMITED, Link, Peer, Pipe
from purezmq.engine.doorbell import Doorbell
from purezmq.engine.endpoints import Endpoints
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from _thread import LockType

    from purezmq.engine.context import ContextCore

_DONTWAIT = int(Flag.DONTWAIT)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_DRIVES_PER_EVENTS = 16  # how often reading EVENTS looks again for more
_SENDS_PER_LOOK = 64  # between two looks at the descriptors of a socket that only sends
_RECEIVES_PER_LOOK = 100  # libzmq's inbound_poll_rate
_FOREVER = 3600.0  # s; a follower's sleep without end


class SocketCore:
    """A socket of the engine. Front ends use what has no underscore; see design notes in each method."""

    def __init__(
        self, context: ContextCore, socket_type: SocketType, pattern: type[Pattern], key: int
    ) -> None:
        self.context = context
        self.key = key
        self.socket_type = socket_type
        self.options = SocketOptions.for_type(socket_type, context.ipv6, context.blocky)
        self.pattern = pattern(self.options, context.random)
        self.lock = Lock()
        self.loop = context.new_loop()
        self.endpoints = Endpoints(self)
        self.front: Any = None  # the front end's own state, shared by all handles of this socket
        # the fast paths
        self._nothing: deque[Any] = deque()
        self.inbox: deque[Any] = self._nothing
        self.outbox: list[Message] = []
        self.fluent = False
        self.mark = 0
        self.line: deque[Any] | None = None  # the inbox of the one inproc peer, see `flush_line`
        self.line_mark = 0
        self.attention = False  # an inproc sender waits for room in one of our inboxes
        # driving
        self.news = False  # something came in this dispatch
        self.more = False  # a read was as long as it could be: there is more to read
        self._answering = False  # EVENTS is being read
        self.waiters = 0
        self._leader = 0  # the thread among the waiters that waits in the loop
        self._followers: list[LockType] = []  # one for each thread that waits for the leader; locked: asleep
        self.awaited = 0  # posts that will come from elsewhere (name look-ups) and must be driven
        self.hot = False  # used since the keeper looked last
        self.kept = False  # in the keeper's custody, see keeper.py
        self.listed = False  # on the keeper's list of hot sockets
        self.noted_deadline: float | None = None  # the keeper's: the timer it has noted
        self.bytes_out = 0  # the most that was written to one peer since the last flush was paced
        self._pacer = Pacer()
        self._mailbox: deque[Pipe | Callable[[], None]] = deque()
        self._doorbell: Doorbell | None = None  # of `fd`, once somebody has asked for it
        self._looks = 0
        # the end
        self.closed = False
        self.terminated = False
        self._cut_short = False  # an exception came in between: `_mend`
        self._unusual = False  # any of these three, which every call must look at first
        self.finished = False

    # -- sending -------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Send what has gathered in `outbox`; any thread, never blocks."""
        try:
            with self.lock:
                if self._cut_short:
                    self._mend()
                if not self.closed:
                    self._flush()
                    self.touch()
        except BaseException as reason:
            self._cut(reason)
            raise

    def _flush(self, pace: bool = True) -> None:
        """Give the outbox to the pattern, write, and set the pace (lock held)."""
        begun = self.loop.time()
        if self._mailbox:
            self._read_mailbox()
        outbox = self.outbox
        while True:
            count = len(outbox)
            taken = 0
            if count:
                batch = outbox[:count]
                try:
                    taken = self.pattern.distribute(batch)
                finally:
                    outbox[:count] = (
                        batch  # what was not taken; no call, that a signal handler could cut short
                    )
                self.flush_dirty()
                self._looks += 1
                if self._looks >= _SENDS_PER_LOOK:
                    self._drive()
            if pace:
                self._pace(begun, count)
            self.settle()
            if taken < count:
                self._ask_for_room()
                if self.pattern.room() <= 0:
                    return
            # A sender in another thread may have appended and gone by the mark that was just lowered.
            elif len(outbox) < self.mark or not outbox:
                return

    def _pace(self, begun: float, count: int) -> None:
        """Decide whether the next sends gather, and have the keeper look after them if they do."""
        pacer = self._pacer
        if not self.bytes_out:  # nothing went over a wire: an inproc peer has it already
            if pacer.gather:
                pacer.rest()
            return
        pacer.flushed(begun, self.loop.time(), count, self.bytes_out)
        self.bytes_out = 0
        if pacer.gather > 1:
            if self not in self.context.gathering:
                self.context.gathering.add(self)
                self.context.keeper.watch_gathering(self)
        elif self.context.gathering:
            self.context.gathering.discard(self)

    def send(self, message: Message, flags: int = 0) -> None:
        """Send one whole message; waits up to SNDTIMEO for room, not at all with DONTWAIT."""
        pattern = self.pattern
        if not pattern.can_send:
            self._refuse("only receive")
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                if self._try_send(message):
                    return
        except BaseException as reason:
            self._cut(reason)
            raise
        timeout = 0 if flags & _DONTWAIT else self.options.sndtimeo
        if not self._wait_for(lambda: self._try_send(message), timeout):
            raise error(EAGAIN)

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
        elif self._doorbell is not None:
            self._doorbell.ring()  # it may receive now
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

    def flush_dirty(self) -> None:
        """Write for every pipe that the pattern has put something into (lock held)."""
        dirty = self.pattern.dirty
        for pipe in dirty:
            pipe.link.flush()
        dirty.clear()

    # -- receiving -----------------------------------------------------------------------------------------

    def receive(self, flags: int = 0) -> Message:
        """Return the next whole message; waits up to RCVTIMEO, not at all with DONTWAIT."""
        if not self.pattern.can_receive:
            self._refuse("only send")
        timeout = 0 if flags & _DONTWAIT else self.options.rcvtimeo
        message: Message | None = self._wait_for(self._try_receive, timeout)
        if message is None:
            raise error(EAGAIN)
        return message

    def _refuse(self, ability: str) -> NoReturn:
        with self.lock:
            self._check_open()
        raise error(ENOTSUP, f"{self.socket_type.name} sockets {ability}")

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
            if self._doorbell is not None and self.pattern.lockstep:
                self._doorbell.ring()  # it may send now
        return message

    def attend(self) -> None:
        """Let inproc senders know that their inbox has room again; call it when `attention` is set."""
        try:
            with self.lock:
                if not self.closed:
                    self._attend()
        except BaseException as reason:
            self._cut(reason)
            raise

    def _attend(self) -> None:
        self.attention = False  # before the look: whoever asks from here on sets it again
        for pipe in self.pattern.pipes:
            if pipe.paused and pipe.inproc:
                # Half empty before anybody is told, as libzmq's low-water mark: or two threads would take turns.
                if len(pipe.inbox) <= pipe.low_mark():
                    pipe.link.resume()
                else:
                    self.attention = True

    def peer(self) -> Peer | None:
        """Return who sent the message that `receive` returned last."""
        pipe = self.pattern.last_pipe
        if pipe is None and len(self.pattern.pipes) == 1:
            pipe = self.pattern.pipes[0]  # it came by the fast path
        return pipe.peer if pipe is not None else None

    # -- polling -------------------------------------------------------------------------------------------

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
                self._check_open()
                self.touch()
                if self.outbox:
                    self._flush()
                self._answering = True  # what comes now is told by the answer, not by the bell
                for _ in range(_DRIVES_PER_EVENTS):
                    self.more = False
                    self._drive()
                    if not self.more:
                        break
                if self._doorbell is not None:
                    self._doorbell.silence()
                return self._events(
                    wanted
                )  # looks into the mailbox, where whoever rang just now left something
        except BaseException as reason:
            self._cut(reason)
            raise
        finally:
            self._answering = False

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

    def _ask_for_room(self) -> bool:
        """Have inproc receivers tell when they have room; return whether there is some by now."""
        for pipe in self.pattern.pipes:
            if pipe.inproc:
                pipe.link.ask_for_room()  # type: ignore[attr-defined]  # an inproc link
        return self.pattern.writable()

    @property
    def fd(self) -> int:
        """The descriptor that is readable when EVENTS should be read; one for the socket's life."""
        with self.lock:
            self._check_open()
            self.touch()
            if self._doorbell is None:
                self._doorbell = Doorbell(self.loop.fileno())
                self._close_lines()
                if self._events():
                    self._doorbell.ring()
            return self._doorbell.fileno()

    def prepare_wait(self) -> None:
        """Announce a wait on `fd` elsewhere (Poller): from here on, whatever happens makes it readable."""
        with self.lock:
            self._check_open()
            self.touch()
            if self.outbox:
                self._flush()
            self.waiters += 1
            self._prepare_sleep(None)

    def finish_wait(self) -> None:
        """End what `prepare_wait` began."""
        with self.lock:
            self.waiters -= 1
            self._end_wait()

    def wait_deadline(self) -> float | None:
        """Return until when a waiter may sleep at the most, by the monotonic clock; None: no timer runs."""
        with self.lock:
            return None if self.closed else self.loop.next_deadline()

    # -- waiting and driving -------------------------------------------------------------------------------

    def _wait_for(self, attempt: Callable[[], Any], timeout_ms: int | None) -> Any:
        """Return what the attempt gives; drive this socket until it gives something but None, or time is over."""
        loop = self.loop
        deadline: float | None = None
        counted = leads = False
        turn: LockType | None = None  # of a follower
        try:
            with self.lock:
                if self._unusual:
                    self._check_open()
                self.hot = True
                if not self.listed:
                    self.touch()
                result = attempt()
                if result is not None:
                    return result
                if timeout_ms == 0:
                    self._rest()
                    self._drive()
                    self._check_open()
                    return attempt()
                if timeout_ms is not None and timeout_ms > 0:
                    deadline = loop.time() + timeout_ms / 1000
                if self.outbox or self._pacer.gather:
                    self._rest()
                me = get_ident()
                self.waiters += 1
                counted = True
                if self._leader and self._leader != me:  # else a signal handler, that waits within a wait
                    turn = self._follow()
                else:
                    self._leader = me
                    leads = True
                patience = self._prepare_sleep(deadline, leads)
            if self.context.gathering:
                self.context.flush_gathering(self)
            while True:
                if leads:
                    ready = loop.wait(patience)
                elif turn is not None:
                    turn.acquire(timeout=patience)
                with self.lock:
                    if leads:
                        self.dispatch(ready, True)
                    if self._unusual:
                        self._check_open()
                    result = attempt()
                    if result is not None or (deadline is not None and loop.time() >= deadline):
                        self.waiters -= 1
                        counted = False
                        self._end_wait(leads, turn)
                        return result
                    if self.outbox or self._pacer.gather:
                        self._rest()
                    if not self._leader:
                        self._leader = me
                        leads = True
                    patience = self._prepare_sleep(deadline, leads)
        except BaseException as reason:
            self._cut(reason)
            while counted:
                counted = not self._interrupted(leads, turn)
            raise

    def _interrupted(self, leads: bool, turn: LockType | None) -> bool:
        """End a wait because of an exception; False: before the lock was to be had there was another exception."""
        ended = False
        try:
            with self.lock:
                self.waiters -= 1
                ended = True
                self._end_wait(leads, turn)
        except BaseException as reason:
            self._cut(reason)
        return ended

    def _follow(self) -> LockType:
        """Have another thread lead; return what can be acquired as soon as there is news (lock held)."""
        turn = Lock()
        turn.acquire()
        self._followers.append(turn)
        return turn

    def _wake_followers(self) -> None:
        for turn in self._followers:
            if turn.locked():
                turn.release()

    def _end_wait(self, leads: bool = False, turn: LockType | None = None) -> None:
        """Leave the waiters (lock held); they are one fewer already."""
        if leads:
            self._leader = 0
        if turn is not None:
            self._followers.remove(turn)
        if self._followers:
            self._wake_followers()
        if self.finished:
            if not self.waiters:
                self.loop.close()
            return
        self.hot = True
        if not self.listed:
            self.touch()

    def _cut(self, reason: BaseException) -> None:
        """Note that this exception has left something half done, if it came out of a signal handler."""
        if not isinstance(reason, ZMQError):
            self._cut_short = self._unusual = True
            self.loop.wakeup.set()  # an event or a wake-up for others may have been lost

    def _mend(self) -> None:
        """Go on with what exceptions have cut short (lock held)."""
        self._cut_short = False
        self._unusual = self.closed or self.terminated
        if self.finished:
            return
        self.attention = True
        self.endpoints.mend()
        for pipe in self.pattern.pipes:
            pipe.link.flush()
        if self.closed:
            return
        self.settle()
        if self.outbox:
            self._flush(pace=False)

    def _rest(self) -> None:
        """Send what has gathered, and gather no more: the caller is about to wait (lock held)."""
        if self._pacer.gather:
            self._pacer.rest()
            self.mark = 0
            self.context.gathering.discard(self)
        if self.outbox:
            self._flush(pace=False)

    def dispatch(self, ready: list[tuple[int, int]], leads: bool = False) -> bool:
        """Act on what is ready, due or posted; return whether anything was ready (lock held).

        Other threads that wait are woken: by the leader always, by others if something came.
        """
        if self.finished:
            return False
        if self._cut_short:
            self._mend()
        self._looks = 0
        self.news = False
        woken = self.loop.dispatch(ready)
        if leads:
            if self._followers:
                self._wake_followers()
        elif woken and self._leader:
            self.loop.wakeup.set()
        if self._mailbox:
            self._read_mailbox()
        if self.endpoints.retiring:
            self.endpoints.sweep()
        if self.closed:
            self._check_finished()
            return bool(ready)
        if self.news:
            if self.outbox and self.mark <= 1:
                self._flush(pace=False)
            elif not self.fluent and not self.pattern.lockstep:
                self.settle()
            if self._doorbell is not None and not self._answering:
                self._doorbell.ring()
            if self._leader and not leads:
                self.loop.wakeup.set()
        return bool(ready)

    def _drive(self) -> bool:
        """Look without waiting (lock held)."""
        return self.dispatch(self.loop.wait(0))

    def drive_kept(self) -> None:
        """Drive and flush on behalf of a caller who is busy elsewhere (lock held)."""
        if self.finished:
            return
        self._drive()
        if not self.closed and (self.outbox or self._pacer.gather):
            self._flush()

    def cool(self) -> None:
        """Gather no more and flush: the keeper takes over, or leaves this socket to who waits in it (lock held)."""
        self._rest()
        if not self.waiters:
            self._drive()

    def touch(self) -> None:
        """Note that a caller is at work, and take the socket back from the keeper (lock held)."""
        self.hot = True
        if not self.listed and (self.kept or not self.dormant()):
            self.context.keeper.claim(self)

    def dormant(self) -> bool:
        """Return whether there is nothing to drive (lock held)."""
        return not self.awaited and not self.outbox and self.loop.idle()

    @property
    def gathering(self) -> bool:
        """Whether sends may be left in the outbox for the keeper to flush."""
        return self._pacer.gather > 1

    def settle(self) -> None:
        """Set the fast paths to what the pattern allows now (lock held)."""
        if self.closed or self.terminated:
            self.inbox = self._nothing
            self.fluent = False
            return
        pattern = self.pattern
        direct = pattern.direct
        self.inbox = direct if direct is not None else self._nothing
        room = 0 if self.outbox else pattern.room()
        self.fluent = room > 0
        gather = self._pacer.gather
        self.mark = gather if gather < room else room
        pipes = pattern.pipes
        line = None
        if pipes and pipes[0].inproc:
            if direct is None:
                self._close_lines()
            if room > 0 and len(pipes) == 1 and pattern.passes_on:
                line = self._find_line(pipes[0])
        if line is not self.line:
            self.line_mark = 0
            self.line = line

    def _find_line(self, pipe: Pipe) -> deque[Any] | None:
        """Return the inbox of the one inproc peer, if that is where it reads from."""
        far = pipe.link.far_core()  # type: ignore[attr-defined]  # an inproc link
        if far is not None and far.reads_directly(pipe.outbox):
            return pipe.outbox
        return None

    def reads_directly(self, inbox: deque[Any]) -> bool:
        """Return whether this socket looks into that inbox by itself, untold; any thread."""
        return self.inbox is inbox and self._doorbell is None

    def flush_line(self) -> None:
        """Wake the peer of the line, and see whether there is room for more; any thread."""
        with self.lock:
            if self._mailbox:
                self._read_mailbox()
            self.settle()
            for pipe in self.pattern.pipes:
                if pipe.inproc:
                    # Raised only here: the peer, which lowers it before it sleeps, is told right after.
                    self.line_mark = pipe.send_limit
                    pipe.link.flush()
            if self._mailbox:
                self.line_mark = 0  # see `post`

    def _close_lines(self) -> None:
        """Have inproc peers tell what they send: from here on somebody must be told (lock held)."""
        for pipe in self.pattern.pipes:
            if pipe.inproc:
                far = pipe.link.far_core()  # type: ignore[attr-defined]
                if far is not None:
                    far.line_mark = 0
                    self.pattern.arrived(pipe)

    def _prepare_sleep(self, deadline: float | None, leads: bool = True) -> float:
        """Return for how long to sleep; whoever brings something from here on wakes us (lock held)."""
        pipes = self.pattern.pipes
        if len(pipes) == 1 and pipes[0].inproc:
            far = pipes[0].link.far_core()  # type: ignore[attr-defined]  # an inproc link
            if far is not None and far.line_mark:
                far.line_mark = 0
                if self.inbox:
                    self.pattern.arrived(pipes[0])  # nobody has told
                    return 0.0
        if self._mailbox:
            return 0.0
        if leads:
            return self.loop.patience(deadline)
        return _FOREVER if deadline is None else max(deadline - self.loop.time(), 0.0)

    # -- mail from other threads ---------------------------------------------------------------------------

    def post(self, callback: Callable[[], None]) -> None:
        """Have the callback run under our lock by whoever drives us; any thread."""
        self._mailbox.append(callback)
        self.line_mark = 0  # the next send on the line shall look into the mailbox
        self.loop.wakeup.set()
        doorbell = self._doorbell
        if doorbell is not None:
            doorbell.ring()

    def notify(self, pipe: Pipe) -> None:
        """Note that an inproc peer has put something into this pipe's inbox; any thread."""
        if not pipe.posted:
            pipe.posted = True
            self._mailbox.append(pipe)
        self._tell_waiters()

    def room_made(self) -> None:
        """Note that an inproc peer has made room for us; any thread."""
        self._mailbox.append(self.settle)
        self._tell_waiters()

    def _tell_waiters(self) -> None:
        if self.waiters or self.outbox:
            self.loop.wakeup.set()
        doorbell = self._doorbell
        if doorbell is not None:
            doorbell.ring()

    def _read_mailbox(self) -> None:
        mailbox = self._mailbox
        while mailbox:
            item = mailbox[0]
            if isinstance(item, Pipe):
                item.posted = False  # before the look into the inbox, see `notify`
                self.pattern.arrived(item)
            else:
                item()
            self.news = True
            mailbox.popleft()
        if self.pattern.dirty:
            self.flush_dirty()
        self.settle()

    # -- endpoints -----------------------------------------------------------------------------------------

    def bind(self, endpoint: str) -> None:
        """Bind; LAST_ENDPOINT tells the resolved endpoint."""
        self._endpoint(self.endpoints.bind, endpoint)

    def connect(self, endpoint: str) -> None:
        """Connect, now or whenever somebody is there."""
        self._endpoint(self.endpoints.connect, endpoint)
        self.options.connect_routing_id = b""

    def unbind(self, endpoint: str) -> None:
        """Stop listening at the endpoint."""
        self._endpoint(self.endpoints.undo, endpoint)

    def disconnect(self, endpoint: str) -> None:
        """End a connection that `connect` made."""
        self._endpoint(self.endpoints.undo, endpoint)

    def _endpoint(self, operation: Callable[[str], None], endpoint: str) -> None:
        with self.lock:
            self._check_open()
            if self._mailbox:
                self._read_mailbox()
            if self.outbox:
                self._flush()
            operation(endpoint)
            self.flush_dirty()
            self.settle()
            self.touch()
            self._tell_waiters()  # they have a new timer or peer to look at

    def new_pipe(self, link: Link, options: SocketOptions) -> Pipe:
        """Make a pipe with this socket's limits (lock held)."""
        conflate = bool(options.conflate) and self.pattern.can_conflate
        return Pipe(link, self.options.sndhwm, self.options.rcvhwm, conflate=conflate)

    def report(self, event: str, endpoint: str, reason: str) -> None:
        """Tell what happened to a connection."""
        self.context.report(self, event, endpoint, reason)

    def random_unit(self) -> float:
        """Return a random number in [0, 1)."""
        return int.from_bytes(self.context.random(4), "big") / 2**32

    # -- options -------------------------------------------------------------------------------------------

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
        if not self.pattern.can_subscribe or not isinstance(value, bytes):
            raise error(EINVAL, f"{self.socket_type.name} sockets do not subscribe by option with this value")
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
                return self.endpoints.last.encode() + b"\0"
            if option == SocketOption.TOPICS_COUNT:
                raise error(EINVAL, "TOPICS_COUNT is a draft option")
            return option_table.get_option(self.options, self.socket_type, option)

    # -- the end -------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self.closed:
            raise error(ENOTSOCK, "the socket is closed")
        if self.terminated:
            raise error(ETERM)
        if self._cut_short:
            self._mend()

    def terminate(self) -> None:
        """Wake every caller with ETERM: the context ends."""
        with self.lock:
            self.terminated = self._unusual = True
            if not self.closed:
                self.settle()
                self.loop.wakeup.set()

    def close(self, linger: int | None = None) -> None:
        """Close; what is unsent is sent in the background for up to `linger` ms (None: LINGER, -1: no limit)."""
        with self.lock:
            if self.closed:
                return
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
            if linger is None:
                linger = self.options.linger
            self.touch()
            self.closed = self._unusual = True
            self.settle()
            self.endpoints.retire_all(linger)
            if self.waiters:
                self.loop.wakeup.set()
            self._check_finished()

    def close_later(self) -> None:
        """Have the keeper close this socket: for finalisers, which may run in any thread and under any lock."""
        if not self.closed:
            self.context.keeper.close_later(self)

    def _check_finished(self) -> None:
        """Finish a closed socket as soon as nothing of it is left to send (lock held)."""
        if self.finished or self.endpoints.retiring:
            return
        self.finished = True
        self._mailbox.clear()
        self.outbox.clear()
        self.context.gathering.discard(self)
        self.context.keeper.release(self)
        if self._doorbell is not None:
            self._doorbell.close()
        if not self.waiters:  # else the last of them closes it
            self.loop.close()
        self.context.socket_finished(self)

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
        self.endpoints.abandon()
        if self._doorbell is not None:
            self._doorbell.close()
        self.loop.abandon()
