"""Asking the program's ZAP handler who may come in (RFC 27).

The rules:

- The handler is whatever socket is bound to inproc://zeromq.zap.01 in the same context: REP or ROUTER, as in libzmq,
  or DEALER. It may be in any thread, also in the one that drives the socket whose peer is in question: asking waits
  for nothing.
- Each question is a peer of the handler by itself, an inproc link that lives until the answer is there. So an answer
  that comes too late reaches nobody. All have libzmq's request id, "1".
- A DEALER cannot address what it sends, and may hand an answer to another question's link. So it is asked with ids of
  their own, and an answer counts for the question whose id it bears.
- Without a handler the connection decides, by libzmq's rules: PLAIN lets nobody in, the others anybody unless
  ZAP_ENFORCE_DOMAIN is set. A handler that was asked and goes away lets nobody in.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from purezmq.constants import SocketType
from purezmq.core.message import parts_of
from purezmq.core.options import SocketOptions
from purezmq.core.patterns import pattern_for
from purezmq.core.statistics import Tally
from purezmq.engine.inproc import InprocEnd

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from purezmq.core.message import Message
    from purezmq.core.pipe import Pipe
    from purezmq.core.security.zap import Request
    from purezmq.engine.socket_core import SocketCore

    # Called with the reply and the id that it must bear; without a reply when the handler has gone.
    Judged = Callable[[list[bytes] | None, bytes], None]

_NAME = "zeromq.zap.01"
_HANDLERS = frozenset({SocketType.REP, SocketType.ROUTER, SocketType.DEALER})
_ONE_ID = b"1"


class ZapDesk:
    """A context's questions to its handler."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._asked: dict[bytes, Inquiry] = {}  # of a DEALER, by request id
        self._warned: WeakSet[SocketCore] = WeakSet()  # sockets that let anybody in

    def ask(self, core: SocketCore, request: Request, address: str, judged: Judged) -> Inquiry | None:
        """Ask about the peer at this address; None: there is nobody to ask.

        `judged` is called under the lock of `core`, which is held now too.
        """
        if not core.context.inproc.is_bound(_NAME):
            return None
        inquiry = Inquiry(self, core, judged)
        handler = inquiry.link()
        if handler is None:
            return None
        if handler is SocketType.DEALER:
            inquiry.request_id = b"%d" % next(self._ids)
            self._asked[inquiry.request_id] = inquiry
        inquiry.put([*request.frames(inquiry.request_id, address)])
        return inquiry

    def find(self, request_id: bytes) -> Inquiry | None:
        """Return who asked a DEALER with this id and waits for the answer."""
        return self._asked.get(request_id)

    def forget(self, inquiry: Inquiry) -> None:
        """Expect no answer any more."""
        if self._asked.get(inquiry.request_id) is inquiry:
            del self._asked[inquiry.request_id]

    def warn(self, core: SocketCore, endpoint: str) -> None:
        """Log, once for each socket, that it encrypts and lets anybody in."""
        if core not in self._warned:
            self._warned.add(core)
            core.context.inform(
                f"{core.socket_type.name} {endpoint}: this CURVE server lets every client in, because nothing is bound "
                "to inproc://zeromq.zap.01; run a purezmq.auth.ThreadAuthenticator, or set ZAP_DOMAIN and "
                "ZAP_ENFORCE_DOMAIN",
            )


class Inquiry:
    """One question on its way: what an inproc link needs of a socket (InprocSocket)."""

    def __init__(self, desk: ZapDesk, core: SocketCore, judged: Judged) -> None:
        self.context = core.context
        self.options = SocketOptions.for_type(SocketType.DEALER)
        self.pattern = pattern_for(SocketType.DEALER)(self.options, core.context.random)
        self.endpoints = self
        self.attention = False
        self.closed = False
        self.fluent = self.fluent_parts = False
        self.news = False
        self.line_mark = 0
        self.tally = Tally()
        self.request_id = _ONE_ID
        self._desk = desk
        self._core = core
        self._judged: Judged | None = judged
        self._shared = False  # the handler is a DEALER
        self._end = InprocEnd(self, _NAME)

    def link(self) -> SocketType | None:
        """Link to the handler; return what it is, None: there is none."""
        self._end.connect(self.options)
        far = self._end.far_core()
        if far is None:
            self._end.shut()
            return None
        handler = far.pattern.socket_type
        self._shared = handler is SocketType.DEALER
        return handler

    def put(self, question: Message) -> None:
        """Send the question."""
        far = self._end.far_core()
        if far is None or far.pattern.socket_type not in _HANDLERS:
            self._core.post(self._gone)  # such a socket cannot answer
            return
        self.pattern.send(question)
        self.flush_dirty()

    def cancel(self) -> None:
        """Wait for the answer no longer."""
        self._judged = None
        self._desk.forget(self)
        self._end.shut()

    def _take(self, reply: list[bytes]) -> None:
        """Take what the handler sent, by whichever link (under the lock of the socket that asks)."""
        judged = self._judged
        if judged is not None:
            self.cancel()
            judged(reply, self.request_id)

    def _gone(self) -> None:
        judged = self._judged
        if judged is not None:
            self.cancel()
            judged(None, self.request_id)

    def _arrived(self, pipe: Pipe) -> None:
        self.pattern.arrived(pipe)
        while (message := self.pattern.receive()) is not None:
            reply = [bytes(part) for part in parts_of(message)]
            if not self._shared:
                self._take(reply)
                continue
            asker = self._desk.find(reply[2]) if len(reply) > 2 else self
            if asker is not None:
                asker.answered(reply)

    def answered(self, reply: list[bytes]) -> None:
        """Note a reply with our id; any thread."""
        self._core.post(lambda: self._take(reply))

    # -- InprocSocket --------------------------------------------------------------------------------------

    def post(self, callback: Callable[[], None]) -> None:
        """Have the callback run under the lock of the socket that asks."""
        self._core.post(callback)

    def notify(self, pipe: Pipe) -> None:
        """The handler has sent something."""
        self._core.post(lambda: self._arrived(pipe))

    def room_made(self) -> None:
        """The handler has read: nobody waits for that."""

    def flush_dirty(self) -> None:
        """Tell the handler what the pattern has for it."""
        for pipe in self.pattern.dirty:
            pipe.link.flush()
        self.pattern.dirty.clear()

    def settle(self) -> None:
        """Nothing is cached here."""

    def reads_directly(self, inbox: deque[Any]) -> bool:
        """Return that this end never looks into an inbox by itself."""
        return False

    def forget(self, end: InprocEnd) -> None:
        """The handler has left (as our own `endpoints`)."""
        self._gone()
