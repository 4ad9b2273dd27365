"""Socket: PyZMQ's blocking socket over a SocketCore of the engine. Translation only.

Rules:

- A Socket is a handle: several (`shadow`) may share one core, and everything that belongs to the socket itself
  hangs on the core. Only the handle that made the core closes it when it is collected.
- Whole messages are atomic between threads. A message that is sent or received part by part is gathered per
  thread (`_Parts`), and goes to, or has come from, the engine as one.
- `send` and `recv` of plain bytes take no lock and make one call at most: see "the lock-free fast paths" in
  engine/socket_core.py. They decide the speed of this package. So there is no ``__getattr__`` here: merely having
  one makes every ``socket.send`` 35 ns slower and every attribute read inside too (CPython 3.11: send 85 → 160 ns,
  recv 60 → 140 ns). Options are descriptors instead, under their upper- and lower-case names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from errno import EADDRINUSE, EAGAIN, EINVAL, ENAMETOOLONG, ENOENT, ENOTSOCK, ENOTSUP
from functools import partial
from operator import index
from threading import get_ident
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import purezmq
from purezmq.constants import EFSM, Flag, PollEvent, SocketOption, SocketType
from purezmq.core.message import Addressed, Message, Part
from purezmq.errors import Again, ZMQBindError, ZMQError, error
from purezmq.frame import Frame, addressed, group_name, view_of
from purezmq.observed import Observed
from purezmq.tracker import _FINISHED_TRACKER, MessageTracker

if TYPE_CHECKING:
    from typing import Self

    from purezmq.context import Context
    from purezmq.core.pipe import Peer
    from purezmq.engine.socket_core import SocketCore

__all__ = ["Socket", "SyncSocket"]

_DONTWAIT = int(Flag.DONTWAIT)
_SNDMORE = int(Flag.SNDMORE)
_POLLIN = int(PollEvent.POLLIN)
_POLLOUT = int(PollEvent.POLLOUT)
_RCVMORE = int(SocketOption.RCVMORE)
_EVENTS = int(SocketOption.EVENTS)
_BYTES_OPTIONS = frozenset(int(option) for option in SocketOption if option._opt_type.value == "bytes")
_INT64_OPTIONS = frozenset(int(option) for option in SocketOption if option._opt_type.value == "int64")
# A traceback may show the locals of its frames: where one of these is refused, it has no frame that has the value.
_SECRETS = frozenset({SocketOption.CURVE_SECRETKEY, SocketOption.PLAIN_PASSWORD})
_SECRET_NAMES = frozenset(option.name for option in _SECRETS)
_LOCKSTEP = frozenset({SocketType.REQ, SocketType.REP})
_IPC_PATH_MAX_LEN = 107
_PICKLE_PROTOCOL = 4 if sys.version_info < (3, 14) else 5  # pickle.DEFAULT_PROTOCOL, without importing it

ST = TypeVar("ST")
T = TypeVar("T")
ReprT = TypeVar("ReprT")
SocketT = TypeVar("SocketT", bound="Socket[Any]")


class _Rest:
    """What is left of a message that one thread receives part by part."""

    __slots__ = ("parts", "peer")

    def __init__(self, parts: list[Part], peer: Peer | None) -> None:
        self.parts = parts  # the next one last
        self.peer = peer


class _Parts:
    """The unfinished messages of one socket, by thread. An entry is gone as soon as its message is finished."""

    __slots__ = ("receiving", "sending")

    def __init__(self) -> None:
        self.sending: dict[int, list[Part]] = {}
        self.receiving: dict[int, _Rest] = {}


class _OptionAttribute:
    """A socket option as an attribute of Socket."""

    __slots__ = ("_name", "_option")

    def __init__(self, name: str, option: SocketOption) -> None:
        self._name = name
        self._option = option

    def __get__(self, socket: Socket[Any] | None, owner: type) -> Any:
        if socket is None:
            return self
        try:
            return socket.get(self._option)
        except ZMQError as reason:
            if reason.errno == EINVAL:  # AttributeError keeps hasattr() and mock specs working
                raise AttributeError(f"{self._name} attribute cannot be read: {reason}") from None
            raise

    def __set__(self, socket: Socket[Any], value: Any) -> None:
        if isinstance(value, str) and self._option in (SocketOption.SUBSCRIBE, SocketOption.UNSUBSCRIBE):
            value = value.encode()
        socket.set(self._option, value)


def _with_option_attributes(cls: type[SocketT]) -> type[SocketT]:
    """Give the class an attribute for every option: LINGER and linger. What the class defines itself stays."""
    for name, option in SocketOption.__members__.items():
        for key in (name, name.lower()):
            if not hasattr(cls, key):
                setattr(cls, key, _OptionAttribute(name, option))
    return cls


@_with_option_attributes
class Socket(Observed, Generic[ST]):
    """A ZeroMQ socket; make it with Context.socket().

    Whole messages may be sent and received from several threads. What fails raises ZMQError with libzmq's errno:
    Again (a timeout, or DONTWAIT and not now), ContextTerminated, ENOTSOCK (the socket is closed), ENOTSUP (this
    type cannot do that), EFSM (not now: REQ and REP take turns).
    """

    context: Context[Any]
    copy_threshold: int  # bytes from which copy=False does without copying
    _core: SocketCore
    _sending: dict[int, list[Part]]
    _receiving: dict[int, _Rest]
    _shadow: bool = False
    _shadow_obj: Socket[Any] | int | None = None  # keeps the handle that will close the core
    _repr_cls = "zmq.Socket"

    def __init__(
        self: Socket[bytes],
        ctx_or_socket: Context[Any] | Socket[Any] | None = None,
        socket_type: int = 0,
        *,
        shadow: Socket[Any] | int = 0,
        copy_threshold: int | None = None,
    ) -> None:
        keep = partial(object.__setattr__, self)  # our own need no search for an option of that name
        if isinstance(ctx_or_socket, Socket):
            shadow = ctx_or_socket
        if shadow:
            keep("_shadow", True)
            keep("_shadow_obj", shadow)
            if isinstance(shadow, Socket):
                core = _open(shadow._core)
                keep("context", shadow.context)
            else:
                core = _open(_found(shadow))
                keep("context", None)
        else:
            if ctx_or_socket is None:
                raise TypeError("context must be specified")
            if not isinstance(ctx_or_socket, purezmq.Context):
                raise TypeError(f"the first argument is a Context or a Socket, not {ctx_or_socket!r}")
            keep("context", ctx_or_socket)
            core = ctx_or_socket._core.socket(index(socket_type))
        keep("_core", core)
        if not shadow:
            self.context._add_socket(self)
        if core.front is None:
            core.front = _Parts()
        keep("_sending", core.front.sending)
        keep("_receiving", core.front.receiving)
        keep("copy_threshold", purezmq.COPY_THRESHOLD if copy_threshold is None else copy_threshold)

    @classmethod
    def shadow(cls, address: int | Socket[Any]) -> Self:
        """Return another handle of the socket with this `underlying`; it does not close it when it is collected."""
        return cls(shadow=address)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option (in any case), or an attribute that the class declares in its body or annotations."""
        if name in ("subscribe", "unsubscribe"):
            name = name.upper()
        if name.upper() in _SECRET_NAMES:
            try:
                object.__setattr__(self, name.upper(), value)
            except Exception as refusal:
                del value
                raise refusal.with_traceback(None) from None
        elif _declares(type(self), name):
            object.__setattr__(self, name, value)
        elif name.upper() in SocketOption.__members__:
            setattr(self, name.upper(), value)
        elif name in self.__dict__:  # last: to look at it makes send and recv slower by a third from then on
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(f"{type(self).__name__} has no such option: {name.upper()}")

    if TYPE_CHECKING:

        def __getattr__(self, key: str) -> str | bytes | int: ...

    # -- life ----------------------------------------------------------------------------------------------

    def close(self, linger: int | None = None) -> None:
        """Close. What is unsent is sent in the background for up to `linger` ms (None: the LINGER option)."""
        try:
            if self.context is not None:
                self.context._rm_socket(self)
            self._sending.clear()
            self._receiving.clear()
            self._core.close(linger)
        except BaseException:  # a signal handler's; who has left a `with` cannot close again
            self._core.close_later(linger)
            raise

    @property
    def closed(self) -> bool:
        """Whether this socket is closed, by this handle or another."""
        return self._core.closed

    @property
    def underlying(self) -> int:
        """The integer for Socket.shadow(); 0 when closed."""
        return 0 if self._core.closed else self._core.key

    @property
    def type(self) -> SocketType:
        """The type of this socket."""
        return SocketType(self._core.socket_type)

    @property
    def socket_type(self) -> int:
        """Deprecated: the type of this socket."""
        import warnings

        warnings.warn("Socket.socket_type is deprecated, use Socket.type", DeprecationWarning, stacklevel=2)
        return self.type

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: Any, **kwargs: Any) -> None:
        self.close()

    def __del__(self) -> None:
        core = self.__dict__.get("_core")
        if core is None or self._shadow or core.closed or sys.is_finalizing():
            return
        import warnings

        try:
            warnings.warn(f"Unclosed socket {self}", ResourceWarning, stacklevel=2, source=self)
        finally:  # the warning may be an error
            self.context._rm_socket(self)
            core.close_later()

    def __copy__(self, memo: Any | None = None) -> Self:
        """Return a shadow."""
        return self.shadow(self)

    __deepcopy__ = __copy__

    def __repr__(self) -> str:
        closed = " closed" if self._core.closed else ""
        return f"<{_class_name(self)}(zmq.{self.type.name}) at {id(self):#x}{closed}>"

    # -- endpoints -----------------------------------------------------------------------------------------

    def bind(self, addr: str) -> _SocketContext[Self]:
        """Accept peers at an endpoint: "tcp://*:5555", "ipc:///tmp/x", "inproc://name".

        Port 0 or "*" takes a free port, see LAST_ENDPOINT. As a context manager it unbinds at the end.
        """
        addr = _text(addr)
        try:
            self._core.bind(addr)
        except ZMQError as reason:
            _explain(reason, addr, binding=True)
            raise
        return _SocketContext(self, "bind", _text(self.get(SocketOption.LAST_ENDPOINT)) or addr)

    def connect(self, addr: str) -> _SocketContext[Self]:
        """Connect to a peer's endpoint, now or whenever it is there. As a context manager it disconnects."""
        addr = _text(addr)
        try:
            self._core.connect(addr)
        except ZMQError as reason:
            _explain(reason, addr, binding=False)
            raise
        return _SocketContext(self, "connect", addr)

    def unbind(self, addr: str | bytes) -> None:
        """Stop accepting at an endpoint; ENOENT: it is not bound."""
        self._core.unbind(_text(addr))

    def disconnect(self, addr: str | bytes) -> None:
        """End a connect; ENOENT: there is none."""
        self._core.disconnect(_text(addr))

    def bind_to_random_port(
        self, addr: str, min_port: int = 49152, max_port: int = 65536, max_tries: int = 100
    ) -> int:
        """Bind "tcp://interface" to a free port and return it.

        With a range, ports of it are tried at random, max_tries times; then ZMQBindError.
        """
        if (min_port, max_port) == (49152, 65536):
            self.bind(f"{addr}:*")
            return int(_text(self.get(SocketOption.LAST_ENDPOINT)).rpartition(":")[2])
        if max_port <= min_port:
            raise ValueError(f"no ports from {min_port} up to, but without, {max_port}")
        for _ in range(max_tries):
            port = min_port + int.from_bytes(os.urandom(4), "big") % (max_port - min_port)
            try:
                self.bind(f"{addr}:{port}")
            except ZMQError as reason:
                if reason.errno != EADDRINUSE:
                    raise
            else:
                return port
        raise ZMQBindError("Could not bind socket to random port.")

    def connect_peer(self, addr: str) -> int:
        """Connect, and return the peer's routing id (PEER). ZMQError(EFAULT): not with IMMEDIATE."""
        addr = _text(addr)
        try:
            return self._core.connect_peer(addr)
        except ZMQError as reason:
            _explain(reason, addr, binding=False)
            raise

    def disconnect_peer(self, routing_id: int) -> None:
        """Let the peer with this routing id go (SERVER, PEER); ZMQError(EHOSTUNREACH): there is none."""
        self._core.disconnect_peer(index(routing_id))

    # -- sending -------------------------------------------------------------------------------------------

    @overload
    def send(
        self,
        data: Any,
        flags: int = ...,
        copy: Literal[True] = ...,
        track: bool = ...,
        routing_id: int | None = ...,
        group: str | None = ...,
    ) -> None: ...

    @overload
    def send(
        self,
        data: Any,
        flags: int = ...,
        *,
        copy: Literal[False],
        track: Literal[True],
        routing_id: int | None = ...,
        group: str | None = ...,
    ) -> MessageTracker: ...

    @overload
    def send(
        self,
        data: Any,
        flags: int = ...,
        copy: bool = ...,
        track: bool = ...,
        routing_id: int | None = ...,
        group: str | None = ...,
    ) -> MessageTracker | None: ...

    def send(
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> MessageTracker | None:
        """Send one part: a whole message, or with SNDMORE the beginning of one.

        data: bytes, a Frame, or anything with a contiguous buffer. copy=False sends from that buffer if it has
        at least copy_threshold bytes: it must not change until the tracker, which track=True returns, is done.
        routing_id: to whom (SERVER, PEER); group: for whom (RADIO); else what the Frame says.
        Raises Again after SNDTIMEO, or at once with DONTWAIT.
        """
        core = self._core
        if (
            data.__class__ is bytes
            and core.fluent
            and flags < _SNDMORE
            and copy
            and routing_id is None
            and group is None
            and not self._sending
        ):
            line = core.line
            if line is not None:
                line.append(data)
                if len(line) >= core.line_mark:
                    core.flush_line()
                return None
            outbox = core.outbox
            outbox.append(data)
            if len(outbox) >= core.mark:
                core.flush()
            return None
        if (
            data.__class__ is bytes
            and copy
            and not flags
            and routing_id is None
            and group is None
            and not self._sending
            and not self._receiving
            and core.pattern.lockstep
            and core.offer(data)
        ):
            return None
        if data.__class__ is bytes and not copy and not track:
            # They never change, and large ones are not copied anyway.
            Socket.send(self, data, flags, True, False, routing_id, group)
            return _FINISHED_TRACKER if len(data) < self.copy_threshold else None
        part, tracker = self._part(data, copy, track)
        self._send_addressed(part, flags, addressed(data, routing_id, group))
        return tracker

    @overload
    def send_multipart(
        self,
        msg_parts: Sequence[Any],
        flags: int = ...,
        copy: Literal[True] = ...,
        track: bool = ...,
        **kwargs: Any,
    ) -> None: ...

    @overload
    def send_multipart(
        self,
        msg_parts: Sequence[Any],
        flags: int = ...,
        *,
        copy: Literal[False],
        track: Literal[True],
        **kwargs: Any,
    ) -> MessageTracker: ...

    @overload
    def send_multipart(
        self,
        msg_parts: Sequence[Any],
        flags: int = ...,
        copy: bool = ...,
        track: bool = ...,
        **kwargs: Any,
    ) -> MessageTracker | None: ...

    def send_multipart(
        self,
        msg_parts: Sequence[Any],
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        **kwargs: Any,
    ) -> MessageTracker | None:
        """Send a message of several parts at once; nothing is sent if one of them is no buffer.

        Flags, copy and track as in send(); the tracker is done when all parts are.
        """
        core = self._core
        parts = list(msg_parts)
        if copy and core.fluent_parts and flags < _SNDMORE and not self._sending and not kwargs:
            for part in parts:
                if part.__class__ is not bytes:
                    break
            else:
                if parts:
                    outbox = core.outbox
                    outbox.append(parts if len(parts) > 1 else parts[0])
                    if len(outbox) >= core.mark:
                        core.flush()
                    return None
        return self._send_parts(parts, flags, copy, track, **kwargs)

    def _part(self, data: Any, copy: bool, track: bool) -> tuple[Part, MessageTracker | None]:
        if isinstance(data, bytes) and (copy or len(data) < self.copy_threshold):
            return bytes(data), None if copy else _FINISHED_TRACKER
        if isinstance(data, Frame):
            if track and data.tracker is None:
                raise ValueError("Not a tracked message")
            return data._part(), data.tracker
        if self._core.closed:
            raise error(ENOTSOCK, "the socket is closed")
        if isinstance(data, str):
            raise TypeError("unicode not allowed, use send_string")
        if copy:
            return bytes(view_of(data)), None
        if view_of(data).nbytes < self.copy_threshold:
            return bytes(view_of(data)), _FINISHED_TRACKER
        frame = Frame(data, track=track, copy=False)
        return frame._part(), frame.tracker

    def _send_addressed(self, part: Part, flags: int, address: tuple[int, bytes] | None) -> None:
        """Send one part to its address, if this type of socket has addresses."""
        core = self._core
        if address is None or not core.pattern.addressed or flags & _SNDMORE:
            self._send_part(part, flags)
            return
        message = Addressed(part, *address)
        if core.fluent and part.__class__ is bytes:
            outbox = core.outbox
            outbox.append(message)
            if len(outbox) >= core.mark:
                core.flush()
        else:
            core.send(message, index(flags))

    def _send_part(self, part: Part, flags: int) -> None:
        """Send one part, or note it for later."""
        flags = index(flags)
        begun = self._sending.get(get_ident())
        if flags & _SNDMORE:
            if begun is None:
                self._begin(part, flags)
                self._sending[get_ident()] = [part]
            else:
                begun.append(part)
        elif begun is not None:
            # The message has ended, but if there is no room: libzmq would have refused its first part then, so its
            # end is never refused there; here it may be sent again.
            del self._sending[get_ident()]
            try:
                self._core.send([*begun, part], flags)
            except Again:
                self._sending[get_ident()] = begun
                raise
        else:
            self._check_turn()
            self._core.send(part if isinstance(part, bytes) else [part], flags)

    def _send_parts(
        self, parts: list[Any], flags: int, copy: bool, track: bool, **kwargs: Any
    ) -> MessageTracker | None:
        """Send or note several parts: send_multipart off the fast path."""
        flags = index(flags)
        if self._core.closed:
            raise error(ENOTSOCK, "the socket is closed")
        address = addressed(
            parts[-1] if parts else None, kwargs.pop("routing_id", None), kwargs.pop("group", None)
        )
        if kwargs:
            raise TypeError(f"send_multipart() got unexpected keyword arguments: {', '.join(kwargs)}")
        if not parts:
            raise IndexError("a message has at least one part: send [b''] for an empty one")
        message: list[Part] = []
        trackers: list[MessageTracker] = []
        for number, data in enumerate(parts):
            try:
                part, tracker = self._part(data, copy, track)
            except TypeError as reason:
                text = f"Frame {number} ({_shortened(data)}) does not support the buffer interface."
                raise TypeError(text) from reason
            message.append(part)
            if tracker is not None and tracker is not _FINISHED_TRACKER:
                trackers.append(tracker)
        if len(message) == 1:
            self._send_addressed(message[0], flags, address)
        elif self._sending or flags & _SNDMORE:
            me = get_ident()
            begun = list(self._sending.get(me, ()))
            try:
                for part in message[:-1]:
                    self._send_part(part, flags | _SNDMORE)
                self._send_part(message[-1], flags)
            except Again:
                self._sending.pop(me, None)
                if begun:
                    self._sending[me] = begun
                raise
        else:
            self._check_turn()
            self._core.send(message, flags)
        if copy and not trackers:
            return None
        if not trackers:
            return _FINISHED_TRACKER
        return trackers[0] if len(trackers) == 1 else MessageTracker(*trackers)

    def _begin(self, part: Part, flags: int) -> None:
        """Refuse the first part of a message if the socket would refuse the message."""
        self._check_turn()
        core = self._core
        core.begin(bytes(part))
        if core.fluent:
            return
        timeout = 0 if flags & _DONTWAIT else core.get(SocketOption.SNDTIMEO)
        if not core.wait_to_begin(bytes(part), timeout):  # type: ignore[arg-type]
            raise error(EAGAIN)

    def _check_turn(self) -> None:
        """REQ and REP: a message is read to its end before the next is sent."""
        if self._receiving and self._core.socket_type in _LOCKSTEP and get_ident() in self._receiving:
            raise error(EFSM, "receive the remaining parts first")

    # -- receiving -----------------------------------------------------------------------------------------

    @overload
    def recv(self, flags: int = ..., *, copy: Literal[False], track: bool = ...) -> Frame: ...

    @overload
    def recv(self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...) -> bytes: ...

    @overload
    def recv(self, flags: int = ..., copy: bool = ..., track: bool = ...) -> bytes | Frame: ...

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> bytes | Frame:
        """Receive the next part as bytes, or as a Frame with copy=False; RCVMORE says whether there are more.

        Raises Again after RCVTIMEO, or at once with DONTWAIT.
        """
        if copy and not self._receiving:
            core = self._core
            try:
                message = core.inbox.popleft()
            except IndexError:
                pass  # what receive() raises, Ctrl-C above all, is not shown as the outcome of an IndexError
            else:
                if core.attention:
                    core.attend()
                if message.__class__ is bytes:
                    return message
                return bytes(self._first_part(message, None))
            message = core.receive(flags and index(flags))
            if message.__class__ is bytes:
                return message
            return bytes(self._first_part(message, None))
        part, more, peer, address = self._recv_part(flags)
        return bytes(part) if copy else Frame._received(part, more, peer, track, address)

    @overload
    def recv_multipart(self, flags: int = ..., *, copy: Literal[False], track: bool = ...) -> list[Frame]: ...

    @overload
    def recv_multipart(
        self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...
    ) -> list[bytes]: ...

    @overload
    def recv_multipart(
        self, flags: int = ..., copy: bool = ..., track: bool = ...
    ) -> list[bytes] | list[Frame]: ...

    def recv_multipart(
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> list[bytes] | list[Frame]:
        """Receive a whole message as a list of its parts, or what is left of it; see recv()."""
        if copy and not self._receiving:
            core = self._core
            try:
                message = core.inbox.popleft()
            except IndexError:
                pass  # as in recv()
            else:
                if core.attention:
                    core.attend()
                return [message] if message.__class__ is bytes else _plain(message)
            message = core.receive(flags and index(flags))
            return [message] if message.__class__ is bytes else _plain(message)
        address = None
        rest = self._receiving.pop(get_ident(), None)
        if rest is not None:
            parts, peer = rest.parts[::-1], rest.peer
        else:
            message = self._core.receive(index(flags))
            parts = [message] if isinstance(message, bytes) else message
            peer = self._core.peer()
            if isinstance(message, Addressed):
                address = (message.routing_id, message.group)
        if copy:
            return list(map(bytes, parts))
        last = len(parts) - 1
        return [Frame._received(part, place < last, peer, track, address) for place, part in enumerate(parts)]

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receive the next part into a writable buffer, at most nbytes of it (0: as many as fit).

        Returns the size of the part, which may be more than was stored: the remainder is lost.
        """
        view = memoryview(buffer)
        if view.readonly:
            raise BufferError("memoryview: underlying buffer is not writable")
        if not view.c_contiguous:
            raise BufferError("memoryview: underlying buffer is not contiguous")
        if not 0 <= nbytes <= view.nbytes:
            raise ValueError(f"nbytes={nbytes} too big for memoryview of {view.nbytes}B")
        part = self._recv_part(flags)[0]
        content = part if isinstance(part, bytes) else part.view
        size = len(content)
        stored = min(size, nbytes or view.nbytes)
        if stored:
            view.cast("B")[:stored] = memoryview(content)[:stored]
        return size

    def _recv_part(self, flags: int) -> tuple[Part, bool, Peer | None, tuple[int, bytes] | None]:
        """Return the next part, whether more follow, who sent it, and its routing id and group."""
        me = get_ident()
        rest = self._receiving.get(me)
        if rest is None:
            message = self._core.take_sole()
            if message is None:
                message = self._core.receive(index(flags))
            peer = self._core.peer()
            if isinstance(message, bytes):
                return message, False, peer, None
            part = self._first_part(message, peer)
            address = (message.routing_id, message.group) if isinstance(message, Addressed) else None
            return part, len(message) > 1, peer, address
        if self._core.closed:
            raise error(ENOTSOCK, "the socket is closed")
        part = rest.parts.pop()
        if not rest.parts:
            del self._receiving[me]
        return part, bool(rest.parts), rest.peer, None

    def _first_part(self, message: Message, peer: Peer | None) -> Part:
        """Return the first part and keep the others for this thread."""
        assert isinstance(message, list)
        if len(message) > 1:
            self._receiving[get_ident()] = _Rest(message[:0:-1], peer or self._core.peer())
        return message[0]

    # -- other forms of content ----------------------------------------------------------------------------

    def send_string(
        self, u: str, flags: int = 0, copy: bool = True, encoding: str = "utf-8", **kwargs: Any
    ) -> MessageTracker | None:
        """Send a str, encoded."""
        if not isinstance(u, str):
            raise TypeError("str objects only")
        return self.send(u.encode(encoding), flags=flags, copy=copy, **kwargs)

    send_unicode = send_string

    def recv_string(self, flags: int = 0, encoding: str = "utf-8") -> str:
        """Receive what send_string sent."""
        return self.recv(flags=flags).decode(encoding)

    recv_unicode = recv_string

    def send_pyobj(
        self, obj: object, flags: int = 0, protocol: int = _PICKLE_PROTOCOL, **kwargs: Any
    ) -> MessageTracker | None:
        """Send an object, pickled. kwargs go to send()."""
        from purezmq._pickled import dumps

        tracker: MessageTracker | None = self.send(dumps(obj, protocol), flags=flags, **kwargs)
        return tracker

    def recv_pyobj(self, flags: int = 0) -> Any:
        """Receive what send_pyobj sent. Unpickling runs whatever the sender wants: only from peers you trust."""
        from purezmq._pickled import loads

        return loads(self.recv(flags))

    def send_json(self, obj: object, flags: int = 0, **kwargs: Any) -> None:
        """Send an object as JSON. kwargs go to json.dumps(), but routing_id and group to send()."""
        import json

        send_kwargs = {key: kwargs.pop(key) for key in ("routing_id", "group") if key in kwargs}
        self.send(json.dumps(obj, **kwargs).encode(), flags=flags, **send_kwargs)

    def recv_json(self, flags: int = 0, **kwargs: Any) -> dict[str, Any] | list[Any] | str | int | float:
        """Receive what send_json sent. kwargs go to json.loads()."""
        import json

        received: dict[str, Any] | list[Any] | str | int | float = json.loads(self.recv(flags), **kwargs)
        return received

    def send_serialized(
        self,
        msg: T,
        serialize: Callable[[T], Sequence[Any]],
        flags: int = 0,
        copy: bool = True,
        **kwargs: Any,
    ) -> MessageTracker | None:
        """Send the parts that serialize(msg) returns. kwargs go to send_multipart()."""
        return self.send_multipart(serialize(msg), flags=flags, copy=copy, **kwargs)

    def recv_serialized(
        self, deserialize: Callable[[list[Any]], ReprT], flags: int = 0, copy: bool = True
    ) -> ReprT:
        """Receive a message and return deserialize(parts)."""
        return deserialize(self.recv_multipart(flags=flags, copy=copy))

    # -- polling -------------------------------------------------------------------------------------------

    def poll(self, timeout: int | None = None, flags: int = PollEvent.POLLIN) -> int:
        """Wait until one of the events is there, for up to timeout ms (None, negative: no limit); 0: it is not."""
        core = self._core
        if core.closed:
            raise error(ENOTSUP, "the socket is closed")
        flags = index(flags)
        if flags & _POLLIN and self._half_received():
            return core.events() & flags | _POLLIN
        return core.poll(flags, None if timeout is None or timeout < 0 else int(timeout))

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when EVENTS should be read again: the option FD."""
        return self._core.fd

    def _events(self) -> int:
        events = self._core.events()
        return events | _POLLIN if self._half_received() else events

    def _half_received(self) -> bool:
        return bool(self._receiving) and get_ident() in self._receiving

    # -- options -------------------------------------------------------------------------------------------

    def set(self, option: int, optval: int | bytes) -> None:
        """Set an option; see zmq_setsockopt(3). Numbers or bytes, as the option has it."""
        try:
            self._set(option, optval)
        except Exception as refusal:
            if option not in _SECRETS:
                raise
            del optval
            raise refusal.with_traceback(None) from None

    def _set(self, option: int, optval: int | bytes) -> None:
        given: Any = optval
        if isinstance(given, str):
            raise TypeError("unicode not allowed, use setsockopt_string")
        number = index(option)
        if number in _BYTES_OPTIONS:
            if not isinstance(optval, bytes):
                raise TypeError(
                    f"expected bytes, got: {type(optval) if number in _SECRETS else repr(optval)}"
                )
        else:
            optval = _c_int(optval, 64 if number in _INT64_OPTIONS else 32)
        self._core.set(number, optval)

    def get(self, option: int) -> int | bytes:
        """Return an option; see zmq_getsockopt(3)."""
        number = index(option)
        if number == _EVENTS:
            return self._events()
        if number == _RCVMORE and not self._core.closed:
            return int(self._half_received())
        return self._core.get(number)

    setsockopt = set
    getsockopt = get

    def set_string(self, option: int, optval: str, encoding: str = "utf-8") -> None:
        """Set a bytes option to an encoded str."""
        try:
            if not isinstance(optval, str):
                raise TypeError(
                    f"strings only, not {type(optval)}{'' if option in _SECRETS else f': {optval!r}'}"
                )
            self.set(option, optval.encode(encoding))
        except Exception as refusal:
            if option not in _SECRETS:
                raise
            del optval
            raise refusal.with_traceback(None) from None

    def get_string(self, option: int, encoding: str = "utf-8") -> str:
        """Return a bytes option, decoded."""
        if index(option) not in _BYTES_OPTIONS:
            raise TypeError(f"option {option} will not return a string to be decoded")
        value = self.get(option)
        assert isinstance(value, bytes)
        return value.decode(encoding)

    setsockopt_string = setsockopt_unicode = set_string
    getsockopt_string = getsockopt_unicode = get_string

    def subscribe(self, topic: str | bytes) -> None:
        """Receive messages that begin with the topic, too (SUB)."""
        self.set(SocketOption.SUBSCRIBE, topic.encode() if isinstance(topic, str) else topic)

    def unsubscribe(self, topic: str | bytes) -> None:
        """Undo one subscribe() of the same topic."""
        self.set(SocketOption.UNSUBSCRIBE, topic.encode() if isinstance(topic, str) else topic)

    def join(self, group: str | bytes) -> None:
        """Receive messages for this group, of 255 bytes at most (DISH). ZMQError(EINVAL): it has been joined."""
        self._core.join(group_name(group))

    def leave(self, group: str | bytes) -> None:
        """Undo join(). ZMQError(EINVAL): the group has not been joined."""
        self._core.leave(group_name(group))

    def get_hwm(self) -> int:
        """Return SNDHWM."""
        value = self.get(SocketOption.SNDHWM)
        assert isinstance(value, int)
        return value

    def set_hwm(self, value: int) -> None:
        """Set both SNDHWM and RCVHWM, for later binds and connects as well as for those that there are."""
        self.set(SocketOption.SNDHWM, value)
        self.set(SocketOption.RCVHWM, value)

    @property
    def hwm(self) -> int:
        """Read: SNDHWM. Write: SNDHWM and RCVHWM."""
        return self.get_hwm()

    @hwm.setter
    def hwm(self, value: int) -> None:
        self.set_hwm(value)


class _SocketContext(Generic[SocketT]):
    """What bind() and connect() return: ``with socket.bind(addr):`` undoes it at the end of the block."""

    __slots__ = ("addr", "kind", "socket")

    def __init__(self, socket: SocketT, kind: str, addr: str) -> None:
        self.socket = socket
        self.kind = kind
        self.addr = addr

    def __enter__(self) -> SocketT:
        return self.socket

    def __exit__(self, *raised: object) -> None:
        if self.socket.closed:
            return
        if self.kind == "bind":
            self.socket.unbind(self.addr)
        else:
            self.socket.disconnect(self.addr)

    def __repr__(self) -> str:
        return f"<SocketContext({self.kind}={self.addr!r})>"


SyncSocket = Socket[bytes]


def _found(address: Any) -> SocketCore:
    try:
        key = int(address)
    except (TypeError, ValueError):
        raise ValueError(f"Cannot cast {address!r} to int") from None
    from purezmq.engine.context import socket_by_key

    core = socket_by_key(key)
    if core is None:
        raise error(ENOTSOCK, f"no socket has the underlying {key}: it is closed")
    return core


def _open(core: SocketCore) -> SocketCore:
    if core.closed:
        raise error(ENOTSOCK, "a closed socket has no shadows")
    return core


def _declares(cls: type, name: str) -> bool:
    """Return whether the class or a base has the attribute in its body or annotations."""
    return any(name in base.__dict__ or name in getattr(base, "__annotations__", ()) for base in cls.__mro__)


def _class_name(made: object) -> str:
    """Return zmq.Socket for ours, module.Name for a subclass of the user's."""
    cls = type(made)
    name: str = cls.__dict__.get("_repr_cls") or f"{cls.__module__}.{cls.__qualname__}"
    return name


def _c_int(value: Any, bits: int = 32) -> int:
    """Return the number that C would be given; TypeError, OverflowError: there is none."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"expected int, got: {value!r}") from None
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise OverflowError(f"{number} does not fit into {bits} bits, which is all that the option has")
    return number


def _text(addr: Any) -> str:
    if isinstance(addr, bytes):
        return addr.decode()
    if not isinstance(addr, str):
        raise TypeError(f"Expected addr to be str, got addr={addr!r}")
    return addr


def _explain(reason: ZMQError, addr: str, binding: bool) -> None:
    """Say in the error which endpoint it is about."""
    if binding:
        _explain_ipc(reason, addr)
    reason.strerror += f" (addr={addr!r})"


def _explain_ipc(reason: ZMQError, addr: str) -> None:
    """Say in the error of a bind what is wrong with an ipc path."""
    if addr.startswith("ipc://"):
        path = addr.removeprefix("ipc://")
        if reason.errno == ENAMETOOLONG:
            reason.strerror = (
                f'ipc path "{path}" is longer than {_IPC_PATH_MAX_LEN} bytes (zmq.IPC_PATH_MAX_LEN)'
            )
        elif reason.errno == ENOENT:
            reason.strerror = f'No such file or directory for ipc path "{path}"'


def _plain(message: Any) -> list[bytes]:
    """Return the parts as a list of bytes: the message itself, if it is one. Nobody else has it any more."""
    if message.__class__ is list:
        for part in message:
            if part.__class__ is not bytes:
                break
        else:
            parts: list[bytes] = message
            return parts
    return [part if part.__class__ is bytes else bytes(part) for part in message]


def _shortened(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 16 else f"{text[:12]}..."
