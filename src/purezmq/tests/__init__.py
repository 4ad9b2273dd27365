"""Base classes for unittest that libraries on top of PyZMQ import from zmq.tests. Deprecated: bring your own fixtures.

A BaseZMQTestCase has `context` (Context.instance()) and `sockets`; what is in `sockets` is closed after the test, and
the contexts are terminated: a socket that was left open fails the test. With GreenTest before it, it is zmq.green's.
"""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable
from functools import wraps
from threading import Thread
from typing import Any, TypeVar
from unittest import SkipTest, TestCase, skipIf

import purezmq
from purezmq.constants import DONTWAIT, EAGAIN, LINGER, PAIR
from purezmq.context import Context
from purezmq.errors import ZMQError, strerror
from purezmq.version import zmq_version_info

try:
    import gevent  # type: ignore[import-untyped,import-not-found,unused-ignore]

    import purezmq.green as gzmq

    have_gevent = True
except ImportError:
    have_gevent = False

__all__ = [
    "PYPY",
    "BaseZMQTestCase",
    "GreenTest",
    "PollZMQTestCase",
    "SkipTest",
    "have_gevent",
    "require_zmq_4",
    "skip_green",
    "skip_pypy",
    "term_context",
]

warnings.warn(
    "zmq.tests is deprecated in pyzmq 25, we recommend managing your own contexts and sockets.",
    DeprecationWarning,
    stacklevel=2,
)

PYPY = platform.python_implementation() == "PyPy"

skip_pypy = skipIf(PYPY, "Doesn't work on PyPy")
require_zmq_4 = skipIf(zmq_version_info() < (4,), "requires zmq >= 4")

_Test = TypeVar("_Test", bound=Callable[..., Any])


def term_context(ctx: Context[Any], timeout: float) -> None:
    """Terminate a context; RuntimeError: after so many seconds it still has open sockets."""
    thread = Thread(target=ctx.term, daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        Context._instance = None  # the next test is to have a new one
        raise RuntimeError("context could not terminate, open sockets likely remain in test")


class BaseZMQTestCase(TestCase):
    """A test with a context and sockets."""

    green = False
    teardown_timeout: float = 10  # seconds for the contexts to terminate
    context: Any
    sockets: list[Any]

    @property
    def Context(self) -> Any:
        """The class of the contexts."""
        return gzmq.Context if self.green else Context

    def setUp(self) -> None:
        """Make the context."""
        super().setUp()
        if self.green and not have_gevent:
            raise SkipTest("requires gevent")
        self.context = self.Context.instance()
        self.sockets = []

    def tearDown(self) -> None:
        """Close the sockets and terminate their contexts."""
        for context in self._close_sockets(linger=0):
            term_context(context, self.teardown_timeout)
        super().tearDown()

    def _close_sockets(self, linger: int | None = None) -> set[Any]:
        contexts = {self.context}
        while self.sockets:
            socket = self.sockets.pop()
            contexts.add(socket.context)
            socket.close(linger)
        return contexts

    def socket(self, socket_type: int) -> Any:
        """Return a new socket that is closed after the test."""
        socket = self.context.socket(socket_type)
        self.sockets.append(socket)
        return socket

    def create_bound_pair(
        self, type1: int = PAIR, type2: int = PAIR, interface: str = "tcp://127.0.0.1"
    ) -> tuple[Any, Any]:
        """Return two connected sockets; the first is bound."""
        first, second = self.socket(type1), self.socket(type2)
        for socket in (first, second):
            socket.setsockopt(LINGER, 0)
        port = first.bind_to_random_port(interface)
        second.connect(f"{interface}:{port}")
        return first, second

    def ping_pong(self, s1: Any, s2: Any, msg: bytes) -> Any:
        """Send a part from s1 to s2 and back; return what came back."""
        s1.send(msg)
        s2.send(s2.recv())
        return s1.recv()

    def ping_pong_json(self, s1: Any, s2: Any, o: Any) -> Any:
        """Send an object as JSON from s1 to s2 and back; return what came back."""
        s1.send_json(o)
        s2.send_json(s2.recv_json())
        return s1.recv_json()

    def ping_pong_pyobj(self, s1: Any, s2: Any, o: Any) -> Any:
        """Send an object, pickled, from s1 to s2 and back; return what came back."""
        s1.send_pyobj(o)
        s2.send_pyobj(s2.recv_pyobj())
        return s1.recv_pyobj()

    def assertRaisesErrno(self, errno: int, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Fail unless the call raises a ZMQError with this errno."""
        try:
            func(*args, **kwargs)
        except ZMQError as reason:
            got = f"{strerror(reason.errno or 0)!r} instead of {strerror(errno)!r}"
            assert reason.errno == errno, f"wrong error raised: {got}"
        else:
            self.fail("Function did not raise any error")

    def recv(self, socket: Any, **kwargs: Any) -> Any:
        """Receive a part, or fail after `timeout` seconds (default 5)."""
        return self._receive(socket, "recv", **kwargs)

    def recv_multipart(self, socket: Any, **kwargs: Any) -> Any:
        """Receive a message, or fail after `timeout` seconds (default 5)."""
        return self._receive(socket, "recv_multipart", **kwargs)

    def _receive(self, socket: Any, method: str, *, timeout: float = 5, flags: int = 0, **kwargs: Any) -> Any:
        readable, _, _ = purezmq.select([socket], [], [], timeout=timeout)
        assert readable, "Should have received a message"
        return getattr(socket, method)(flags=flags | DONTWAIT, **kwargs)


class PollZMQTestCase(BaseZMQTestCase):
    """A test that polls; there is no difference any more."""


class GreenTest:
    """Mixin that makes a BaseZMQTestCase use zmq.green: ``class TestGreen(GreenTest, TestBlocking)``."""

    green = True
    teardown_timeout: float = 10

    def assertRaisesErrno(self, errno: int, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Fail unless the call raises a ZMQError with this errno; a green call that would block is not tried."""
        if errno == EAGAIN:
            raise SkipTest("Skipping because we're green.")
        super().assertRaisesErrno(errno, func, *args, **kwargs)  # type: ignore[misc]

    def tearDown(self) -> None:
        """Close the sockets and terminate their contexts, each in a greenlet."""
        contexts = self._close_sockets()  # type: ignore[attr-defined]
        greenlets = [gevent.spawn(context.term) for context in contexts]
        gevent.joinall(greenlets, timeout=self.teardown_timeout, raise_error=True)
        if not all(greenlet.ready() for greenlet in greenlets):
            raise RuntimeError("context could not terminate, open sockets likely remain in test")

    def skip_green(self) -> None:
        """Skip this test."""
        raise SkipTest("Skipping because we are green")


def skip_green(f: _Test) -> _Test:
    """Skip the decorated method in a GreenTest."""

    @wraps(f)
    def test(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.green:
            raise SkipTest("Skipping because we are green")
        return f(self, *args, **kwargs)

    return test  # type: ignore[return-value]
