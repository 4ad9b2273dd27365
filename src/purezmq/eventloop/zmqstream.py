"""ZMQStream: callbacks for what a socket sends and receives, on tornado's IOLoop.

Rules:

- Everything happens in the loop, one callback at a time, and nothing in `send` or `on_recv` themselves; but in
  `flush`, which does at once what the loop would do later.
- `socket.FD` wakes us on whatever is new, and loses nothing (engine/doorbell.py). Reading EVENTS silences it, so
  afterwards either all that EVENTS told is done, or `_serve` is scheduled.
- The loop belongs to others too: one turn of ours lasts a millisecond, or until a callback is a coroutine. That one
  begins in the loop's next iteration, and may stop the stream before the next message.
- A message leaves the queue when the socket has taken it. Until then, at its HWM, the socket waits and not the loop.
- A callback may do anything: close the stream, flush it, replace itself, raise. What it raises goes to the log and
  to the loop, and the rest is served in the loop's next iteration.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, overload

from tornado.ioloop import IOLoop
from tornado.log import gen_log

from purezmq._future import _AsyncSocket
from purezmq._pickled import dumps
from purezmq.constants import Flag, PollEvent, SocketOption
from purezmq.errors import Again, ContextTerminated, ZMQError
from purezmq.poller import Poller
from purezmq.socket import Socket

if TYPE_CHECKING:
    from typing import Self

    from purezmq.frame import Frame
    from purezmq.tracker import MessageTracker

__all__ = ["ZMQStream"]

_DONTWAIT = int(Flag.DONTWAIT)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_EVENTS = int(SocketOption.EVENTS)

_TURN = 0.001  # s that one turn may go on before others have theirs
_PASSED_ON = (
    "bind", "bind_to_random_port", "connect", "setsockopt", "getsockopt",
    "setsockopt_string", "getsockopt_string", "setsockopt_unicode", "getsockopt_unicode",
)  # fmt: skip

_NOT_NOW = object()  # instead of a status: the socket has no room


class ZMQStream:
    """A socket whose messages come to a callback: ``stream.on_recv(callback)``, and whose sends never block.

    A callback may be a coroutine function. It runs in the loop of io_loop (None: the current one). Close the
    stream, not the socket; the stream closes its socket.
    """

    socket: Socket[Any]  # None once the stream is closed
    io_loop: IOLoop

    bind: Callable[..., Any]
    bind_to_random_port: Callable[..., int]
    connect: Callable[..., Any]
    setsockopt: Callable[..., None]
    getsockopt: Callable[..., int | bytes]
    setsockopt_string: Callable[..., None]
    getsockopt_string: Callable[..., str]
    setsockopt_unicode: Callable[..., None]
    getsockopt_unicode: Callable[..., str]

    def __init__(self, socket: Socket[Any], io_loop: IOLoop | None = None) -> None:
        if isinstance(socket, _AsyncSocket):
            warnings.warn(
                "ZMQStream takes blocking sockets: context.socket(type, socket_class=purezmq.Socket), or"
                " purezmq.Socket(shadow=other). This one is shadowed, and its own recv() will miss messages.",
                RuntimeWarning,
                stacklevel=2,
            )
            socket = Socket(shadow=socket)
        self.socket = socket
        self.io_loop = io_loop or IOLoop.current()
        for name in _PASSED_ON:
            setattr(self, name, getattr(socket, name))
        self._open = True
        self._fd = socket.fileno()
        self._queue: deque[tuple[Sequence[Any], int, dict[str, Any]]] = deque()
        self._recv_callback: Callable[..., Any] | None = None
        self._recv_copy = True
        self._send_callback: Callable[..., Any] | None = None
        self._close_callback: Callable[[], Any] | None = None
        self._scheduled = False  # `_serve` runs in the loop's next iteration
        self._resting = False  # the rest is for the loop's next iteration
        self._tasks: set[asyncio.Future[Any]] = set()  # the loop itself holds them only weakly
        # The socket, not its descriptor: a loop that closes all_fds closes what it was given.
        self.io_loop.add_handler(self.socket, self._on_ready, IOLoop.READ)

    # -- callbacks -----------------------------------------------------------------------------------------

    @overload
    def on_recv(self, callback: Callable[[list[bytes]], Any] | None, copy: Literal[True] = True) -> None: ...

    @overload
    def on_recv(self, callback: Callable[[list[Frame]], Any], copy: Literal[False]) -> None: ...

    @overload
    def on_recv(self, callback: Callable[[list[Any]], Any] | None, copy: bool = True) -> None: ...

    def on_recv(self, callback: Callable[[list[Any]], Any] | None, copy: bool = True) -> None:
        """Call callback(parts) for each message from now on: bytes, or Frames with copy=False.

        It replaces the callback before. None: receive no more; what comes waits in the socket.
        """
        self._check_open()
        _check_callable(callback)
        self._recv_callback = callback
        self._recv_copy = copy
        if callback is not None:
            self._serve_soon()

    @overload
    def on_recv_stream(
        self, callback: Callable[[Self, list[bytes]], Any] | None, copy: Literal[True] = True
    ) -> None: ...

    @overload
    def on_recv_stream(self, callback: Callable[[Self, list[Frame]], Any], copy: Literal[False]) -> None: ...

    @overload
    def on_recv_stream(
        self, callback: Callable[[Self, list[Any]], Any] | None, copy: bool = True
    ) -> None: ...

    def on_recv_stream(self, callback: Callable[[Self, list[Any]], Any] | None, copy: bool = True) -> None:
        """As on_recv, but call callback(stream, parts)."""
        if callback is None:
            self.on_recv(None)
            return
        called = callback
        self.on_recv(lambda parts: called(self, parts), copy=copy)

    def on_send(self, callback: Callable[[list[Any], Any], Any] | None) -> None:
        """Call callback(parts, status) for each message that is sent from now on; None: call nothing.

        status: what Socket.send_multipart returned (None, or a MessageTracker), or the ZMQError that it raised.
        """
        self._check_open()
        _check_callable(callback)
        self._send_callback = callback

    def on_send_stream(
        self, callback: Callable[[Self, list[Any], MessageTracker | None], Any] | None
    ) -> None:
        """As on_send, but call callback(stream, parts, status)."""
        if callback is None:
            self.on_send(None)
            return
        called = callback
        self.on_send(lambda parts, status: called(self, parts, status))

    def on_err(self, callback: Callable[..., Any]) -> None:
        """Deprecated: does nothing."""
        gen_log.warning("ZMQStream.on_err does nothing: send errors go to the callback of on_send")

    def stop_on_recv(self) -> None:
        """Receive no more: on_recv(None)."""
        self.on_recv(None)

    def stop_on_send(self) -> None:
        """Call nothing for what is sent: on_send(None)."""
        self.on_send(None)

    def stop_on_err(self) -> None:
        """Deprecated: does nothing."""
        gen_log.warning("ZMQStream.stop_on_err does nothing")

    def set_close_callback(self, callback: Callable[[], Any] | None) -> None:
        """Call this when the stream is closed."""
        self._close_callback = callback

    # -- sending -------------------------------------------------------------------------------------------

    def send(
        self,
        msg: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        callback: Callable[[list[Any], Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send one part; see send_multipart()."""
        self.send_multipart([msg], flags=flags, copy=copy, track=track, callback=callback, **kwargs)

    def send_multipart(
        self,
        msg: Sequence[Any],
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        callback: Callable[[list[Any], Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send a message as soon as the loop runs and the socket has room. A callback is given to on_send().

        flags, copy, track and kwargs go to Socket.send_multipart().
        """
        self._check_open()
        if callback is not None:
            self.on_send(callback)
        kwargs["copy"] = copy
        kwargs["track"] = track
        self._queue.append((msg, flags, kwargs))
        self._serve_soon()

    def send_string(
        self,
        u: str,
        flags: int = 0,
        encoding: str = "utf-8",
        callback: Callable[[list[Any], Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send a str, encoded; see send_multipart()."""
        if not isinstance(u, str):
            raise TypeError(f"send_string() sends a str, not {u!r}")
        self.send(u.encode(encoding), flags=flags, callback=callback, **kwargs)

    send_unicode = send_string

    def send_json(
        self,
        obj: Any,
        flags: int = 0,
        callback: Callable[[list[Any], Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send an object as JSON; see send_multipart()."""
        self.send(json.dumps(obj).encode(), flags=flags, callback=callback, **kwargs)

    def send_pyobj(
        self,
        obj: Any,
        flags: int = 0,
        protocol: int = -1,
        callback: Callable[[list[Any], Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send an object, pickled; see send_multipart()."""
        self.send(dumps(obj, protocol), flags=flags, callback=callback, **kwargs)

    # -- state ---------------------------------------------------------------------------------------------

    def receiving(self) -> bool:
        """Return whether messages go to a callback."""
        return self._recv_callback is not None

    def sending(self) -> bool:
        """Return whether messages wait here to be sent."""
        return bool(self._queue)

    def closed(self) -> bool:
        """Return whether the stream is closed; it closes if its socket has been."""
        if self._open and self.socket.closed:
            self.close()
        return not self._open

    @property
    def poller(self) -> Poller:
        """A poller for what flush() would do."""
        poller = Poller()
        poller.register(self.socket, _POLLIN | (_POLLOUT if self._queue else 0))
        return poller

    def close(self, linger: int | None = None) -> None:
        """Close stream and socket. What still waits in the stream is dropped: flush() first; linger as in Socket."""
        if not self._open:
            return
        self._open = False
        socket = self.socket
        if socket.closed:
            warnings.warn(
                f"the handler of descriptor {self._fd} is removed after closing socket {socket}: by now it may be"
                " somebody else's. Close the stream instead of its socket.",
                stacklevel=2,
            )
        self.io_loop.remove_handler(self._fd)
        socket.close(linger)
        self.socket = None  # type: ignore[assignment]  # programs look at this
        self._queue.clear()
        if self._close_callback is not None:
            self._call(self._close_callback)

    def _check_open(self) -> None:
        if not self._open:
            raise OSError("Stream is closed")

    # -- at once -------------------------------------------------------------------------------------------

    def flush(self, flag: int = _POLLIN | _POLLOUT, limit: int | None = None) -> int:
        """Receive (POLLIN) and send (POLLOUT) what can be now, up to limit messages; return how many.

        Callbacks are called from here. Messages that no callback wants are dropped. If there were any, the loop
        brings no others to the callbacks before its next iteration.
        """
        self._check_open()
        count = 0
        try:
            while not limit or count < limit:
                done = self._flush_some(flag, 2 if not limit else min(2, limit - count))
                count += done
                if not done or not self._open:
                    break
        finally:
            if not self._open:
                pass
            elif not count:
                self._serve_soon()  # EVENTS was read, and that may have been for messages left here
            else:
                self._rest()
        return count

    def _flush_some(self, flag: int, limit: int) -> int:
        """Receive one and send one, if that can be; return how many."""
        socket = self.socket
        events = socket.get(_EVENTS)
        assert isinstance(events, int)
        count = 0
        if flag & events & _POLLIN:
            message = self._next_message()
            if message is not None:
                count += 1
                if self._recv_callback is not None:
                    self._call(self._recv_callback, message)
        if flag & _POLLOUT and self._queue and self._open and count < limit and self._send_next():
            count += 1
        if self._open and socket._core.outbox:
            socket._core.flush()
        return count

    # -- in the loop ---------------------------------------------------------------------------------------

    def _on_ready(self, source: Any, events: int) -> None:
        """The handler of FD."""
        if not self._open:
            return
        try:
            self.socket.get(_EVENTS)
        except ZMQError as reason:
            self._lose(reason)
        else:
            self._serve()

    def _serve_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self.io_loop.add_callback(self._serve_scheduled)

    def _serve_scheduled(self) -> None:
        self._scheduled = False  # before the look: other threads may send
        if self._open:
            self._serve()

    def _rest(self) -> None:
        """Do no more in this iteration of the loop."""
        if not self._resting:
            self._resting = True
            self.io_loop.add_callback(self._resume)

    def _resume(self) -> None:
        self._resting = False
        if self._open:
            self._serve()

    def _serve(self) -> None:
        """Have one turn."""
        if self._resting:
            return  # `_resume` does this
        until = monotonic() + _TURN
        more = True  # if a callback raises
        try:
            more = self._receive_some(until)
            if self._queue and self._send_some(until):
                more = True
            if self._open and self.socket._core.outbox:
                self.socket._core.flush()  # the loop may be about to wait
        finally:
            if more and self._open:
                self._serve_soon()

    def _receive_some(self, until: float) -> bool:
        """Give messages to the callback; return whether there may be more of them."""
        while self._open and self._recv_callback is not None and not self._resting:
            message = self._next_message()
            if message is None:
                return False
            self._call(self._recv_callback, message)
            if monotonic() >= until:
                return True
        return False

    def _next_message(self) -> list[Any] | None:
        """Return the next message; None: there is none, or the socket is lost."""
        socket = self.socket
        if not socket._core.inbox and not self._can(_POLLIN):
            return None
        message: list[Any]
        try:
            message = socket.recv_multipart(_DONTWAIT, copy=self._recv_copy)
        except Again:  # another thread was faster
            return None
        except ZMQError as reason:
            self._lose(reason)
            return None
        return message

    def _send_some(self, until: float) -> bool:
        """Send what the socket takes; return whether it might take more."""
        while self._queue and not self._resting:
            if not self._send_next():
                return False
            if monotonic() >= until:
                return True
        return False

    def _send_next(self) -> bool:
        """Send the first message of the queue, if the socket has room; return whether it had."""
        if not self.socket._core.fluent and not self._can(_POLLOUT):
            return False
        message, flags, kwargs = self._queue.popleft()
        status: Any
        try:
            status = self.socket.send_multipart(message, flags | _DONTWAIT, **kwargs)
        except ZMQError as reason:
            # A ROUTER with ROUTER_MANDATORY has room, but perhaps not for this peer.
            if isinstance(reason, Again) and not flags & _DONTWAIT:
                self._queue.appendleft((message, flags, kwargs))
                return False
            gen_log.error("SEND Error: %s", reason)
            status = reason
        if self._send_callback is not None:
            self._call(self._send_callback, message, status)
        return True

    def _call(self, callback: Callable[..., Any], *args: Any) -> None:
        """Call a callback; if it is a coroutine, let it begin before anything else is done here."""
        try:
            result = callback(*args)
        except Exception:
            gen_log.error("Uncaught exception in ZMQStream callback", exc_info=True)
            raise
        if result is None or not isinstance(result, Awaitable):
            return
        task = asyncio.ensure_future(result, loop=getattr(self.io_loop, "asyncio_loop", None))
        self._tasks.add(task)
        task.add_done_callback(self._finish_task)
        self._rest()

    def _finish_task(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            gen_log.error("Uncaught exception in ZMQStream callback", exc_info=task.exception())

    def _can(self, event: int) -> bool:
        """Return whether the socket has this event, by what the engine knows; FD tells of the rest."""
        socket = self.socket
        if event == _POLLIN and socket._half_received():
            return True
        try:
            return bool(socket._core.known_events(event))
        except ZMQError as reason:
            self._lose(reason)
            return False

    def _lose(self, reason: ZMQError) -> None:
        """The socket was closed under us, or its context was terminated."""
        if isinstance(reason, ContextTerminated):
            gen_log.warning("Nothing more happens on %s: its context was terminated", self)
            if not self.closed():
                self.io_loop.remove_handler(self._fd)  # it would tell this for ever
        elif self.closed():
            gen_log.warning("%s was attached to a closed socket, and is closed now: %s", self, reason)
        else:
            gen_log.error("%s: %s", self, reason)


def _check_callable(callback: object) -> None:
    if callback is not None and not callable(callback):
        raise AssertionError(f"a callback is callable, or None; not {callback!r}")
