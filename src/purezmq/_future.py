"""Sockets whose calls return futures: what purezmq.asyncio and purezmq.eventloop.future are made of.

What can be done at once is done, and the future that is returned is done: awaiting it does not go through the loop.
For the rest _station.py says who is served when.
"""

from __future__ import annotations

import asyncio
import warnings
from asyncio import AbstractEventLoop, Future
from asyncio.events import _get_running_loop
from collections.abc import Callable, Sequence
from errno import ENOTSUP
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from purezmq._station import NOWHERE, PollWait, Station, Wait, answered, station_of, tried
from purezmq.constants import Flag, PollEvent
from purezmq.errors import Again, ZMQError, error
from purezmq.observed import AsyncObserved
from purezmq.poller import Poller, zmq_poll
from purezmq.socket import _PICKLE_PROTOCOL, Socket

if TYPE_CHECKING:
    from typing import Self

    from purezmq.context import Context
    from purezmq.frame import Frame
    from purezmq.tracker import MessageTracker

_DONTWAIT = int(Flag.DONTWAIT)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_BOTH = _POLLIN | _POLLOUT

T = TypeVar("T")


class _Async:
    """What sockets and pollers have in common: they find the running loop."""

    def _default_loop(self) -> AbstractEventLoop:
        """Return the loop of whoever calls."""
        loop = _get_running_loop()
        if loop is not None:
            return loop
        warnings.warn(
            "There is no running event loop. Call this from a coroutine.", RuntimeWarning, stacklevel=4
        )
        return asyncio.get_event_loop()


class _AsyncSocket(_Async, AsyncObserved, Socket[Future[Any]]):
    """A socket whose send, recv and poll return futures. Whole messages may be awaited by many tasks."""

    _station: Station = NOWHERE

    def __init__(
        self,
        context: Context[Any] | Socket[Any] | None = None,
        socket_type: int = -1,
        io_loop: Any = None,
        _from_socket: Socket[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if io_loop is not None:
            warnings.warn(
                f"{type(self).__name__}(io_loop=) is deprecated and has no effect: the running loop is used.",
                DeprecationWarning,
                stacklevel=3,
            )
        source = _from_socket if _from_socket is not None else context
        super().__init__(source, socket_type, **kwargs)  # type: ignore[misc]  # Socket[bytes] is what users see

    @classmethod
    def from_socket(cls, socket: Socket[Any], io_loop: Any = None) -> Self:
        """Return a shadow of any socket."""
        return cls(_from_socket=socket, io_loop=io_loop)

    def _settle_in(self) -> Station:
        """Return this socket's station in the running loop."""
        self._station = station_of(self._core, self._default_loop())
        return self._station

    @property
    def _recv_futures(self) -> list[Future[Any]]:
        """Who waits to receive or poll."""
        station = self._core.station
        return [*station.receivers, *station.polls] if station is not None else []

    @property
    def _send_futures(self) -> list[Future[Any]]:
        """Who waits to send."""
        station = self._core.station
        return list(station.senders) if station is not None else []

    def close(self, linger: int | None = None) -> None:
        """Close, and cancel who waits. What is unsent is sent in the background, see Socket.close()."""
        super().close(linger)
        station = self._core.station
        if station is not None and station.here():
            station.leave()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[bytes]:
        """Return the next message as the list of its parts; the iteration ends when the socket is closed."""
        if self._core.closed:
            raise StopAsyncIteration
        message = self.recv_multipart()
        try:
            return await message
        except asyncio.CancelledError:
            if message.cancelled() and self._core.closed:
                raise StopAsyncIteration from None
            raise

    # -- receiving ---------------------------------------------------------------------------------------------

    @overload  # type: ignore[override]
    def recv(self, flags: int = ..., *, copy: Literal[False], track: bool = ...) -> Future[Frame]: ...

    @overload
    def recv(self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...) -> Future[bytes]: ...

    @overload
    def recv(self, flags: int = ..., copy: bool = ..., track: bool = ...) -> Future[bytes | Frame]: ...

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Future[Any]:
        """Receive the next part, see Socket.recv()."""
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        if not (copy and not flags and not station.receivers and not self._receiving and station.credit > 0):
            if copy and not flags:
                return self._receive(self._take_part, 0)
            return self._receive(partial(Socket.recv, self, flags | _DONTWAIT, copy, track), flags)
        core = self._core
        try:
            message = core.inbox.popleft()
        except IndexError:
            try:
                message = core.take()
            except ZMQError:
                return answered(station.loop, self._take_part)  # the same again
            if message is None:
                timeout_ms = core.options.rcvtimeo
                if timeout_ms == 0:
                    return answered(station.loop, self._take_part)
                station.spinner.begin()
                return Wait(station, station.receivers, self._take_part, timeout_ms)
        else:
            if core.attention:
                core.attend()
        station.credit -= 1
        future: Future[Any] = Future(loop=station.loop)
        future.set_result(message if message.__class__ is bytes else bytes(self._first_part(message, None)))
        return future

    def _take_part(self) -> bytes:
        """Return the next part; raises Again: there is none."""
        if self._receiving:
            return Socket.recv(self, _DONTWAIT)
        message = self._core.take()
        if message is None:
            raise Again
        return message if message.__class__ is bytes else bytes(self._first_part(message, None))

    @overload  # type: ignore[override]
    def recv_multipart(
        self, flags: int = ..., *, copy: Literal[False], track: bool = ...
    ) -> Future[list[Frame]]: ...

    @overload
    def recv_multipart(
        self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...
    ) -> Future[list[bytes]]: ...

    @overload
    def recv_multipart(
        self, flags: int = ..., copy: bool = ..., track: bool = ...
    ) -> Future[list[bytes] | list[Frame]]: ...

    def recv_multipart(self, flags: int = 0, copy: bool = True, track: bool = False) -> Future[Any]:
        """Receive a whole message, see Socket.recv_multipart()."""
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        if copy and not flags and not station.receivers and not self._receiving and station.credit > 0:
            core = self._core
            try:
                message = core.inbox.popleft()
            except IndexError:
                pass
            else:
                if core.attention:
                    core.attend()
                station.credit -= 1
                future: Future[Any] = Future(loop=station.loop)
                if message.__class__ is bytes:
                    future.set_result([message])
                else:
                    future.set_result([part if part.__class__ is bytes else bytes(part) for part in message])
                return future
        return self._receive(partial(Socket.recv_multipart, self, flags | _DONTWAIT, copy, track), flags)

    def recv_into(  # type: ignore[override]
        self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0
    ) -> Future[int]:
        """Receive the next part into a buffer, see Socket.recv_into()."""
        return self._receive(
            partial(Socket.recv_into, self, buffer, nbytes=nbytes, flags=flags | _DONTWAIT), flags
        )

    def recv_string(self, flags: int = 0, encoding: str = "utf-8") -> Future[str]:  # type: ignore[override]
        """Receive what send_string sent."""
        return self._receive_as(lambda part: part.decode(encoding), flags)

    recv_unicode = recv_string  # type: ignore[assignment]

    def recv_json(self, flags: int = 0, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
        """Receive what send_json sent. kwargs go to json.loads()."""
        import json

        return self._receive_as(lambda part: json.loads(part, **kwargs), flags)

    def recv_pyobj(self, flags: int = 0) -> Future[Any]:
        """Receive what send_pyobj sent. Unpickling runs whatever the sender wants: only from peers you trust."""
        from purezmq._pickled import loads

        return self._receive_as(loads, flags)

    def recv_serialized(  # type: ignore[override]
        self, deserialize: Callable[[list[Any]], T], flags: int = 0, copy: bool = True
    ) -> Future[T]:
        """Receive a message; the result is deserialize(parts)."""
        receive = partial(Socket.recv_multipart, self, flags | _DONTWAIT, copy)
        return self._receive(lambda: deserialize(receive()), flags)

    def _receive_as(self, load: Callable[[bytes], Any], flags: int) -> Future[Any]:
        return self._receive(lambda: load(Socket.recv(self, flags | _DONTWAIT)), flags)

    def _receive(self, attempt: Callable[[], Any], flags: int) -> Future[Any]:
        """Return the future of an attempt to receive that raises Again as long as there is nothing."""
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        core = self._core
        if flags & _DONTWAIT:
            return answered(station.loop, attempt)
        timeout_ms = core.options.rcvtimeo
        if timeout_ms == 0:
            return answered(station.loop, attempt)
        queue = station.receivers
        if not queue:
            if station.credit > 0:
                future = tried(station, attempt)
                if future is not None:
                    return future
                station.spinner.begin()
            else:
                station.turn()
        return Wait(station, queue, attempt, timeout_ms)

    # -- sending -----------------------------------------------------------------------------------------------

    def send(  # type: ignore[override]
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> Future[MessageTracker | None]:
        """Send one part, see Socket.send(); the future is done when it is in this socket's queue."""
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        core = self._core
        if (
            data.__class__ is bytes
            and not flags
            and copy
            and routing_id is None
            and group is None
            and not self._sending
            and not station.senders
            and station.credit > 0
        ):
            if core.fluent:
                station.credit -= 1
                outbox = core.outbox
                outbox.append(data)
                if len(outbox) >= core.mark:
                    core.flush()
                else:
                    station.flush_soon()
                return station.sent
            if core.pattern.lockstep and not self._receiving:
                return self._send_in_turn(station, data)
        if copy and data.__class__ is bytearray:
            data = bytes(data)  # the caller may use it again
        attempt = partial(
            Socket.send, self, data, flags | _DONTWAIT, copy, track, routing_id=routing_id, group=group
        )
        return self._send(station, attempt, flags)

    def _send_in_turn(self, station: Station, data: bytes) -> Future[Any]:
        """Send a message of one part from a socket that alternates between sending and receiving."""

        def attempt() -> None:
            if not self._core.offer(data):
                raise Again

        try:
            if self._core.offer(data):
                station.credit -= 1
                return station.sent
        except ZMQError:
            return answered(station.loop, attempt)  # the same again
        return self._send(station, attempt, 0)

    def send_multipart(  # type: ignore[override]
        self,
        msg_parts: Sequence[Any],
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        **kwargs: Any,
    ) -> Future[MessageTracker | None]:
        """Send a message of several parts, see Socket.send_multipart()."""
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        core = self._core
        if copy and not flags and core.fluent_parts and not (kwargs or self._sending or station.senders):
            parts = list(msg_parts)
            if len(parts) > 1 and station.credit > 0 and all(part.__class__ is bytes for part in parts):
                station.credit -= 1
                outbox = core.outbox
                outbox.append(parts)
                if len(outbox) >= core.mark:
                    core.flush()
                else:
                    station.flush_soon()
                return station.sent
        attempt = partial(Socket.send_multipart, self, msg_parts, flags | _DONTWAIT, copy, track, **kwargs)
        return self._send(station, attempt, flags)

    def _send(self, station: Station, attempt: Callable[[], Any], flags: int) -> Future[Any]:
        """Return the future of an attempt to send that raises Again as long as there is no room."""
        timeout_ms = self._core.options.sndtimeo
        queue = station.senders
        future: Future[Any] | None = None
        if flags & _DONTWAIT or timeout_ms == 0:
            future = answered(station.loop, attempt)
        elif not queue and station.credit > 0:
            future = tried(station, attempt)
        if future is not None:
            if self._core.outbox:
                station.flush_soon()
            return future
        if station.credit <= 0:
            station.turn()
        return Wait(station, queue, attempt, timeout_ms)

    def send_string(  # type: ignore[override]
        self, u: str, flags: int = 0, copy: bool = True, encoding: str = "utf-8", **kwargs: Any
    ) -> Future[MessageTracker | None]:
        """Send a str, encoded."""
        return cast(Future[Any], super().send_string(u, flags, copy, encoding, **kwargs))

    send_unicode = send_string  # type: ignore[assignment]

    def send_pyobj(  # type: ignore[override]
        self, obj: object, flags: int = 0, protocol: int = _PICKLE_PROTOCOL, **kwargs: Any
    ) -> Future[MessageTracker | None]:
        """Send an object, pickled. kwargs go to send()."""
        return cast(Future[Any], super().send_pyobj(obj, flags, protocol, **kwargs))

    def send_json(  # type: ignore[override]
        self, obj: object, flags: int = 0, **kwargs: Any
    ) -> Future[MessageTracker | None]:
        """Send an object as JSON. kwargs go to json.dumps(), but routing_id and group to send()."""
        import json

        send_kwargs = {key: kwargs.pop(key) for key in ("routing_id", "group") if key in kwargs}
        return self.send(json.dumps(obj, **kwargs).encode(), flags=flags, **send_kwargs)

    # -- polling -----------------------------------------------------------------------------------------------

    def poll(  # type: ignore[override]
        self, timeout: int | None = None, flags: int = PollEvent.POLLIN
    ) -> Future[int]:
        """Return the future of the events that are there after at most timeout ms (None: no limit); 0: none."""
        core = self._core
        if core.closed:
            raise error(ENOTSUP, "the socket is closed")
        station = self._station
        if station.loop is not _get_running_loop():
            station = self._settle_in()
        if timeout is not None and 0 <= timeout < 1:
            return answered(station.loop, partial(Socket.poll, self, 0, flags))
        attempt = partial(_poll_known, self, flags)
        if station.credit > 0:
            future = tried(station, attempt)
            if future is not None:
                return future
        else:
            station.turn()
        return PollWait(station, station.polls, attempt, -1 if timeout is None else int(timeout))


def _known(socket: Socket[Any], flags: int) -> int:
    """Return which of the events the engine knows of."""
    found = socket._core.known_events(flags) if flags & _BOTH else 0
    if flags & _POLLIN and socket._half_received():
        found |= _POLLIN
    return found


def _poll_known(socket: Socket[Any], flags: int) -> int:
    """Return which of the events the engine knows of; raises Again: none."""
    found = _known(socket, flags)
    if not found:
        raise Again
    return found


class _AsyncPoller(_Async, Poller):
    """A Poller whose poll() returns a future. Takes sockets of all kinds, descriptors, and what has a fileno()."""

    def poll(  # type: ignore[override]
        self, timeout: int | None = -1
    ) -> Future[list[tuple[Any, int]]]:
        """Return the future of (socket or descriptor, events) for all that is ready, see Poller.poll()."""
        loop = self._default_loop()
        wait = _PollerWait(loop, list(self._flags.items()))
        wait.look(driving=True)
        if timeout == 0:
            _finish(wait.future, [])
        if not wait.future.done():
            wait.begin(-1 if timeout is None else timeout)
        return wait.future


def _finish(future: Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


class _PollerWait:
    """One poll of a Poller: when it must wait, a poll of each socket, a reader or writer for each descriptor."""

    def __init__(self, loop: AbstractEventLoop, wanted: list[tuple[Any, int]]) -> None:
        self.future: Future[list[tuple[Any, int]]] = loop.create_future()
        self._loop = loop
        self._wanted = wanted
        self._raw = [(item, flags) for item, flags in wanted if not isinstance(item, Socket)]
        self._polls: list[PollWait] = []
        self._borrowed: list[
            Station
        ] = []  # of sockets that are not ours: they shall stay as fast as they are

    def look(self, driving: bool = False) -> None:
        """Finish if anything is ready. driving: have the engines look, too."""
        if self.future.done():
            return
        ready: list[tuple[Any, int]] = []
        try:
            raw = dict(zmq_poll(self._raw, 0)) if self._raw else {}
            for item, flags in self._wanted:
                if isinstance(item, Socket):
                    found = Socket.poll(item, 0, flags) if driving else _known(item, flags)
                else:
                    item = item if isinstance(item, int) else item.fileno()
                    found = raw.get(item, 0)
                if found:
                    ready.append((item, found))
        except Exception as reason:
            self.future.set_exception(reason)
        else:
            if ready:
                self.future.set_result(ready)

    def begin(self, timeout: float) -> None:
        """Wait until something is ready, for up to timeout ms if that is not negative."""
        loop = self._loop
        self.future.add_done_callback(self._end)
        if timeout >= 0:
            timer = loop.call_later(timeout / 1000, _finish, self.future, [])
            self.future.add_done_callback(lambda _: timer.cancel())
        for item, flags in self._wanted:
            if isinstance(item, Socket):
                station = station_of(item._core, loop)
                if not isinstance(item, _AsyncSocket):
                    self._borrowed.append(station)
                self._watch(station, item, flags)
            else:
                if flags & _POLLIN:
                    loop.add_reader(item, self.look)
                if flags & _POLLOUT:
                    loop.add_writer(item, self.look)

    def _watch(self, station: Station, socket: Socket[Any], flags: int) -> None:
        poll = PollWait(station, station.polls, partial(_poll_known, socket, flags), -1)
        self._polls.append(poll)

        def on_ready(_: Future[Any]) -> None:
            if self.future.done():
                return
            if poll.cancelled():  # its socket was closed
                self.future.cancel()
                return
            self._polls.remove(poll)
            self.look()
            if not self.future.done():  # somebody else took it meanwhile
                self._watch(station, socket, flags)

        poll.add_done_callback(on_ready)

    def _end(self, _: Future[Any]) -> None:
        if self._loop.is_closed():
            return
        for poll in self._polls:
            poll.cancel()
        for item, flags in self._raw:
            if flags & _POLLIN:
                self._loop.remove_reader(item)
            if flags & _POLLOUT:
                self._loop.remove_writer(item)
        for station in self._borrowed:
            if station.loop is self._loop and not station.busy():
                station.leave()
