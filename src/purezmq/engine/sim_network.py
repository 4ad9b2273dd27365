"""The wire of the simulated world: links with delay, limited buffers, freezes and cuts, and no descriptors.

The rules:

- Time comes from the clock and moves only when the clock is told to. All chance comes from the clock's generator.
- Each direction of a link keeps its order. What is sent arrives `delay` seconds later, plus up to `jitter`, plus
  the time that `bandwidth` takes; the sender's `room` shrinks until the receiver has read it.
- A frozen link is up and delivers nothing: neither bytes nor the end of the stream nor a new connection. What was
  sent waits for `heal`.
- A cut link is reset at both ends at once. What was under way is lost; what had arrived may still be read.
- As tcp does: closing sends the end of the stream behind the data, closing over unread bytes resets, and bytes
  that reach a closed end are answered by a reset.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from errno import EADDRINUSE, EBADF, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINPROGRESS, EPIPE
from itertools import count
from typing import Any, Protocol

from purezmq.core.endpoint import check_connect_address, parse_host_and_port, split_source
from purezmq.core.options import SocketOptions
from purezmq.engine.loop import READ, WRITE
from purezmq.engine.sim_loop import BROKEN, Clock, Happening
from purezmq.engine.transports import Direct, Names, Stream, Target
from purezmq.errors import error

_FIRST_FD = 1_000_000  # no process has so many: a real call with one of these fails
_FIRST_PORT = 49152
_PEER_ADDRESS = "127.0.0.1"

Bytes = bytes | bytearray | memoryview


class Watcher(Protocol):
    """Who wants to know that a descriptor may have become ready."""

    def note(self, fd: int) -> None:
        """Look at this descriptor."""


class Pollable:
    """What has a simulated descriptor."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.watcher: Watcher | None = None
        self.fd = network.register(self)

    def fileno(self) -> int:
        """Return the number, which means nothing to the operating system."""
        return self.fd

    def detach(self) -> int:
        """Never needed: nobody else can close it."""
        raise AssertionError("there is no descriptor to detach")

    def readiness(self) -> int:
        """Return READ, WRITE and BROKEN as they are now."""
        raise NotImplementedError

    def changed(self) -> None:
        """Have whoever watches look again."""
        if self.watcher is not None:
            self.watcher.note(self.fd)


class Link:
    """One connection: two streams, and what is under way between them."""

    def __init__(self, network: Network, client: SimStream) -> None:
        self.network = network
        self.frozen = network.frozen
        self.dead = False
        self.client = client
        self.server: SimStream | None = None
        self.held: list[Happening] = []  # arrived while frozen

    def ends(self) -> list[SimStream]:
        """Return the streams that exist."""
        return [self.client] if self.server is None else [self.client, self.server]

    def carry(self, sender: SimStream, size: int, arrive: Happening) -> None:
        """Let something happen at the far end as late as `size` bytes take to get there."""
        network = self.network
        clock = network.clock
        sender.departed = max(sender.departed, clock.now) + size / network.bandwidth
        late = network.jitter * sender.luck() if network.jitter else 0.0
        sender.arrives = max(sender.arrives, sender.departed + network.delay + late)
        clock.call_at(sender.arrives, lambda: self._arrived(arrive), rank=sender.fd)

    def _arrived(self, arrive: Happening) -> None:
        if self.dead:
            return
        if self.frozen:
            self.held.append(arrive)
        else:
            arrive()

    def thaw(self) -> None:
        """Deliver what was held back."""
        self.frozen = False
        held, self.held = self.held, []
        for arrive in held:
            self._arrived(arrive)

    def cut(self) -> None:
        """Reset both ends; what is under way is lost."""
        self.dead = True
        for stream in self.ends():
            stream.fail(ECONNRESET)
        self.network.links.pop(self, None)


class SimStream(Pollable):
    """One end of a link (Stream)."""

    def __init__(self, network: Network, link: Link | None = None) -> None:
        super().__init__(network)
        self.link = link if link is not None else Link(network, self)
        self.connected = link is not None
        self.departed = 0.0  # when our last byte left
        self.arrives = 0.0  # when it arrives
        self.outstanding = 0  # bytes sent and not read by the peer yet
        self.error = 0
        self._random: random.Random | None = None
        self._arrived: deque[bytes] = deque()
        self._ended = False  # the peer has closed
        self._closed = False

    @property
    def peer(self) -> SimStream | None:
        """The other end; None: nobody has heard of us yet."""
        return self.link.server if self.link.client is self else self.link.client

    def luck(self) -> float:
        """Return the next random number of [0, 1) of this stream's own."""
        if self._random is None:
            self._random = random.Random(f"{self.network.clock.seed} {self.fd}")
        return self._random.random()

    def readiness(self) -> int:
        """Return what epoll would say."""
        if self.error:
            return READ | WRITE | BROKEN
        mask = READ if self._arrived or self._ended else 0
        if self.connected and self.outstanding < self.network.buffer:
            mask |= WRITE
        return mask

    # -- Stream --------------------------------------------------------------------------------------------

    def recv(self, limit: int, /) -> bytes:
        """Return up to `limit` bytes that have arrived."""
        if self._closed:
            raise OSError(EBADF, "closed")
        if self._arrived:
            return self._take(limit)
        if self.error:
            raise OSError(self.error, "the simulated link is broken")
        if self._ended:
            return b""
        raise BlockingIOError

    def recvmsg_into(self, buffers: Iterable[memoryview], /) -> tuple[int, list[Any], int, None]:
        """Fill the buffers, in order, with what has arrived; return how much that was, first of all."""
        arrived = rest = self.recv(sum(map(len, buffers)))
        for buffer in buffers:
            part = rest[: len(buffer)]
            buffer[: len(part)] = part
            rest = rest[len(part) :]
        return len(arrived), [], 0, None

    def _take(self, limit: int) -> bytes:
        taken: list[bytes] = []
        arrived = self._arrived
        while arrived and limit > 0:
            chunk = arrived.popleft()
            if len(chunk) > limit:
                arrived.appendleft(chunk[limit:])
                chunk = chunk[:limit]
            taken.append(chunk)
            limit -= len(chunk)
        data = b"".join(taken)
        peer = self.peer
        assert peer is not None
        peer.outstanding -= len(data)
        peer.changed()
        return data

    def send(self, data: Bytes, /) -> int:
        """Send what the buffers have room for; return how many bytes that is."""
        if self._closed:
            raise OSError(EBADF, "closed")
        if self.error:
            raise OSError(EPIPE, "the simulated link is broken")
        room = self.network.buffer - self.outstanding
        if room <= 0 or not self.connected:
            raise BlockingIOError
        chunk = bytes(data[:room])
        peer = self.peer
        assert peer is not None
        self.outstanding += len(chunk)
        self.link.carry(self, len(chunk), lambda: peer.receive(chunk))
        return len(chunk)

    def sendmsg(self, buffers: Iterable[Bytes], /) -> int:
        """Send several buffers as one."""
        return self.send(b"".join(buffers))

    def shutdown(self, how: int, /) -> None:
        """Send no more."""
        self._send_end()

    def close(self) -> None:
        """Give the end up: end of stream, or a reset where bytes are left unread."""
        if self._closed:
            return
        self._closed = True
        self.network.forget(self)
        peer = self.peer
        if peer is None or not self.connected:
            self.link.carry(self, 0, self._withdraw)
        elif self._arrived:
            self.link.carry(self, 0, lambda: peer.fail(ECONNRESET))
        else:
            self._send_end()
        if all(end._closed for end in self.link.ends()):
            self.network.links.pop(self.link, None)

    def _send_end(self) -> None:
        peer = self.peer
        if peer is not None:
            self.link.carry(self, 0, peer.end)

    def _withdraw(self) -> None:
        if self.peer is not None:
            self.peer.fail(ECONNRESET)

    # -- what arrives --------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes have arrived."""
        if self._closed:
            peer = self.peer
            assert peer is not None
            self.link.carry(self, 0, lambda: peer.fail(ECONNRESET))
            return
        self._arrived.append(data)
        self.changed()

    def end(self) -> None:
        """The peer has closed, and all it sent has arrived."""
        self._ended = True
        self.changed()

    def establish(self) -> None:
        """The connection is made."""
        self.connected = True
        self.changed()

    def fail(self, errno: int) -> None:
        """The link is broken."""
        self.error = self.error or errno
        self.changed()


class SimListening(Pollable):
    """What bind() made in the simulated world (Listening)."""

    def __init__(self, network: Network, host: str, port: int) -> None:
        super().__init__(network)
        self.host = host
        self.port = port
        self.endpoint = f"tcp://{host}:{port}"
        self.alias = ""
        self._waiting: deque[SimStream] = deque()
        self._open = True

    def readiness(self) -> int:
        """Return READ while somebody waits to be accepted."""
        return READ if self._waiting else 0

    def welcome(self, stream: SimStream) -> None:
        """Somebody has connected."""
        self._waiting.append(stream)
        self.changed()

    def accept(self) -> SimStream | None:
        """Return the next stream, or None."""
        if not self._waiting:
            return None
        stream = self._waiting.popleft()
        if stream.error:
            stream.close()
            raise OSError(ECONNABORTED, "the peer went before it was accepted")
        return stream

    def close(self) -> None:
        """Stop listening; who was not accepted is reset."""
        if not self._open:
            return
        self._open = False
        self.network.forget(self)
        self.network.listening.remove(self)
        for stream in self._waiting:
            stream.link.carry(stream, 0, _resets(stream))
            stream.close()

    abandon = close


def _resets(stream: SimStream) -> Happening:
    return lambda: stream.link.client.fail(ECONNRESET)


class Network:
    """Everything that has a descriptor, and what happens between."""

    def __init__(self, clock: Clock, delay: float, jitter: float, bandwidth: float, buffer: int) -> None:
        self.clock = clock
        self.delay = delay
        self.jitter = jitter
        self.bandwidth = bandwidth
        self.buffer = buffer
        self.frozen = False
        self.links: dict[Link, None] = {}
        self.listening: list[SimListening] = []
        self.refused: set[str] = set()  # addresses
        self.hosts: dict[str, list[str]] = {}  # what a name resolves to; by itself: itself
        self.attempts: list[tuple[float, str]] = []  # every connect(): when, and to which address
        self.pollables: dict[int, Pollable] = {}
        self._fds = count(_FIRST_FD)
        self._ports = count(_FIRST_PORT)

    def register(self, pollable: Pollable) -> int:
        """Return a descriptor for it."""
        fd = self.number()
        self.pollables[fd] = pollable
        return fd

    def number(self) -> int:
        """Return a number that is nobody's descriptor."""
        return next(self._fds)

    def forget(self, pollable: Pollable) -> None:
        """The descriptor is closed."""
        assert pollable.watcher is None, f"descriptor {pollable.fd} is closed while it is watched"
        del self.pollables[pollable.fd]

    def listen(self, host: str, port: int) -> SimListening:
        """Bind; "*" is every host, port 0 any free port. Raises ZMQError(EADDRINUSE)."""
        host = "0.0.0.0" if host == "*" else host
        port = port or next(self._ports)
        if any(other.port == port and _same_host(host, other.host) for other in self.listening):
            raise error(EADDRINUSE, f"tcp://{host}:{port} is bound already")
        listening = SimListening(self, host, port)
        self.listening.append(listening)
        return listening

    def dial(self, host: str, port: int) -> SimStream:
        """Begin to connect."""
        address = f"{host}:{port}"
        self.attempts.append((self.clock.now, address))
        stream = SimStream(self)
        self.links[stream.link] = None
        stream.link.carry(stream, 0, lambda: self._called(stream, address, host, port))
        return stream

    def _called(self, client: SimStream, address: str, host: str, port: int) -> None:
        link = client.link
        if client.fd not in self.pollables:  # given up meanwhile
            return
        found = [other for other in self.listening if other.port == port and _same_host(host, other.host)]
        if not found or address in self.refused:
            link.carry(client, 0, lambda: client.fail(ECONNREFUSED))
            return
        link.server = server = SimStream(self, link)
        server.link.carry(server, 0, client.establish)
        found[0].welcome(server)


def _same_host(one: str, other: str) -> bool:
    return one == other or "0.0.0.0" in (one, other)


class SimTransport(Direct):
    """tcp:// in the simulated world (Transport); any name is a host, and all hosts are one machine."""

    scheme = "tcp"

    def __init__(self, network: Network) -> None:
        self._network = network

    def bind(self, address: str, options: SocketOptions) -> SimListening:
        """Listen."""
        parsed = parse_host_and_port(address, bindable=True)
        return self._network.listen(parsed.host, parsed.port)

    def check(self, address: str, options: SocketOptions) -> None:
        """Raise what connect() raises at once."""
        check_connect_address(address)

    def targets_now(self, address: str, options: SocketOptions) -> list[Target]:
        """Return what to connect to."""
        parsed = parse_host_and_port(split_source(address)[1], bindable=False)
        hosts = self._network.hosts.get(parsed.host, [parsed.host])
        return [Target(0, (host, parsed.port)) for host in hosts]

    resolve = targets_now

    def connect(self, target: Target, options: SocketOptions) -> SimStream:
        """Begin to connect."""
        return self._network.dial(*target.address)

    def connect_error(self, stream: Stream) -> int:
        """Return why connecting failed, an errno."""
        assert isinstance(stream, SimStream)
        return stream.error or (0 if stream.connected else EINPROGRESS)

    def names(self, stream: Stream) -> Names | None:
        """Return who is at the ends; None: to connect takes some time."""
        assert isinstance(stream, SimStream)
        if not stream.connected:
            return None
        return Names(f"tcp://{_PEER_ADDRESS}:{stream.fileno() % 65536}", "", _PEER_ADDRESS)

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return what LAST_ENDPOINT says after connect()."""
        return f"tcp://{address}"

    def matches(self, given: str, endpoint: str) -> bool:
        """Return whether both mean the same."""
        one, other = (text.partition("://")[2].rpartition(":") for text in (given, endpoint))
        return one[2] == other[2] and _same_host(one[0].replace("*", "0.0.0.0"), other[0])
