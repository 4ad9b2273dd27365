"""Frame: one message part as an object, for sending and receiving without a copy.

Rules:

- What was received is kept as the engine gave it. When `buffer` or a writable view is asked for, which is writable as
  PyZMQ's is, it is copied, but not what is large and nobody else has. `bytes` never copies a received part before that.
- What the user gives is kept as a view of his buffer when it is not to be copied: the engine sends from there, `buffer`
  is that view (read-only if his is), zmq.utils.garbage.gc.refs lists it, and the frame's tracker tells when it is done.
- A frame keeps whom it came from, SERVER's routing id or RADIO's group, and goes back there when it is sent.
- ``memoryview(frame)`` is `buffer`. On Python 3.11, where it must be decided beforehand (buffers.py), content below
  zmq.COPY_THRESHOLD is copied at once, to be writable; what is larger is read-only until `buffer` was asked for.
"""

from __future__ import annotations

import builtins
from errno import EINVAL
from operator import index
from sys import getrefcount
from threading import Event
from typing import TYPE_CHECKING, Any

import purezmq
from purezmq.buffers import LAZY, Exporter
from purezmq.constants import MessageOption
from purezmq.core.message import LARGEST_GROUP, Part, SharedPart
from purezmq.errors import error
from purezmq.tracker import _FINISHED_TRACKER, Lease, MessageTracker

if TYPE_CHECKING:
    from purezmq.core.pipe import Peer

__all__ = ["Frame", "Message"]

_OPENED = 16 * 1024  # bytes: what is smaller is copied as fast
_SHOWN_WHOLE = 16  # bytes of content that repr shows in full
_SHOWN_OF_MORE = 12

_LARGEST_ROUTING_ID = 2**32 - 1


class Frame(Exporter):
    """One part of a message.

    data: bytes, or anything with a contiguous buffer. copy=False keeps the caller's buffer, which must not change
    until `tracker` is done; None: keep it from copy_threshold bytes on (default: zmq.COPY_THRESHOLD).
    """

    __slots__ = (
        "__weakref__",
        "_address",
        "_lease",
        "_peer",
        "_view",
        "more",
        "tracker",
        "tracker_event",
    )

    # As it came | our copy, writable | the user's buffer, with a lease, or what came, opened for writing, without one.
    _content: builtins.bytes | bytearray | memoryview
    _bytes: builtins.bytes | None  # what `bytes` returned
    _view: memoryview | None  # what `buffer` returned
    _lease: Lease | None
    _peer: Peer | None  # who sent it
    _address: tuple[int, builtins.bytes] | None  # routing id, 0: none, and group
    more: bool
    tracker: MessageTracker | None
    tracker_event: Event | None

    def __init__(
        self,
        data: Any = None,
        track: bool = False,
        copy: bool | None = None,
        copy_threshold: int | None = None,
    ) -> None:
        self._bytes = self._view = self._lease = self._peer = self._address = None
        self.tracker = self.tracker_event = None
        self.more = False
        if isinstance(data, str):
            raise TypeError("Str objects not allowed. Only: bytes, buffer interfaces.")
        if data is None:
            self._content = b""
            return
        view = view_of(data)
        if copy is None:
            copy = view.nbytes < (purezmq.COPY_THRESHOLD if copy_threshold is None else copy_threshold)
        if copy:
            self._content = _exportable(bytes(view))
            self.tracker = _FINISHED_TRACKER if track else None
            return
        self._content = view
        if track:
            self.tracker_event = Event()
            self.tracker = MessageTracker(self.tracker_event)
        self._lease = Lease(data, self.tracker_event)

    @property
    def bytes(self) -> builtins.bytes:
        """The content; the same object each time."""
        if self._bytes is None:
            content = self._content
            self._bytes = content if isinstance(content, bytes) else bytes(content)
        return self._bytes

    @property
    def buffer(self) -> memoryview:
        """The content as a memoryview, the same object each time; writable unless it is the user's and is not."""
        if self._view is None:
            content = self._content
            if isinstance(content, bytes):
                view = None
                # Nobody else has it: here, in `_content`, and as an argument.
                if len(content) >= _OPENED and self._bytes is None and getrefcount(content) <= 3:
                    from purezmq.core.wire.payload import writable

                    view = writable(content)
                content = self._content = bytearray(content) if view is None else view
            self._view = content if isinstance(content, memoryview) else memoryview(content)
        return self._view

    def _exported(self) -> memoryview:
        return self.buffer

    def get(self, option: int | str | builtins.bytes) -> int | str:
        """Return a message option (MORE, SHARED) or a property of the peer that sent this.

        Properties: "Socket-Type", "Routing-Id" (or "Identity"), "Peer-Address", "User-Id", "Resource", and what the
        peer calls X-something. ZMQError(EINVAL): there is no such thing here.
        """
        if isinstance(option, int):
            if option == MessageOption.MORE:
                return int(self.more)
            if option == MessageOption.SHARED:
                return 0
            raise error(EINVAL, f"message option {option} is not known here")
        if option == "routing_id":
            return self._address[0] if self._address is not None else 0
        if option == "group":
            return self._address[1].decode(errors="backslashreplace") if self._address is not None else ""
        name = option.decode() if isinstance(option, bytes) else option
        value = _property(self._peer, name) if self._peer is not None else None
        if value is None:
            raise error(EINVAL, f"the sender of this frame has no property {name!r}")
        return value

    @property
    def routing_id(self) -> int:
        """Which CLIENT or PEER sent this, or is to get it (SERVER, PEER); 0: none."""
        return self.get("routing_id")  # type: ignore[return-value]

    @routing_id.setter
    def routing_id(self, routing_id: int) -> None:
        self.set("routing_id", routing_id)

    @property
    def group(self) -> str:
        """The group this was sent to, or is to be sent to (RADIO, DISH)."""
        return self.get("group")  # type: ignore[return-value]

    @group.setter
    def group(self, group: str | builtins.bytes) -> None:
        self.set("group", group)

    def set(self, option: int | str, value: Any) -> None:
        """Set "routing_id" or "group"; libzmq has no message option that can be set by number: ZMQError(EINVAL)."""
        if option == "routing_id":
            self._address = addressed(self, index(value), None)
            return
        if option == "group":
            self._address = addressed(self, None, group_name(value))
            return
        if not isinstance(option, int):
            raise TypeError("an integer is required")
        raise error(EINVAL, "no message option can be set")

    def __getitem__(self, key: int | str | builtins.bytes) -> int | str:
        return self.get(key)

    @property
    def MORE(self) -> int:
        """1 when more parts of the message follow."""
        return int(self.more)

    @property
    def SHARED(self) -> int:
        """Always 0: parts are never shared between frames in libzmq's sense."""
        return 0

    shared = SHARED

    def __len__(self) -> int:
        return len(self._content)

    def __bytes__(self) -> builtins.bytes:
        return self.bytes

    def __copy__(self) -> Frame:
        twin = type(self).__new__(type(self))
        for name in (*Exporter.__slots__, *Frame.__slots__):
            if name != "__weakref__":
                setattr(twin, name, getattr(self, name))
        content = self._content
        if (
            isinstance(content, memoryview)
            and isinstance(content.obj, bytes)
            and len(content.obj) == len(content)
        ):
            # As in PyZMQ, each copy has its own hold on the user's bytes: sys.getrefcount() tells.
            twin._content, twin._view = memoryview(content.obj), None
        return twin

    def __repr__(self) -> str:
        size = len(self)
        if size <= _SHOWN_WHOLE:
            return f"<zmq.Frame({self.bytes!r})>"
        start = bytes(memoryview(self._content)[:_SHOWN_OF_MORE])
        return f"<zmq.Frame({start!r}...{_rounded(size)})>"

    @classmethod
    def _received(
        cls,
        part: Part,
        more: bool,
        peer: Peer | None,
        track: bool,
        address: tuple[int, builtins.bytes] | None = None,
    ) -> Frame:
        """Wrap one received part."""
        frame = cls.__new__(cls)
        frame._content = _exportable(part if isinstance(part, bytes) else bytes(part))
        frame._bytes = frame._view = frame._lease = frame.tracker_event = None
        frame._peer = peer
        frame._address = address
        frame.more = more
        frame.tracker = _FINISHED_TRACKER if track else None
        return frame

    def _part(self) -> Part:
        """Return the content to send. While the engine uses a buffer of the user's, it holds our lease too."""
        content = self._content
        if isinstance(content, bytes):
            return content
        if isinstance(content, bytearray) or self._lease is None:
            return bytes(content)  # a copy: the user may write to `buffer` again
        if self.tracker is None and content.obj.__class__ is bytes:
            return _whole(content)  # it cannot change, and nobody asks how long it is needed
        return SharedPart(content, self._lease)


Message = Frame


def addressed(
    data: Any, routing_id: int | None, group: str | bytes | None
) -> tuple[int, builtins.bytes] | None:
    """Return the address of what is to be sent: as given, else the frame's own; None: it has none."""
    address: tuple[int, builtins.bytes] | None = data._address if isinstance(data, Frame) else None
    if routing_id is not None:
        number = index(routing_id)
        if not 0 <= number <= _LARGEST_ROUTING_ID:
            raise OverflowError(f"a routing id has 32 bits, which {number} does not fit into")
        if number == 0:
            raise error(EINVAL, "0 is no routing id: take that of a received frame")
        address = (number, address[1] if address is not None else b"")
    if group is not None:
        address = (address[0] if address is not None else 0, group_name(group))
    return address


def group_name(group: str | bytes) -> bytes:
    """Return a group as bytes; ZMQError(EINVAL): it is none."""
    name = group.encode() if isinstance(group, str) else group
    if not isinstance(name, bytes):
        raise TypeError(f"a group is str or bytes, not {type(group).__name__}")
    if len(name) > LARGEST_GROUP or b"\0" in name:
        raise error(EINVAL, f"a group has up to {LARGEST_GROUP} bytes, none of them zero")
    return name


def view_of(data: Any) -> memoryview:
    """Return a flat byte view of any buffer. TypeError: it has none. BufferError: it is not contiguous."""
    if isinstance(data, Frame):
        return memoryview(data._content)
    view = memoryview(data)
    if not view.contiguous:
        raise BufferError("memoryview: underlying buffer is not contiguous")
    if not view.c_contiguous:
        return memoryview(view.tobytes(order="A"))
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def _exportable(content: bytes) -> bytes | bytearray:
    """Return the content, as it is or writable: what memoryview(frame) is going to show."""
    return content if LAZY or len(content) >= purezmq.COPY_THRESHOLD else bytearray(content)


def _whole(view: memoryview) -> bytes:
    """Return the bytes object under a view without a copy, if it is all of it."""
    whole: bytes = view.obj  # type: ignore[assignment]
    return whole if len(whole) == view.nbytes else bytes(view)


def _property(peer: Peer, name: str) -> str | None:
    if name == "Peer-Address":
        return peer.address or None
    if name in ("Identity", "Routing-Id"):
        name = "Routing-Id" if "Routing-Id" in peer.properties else "Identity"
    value = peer.properties.get(name)
    return value.decode(errors="backslashreplace") if value is not None else None


def _rounded(size: int) -> str:
    # PyZMQ's form: the unit changes at powers of 1024, the number counts in powers of 1000.
    for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
        if size >= 1000 if power == 1 else size >= 1024**power:
            return f"{size // 1000**power}{unit}"
    return f"{size}B"
