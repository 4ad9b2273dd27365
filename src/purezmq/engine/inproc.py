"""inproc: two sockets of one context share two deques; nothing is copied, nothing is encoded.

Each side's outbox is the other side's inbox. Neither side ever takes the other's lock: what one side wants of the
other is posted to its mailbox (`SocketCore.post`, `notify`), which the other empties whenever it is driven.
A name may be connected to before it is bound: the connector waits in the registry, and what it sends waits in the
deque that will be the binder's inbox.
"""

from __future__ import annotations

from collections import deque
from errno import EADDRINUSE, EINVAL
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from purezmq.core.monitor import EndpointPair
from purezmq.core.pipe import UNLIMITED, Peer, Pipe
from purezmq.core.queue_counts import Newest, passed
from purezmq.core.statistics import NOTHING, Counts
from purezmq.engine.unpatched import Lock
from purezmq.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from purezmq.core.options import SocketOptions
    from purezmq.core.patterns.pattern import Pattern
    from purezmq.core.statistics import Tally
    from purezmq.engine.context import ContextCore

_LONGEST_NAME = 256


def check_name(address: str) -> None:
    """Raise ZMQError for what cannot be an inproc name."""
    if not 0 < len(address) <= _LONGEST_NAME:
        raise error(EINVAL, f"an inproc name has 1 to {_LONGEST_NAME} characters")


def _sum_of_limits(send_hwm: int, receive_hwm: int) -> int:
    return send_hwm + receive_hwm if send_hwm and receive_hwm else UNLIMITED


class Keeping(Protocol):
    """What keeps the ends that a socket has connected: Endpoints."""

    def forget(self, end: InprocEnd) -> None: ...


class InprocSocket(Protocol):
    """What a link needs of the socket at its end: a SocketCore, which says what each is, or a monitor."""

    context: ContextCore
    options: SocketOptions
    pattern: Pattern
    attention: bool
    closed: bool
    fluent: bool
    fluent_parts: bool
    line_mark: int
    news: bool
    tally: Tally

    @property
    def endpoints(self) -> Keeping: ...
    def post(self, callback: Callable[[], None]) -> None: ...
    def notify(self, pipe: Pipe) -> None: ...
    def room_made(self) -> None: ...
    def flush_dirty(self) -> None: ...
    def settle(self) -> None: ...
    def reads_directly(self, inbox: deque[Any]) -> bool: ...


class InprocRegistry:
    """The names of one context: who has bound them, who waits for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bound: dict[str, InprocBinding] = {}
        self._waiting: dict[str, list[InprocEnd]] = {}

    def bind(self, name: str, binding: InprocBinding) -> list[InprocEnd]:
        """Take the name; return the ends that have waited for it."""
        with self._lock:
            if name in self._bound:
                raise error(EADDRINUSE, f"inproc://{name} is bound by another socket of this context")
            self._bound[name] = binding
            return self._waiting.pop(name, [])

    def is_bound(self, name: str) -> bool:
        """Return whether somebody has bound the name; any thread."""
        return name in self._bound

    def connect(self, name: str, end: InprocEnd) -> InprocBinding | None:
        """Return who has bound the name; None: the end waits until somebody does."""
        with self._lock:
            binding = self._bound.get(name)
            if binding is None:
                self._waiting.setdefault(name, []).append(end)
            return binding

    def unbind(self, name: str, binding: InprocBinding) -> None:
        """Free the name."""
        with self._lock:
            if self._bound.get(name) is binding:
                del self._bound[name]

    def forget(self, name: str, end: InprocEnd) -> None:
        """Let an end wait no more."""
        with self._lock:
            ends = self._waiting.get(name, [])
            if end in ends:
                ends.remove(end)
            if not ends:
                self._waiting.pop(name, None)


class InprocEnd:
    """One side of a link between two sockets: the Link of its pipe, and on the connecting side an endpoint."""

    def __init__(self, core: InprocSocket, name: str, binding: InprocBinding | None = None) -> None:
        self.core = core
        self.name = name
        self.endpoint = f"inproc://{name}"
        self.pipe: Pipe | None = None
        self._far: InprocEnd | None = None
        self._open = True
        self._handed_over = False  # we have left, or the other side has, and it reads what it had not read
        self._binding = binding  # on the bound side

    # -- making the link -----------------------------------------------------------------------------------

    def open_pipe(self, inbox: deque[Any], outbox: deque[Any], options: SocketOptions) -> Pipe:
        """Make this side's pipe over the shared queues."""
        self.pipe = Pipe(
            self,
            options,
            options.sndhwm,
            options.rcvhwm,
            conflate=1 in (inbox.maxlen, outbox.maxlen),  # the connecting side decides for both
            inbox=inbox,
            outbox=outbox,
        )
        self.pipe.connect_id = options.connect_routing_id
        if options.hello_msg and self.core.pattern.says_hello:
            outbox.append(options.hello_msg)
        return self.pipe

    def connect(self, options: SocketOptions) -> None:
        """Go to whoever has bound the name, or wait for it (the connecting side)."""
        pattern = self.core.pattern
        conflate = bool(options.conflate) and pattern.can_conflate
        # A direction in which only subscriptions travel is none to conflate.
        inbox: deque[Any] = Newest() if conflate and pattern.can_receive else deque()
        outbox: deque[Any] = Newest() if conflate and pattern.can_send else deque()
        pipe = self.open_pipe(inbox, outbox, options)
        binding = self.core.context.inproc.connect(self.name, self)
        if binding is not None:
            self.met(binding.welcome(self))
        elif not options.immediate:
            self.core.pattern.attach(pipe)

    def met(self, far: InprocEnd) -> None:
        """The name is bound: this side is linked; in the thread that drives it."""
        self.join(far)
        self.attach()
        self.flush()

    def join(self, far: InprocEnd) -> None:
        """Know the other side; the limits of both add up (libzmq's ctx.cpp)."""
        self._far = far
        self.limit()

    def limit(self) -> None:
        """Set the send limit from this side's SNDHWM and the other's RCVHWM."""
        pipe = self.pipe
        far = self._far
        if pipe is not None and far is not None and far.pipe is not None and not pipe.conflate:
            pipe.send_limit = _sum_of_limits(self.core.options.sndhwm, far.core.options.rcvhwm)
            far.pipe.receive_limit = pipe.send_limit

    def attach(self) -> None:
        """Let this side's pattern know the peer; in the thread that drives this side."""
        pipe, far, core = self.pipe, self._far, self.core
        if pipe is None or far is None or not self._open:
            return  # one of the two has left meanwhile
        if pipe not in core.pattern.pipes:
            core.pattern.attach(pipe)
        pattern = far.core.pattern
        routing_id = far.core.options.routing_id if pattern.announces_routing_id else b""
        pipe.peer = Peer(pattern.socket_type.name, routing_id)
        pipe.ready = True
        core.pattern.ready(pipe)
        core.flush_dirty()
        core.pattern.arrived(pipe)
        core.news = True
        core.settle()

    # -- Link ----------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Tell the other side that its inbox has grown."""
        far = self._far
        if far is not None and far.pipe is not None:
            far.core.notify(far.pipe)

    def resume(self) -> None:
        """The inbox has room again: tell the sender that waits for it."""
        pipe = self.pipe
        if pipe is not None and pipe.paused:
            pipe.paused = False
            if self._far is not None:
                self._far.core.room_made()

    @property
    def ends(self) -> EndpointPair:
        """The name, at the side that bound it or at the one that connected to it (Link)."""
        if self._binding is not None:
            return EndpointPair.of_bind(self.endpoint)
        return EndpointPair.of_connect(self.endpoint)

    def counts(self) -> Counts | None:
        """Return what went through the queues: in, what the other side has put in; out, what it has taken out (Link).

        What it has not taken waits, in its inbox and in our outbox.
        """
        pipe, far = self.pipe, self._far
        arrived = passed(pipe.inbox) if pipe is not None else None
        taken = passed(pipe.outbox) if pipe is not None else None
        if pipe is None or arrived is None or taken is None:
            return None
        own = far.pipe.own if far is not None and far.pipe is not None else 0
        out = taken[0 if self._handed_over else 1]
        return Counts(arrived[0] - pipe.own, out - min(own, out), 0, 0)

    def far_core(self) -> InprocSocket | None:
        """Return the socket at the other side; None: nobody is there."""
        far = self._far
        return far.core if far is not None else None

    def ask_for_room(self) -> None:
        """Have the receiver tell when it has made room."""
        far = self._far
        if far is not None and far.pipe is not None:
            far.pipe.paused = True
            far.core.attention = True

    def close(self) -> None:
        """End the link because the pattern wants it."""
        self.core.endpoints.forget(self)
        self.shut()

    def dismiss(self) -> None:
        """End the link: the other side has what was sent (Link)."""
        self.close()

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        if self.pipe is not None:
            self.core.pattern.arrived(self.pipe)
            self.flush()

    # -- the end -------------------------------------------------------------------------------------------

    def retire(self) -> None:
        """Leave: the other side's inbox has all that was sent."""
        self.shut()

    def pending(self) -> bool:
        """Return whether something waits to be written: never, the other side's inbox has it already."""
        return False

    def unsent(self, connected_only: bool) -> int:
        """Return how many messages wait to be written: none."""
        return 0

    def shut(self) -> None:
        """Leave; the other side still reads what was sent to it."""
        if not self._open:
            return
        self._open = False
        core = self.core
        if self._far is not None:
            self._handed_over = not self._far.core.closed
        core.context.inproc.forget(self.name, self)
        if self._binding is not None:
            self._binding.drop(self)
        pipe, far = self.pipe, self._far
        if pipe is not None and pipe in core.pattern.pipes:
            pipe.ready = False
            core.tally.add(self.counts() or NOTHING)
            core.tally.left(pipe, core.pattern, 0 if self._handed_over else pipe.queued_out())
            core.pattern.detach(pipe)
        if far is not None:
            far.core.post(far.peer_left)
            far.core.fluent = far.core.fluent_parts = (
                False  # whatever it sends next goes by the mailbox, which tells
            )

    def peer_left(self) -> None:
        """The other side has left; in the thread that drives this side."""
        if self._far is not None:
            self._handed_over = not self._far.core.closed  # else nobody reads it any more
        self._far = None
        if self._binding is not None and self.pipe is not None and self._open:
            self.core.pattern.lost(self.pipe, accepted=True)
        self.core.endpoints.forget(self)
        self.shut()
        self.core.news = True
        self.core.settle()

    def abandon(self) -> None:
        """In a forked child: nothing to give back."""


class InprocBinding:
    """A bound name and the ends that came to it."""

    def __init__(self, core: InprocSocket, name: str, options: SocketOptions) -> None:
        self._core = core
        self.name = name
        self.endpoint = f"inproc://{name}"
        self._options = options
        self._ends: set[InprocEnd] = set()

    def matches(self, given: str) -> bool:
        """Return whether unbind(given) means this one."""
        return given == self.endpoint

    def start(self) -> None:
        """Take the name, and the peers that have waited for it."""
        core = self._core
        for end in core.context.inproc.bind(self.name, self):
            mine = self._meet(end)
            end.core.post(partial(end.met, mine))
            mine.attach()

    def _meet(self, end: InprocEnd) -> InprocEnd:
        assert end.pipe is not None
        mine = InprocEnd(self._core, self.name, self)
        mine.open_pipe(end.pipe.outbox, end.pipe.inbox, self._options)
        mine.join(end)
        self._ends.add(mine)
        return mine

    def welcome(self, end: InprocEnd) -> InprocEnd:
        """Make this side's end for a connector; called in the connector's thread."""
        mine = self._meet(end)
        self._core.post(mine.attach)
        return mine

    def retire(self) -> None:
        """Free the name; unbind() lets the peers stay, as libzmq does."""
        self._core.context.inproc.unbind(self.name, self)

    def pending(self) -> bool:
        """Return whether something waits to be written: never."""
        return False

    def unsent(self, connected_only: bool) -> int:
        """Return how many messages wait to be written: none."""
        return 0

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        for end in list(self._ends):
            end.mend()

    def shut(self) -> None:
        """Leave every peer."""
        self.retire()
        for end in list(self._ends):
            end.shut()

    def drop(self, end: InprocEnd) -> None:
        """Forget an end that has left."""
        self._ends.discard(end)

    def abandon(self) -> None:
        """In a forked child: nothing to give back."""
