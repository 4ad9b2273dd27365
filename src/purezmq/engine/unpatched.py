"""The standard library as it is without gevent's monkey-patching: real locks, threads and sockets, and epoll.

gevent.monkey.patch_all() replaces them by ones that switch greenlets, and removes epoll. The keeper and the look-ups of
names must be threads all the same, or they would stop the whole program; what threads share must be guarded by locks
that threads know; and the engine's sockets never wait, so they need nothing of gevent's.

Everything is bound when this module is imported: what was patched before is asked of gevent, and what is patched later
changes nothing here. So the engine takes `socket`, `select`, locks and threads from here, not from the library.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import select as select
    import socket as socket
    from _thread import RLock as RLock
    from collections.abc import Callable
    from threading import Lock as Lock
    from threading import get_ident as get_ident
    from threading import local as local
    from time import sleep as sleep

_PATCHED = {
    "_thread": ("RLock", "allocate_lock", "get_ident", "start_new_thread"),
    "select": ("devpoll", "epoll", "kevent", "kqueue", "poll", "select"),
    "socket": ("SocketType", "fromfd", "getaddrinfo", "getnameinfo", "socket", "socketpair"),
    "threading": ("local",),
    "time": ("sleep",),
}


def _original(name: str) -> ModuleType:
    """Return a copy of a module of the standard library, with what gevent has replaced or removed put back."""
    module = import_module(name)
    copy = ModuleType(name)
    copy.__dict__.update(vars(module))
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None:
        for item in _PATCHED[name]:
            try:
                setattr(copy, item, monkey.get_original(name, item))
            except AttributeError:  # this system has none
                pass
    return copy


if not TYPE_CHECKING:
    select = _original("select")
    socket = _original("socket")
    Lock = _original("_thread").allocate_lock
    RLock = _original("_thread").RLock
    get_ident = _original("_thread").get_ident
    local = _original("threading").local
    sleep = _original("time").sleep

_start_new_thread: Callable[..., int] = _original("_thread").start_new_thread


class Thread(Protocol):
    """The part of threading.Thread that the engine uses."""

    def start(self) -> None: ...
    def join(self) -> None: ...


def new_thread(target: Callable[..., None], args: tuple[Any, ...], name: str) -> Thread:
    """Return a daemon thread to be started; RuntimeError from start(): there are no more to be had."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        return _NativeThread(target, args)
    return threading.Thread(target=target, args=args, name=name, daemon=True)


_here = local()


class _NativeThread:
    """A thread that the patched `threading`, whose threads are greenlets, does not know of."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...]) -> None:
        self._target = target
        self._args = args
        self._running = Lock()

    def start(self) -> None:
        self._running.acquire()
        try:
            _start_new_thread(self._run, ())
        except BaseException:
            self._running.release()
            raise

    def _run(self) -> None:
        _here.thread = self
        try:
            self._target(*self._args)
        finally:
            self._running.release()

    def join(self) -> None:
        with self._running:
            pass


def current_thread() -> Thread:
    """Return the thread that calls: what new_thread() made, or what threading knows of it."""
    thread: Thread = getattr(_here, "thread", None) or threading.current_thread()
    return thread
