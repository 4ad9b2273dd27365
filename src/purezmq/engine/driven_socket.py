"""How a socket is driven: who waits, who does its I/O, and what may be done without its lock.

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

SocketCore (socket_core.py) adds what a program asks of a socket. The split is for reading: together they are one
object, with one lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from errno import ENOTSOCK
from typing import TYPE_CHECKING, Any, Protocol

from purezmq.constants import ETERM, SocketType
from purezmq.core.message import Message
from purezmq.core.options import SocketOptions
from purezmq.core.pacing import Pacer
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe
from purezmq.engine.greenlet_lock import new_lock
from purezmq.engine.unpatched import Lock, get_ident
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from _thread import LockType

    from purezmq.engine.context import ContextCore
    from purezmq.engine.doorbell import Doorbell
    from purezmq.engine.endpoints import Endpoints
    from purezmq.engine.monitor import Monitors

_SENDS_PER_LOOK = 64  # between two looks at the descriptors of a socket that only sends
_STALE = 0.0002  # s: a publisher that has not looked for subscriptions for longer looks before it publishes
_FOREVER = 3600.0  # s; a follower's sleep without end


class Watcher(Protocol):
    """An event loop's stand-in at a socket: it looks after `loop.fileno()`, calls `serve`, and wakes those who wait."""

    def ring(self) -> bool:
        """Note that something happened that `serve` has not told; False: nobody is there any more.

        Called by any thread, under the socket's lock or not: it takes no lock and calls nothing of the socket.
        """


class DrivenSocket:
    """The driving half of a socket: flushing, waiting, dispatching, mail, custody."""

    # Not only for memory: beyond 30 attributes in a dict, CPython 3.11 looks each method up anew.
    __slots__ = (
        "__weakref__",
        "_answered",
        "_cut_short",
        "_doorbell",
        "_followers",
        "_leader",
        "_lone",
        "_looked",
        "_looks",
        "_mailbox",
        "_nothing",
        "_pacer",
        "_partner",
        "_unusual",
        "answers",
        "attention",
        "awaited",
        "bytes_out",
        "closed",
        "context",
        "endpoints",
        "finished",
        "fluent",
        "fluent_parts",
        "front",
        "hot",
        "inbox",
        "kept",
        "key",
        "line",
        "line_mark",
        "listed",
        "lock",
        "loop",
        "mark",
        "monitors",
        "more",
        "news",
        "noted_deadline",
        "options",
        "outbox",
        "pattern",
        "polled_elsewhere",
        "socket_type",
        "station",
        "terminated",
        "waiters",
        "watched",
        "watchers",
    )

    endpoints: Endpoints
    monitors: Monitors

    def __init__(
        self, context: ContextCore, socket_type: SocketType, pattern: type[Pattern], key: int
    ) -> None:
        self.context = context
        self.key = key
        self.socket_type = socket_type
        self.options = SocketOptions.for_type(socket_type, context.ipv6, context.blocky)
        self.pattern = pattern(self.options, context.random)
        self.lock = new_lock()
        self.loop = context.new_loop()
        self.front: Any = None  # the front end's own state, shared by all handles of this socket
        self.station: Any = None  # who serves its waits from an event loop, see _future.py
        # the fast paths
        self._nothing: deque[Any] = deque()
        self.inbox: deque[Any] = self._nothing
        self.outbox: list[Message] = []
        self.fluent = False
        self.fluent_parts = False  # the same for messages of several parts
        self.mark = 0
        self._lone: Pipe | None = None  # the only peer, on a wire, if it gets what is sent as it is
        self._partner: Pipe | None = None  # the only peer, on a wire, if it can be heard past the queues
        self.line: deque[Any] | None = None  # the inbox of the one inproc peer, see `flush_line`
        self.line_mark = 0
        self.attention = False  # an inproc sender waits for room in one of our inboxes
        # driving
        self.news = False  # something came in this dispatch
        self.more = False  # a read was as long as it could be: there is more to read
        self._answered: Any = None  # whom what comes now is told by an answer: `EVENTS`, or a watcher
        self.answers = 0  # how often `EVENTS` has been read
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
        self.watchers: tuple[Watcher, ...] = ()
        self.watched = False  # there is a doorbell or a watcher
        self.polled_elsewhere = (
            False  # somebody else than the keeper sees when the loop's descriptor is readable
        )
        self._looks = 0
        self._looked = 0.0  # when a publisher last looked for subscriptions before it published
        # the end
        self.closed = False
        self.terminated = False
        self._cut_short = False  # an exception came in between: `_mend`
        self._unusual = False  # any of these three, which every call must look at first
        self.finished = False

    # -- sending what has gathered ---------------------------------------------------------------------------

    def flush(self) -> None:
        """Send what has gathered in `outbox`; any thread, never blocks."""
        try:
            with self.lock:
                if self._cut_short:
                    self._mend()
                if not self.closed:
                    self._flush()
                    self.hot = True
                    if not self.listed:
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
        if self._lone is not None and len(outbox) == 1:
            self._send_one(self._lone, begun, pace)
            if not outbox:
                return
        while True:
            if outbox and self.pattern.takes and begun - self._looked > _STALE:
                self._looked = begun
                self._drive()  # which flushes, too, if it brings news
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
                self._pace(begun, taken or count)
            self.settle()
            if taken < count:
                self._ask_for_room()
                if self.pattern.room() <= 0:
                    return
            # A sender in another thread may have appended and gone by the mark that was just lowered.
            elif len(outbox) < self.mark or not outbox:
                return

    def _send_one(self, pipe: Pipe, begun: float, pace: bool) -> None:
        """Send the one message of the outbox to the one peer, unless something waits before it: in fewer steps."""
        if not pipe.ready or not pipe.link.send_one(self.outbox):  # type: ignore[attr-defined]  # a session
            return
        self._looks += 1
        if self._looks >= _SENDS_PER_LOOK:
            self._drive()
        gather = self._pacer.gather
        if pace:
            self._pace(begun, 1)
        if pipe.unsent or self._pacer.gather != gather:
            self.settle()

    def _pace(self, begun: float, count: int) -> None:
        """Decide whether the next sends gather, and have the keeper look after them if they do."""
        pacer = self._pacer
        if not self.bytes_out:  # nothing went over a wire: an inproc peer has it already
            if pacer.gather:
                pacer.rest(0)
            return
        pacer.flushed(begun, self.loop.time(), count, self.bytes_out, self.pattern.spread)
        self.bytes_out = 0
        if pacer.gather > 1:
            if self not in self.context.gathering:
                self.context.gathering.add(self)
                self.context.keeper.watch_gathering(self)
        elif self.context.gathering:
            self.context.gathering.discard(self)

    def flush_dirty(self) -> None:
        """Write for every pipe that the pattern has put something into (lock held)."""
        dirty = self.pattern.dirty
        for pipe in dirty:
            pipe.link.flush()
        dirty.clear()

    # -- waiting ---------------------------------------------------------------------------------------------

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
                    result = attempt()  # to rest is to look at the descriptors at times: it may be here
                    if result is not None:
                        return result
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
                    if result is None and (self.outbox or self._pacer.gather):
                        self._rest()
                        result = attempt()
                    if result is not None or (deadline is not None and loop.time() >= deadline):
                        self.waiters -= 1
                        counted = False
                        self._end_wait(leads, turn)
                        return result
                    if not self._leader:
                        self._leader = me
                        leads = True
                    patience = self._prepare_sleep(deadline, leads)
        except BaseException as reason:
            while counted:
                try:
                    with self.lock:
                        self.waiters -= 1
                        counted = False
                        self._end_wait(leads, turn)
                except (
                    BaseException
                ):  # another signal, while another thread had the lock: the first one counts
                    pass
            self._cut(reason)
            raise

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
            self._close_loop()
            return
        self.hot = True
        if not self.listed:
            self.touch()

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

    def _rest(self) -> None:
        """Send what has gathered, and gather no more: the caller is about to wait (lock held)."""
        if self._pacer.gather:
            self._pacer.rest(len(self.outbox))
            self.mark = 0
            self.context.gathering.discard(self)
        if self.outbox:
            self._flush(pace=False)

    def prepare_wait(self) -> None:
        """Announce a wait on `fd` elsewhere (Poller): from here on, whatever happens makes it readable."""
        with self.lock:
            self._check_open()
            self.touch()
            if self.outbox:
                self._flush()
            self.waiters += 1
            self._prepare_sleep(None)
            if self._mailbox:  # whoever left it may have found nobody to wake
                self.loop.wakeup.set()

    def finish_wait(self) -> None:
        """End what `prepare_wait` began."""
        with self.lock:
            self.waiters -= 1
            self._end_wait()

    # -- waiting in an event loop of the program -------------------------------------------------------------

    def add_watcher(self, watcher: Watcher, polls: bool) -> None:
        """Ring this watcher from now on, and keep the descriptors open until it leaves.

        polls: its event loop watches `loop.fileno()` and calls `serve` when it is readable. Else the keeper drives.
        """
        with self.lock:
            self._check_open()
            self.watchers += (watcher,)
            self.watched = True
            self.polled_elsewhere = polls or self._doorbell is not None
            self._close_lines()
            self.touch()

    def remove_watcher(self, watcher: Watcher) -> None:
        """End what `add_watcher` began; the loop's descriptor is no longer watched."""
        with self.lock:
            self.watchers = tuple(other for other in self.watchers if other is not watcher)
            self.watched = self._doorbell is not None or bool(self.watchers)
            self.polled_elsewhere = self.watched
            if self.finished:
                self._close_loop()
            else:
                self.touch()

    def serve(self, watcher: Watcher, wanted: int) -> int:
        """Drive, without waiting, for a watcher that knows that something is ready; return EVENTS, as far as wanted."""
        try:
            with self.lock:
                if self.closed:
                    return 0
                self.hot = True
                if not self.listed:
                    self.touch()
                self._answered = watcher
                try:
                    self._drive()
                finally:
                    self._answered = None
                if self._unusual and not self.closed:
                    self._check_open()  # ETERM is told after the drive, that takes the descriptor's news away
                return self._events(wanted) if wanted and not self.closed else 0
        except BaseException as reason:
            self._cut(reason)
            raise

    def _events(self, wanted: int) -> int:
        """Return EVENTS as they are known (SocketCore)."""
        raise NotImplementedError

    def _close_loop(self) -> None:
        """Close the loop of a finished socket, and `fd`, unless somebody still waits with them (lock held).

        An epoll that waits for a descriptor never hears of it again once it is closed: not even that it was rung.
        """
        if not self.waiters and not self.watchers:
            if self._doorbell is not None:
                self._doorbell.close()
            self.loop.close()

    def wait_deadline(self) -> float | None:
        """Return until when a waiter may sleep at the most, by the monotonic clock; None: no timer runs."""
        with self.lock:
            return None if self.closed else self.loop.next_deadline()

    # -- driving ---------------------------------------------------------------------------------------------

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
            if self.watched and (self.watchers or self._answered is not self._doorbell):
                self._tell_watchers()
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
        if not self.listed and (self.kept or self.outbox or self.awaited or not self.loop.idle()):
            self.context.keeper.claim(self)

    def dormant(self) -> bool:
        """Return whether there is nothing to drive (lock held)."""
        return not self.awaited and not self.outbox and self.loop.idle()

    @property
    def gathering(self) -> bool:
        """Whether sends may be left in the outbox for the keeper to flush."""
        return self._pacer.gather > 1

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
            self._check_finished()
            return
        self.attention = True
        self.endpoints.mend()
        self.monitors.mend()
        for pipe in self.pattern.pipes:
            pipe.link.flush()
        if self.closed:
            self._wind_up()
            return
        self.settle()
        if self.outbox:
            self._flush(pace=False)

    # -- the fast paths --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Set the fast paths to what the pattern allows now (lock held)."""
        if self.closed or self.terminated:
            self.inbox = self._nothing
            self.fluent = self.fluent_parts = False
            self._lone = self._partner = None
            return
        pattern = self.pattern
        direct = pattern.direct
        self.inbox = direct if direct is not None else self._nothing
        room = 0 if self.outbox else pattern.room()
        self.fluent = room > 0
        self.fluent_parts = room > 0 and not pattern.single_part
        gather = self._pacer.gather
        self.mark = gather if gather < room else room
        pipes = pattern.pipes
        sole = pipes[0] if len(pipes) == 1 and not pipes[0].inproc else None
        self._lone = sole if pattern.passes_on else None
        self._partner = sole if pattern.converses and not self.options.conflate else None
        line = None
        if pipes and pipes[0].inproc:
            if pattern.reads_inboxes and direct is not pipes[0].inbox:
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
        return self.inbox is inbox and not self.watched

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

    def _ask_for_room(self) -> bool:
        """Have inproc receivers tell when they have room; return whether there is some by now."""
        for pipe in self.pattern.pipes:
            if pipe.inproc:
                pipe.link.ask_for_room()  # type: ignore[attr-defined]  # an inproc link
        return self.pattern.writable()

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

    # -- mail from other threads -----------------------------------------------------------------------------

    def post(self, callback: Callable[[], None]) -> None:
        """Have the callback run under our lock by whoever drives us; any thread."""
        self._mailbox.append(callback)
        self.line_mark = 0  # the next send on the line shall look into the mailbox
        self.loop.wakeup.set()
        if self.watched:
            self._tell_watchers()

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
        if self.watched:
            self._tell_watchers()

    def _tell_watchers(self) -> None:
        """Tell those who wait outside of this socket, but not whom the answer will tell; any thread."""
        answered = self._answered
        doorbell = self._doorbell
        if doorbell is not None and answered is not doorbell:
            doorbell.ring()
        for watcher in self.watchers:
            if watcher is not answered and not watcher.ring():
                self.watchers = tuple(other for other in self.watchers if other is not watcher)

    def _read_mailbox(self) -> None:
        mailbox = self._mailbox
        settled = self.pattern.lockstep  # what comes in changes nothing for it
        while mailbox:
            item = mailbox[0]
            if isinstance(item, Pipe):
                item.posted = False  # before the look into the inbox, see `notify`
                self.pattern.arrived(item)
            else:
                item()
                settled = False
            self.news = True
            mailbox.popleft()
        if self.pattern.dirty:
            self.flush_dirty()
        if not settled:
            self.settle()

    # -- the end ---------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self.closed:
            raise error(ENOTSOCK, "the socket is closed")
        if self.terminated:
            raise error(ETERM)
        if self._cut_short:
            self._mend()

    def _wind_up(self) -> None:
        """Do what is to do once the socket is closed (SocketCore)."""
        raise NotImplementedError

    def _check_finished(self) -> None:
        """Finish a closed socket as soon as nothing of it is left to send (SocketCore)."""
        raise NotImplementedError

    def close(self, linger: int | None = None) -> None:
        """Close the socket (SocketCore)."""
        raise NotImplementedError
