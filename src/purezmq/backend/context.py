"""The backend's Context: a ContextCore as PyZMQ's Context wants to inherit it."""

from __future__ import annotations

from errno import EFAULT
from operator import index

from purezmq.backend._errors import translating
from purezmq.context import _term_unattended
from purezmq.engine.context import ContextCore, context_by_key
from purezmq.engine.keeper import is_keeper
from purezmq.errors import error
from purezmq.socket import _c_int


class Context:
    """A context; PyZMQ's layer adds socket(), instance(), destroy() and the rest."""

    closed: bool = True  # until it is made: PyZMQ's __del__ asks, also when __init__ fails
    _core: ContextCore

    @translating
    def __init__(self, io_threads: int = 1, shadow: int = 0) -> None:
        if shadow:
            core = context_by_key(shadow)
            if core is None:
                raise error(EFAULT, f"no context has the underlying {shadow}: it is gone")
        else:
            core = ContextCore(_c_int(io_threads))
        self._core = core
        self.closed = False

    @property
    def underlying(self) -> int:
        """The integer for Context.shadow(); 0 when closed."""
        return 0 if self.closed else self._core.key

    def term(self) -> None:
        """Wake all blocked calls with ETERM, and wait until all sockets are closed and have sent."""
        if self.closed:
            return
        if is_keeper():  # collected there: it cannot wait for itself
            _term_unattended(self._core)
        else:
            self._core.term()
        self.closed = True

    @translating
    def set(self, option: int, optval: int) -> None:
        """Set an option of the context; see zmq_ctx_set(3)."""
        self._open_core().set(index(option), _c_int(optval))

    @translating
    def get(self, option: int) -> int:
        """Return an option of the context; see zmq_ctx_get(3)."""
        return self._open_core().get(index(option))

    def _open_core(self) -> ContextCore:
        if self.closed:
            raise RuntimeError("Context has been destroyed")
        return self._core
