"""The backend's Socket: a SocketCore as PyZMQ's Socket wants to inherit it.

Rules:

- `send` and `recv` of bytes take the lock-free fast paths of engine/driven_socket.py, as our own Socket does; what is
  off them goes through a Socket of ours, a shadow over the same core (`_front`).
- PyZMQ's layer has a ``__getattr__``, which makes each read of our attributes slow: the fast paths read one.
- Parts of unfinished messages hang on the core (`core.front`), where every handle of the socket finds them.
"""

from __future__ import annotations

from operator import index
from threading import get_ident
from typing import TYPE_CHECKING, Any

import purezmq.socket
from purezmq.backend._errors import translated, translating
from purezmq.constants import Event, Flag, SocketOption
from purezmq.core.patterns.pattern import Pattern
from purezmq.errors import ZMQError

if TYPE_CHECKING:
    from purezmq.backend.context import Context
    from purezmq.backend.frame import Frame
    from purezmq.core.message import Message
    from purezmq.engine.socket_core import SocketCore

_SNDMORE = int(Flag.SNDMORE)
_RCVMORE = int(SocketOption.RCVMORE)
_begins_anyhow = Pattern.begin  # of the socket types that take any first part


def _frame_class() -> type[Frame]:
    """Return the class that PyZMQ's layer makes of ours."""
    import zmq

    frame_class: Any = zmq.Frame
    return frame_class  # type: ignore[no-any-return]


class Socket:
    """A socket; PyZMQ's layer adds option attributes, multipart and serialized messages, and the rest."""

    context: Any
    copy_threshold: int
    _core: SocketCore
    _front: purezmq.socket.Socket[bytes]

    @translating
    def __init__(
        self,
        context: Context | None = None,
        socket_type: int = -1,
        shadow: int = 0,
        copy_threshold: int | None = None,
    ) -> None:
        if copy_threshold is None:
            import zmq

            copy_threshold = zmq.COPY_THRESHOLD
        self.copy_threshold = copy_threshold
        self.context = context
        if shadow:
            self._front = purezmq.socket.Socket(shadow=shadow)
            self._core = self._front._core
            return
        if context is None:
            raise TypeError("context must be specified")
        if socket_type < 0:
            raise TypeError("socket_type must be specified")
        self._core = context._core.socket(index(socket_type))
        self._front = purezmq.socket.Socket(shadow=self._core.key)

    @property
    def underlying(self) -> int:
        """The integer for Socket.shadow(); 0 when closed."""
        return 0 if self._core.closed else self._core.key

    @property
    def closed(self) -> bool:
        """Whether this socket is closed, by this handle or another."""
        core: SocketCore | None = self.__dict__.get("_core")  # PyZMQ's __del__ asks, also when __init__ fails
        return core is None or core.closed

    _closed = closed  # for the repr in PyZMQ's layer

    @translating
    def close(self, linger: int | None = None) -> None:
        """Close. What is unsent is sent in the background for up to `linger` ms (None: the LINGER option)."""
        self._front.close(linger)

    # -- messages --------------------------------------------------------------------------------------------

    def send(self, data: Any, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
        """Send one part; with SNDMORE it waits for the rest of its message. Returns a tracker unless copied."""
        core = self._core
        if data.__class__ is bytes and core.fluent and copy:
            sending = core.front.sending
            if flags < _SNDMORE:
                if not sending:
                    line = core.line
                    if line is not None:
                        line.append(data)
                        if len(line) >= core.line_mark:
                            core.flush_line()
                        return None
                    message: Message = data
                else:
                    begun = sending.pop(get_ident(), None)
                    message = data if begun is None else [*begun, data]
                outbox = core.outbox
                outbox.append(message)
                if len(outbox) >= core.mark:
                    core.flush()
                return None
            begun = sending.get(get_ident())
            if begun is not None:
                begun.append(data)
                return None
            if core.pattern.__class__.begin is _begins_anyhow:
                sending[get_ident()] = [data]
                return None
        try:
            return self._send_carefully(data, flags, copy, track)
        except ZMQError as reason:
            if not flags & _SNDMORE:  # PyZMQ's send_multipart begins again with the first part
                core.front.sending.pop(get_ident(), None)
            raise translated(reason) from None

    def _send_carefully(self, data: Any, flags: int, copy: bool, track: bool) -> Any:
        import zmq

        if copy or isinstance(data, (zmq.Frame, str)):
            return self._front.send(data, flags, copy, track)
        if memoryview(data).nbytes < self.copy_threshold:
            self._front.send(data, flags)
            return zmq._FINISHED_TRACKER
        return self._front.send(zmq.Frame(data, track=track, copy=False), flags, False, track)

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
        """Receive the next part as bytes, or as a Frame with copy=False."""
        core = self._core
        try:
            if core.front.receiving:
                return self._recv_carefully(flags, copy, track)
            try:
                message = core.inbox.popleft()
            except IndexError:
                message = None
            else:
                if core.attention:
                    core.attend()
            if (
                message is None
            ):  # out of the except clause: Ctrl-C is not shown as the outcome of an IndexError
                if not copy:
                    return self._recv_carefully(flags, copy, track)
                message = core.receive(flags and index(flags))
        except ZMQError as reason:
            raise translated(reason) from None
        if message.__class__ is bytes:
            return message if copy else _frame_class()._received(message, False, core.peer(), track)
        part = self._front._first_part(message, None)
        return bytes(part) if copy else _frame_class()._received(part, len(message) > 1, core.peer(), track)

    def _recv_carefully(self, flags: int, copy: bool, track: bool) -> Any:
        part, more, peer, address = self._front._recv_part(flags)
        return bytes(part) if copy else _frame_class()._received(part, more, peer, track, address)

    @translating
    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receive the next part into a writable buffer; returns its whole size."""
        return self._front.recv_into(buffer, nbytes=nbytes, flags=flags)

    # -- options ---------------------------------------------------------------------------------------------

    @translating
    def set(self, option: int, optval: int | bytes) -> None:
        """Set an option; see zmq_setsockopt(3)."""
        self._front.set(option, optval)

    def get(self, option: int) -> Any:
        """Return an option; see zmq_getsockopt(3)."""
        if option == _RCVMORE and not self._core.closed:
            receiving = self._core.front.receiving
            return int(bool(receiving) and get_ident() in receiving)
        try:
            return self._front.get(option)
        except ZMQError as reason:
            raise translated(reason) from None

    # -- endpoints -------------------------------------------------------------------------------------------

    @translating
    def bind(self, addr: str | bytes) -> None:
        """Accept peers at an endpoint."""
        endpoint = purezmq.socket._text(addr)
        try:
            self._core.bind(endpoint)
        except ZMQError as reason:
            purezmq.socket._explain_ipc(reason, endpoint)
            raise

    @translating
    def connect(self, addr: str | bytes) -> None:
        """Connect to an endpoint."""
        self._core.connect(purezmq.socket._text(addr))

    @translating
    def unbind(self, addr: str | bytes) -> None:
        """Stop accepting at an endpoint."""
        self._front.unbind(addr)

    @translating
    def disconnect(self, addr: str | bytes) -> None:
        """End a connect."""
        self._front.disconnect(addr)

    # -- the rest --------------------------------------------------------------------------------------------

    @translating
    def monitor(self, addr: str | bytes | None, events: int = Event.ALL) -> None:
        """Send what happens to the connections to a PAIR socket that connects to this inproc:// address."""
        self._front.monitor(addr, events)

    @translating
    def join(self, group: str | bytes) -> None:
        """Receive messages for this group (DISH)."""
        self._front.join(group)

    @translating
    def leave(self, group: str | bytes) -> None:
        """Undo join()."""
        self._front.leave(group)
