"""One connected stream: descriptor ⇄ Connection ⇄ Pipe.

The rules:

- Everything here runs under the socket's lock, in the thread that drives the socket.
- A session reads when its descriptor is readable and its pipe's inbox has room, and writes when something is
  queued, until the kernel takes no more; then it waits for the descriptor to be writable.
- An exception out of a signal handler (Ctrl-C) may come behind any call, see frames.py. So what a system call has
  returned is kept by the same C call that made it, ``extend(map(recv, (n,)))``, and a change of state is a
  row of plain stores, at most one call, and that one last. What is cut short, `mend` goes on with.
"""

from __future__ import annotations

from collections.abc import Callable
from errno import EBADF, ECONNABORTED, ECONNRESET, EPIPE
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

from purezmq.constants import Event
from purezmq.core.connection import FORGED, LINK, UNWANTED, Failed
from purezmq.core.message import Broadcast, Item, Message
from purezmq.core.options import DEFAULT_BATCH
from purezmq.core.statistics import Counts
from purezmq.core.wire.frames import LONE
from purezmq.engine.loop import READ, WRITE, Timer
from purezmq.engine.transports import CLOSED_BY_OTHERS
from purezmq.errors import ProtocolError

if TYPE_CHECKING:
    from purezmq.core.connection import Connection
    from purezmq.core.monitor import EndpointPair
    from purezmq.core.options import SocketOptions
    from purezmq.core.pipe import Pipe
    from purezmq.engine.socket_core import SocketCore
    from purezmq.engine.transports import Stream
    from purezmq.engine.zap import Inquiry

_SMALLEST_READ = 8 * 1024
_LARGEST_READ = 256 * 1024
_LARGEST_WRITE = 4 * 1024 * 1024
_GATHERED_AT_ONCE = 512 * 1024  # of large frames, before others have their turn
_SEALED_AT_ONCE = 256 * 1024  # of a sealed copy of what is queued
_MAX_BUFFERS = 512  # of one sendmsg; IOV_MAX is 1024 on Linux, less elsewhere
_size = itemgetter(0)  # of what recvmsg_into returns


class Owner(Protocol):
    """Who made the session: a dialer, which will connect again, or a listener, which will not."""

    endpoint: str

    def session_ready(self, session: Session) -> Pipe | None:
        """Give the pipe for this peer, now that the handshake is done; None: not wanted."""

    def session_lost(self, session: Session, failed: Failed) -> None:
        """The link is gone and its descriptor closed."""

    def dismiss(self, session: Session) -> None:
        """Have the session end once it has written all, and connect there no more."""


class Session:
    """Drives one stream."""

    __slots__ = (
        "_accept",
        "_arrivals",
        "_batch",
        "_buffers",
        "_bytes_in",
        "_bytes_out",
        "_chunk",
        "_core",
        "_encode",
        "_gathers",
        "_inquiry",
        "_least",
        "_messages_out",
        "_most",
        "_owner",
        "_recv",
        "_send",
        "_sent",
        "_shaking",
        "_stream",
        "_time",
        "_timer",
        "_writing",
        "_written",
        "address",
        "connection",
        "ends",
        "fd",
        "messages_in",
        "open",
        "pipe",
        "retired",
    )

    def __init__(
        self,
        core: SocketCore,
        stream: Stream,
        owner: Owner,
        options: SocketOptions,
        address: str,
        ends: EndpointPair,
    ) -> None:
        self._core = core
        self._owner = owner
        self._stream = stream
        self._recv = stream.recv
        self._send = stream.send
        self.fd = stream.fileno()
        self.address = address
        self.ends = ends
        self.open = True
        self.retired = False  # nobody reads any more; what is pending is still written
        self.pipe: Pipe | None = None
        self._accept: Callable[[list[Any]], None] | None = _refuse  # None: the inbox takes everything
        self._arrivals: list[Any] = []  # what `_accept` has not taken yet
        self._time = core.loop.time
        self._least = min(options.in_batch_size, _LARGEST_READ)
        self._chunk = self._least  # how much to ask of recv
        self._gathers = False  # a large frame is arriving: into its place
        self._shaking = False  # a step of the handshake is under way
        self._sent: list[int] = []  # what the last system call has written, until it is accounted for
        self._buffers: list[bytes | memoryview] = []  # encoded, to be written
        self._batch: list[Item] = []  # the items that `_buffers` is made of, or about to be
        self._writing = False  # the descriptor is watched for writing
        self._written = 0  # bytes of this batch that the kernel has taken; below 0: of what goes ahead of it
        self._timer: Timer | None = None
        self._inquiry: Inquiry | None = None  # the ZAP handler has been asked about this peer
        self.messages_in = self._messages_out = 0  # see core/statistics.py
        self._bytes_in = self._bytes_out = 0
        connection = self.connection = core.pattern.connection(options, core.loop.time())
        self._encode: Callable[[list[Item]], list[bytes | memoryview]] = connection.encode
        # libzmq's default is made for an encoder that copies: then write as much as pays off.
        self._most = _LARGEST_WRITE
        if options.out_batch_size != DEFAULT_BATCH:
            most = self._most = min(options.out_batch_size, _LARGEST_WRITE)
            self._encode = lambda items: _portions(connection.encode(items), most)

    def start(self) -> None:
        """Begin the handshake."""
        self._core.loop.watch(self.fd, self, READ)
        self._write()
        if self.connection.peer is not None:  # there is no handshake
            self._ready()
            self._begin()
        else:
            self._arm()

    def welcome(self) -> None:
        """Begin the handshake with a peer that has connected: it may have begun, and is answered with one write."""
        connection = self.connection
        if connection.peer is not None:
            self.start()
            if self.open:
                self.on_ready(READ)
            return
        self._core.loop.watch(self.fd, self, READ)
        self._read()
        if self.open:
            if connection.outgoing:
                self._write()
            if self._timer is None:
                self._arm()

    @property
    def traffic(self) -> bool:
        """Whether the handshake is over (Handler)."""
        return self.pipe is not None

    # -- reading -------------------------------------------------------------------------------------------

    def on_ready(self, mask: int) -> None:
        """Read and write what the descriptor is ready for (Handler)."""
        if self.pipe is not None and self.pipe.paused:
            self._write()  # a hang-up is told unasked: not one byte may be read before there is room for it
            return
        if mask != WRITE:
            self._read()
        if mask & WRITE and self.open:
            self._write()

    def _read(self) -> None:
        connection = self.connection
        if self._gathers:
            self._read_directly()
            return
        got = self._draw(connection)
        if not got:
            return
        pipe = self.pipe
        if got < LONE and self._accept is None and pipe is not None and not self.retired:
            message = connection.lone() if len(pipe.inbox) < pipe.receive_limit else None
            if message is not None:
                # As `_decode` does, in fewer steps: among many peers each has one message at a time.
                core = self._core
                self.messages_in += 1
                core.news = True
                # In a row, and one call: a signal handler that raises leaves it in one of the two.
                del connection.incoming[0]
                pipe.inbox.append(message)
                core.pattern.arrived(pipe)
                if len(pipe.inbox) >= pipe.receive_limit:
                    self._pause(pipe)
                return
        self._digest(connection, got)

    def hear(self) -> Message | None:
        """Read; return the message if that is short, and all there is: it is still in the connection's `incoming`.

        With None all has been done that `on_ready` does.
        """
        connection = self.connection
        if self._gathers or self.retired or connection.incoming:
            self._read()
            return None
        got = self._draw(connection)
        if not got:
            return None
        message = connection.lone()
        if message is None:
            self._digest(connection, got)
        return message

    def _draw(self, connection: Connection) -> int:
        """Add to `incoming` what the kernel has; return how many bytes; 0: nothing more to do."""
        incoming = connection.incoming
        asked = self._chunk
        try:
            incoming.extend(map(self._recv, (asked,)))
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as reason:
            self._lost(connection.link_failed(reason.errno or ECONNRESET))
            return 0
        got = len(incoming[-1])
        if got == 0:
            incoming.clear()
            self._lost(connection.link_failed(ECONNRESET))
            return 0
        self._bytes_in += got
        if got == asked:
            self._core.more = True
            self._chunk = min(got * 4, _LARGEST_READ)
        elif got < asked >> 4 and asked > self._least:
            self._chunk = max(asked >> 1, self._least)
        return got

    def _digest(self, connection: Connection, got: int) -> None:
        """Go on with what `_draw` has drawn."""
        if self.pipe is None:
            self._shake_hands()
        else:
            self._decode(self.pipe)
        if got >= _SMALLEST_READ and connection.gathers() and self.open:
            self._gathers = True
            if self.pipe is not None and not self.pipe.paused:
                self._read_directly()  # its payload is there, or most of it

    def _read_directly(self) -> None:
        """Read into the place where a large frame is gathered, and on into the next, while there is more."""
        connection = self.connection
        filled = connection.filled
        budget = _GATHERED_AT_ONCE
        while True:
            space = connection.space()
            pipe = self.pipe
            if space is None or pipe is None:
                self._gathers = False
                self._read()
                return
            asked = sum(map(len, space))
            try:
                filled.extend(map(_size, map(self._stream.recvmsg_into, (space,))))
            except (BlockingIOError, InterruptedError):
                return
            except OSError as reason:
                self._lost(Failed.link(reason.errno or ECONNRESET))
                return
            got = filled[-1]
            if got == 0:
                filled.clear()
                self._lost(Failed.link(ECONNRESET))
                return
            self._bytes_in += got
            if got == asked:
                self._core.more = True
                self._chunk = _SMALLEST_READ  # large payloads have a place of their own
            self._decode(pipe)
            gathers = self._gathers = connection.gathers()
            budget -= got
            if got < asked or not gathers or budget <= 0 or pipe.paused or not self.open:
                return

    def _shake_hands(self) -> None:
        """Go on with the handshake; when it is done, with what came behind it."""
        connection = self.connection
        self._shaking = True
        connection.receive(self._time(), 0)
        if connection.question is not None and self._inquiry is None:
            self._ask()
        if connection.errand is not None:
            self._send_for(connection.errand)
        if connection.peer is not None and connection.failed is None:
            self._ready()
        self._shaking = False
        self._begin()

    def _begin(self) -> None:
        """Send what waits, and take what came behind the handshake, if it is done."""
        pipe = self.pipe
        if pipe is not None and self.open:
            core = self._core
            core.news = True
            core.flush_dirty()
            self.flush()
            if self.connection.held:
                self._decode(pipe)
            else:
                self._after_decoding()
        else:
            self._after_decoding()
        if self._timer is None or pipe is not None:
            self._arm()

    def _ask(self) -> None:
        """Put the connection's question to the ZAP handler; go on at once when there is none."""
        connection, core = self.connection, self._core
        request = connection.question
        assert request is not None
        self._inquiry = core.context.zap.ask(core, request, self.address, self._judged)
        if self._inquiry is None:
            connection.unasked()
            connection.receive(self._time(), 0)
            if connection.failed is None and request.mechanism == b"CURVE":
                core.context.zap.warn(core, self._owner.endpoint)

    def _judged(self, reply: list[bytes] | None, request_id: bytes) -> None:
        """Go on with what the ZAP handler says."""
        self._inquiry = None
        if self.open:
            self.connection.answer(reply, request_id)
            self._shake_hands()

    def _send_for(self, errand: Callable[[], object]) -> None:
        """Have the errand run where nobody waits for it."""
        post = self._core.post
        self._core.context.resolver.resolve(errand, lambda result: post(lambda: self._fetched(result)))
        self.connection.errand = None

    def _fetched(self, result: object) -> None:
        """Go on with what an errand has brought."""
        if self.open:
            self.connection.fetched(result)
            self._shake_hands()

    def _decode(self, pipe: Pipe) -> None:
        """Hand what is decodable to the pipe, as far as it has room."""
        connection = self.connection
        while True:
            limit = pipe.receive_limit - len(pipe.inbox)
            items = connection.receive(self._time(), limit if limit > 0 else 0)
            if items and not self.retired:
                self.messages_in += len(items)
                if self._accept is None:
                    pipe.inbox.extend(items)
                else:
                    self._arrivals = items
                    self._accept_arrivals()
                core = self._core
                core.news = True
                core.pattern.arrived(pipe)
            if len(pipe.inbox) >= pipe.receive_limit:
                self._pause(pipe)
                break
            if not connection.held or not self.open:
                break
        if connection.outgoing or connection.failed is not None:
            self._after_decoding()

    def _accept_arrivals(self) -> None:
        accept = self._accept
        assert accept is not None
        try:
            accept(self._arrivals)
        except ProtocolError as mistake:
            self._arrivals = []
            self.connection.reject(mistake)

    def _after_decoding(self) -> None:
        """Send what the connection has to say, or end it if it has failed."""
        if not self.open:  # the pattern has closed this link meanwhile
            return
        connection = self.connection
        if connection.outgoing:
            if self.pipe is not None:
                self.flush()
                self._arm()  # a PING may have promised another
            elif not self._buffers:
                self._write()
        if connection.failed is not None:
            self._lost(connection.failed)

    def _ready(self) -> None:
        """The handshake is done: find the pipe and let the pattern have it."""
        connection = self.connection
        peer = connection.peer
        assert peer is not None
        peer.address = self.address
        if self._shaking:
            self._core.monitors.tell(Event.HANDSHAKE_SUCCEEDED, 0, self.ends, peer)
        self._core.tally.connections += 1
        pipe = self._owner.session_ready(self)
        if pipe is None or not self.open:
            return
        self.pipe = pipe
        if self._encode == connection.encode:
            self._encode = connection.encoder()
        pipe.peer = peer
        pipe.ready = True
        pipe.shares_encoding = connection.plain
        core = self._core
        if core.loop.alerts is not None:
            self._watch()  # from now on for `traffic`
        if not self.retired:
            accept = core.pattern.acceptor(pipe)
            self._accept = None if accept == pipe.inbox.extend else accept
            core.pattern.ready(pipe)
            core.settle()

    def _pause(self, pipe: Pipe) -> None:
        """Stop reading: back-pressure reaches the sender through the kernel's buffers."""
        if not pipe.paused:
            pipe.paused = True
            self._watch()

    def resume(self) -> None:
        """Read on: the inbox has room again (Link)."""
        pipe = self.pipe
        if pipe is not None and pipe.paused and self.open:
            pipe.paused = False
            if self.connection.held:
                self._decode(pipe)
            if self.open and not pipe.paused:
                self._watch()

    # -- writing -------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what is queued, unless the kernel is known to be full (Link)."""
        if self._buffers or not self.open:
            return
        pipe, connection = self.pipe, self.connection
        if (
            pipe is not None
            and connection.plain
            and not (connection.outgoing or self._batch or pipe.conflate)
        ):
            # As `_fill` does, without its calls: a ROUTER comes here for each peer that it answers.
            outbox = pipe.outbox
            batch = list(outbox)
            count = len(batch)
            self._batch = batch
            pipe.unsent += count + pipe.extra
            pipe.extra = 0
            outbox.clear()
            if not batch:
                return
            self._buffers = self._encode(batch)
        self._write()

    def send_one(self, outbox: list[Any]) -> bool:
        """Write the first message of this outbox, unless something waits before it: then it stays there."""
        pipe = self.pipe
        if self._buffers or self._batch or pipe is None or pipe.outbox or self.connection.outgoing:
            return False
        batch = outbox[:1]
        # No calls from here on.
        self._batch = batch
        del outbox[0]
        pipe.unsent = 1
        self._buffers = self._encode(batch)
        self._write()
        return True

    def _write(self) -> None:
        sent = self._sent
        while True:
            if sent:
                self._consume()
            buffers = self._buffers
            if not buffers:
                if not self._fill():
                    break
                buffers = self._buffers
            try:
                if len(buffers) == 1:
                    sent.extend(map(self._send, buffers))
                    if sent[0] == len(buffers[0]):
                        # The whole batch, as nearly always: take the short way, and no calls.
                        core = self._core
                        if sent[0] > core.bytes_out:
                            core.bytes_out = sent[0]
                        self._bytes_out += sent[0]
                        self._buffers = []
                        self._batch = []
                        self._written = 0
                        pipe = self.pipe
                        if pipe is not None and pipe.unsent:
                            self._messages_out += pipe.unsent
                            pipe.unsent = 0
                            core.news = True
                        del sent[0]
                        if not (self.connection.outgoing or (pipe is not None and pipe.outbox)):
                            break
                else:
                    sent.extend(map(self._stream.sendmsg, (_head(buffers, self._most),)))
            except (BlockingIOError, InterruptedError):
                break
            except OSError as reason:
                if reason.errno in (EPIPE, ECONNRESET):
                    # What the peer had sent before it went is still to be read; reading will tell that it is gone.
                    self._core.loop.watch(self.fd, self, self._reading())
                else:
                    self._lost(Failed.link(reason.errno or EPIPE))
                return
        if bool(self._buffers) is not self._writing:
            self._watch()

    def _fill(self) -> bool:
        """Encode the next batch; return whether there is one."""
        connection = self.connection
        control = connection.outgoing
        if not self._batch:
            pipe = self.pipe
            if pipe is not None and pipe.outbox:
                self._batch = pipe.take() if connection.plain else pipe.take_some(_SEALED_AT_ONCE)
            elif not control:
                return False
        if not control:
            self._buffers = self._encode(self._batch)
            return True
        # First of all, and in one write with the first messages, which often wait for the end of the handshake.
        ahead = b"".join(control)
        buffers: list[bytes | memoryview] = [ahead]
        if self._batch:
            encoded = self._encode(self._batch)
            if len(encoded) == 1 and len(encoded[0]) < _SMALLEST_READ:
                buffers = [b"".join((ahead, encoded[0]))]  # one `send`
            else:
                buffers += encoded
        self._written = -len(ahead)
        self._buffers = buffers
        control.clear()
        return True

    def _consume(self) -> None:
        """Drop from the buffers what has been written."""
        written = count = self._sent[0]
        buffers = self._buffers
        done = 0
        for buffer in buffers:
            size = len(buffer)
            if count < size:
                break
            count -= size
            done += 1
        rest = buffers[done:]
        if count:
            rest[0] = memoryview(rest[0])[count:]
        core = self._core
        if written > core.bytes_out:
            core.bytes_out = written
        self._written += written
        self._bytes_out += written
        self._buffers = rest
        if not rest:  # the kernel has the whole batch: that is room for the next
            self._written = 0
            self._batch = []
            pipe = self.pipe
            if pipe is not None and pipe.unsent:
                self._messages_out += pipe.unsent
                pipe.unsent = 0
                core.news = True
        del self._sent[0]

    def _not_taken(self) -> list[Item]:
        """Return the items of the batch that the kernel has not taken whole: they may be sent to the next link."""
        if not self._buffers:
            return self._batch
        written = self._written
        for index, item in enumerate(self._batch):
            written -= sum(len(buffer) for buffer in self.connection.encode([item]))
            if written < 0:
                return self._batch[index:]
        return []

    def _watch(self) -> None:
        self._writing = bool(self._buffers)
        self._core.loop.watch(self.fd, self, self._reading() | (WRITE if self._writing else 0))

    def _reading(self) -> int:
        return READ if self.pipe is None or not self.pipe.paused else 0

    # -- time ----------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """Set the one timer to the connection's deadline, if that is earlier than what it is set to."""
        if not self.open:
            return
        deadline = self.connection.deadline()
        timer = self._timer
        if deadline is None and timer is not None:
            timer.cancel()
            self._timer = None
        if deadline is None or (timer is not None and timer.when <= deadline):
            return  # a timer that fires early looks again: cheaper than moving it with every read
        if timer is not None:
            timer.cancel()
        self._timer = self._core.loop.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self.open:
            return
        connection = self.connection
        now = self._core.loop.time()
        if self.pipe is not None and self.pipe.paused:
            connection.heard(now)  # it may have spoken; we do not listen now
        connection.tick(now)
        if connection.outgoing:
            self.flush()
        if connection.failed is not None:
            self._lost(connection.failed)
        else:
            self._arm()

    # -- the end -------------------------------------------------------------------------------------------

    def _lost(self, failed: Failed) -> None:
        """The link failed: close it and tell the owner, who may connect again."""
        if not self.open:
            return
        pipe = self.pipe
        if pipe is not None:
            back = self._not_taken()[::-1]
            extra = sum(len(item.messages) - 1 for item in back if isinstance(item, Broadcast))
            self._batch = []
            self._buffers = []
            pipe.ready = False
            self._messages_out += pipe.unsent and max(pipe.unsent - len(back) - extra, 0)
            pipe.unsent = 0
            pipe.extra += extra
            if pipe.conflate and pipe.outbox:  # what is newer is there already
                pipe.overwritten += len(back)
            else:
                pipe.outbox.extendleft(back)
        self.shut(unread=failed.kind != LINK)
        self._core.news = True
        self._owner.session_lost(self, failed)

    def tell_lost(self, failed: Failed) -> None:
        """Tell whoever monitors the socket; the owner calls it when it has noted the loss itself."""
        tell, tally = self._core.monitors.tell, self._core.tally
        peer = self.connection.peer
        if peer is not None:
            tally.disconnects += 1
        elif failed.kind != UNWANTED:
            tally.handshake_failures += 1
        if failed.event and (peer is None or failed.kind == FORGED):
            tell(Event[failed.event], failed.value, self.ends, None, failed.reason)
        tell(Event.DISCONNECTED, self.fd, self.ends, peer, failed.reason)

    def mend(self) -> None:
        """Go on with whatever an exception out of a signal handler has cut short."""
        pipe = self.pipe
        if not self.open:
            return
        self._watch()
        if self._shaking:  # half a step cannot be told from a whole one: begin anew
            self._lost(Failed.link(ECONNABORTED))
        elif pipe is None:
            self._shake_hands()
        else:
            if self._arrivals:
                self._accept_arrivals()
            self._core.pattern.arrived(pipe)
            if pipe.paused and len(pipe.inbox) <= pipe.low_mark():
                self.resume()
            self._decode(pipe)
        if self.open:
            self._write()
            self._arm()

    def close(self) -> None:
        """End this peer because the pattern wants it (Link)."""
        self._lost(Failed.unwanted())

    def dismiss(self) -> None:
        """End this peer once what is queued is written (Link)."""
        self._owner.dismiss(self)

    def retire(self) -> None:
        """Receive no more; write on."""
        self.retired = True

    def pending(self) -> bool:
        """Return whether something waits to be written."""
        return bool(self._buffers or (self.pipe is not None and self.pipe.outbox))

    def unsent(self) -> int:
        """Return how much waits to be taken by the kernel, messages and bytes: less after each write."""
        pipe = self.pipe
        messages = len(pipe.outbox) + pipe.extra + pipe.unsent if pipe is not None else 0
        return messages + sum(map(len, self._buffers))

    def shut(self, unread: bool = True) -> None:
        """Close the descriptor; the owner is not told. unread: perhaps there is something that has not been read."""
        if not self.open:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._inquiry is not None:
            self._inquiry.cancel()
            self._inquiry = None
        problem = 0 if self._core.loop.unwatch(self.fd, self) else EBADF
        self._buffers = []
        self._batch = []
        if unread:
            self._discard_input()
        self.connection.end()
        if not self._core.closed:  # else nobody can ask any more
            self._core.tally.add(self.counts())
        try:
            if problem:
                self._stream.detach()
            self._stream.close()
        except OSError as failure:
            problem = failure.errno or EBADF
        finally:  # a signal handler may raise behind it: whoever goes on must not use the descriptor
            self.open = False
        if problem:
            self._core.monitors.tell(Event.CLOSE_FAILED, problem, self.ends, None, CLOSED_BY_OTHERS)

    def _discard_input(self) -> None:
        """Read what nobody will see: closing over unread bytes makes the kernel drop what it still has to send."""
        try:
            for size in (1, *repeat(_LARGEST_READ, 64)):  # there seldom is any: no room is made for it
                if not self._recv(size):
                    break
        except OSError:
            pass  # EAGAIN: nothing is left; anything else: the link is dead already

    def counts(self) -> Counts:
        """Return what has gone over this connection (Link)."""
        return Counts(self.messages_in, self._messages_out, self._bytes_in, self._bytes_out)

    def abandon(self) -> None:
        """In a forked child: close our copy of the descriptor; the parent's connection goes on."""
        self.open = False
        self._stream.close()


def _head(buffers: list[bytes | memoryview], most: int) -> list[bytes | memoryview]:
    """Return as many buffers as one sendmsg may take, and the kernel is likely to: one, or `most` bytes."""
    size = 0
    for index, buffer in enumerate(buffers):
        size += len(buffer)
        if (size > most and index) or index == _MAX_BUFFERS:
            return buffers[:index]
    return buffers


def _portions(buffers: list[bytes | memoryview], most: int) -> list[bytes | memoryview]:
    """Return the same bytes in pieces of this size, the last one may be shorter."""
    whole = memoryview(b"".join(buffers))
    return [whole[start : start + most] for start in range(0, len(whole), most)]


def _refuse(items: list[object]) -> None:
    raise AssertionError(f"{len(items)} messages before the pipe was there")
