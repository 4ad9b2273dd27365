"""Context: PyZMQ's context over a ContextCore of the engine. Translation only.

Rules:

- A Context is a handle, as Socket is: shadows share the core. `closed` is the handle's own; what uses a core that
  another handle has terminated fails with EFAULT.
- Socket options set on a context are the defaults of the sockets it makes from then on.
- The engine is imported with the first Context: ``import purezmq`` takes as long as a program that makes none can wait.
- When it is collected, nobody waits: its sockets are closed, and a thread terms the core once they have lingered.
  At interpreter exit nothing is done here at all; the engine sends what LINGER says.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from errno import ENOTSUP
from operator import index
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import WeakValueDictionary

from purezmq.constants import ContextOption, SocketOption
from purezmq.errors import ZMQError, error
from purezmq.socket import Socket, _c_int, _class_name, _declares

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from purezmq.engine.context import ContextCore

__all__ = ["Context", "SyncContext"]

ST = TypeVar("ST", bound=Socket[Any], covariant=True)
SocketT = TypeVar("SocketT", bound=Socket[Any])


class Context(Generic[ST]):
    """Where sockets come from: they share an inproc name space, background work, and an end. Thread-safe.

    As a context manager it closes its sockets at the end, too.
    """

    sockopts: dict[int, Any]
    _core: ContextCore
    _sockets: WeakValueDictionary[int, Socket[Any]]
    _closed: bool = False
    _shadow: bool = False
    _shadow_obj: Context[Any] | int | None = None  # keeps the handle that will term the core
    _repr_cls = "zmq.Context"
    _socket_class: Callable[..., Any] = Socket
    _instance: Any = None
    _instance_lock = Lock()
    _instance_pid: int | None = None

    @overload
    def __init__(self: SyncContext, io_threads: int = ..., shadow: Context[Any] | int = ...) -> None: ...

    @overload
    def __init__(self: SyncContext, io_threads: Context[Any], shadow: Context[Any] | int = ...) -> None: ...

    def __init__(
        self: SyncContext, io_threads: int | Context[Any] = 1, shadow: Context[Any] | int = 0
    ) -> None:
        if isinstance(io_threads, Context):
            io_threads, shadow = 1, io_threads
        if shadow:
            self._shadow = True
            self._shadow_obj = shadow
            self._core = shadow._core if isinstance(shadow, Context) else _found(shadow)
        else:
            from purezmq.engine.context import ContextCore

            self._core = ContextCore(_c_int(io_threads))
        self.sockopts = {}
        self._sockets = WeakValueDictionary()

    @classmethod
    def shadow(cls, address: int | Context[Any]) -> Self:
        """Return another handle of the context with this `underlying`; it does not term it when collected."""
        return cls(shadow=address)

    @classmethod
    def shadow_pyczmq(cls, ctx: Any) -> Self:
        """Refuse: pyczmq's contexts are libzmq's, and that is not here."""
        raise TypeError("pyczmq's contexts live in libzmq, which purezmq does without")

    @classmethod
    def instance(cls, io_threads: int = 1) -> Self:
        """Return the process-wide context of this class; a new one after a fork, and after it was closed."""
        if cls._is_stale():
            with cls._instance_lock:
                if cls._is_stale():
                    cls._instance = cls(io_threads=io_threads)
                    cls._instance_pid = os.getpid()
        instance: Self = cls._instance
        return instance

    @classmethod
    def _is_stale(cls) -> bool:
        return cls._instance is None or cls._instance_pid != os.getpid() or cls._instance.closed

    # -- sockets -------------------------------------------------------------------------------------------

    @overload
    def socket(
        self, socket_type: int, socket_class: Callable[[Self, int], SocketT], **kwargs: Any
    ) -> SocketT: ...

    @overload
    def socket(self, socket_type: int, socket_class: None = None, **kwargs: Any) -> ST: ...

    def socket(
        self, socket_type: int, socket_class: Callable[[Self, int], Any] | None = None, **kwargs: Any
    ) -> Any:
        """Make a socket: ``context.socket(zmq.REQ)``. kwargs go to the class.

        ENOTSUP: this context is closed. EMFILE: too many sockets, see MAX_SOCKETS.
        """
        if self.closed:
            raise error(ENOTSUP, "the context is closed")
        make = socket_class if socket_class is not None else self._socket_class
        socket: Any = make(self, socket_type, **kwargs)
        for option, value in self.sockopts.items():
            try:
                socket.setsockopt(option, value)
            except ZMQError:
                pass  # a default that this type of socket has no use for
            except TypeError:
                del value  # perhaps a secret, and a traceback may show it
                raise
        return socket

    def _add_socket(self, socket: Socket[Any]) -> None:
        self._sockets[id(socket)] = socket

    def _rm_socket(self, socket: Socket[Any]) -> None:
        self._sockets.pop(id(socket), None)

    def _open_sockets(self) -> list[Socket[Any]]:
        # valuerefs() is one atomic step: other threads may be making sockets.
        made = [reference() for reference in self._sockets.valuerefs()]
        return [socket for socket in made if socket is not None and not socket.closed]

    # -- life ----------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether this context was termed or destroyed."""
        return self._closed

    @property
    def underlying(self) -> int:
        """The integer for Context.shadow(); 0 when closed."""
        return 0 if self._closed else self._core.key

    def term(self) -> None:
        """Wake all blocked calls with ContextTerminated, and wait until all sockets are closed and have sent.

        How long that may take is up to their LINGER. Close the sockets first, or in another thread.
        """
        if not self._closed:
            self._core.term()
            self._closed = True

    def destroy(self, linger: int | None = None) -> None:
        """Close all sockets that this context made, with this LINGER (ms) if given, and term."""
        if self.closed:
            return
        for socket in self._open_sockets():
            if linger is not None:
                try:
                    socket.setsockopt(SocketOption.LINGER, linger)
                except ZMQError:
                    if not socket.closed:  # as its owner may have done meanwhile, in another thread
                        raise
            socket.close()
        self._sockets.clear()
        self.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for socket in self._open_sockets():
                _warn(f"Destroying context with unclosed socket {socket}", socket)
        finally:  # the warning may be an error
            self.destroy()

    def __del__(self) -> None:
        core = self.__dict__.get("_core")
        if core is None or self._shadow or self._closed or core.closed or sys.is_finalizing():
            return
        try:
            _warn(f"Unclosed context {self}", self)
        finally:  # the warning may be an error
            _term_unattended(core)

    def __copy__(self, memo: Any = None) -> Self:
        """Return a shadow."""
        return self.shadow(self)

    __deepcopy__ = __copy__

    def __repr__(self) -> str:
        count = len(self._open_sockets())
        sockets = f"{count} socket{'s' if count > 1 else ''}" if count else ""
        closed = " closed" if self.closed else ""
        return f"<{_class_name(self)}({sockets}) at {id(self):#x}{closed}>"

    # -- options -------------------------------------------------------------------------------------------

    def set(self, option: int, optval: int) -> None:
        """Set an option of the context itself; see zmq_ctx_set(3)."""
        number, value = index(option), _c_int(optval)
        self._open_core().set(number, value)

    def get(self, option: int) -> int:
        """Return an option of the context itself; see zmq_ctx_get(3)."""
        return self._open_core().get(index(option))

    def setsockopt(self, opt: int, value: Any) -> None:
        """Set the default that new sockets get for a socket option."""
        self.sockopts[opt] = value

    def getsockopt(self, opt: int) -> Any:
        """Return a default set by setsockopt(); KeyError: none was."""
        return self.sockopts[opt]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a context option, the default of a socket option (in any case), or a declared attribute."""
        key = name.upper()
        if name in self.__dict__ or _declares(type(self), name):
            object.__setattr__(self, name, value)
        elif key in ContextOption.__members__:
            self.set(ContextOption[key], value)
        elif key in SocketOption.__members__:
            self.sockopts[SocketOption[key]] = value
        else:
            raise AttributeError(f"{type(self).__name__} has no such option: {key}")

    def __getattr__(self, name: str) -> Any:
        key = name.upper()
        if key in ContextOption.__members__:
            try:
                return self.get(ContextOption[key])
            except ZMQError as reason:
                raise AttributeError(f"{key} attribute cannot be read: {reason}") from None
        if key not in SocketOption.__members__:
            raise AttributeError(f"{type(self).__name__} has no such option: {key}")
        if SocketOption[key] not in self.sockopts:
            raise AttributeError(f"{key} has no default in this context")
        return self.sockopts[SocketOption[key]]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *ContextOption.__members__]

    def _open_core(self) -> ContextCore:
        if self._closed:
            raise RuntimeError("Context has been destroyed")
        return self._core


SyncContext = Context[Socket[bytes]]


def _found(address: Any) -> ContextCore:
    try:
        key = int(address)
    except (TypeError, ValueError):
        raise ValueError(f"Cannot cast {address!r} to int") from None
    from purezmq.engine.context import context_by_key

    core = context_by_key(key)
    if core is None:
        raise ValueError(f"no context has the underlying {key}: it is gone")
    return core


def _term_unattended(core: ContextCore) -> None:
    """Close the sockets and term, without waiting for what they have to send."""
    for socket_core in list(core.sockets):
        socket_core.close_later()
    if not core.sockets:
        core.term()
        return
    try:
        Thread(target=core.term, name="purezmq-term", daemon=True).start()
    except RuntimeError:
        pass  # the interpreter is about to exit, and starts no more threads


def _warn(text: str, source: object) -> None:
    import warnings

    warnings.warn(text, ResourceWarning, stacklevel=3, source=source)


def _forget_threads() -> None:
    """In a forked child: whoever held the lock does not exist here."""
    Context._instance_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
