"""A context: the sockets that share a keeper, an inproc name space and an end; and the process-wide registries.

Front-end objects are handles: the integer `key` of a context or socket is what `underlying` shows and what
`shadow` takes.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from errno import EFAULT, EINVAL, EMFILE
from itertools import count
from typing import TYPE_CHECKING

from purezmq.constants import ETERM, IO_THREADS, SocketType
from purezmq.core.context_options import THREAD_OPTIONS, ContextOptions
from purezmq.core.patterns import pattern_for
from purezmq.engine.driven_socket import DrivenSocket
from purezmq.engine.inproc import InprocRegistry
from purezmq.engine.keeper import Custodian, Keeper
from purezmq.engine.loop import Loop, SelectorLoop
from purezmq.engine.resolver import Resolver
from purezmq.engine.socket_core import SocketCore
from purezmq.engine.transports import NO_DESCRIPTORS, Transport, transport_for
from purezmq.engine.unpatched import RLock, sleep
from purezmq.engine.zap import ZapDesk
from purezmq.errors import error

if TYPE_CHECKING:
    from logging import Logger

_NO_PROGRESS = 1.0  # s at interpreter exit without a byte written, after which LINGER -1 gives up
_MOST_RECORDS = (
    10_000  # not yet logged; when a handler is slower than what befalls us, the oldest are dropped
)
_DEBUG = 10  # as logging has them, which is imported when there is something to be logged
_INFO = 20
_WARNING = 30
_EXIT_LOOK = 0.005  # s between looks at interpreter exit

_keys = count(0x10000, 0x10)
_contexts: weakref.WeakSet[ContextCore] = weakref.WeakSet()
_contexts_by_key: weakref.WeakValueDictionary[int, ContextCore] = weakref.WeakValueDictionary()
_sockets_by_key: weakref.WeakValueDictionary[int, SocketCore] = weakref.WeakValueDictionary()


def context_by_key(key: int) -> ContextCore | None:
    """Return the context with this key, or None: it is gone."""
    return _contexts_by_key.get(key)


def socket_by_key(key: int) -> SocketCore | None:
    """Return the socket with this key, or None: it is gone."""
    return _sockets_by_key.get(key)


class ContextCore:
    """A context of the engine; thread-safe."""

    def __init__(
        self,
        io_threads: int = 1,
        *,
        new_loop: Callable[[], Loop] = SelectorLoop,
        find_transport: Callable[[str], Transport] = transport_for,
        random: Callable[[int], bytes] = os.urandom,
        new_keeper: Callable[[str], Custodian] = Keeper,
    ) -> None:
        self._options = ContextOptions()
        self._options.set(IO_THREADS, io_threads)
        self.key = next(_keys)
        self.pid = os.getpid()
        self.closed = False
        self.sockets: set[SocketCore] = set()
        self.gathering: set[DrivenSocket] = set()  # sockets that may hold sends back for a moment
        self.new_loop = new_loop
        self.transport_for = find_transport
        self.random = random
        self.inproc = InprocRegistry()
        try:
            self.keeper = new_keeper(f"purezmq-keeper-{self.key:x}")
        except OSError as reason:
            raise error(reason.errno or EMFILE, NO_DESCRIPTORS) from None
        self.resolver = Resolver()
        self.zap = ZapDesk()
        self._terminating = False
        self._records: deque[tuple[int, str]] = deque(maxlen=_MOST_RECORDS)  # to be logged
        self._telling = False  # the keeper has been asked to
        self._logger: Logger | None = None  # once the program has imported logging
        # Re-entrant, because a finaliser may run at any point of the thread that holds it.
        self._changed = threading.Condition(RLock())
        _contexts.add(self)
        _contexts_by_key[self.key] = self

    # -- sockets -------------------------------------------------------------------------------------------

    def socket(self, socket_type: int) -> SocketCore:
        """Make a socket; EINVAL for an unknown type, EMFILE above MAX_SOCKETS, ETERM when terminating."""
        with self._changed:
            if self.closed:
                raise error(EFAULT, "the context was terminated")
            if self._terminating:
                raise error(ETERM)
            try:
                known = SocketType(socket_type)
            except ValueError:
                raise error(EINVAL, f"{socket_type} is no socket type") from None
            if len(self.sockets) >= self._options["MAX_SOCKETS"]:
                raise error(EMFILE, "close sockets, or raise the context's MAX_SOCKETS")
            try:
                core = SocketCore(self, known, pattern_for(known), next(_keys))
            except OSError as reason:
                raise error(reason.errno or EMFILE, NO_DESCRIPTORS) from None
            self.sockets.add(core)
            _sockets_by_key[core.key] = core
            return core

    def socket_finished(self, core: SocketCore) -> None:
        """Note that a socket is closed and has nothing left to send."""
        with self._changed:
            self.sockets.discard(core)
            self._changed.notify_all()

    def flush_gathering(self, waiting: DrivenSocket | None) -> None:
        """Send what other sockets hold back: a thread of this program is about to wait."""
        for core in list(self.gathering):
            if core is not waiting:
                core.flush()

    def report(self, core: DrivenSocket, event: str, endpoint: str, reason: str) -> None:
        """Log what happened to a connection (logger "purezmq"), if this program logs.

        The keeper hands the record on: a handler may do anything, such as send through the very socket that is
        locked now.
        """
        logger = self._logger
        if logger is None:
            logging = sys.modules.get("logging")
            if logging is None:
                return
            logger = self._logger = logging.getLogger("purezmq")
        if not logger.isEnabledFor(_DEBUG):
            return  # programs that log at INFO shall not hear of every peer that leaves: PyZMQ says nothing
        self._log(_DEBUG, f"{core.socket_type.name} {endpoint} {event}" + (f": {reason}" if reason else ""))

    def inform(self, text: str) -> None:
        """Log what the program's author should know."""
        self._log(_INFO, text)

    def _log(self, level: int, text: str) -> None:
        self._records.append((level, text))
        if not self._telling:
            self._telling = True
            self.keeper.later(self._tell)

    def _tell(self) -> None:
        """Log what has been reported."""
        import logging

        self._telling = False  # before the look, so that whoever reports after it asks for another
        logger = logging.getLogger("purezmq")
        while self._records:
            level, text = self._records.popleft()
            logger.log(level, "%s", text)

    # -- options -------------------------------------------------------------------------------------------

    @property
    def ipv6(self) -> bool:
        """Whether new sockets have IPV6 on."""
        return bool(self._options["IPV6"])

    @property
    def blocky(self) -> bool:
        """Whether new sockets linger for ever."""
        return bool(self._options["BLOCKY"])

    def set(self, option: int, value: int) -> None:
        """Set a context option by libzmq's number."""
        self._options.set(option, value)
        if option in THREAD_OPTIONS:
            self.keeper.later(self._schedule)

    def get(self, option: int) -> int:
        """Return a context option by libzmq's number."""
        return self._options.get(option)

    def _schedule(self) -> None:
        """Let the keeper run as the options say; it calls this itself."""
        from purezmq.engine.scheduling import schedule_this_thread

        for refusal in schedule_this_thread(self._options, "purezmq"):
            self._log(_WARNING, f"the background thread runs as before: {refusal}")

    # -- the end -------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Make every blocking call, here and from now on, raise ETERM."""
        with self._changed:
            self._terminating = True
            cores = list(self.sockets)
        for core in cores:
            core.terminate()

    def term(self) -> None:
        """Wake everybody with ETERM and wait until every socket is closed and has sent what LINGER allows."""
        if self.closed:
            return
        if self.pid != os.getpid():
            self.closed = True
            return
        self.shutdown()
        with self._changed:
            while self.sockets:
                self._changed.wait()
        if self._is_last():
            self.keeper.stop()
            self.resolver.close()
            _contexts.discard(self)

    def _is_last(self) -> bool:
        """Close the books, once: several threads may have waited in `term`."""
        with self._changed:
            first = not self.closed
            self.closed = True
            return first

    def linger_at_exit(self) -> None:
        """Send what is pending when the interpreter exits.

        A connected peer is written to for as long as LINGER says; with LINGER -1, for as long as it keeps
        reading. Messages for peers that are not there are waited with only if LINGER is above 0.
        """
        started = progress = time.monotonic()
        last: dict[SocketCore, int] = {}
        while True:
            now = time.monotonic()
            waiting = False
            for core in list(self.sockets):
                left, linger = core.pending_at_exit()
                if left and last.get(core) != left:
                    last[core] = left
                    progress = now
                within = now - progress < _NO_PROGRESS if linger < 0 else now - started < linger / 1000
                waiting = waiting or (left > 0 and within)
            if not waiting:
                return
            sleep(_EXIT_LOOK)

    def abandon(self) -> None:
        """In a forked child: nothing here may be used; give our copies of the descriptors back."""
        self.closed = True
        self._terminating = True
        self._changed = threading.Condition(RLock())
        for core in list(self.sockets):
            core.abandon()
        self.sockets = set()
        self.keeper.abandon()


def _abandon_all() -> None:
    for context in list(_contexts):
        context.abandon()


def _linger_all() -> None:
    for context in list(_contexts):
        if not context.closed and context.pid == os.getpid():
            context.linger_at_exit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)
atexit.register(_linger_all)
