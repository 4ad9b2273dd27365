"""udp: the one descriptor of a bind or connect, and its one pipe (zmq_udp(7); libzmq's udp_engine.cpp).

    udp://*:5555   udp://eth0:5555   udp://239.0.0.1:5555   udp://eth0;239.0.0.1:5555   udp://[ff02::1]:5555

The rules:

- RADIO connects, DISH and DGRAM bind; nothing else has to do with udp. There is no handshake and no peer: the pipe is
  there from the start, and never lost.
- A multicast group is joined on the interface before the semicolon, else on the system's. Such a port may be bound
  several times, a unicast one once.
- What the kernel does not take is dropped, and so is what comes and is no message. With a full inbox nothing is read.
"""

from __future__ import annotations

from errno import EADDRINUSE, EINVAL, ENODEV
from struct import pack
from typing import TYPE_CHECKING, Any

from purezmq.core.endpoint import HostAndPort, parse_host_and_port, split_source
from purezmq.core.monitor import EndpointPair
from purezmq.core.statistics import Counts
from purezmq.engine.loop import READ, WRITE
from purezmq.engine.transports import let_go, set_buffers
from purezmq.engine.transports.tcp import bind_to_device, family_of, look_up, resolve_local
from purezmq.engine.unpatched import socket
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions
    from purezmq.core.pipe import Pipe
    from purezmq.core.wire.datagrams import Datagrams
    from purezmq.engine.socket_core import SocketCore

_LARGEST = 65536  # bytes of a datagram
_READS_AT_ONCE = 64


class Where:
    """An address, looked up."""

    def __init__(self, address: str, options: SocketOptions, binding: bool) -> None:
        """Look the address up; may block. Raises OSError, and ZMQError(EINVAL)."""
        source, destination = split_source(address)
        self.family = family_of(options)
        wanted = parse_host_and_port(destination, bindable=binding)
        if binding:
            self.target: Any = resolve_local(wanted, self.family, 0)
        elif wanted.port == 0:
            raise error(EINVAL, "connect() needs the number of the port")
        else:
            self.target = look_up(wanted, self.family, 0)[0]
        self.multicast = _is_multicast(self.target[0])
        self.index = 0  # of the interface, for IPv6
        self.interface: Any = None
        if source is not None:
            if not self.multicast:
                raise error(EINVAL, f"an interface, as in {address!r}, is for multicast groups")
            self.interface = resolve_local(HostAndPort(source.strip("[]"), "", 0), self.family, 0)
            if _is_multicast(self.interface[0]):
                raise error(EINVAL, f"{source!r} is a multicast group, not an interface")
            self.index = _index_of(source)

    def bound(self) -> Any:
        """Return what to bind: for a multicast group any address, with its port."""
        if not self.multicast:
            return self.target
        any_host = "::" if self.family == socket.AF_INET6 else "0.0.0.0"
        return (any_host, *self.target[1:])


class DatagramEnd:
    """A bound or connected descriptor: an Endpoint, and the Link of its pipe."""

    traffic = True

    def __init__(self, core: SocketCore, address: str, options: SocketOptions, datagrams: Datagrams) -> None:
        """Make the descriptor. Raises ZMQError."""
        self._core = core
        self._options = options
        self._datagrams = datagrams
        self._receives = core.pattern.can_receive
        self._sends = core.pattern.can_send
        self._given = f"udp://{address}"
        self._writing = False
        self._messages_in = self._messages_out = 0  # see core/statistics.py
        self._bytes_in = self._bytes_out = 0
        self._open = True
        self.pipe: Pipe | None = None
        try:
            self._where = Where(address, options, self._receives)
            self._socket = self._make()
        except OSError as failure:
            raise error(failure.errno or EINVAL, f"udp://{address}: {failure.strerror}") from failure
        self.fd = self._socket.fileno()
        self.endpoint = self._name() if self._receives and not self._where.multicast else self._given

    def start(self) -> None:
        """Give the pattern its pipe. Raises ZMQError: it has one and wants no other."""
        core = self._core
        pipe = self.pipe = core.new_pipe(self, self._options)
        pipe.everything = self._sends
        core.loop.watch(self.fd, self, READ if self._receives else 0)
        core.pattern.attach(pipe)
        if pipe not in core.pattern.pipes:
            raise error(EADDRINUSE, f"this {core.socket_type.name} is bound already: unbind that first")
        pipe.ready = True
        core.pattern.ready(pipe)

    # -- reading and writing -------------------------------------------------------------------------------

    def on_ready(self, mask: int) -> None:
        """Receive and send what the descriptor is ready for (Handler)."""
        if mask != WRITE and self._receives:
            self._read()
        if self._writing:
            self.flush()

    def _read(self) -> None:
        pipe, core = self.pipe, self._core
        assert pipe is not None
        for _ in range(_READS_AT_ONCE):
            if pipe not in core.pattern.pipes:
                return
            if len(pipe.inbox) >= pipe.receive_limit:
                pipe.paused = True
                self._watch()
                return
            try:
                datagram, sender = self._socket.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP message about what was sent: it is lost, as datagrams are
            message = self._datagrams.unpack(datagram, sender[0], sender[1])
            self._messages_in += 1
            self._bytes_in += len(datagram)
            if message is None:
                core.pattern.thrown_away(pipe)
            else:
                pipe.inbox.append(message)
                core.news = True
                core.pattern.arrived(pipe)
        core.more = True

    def flush(self) -> None:
        """Send what is queued, as far as the kernel takes it (Link)."""
        pipe = self.pipe
        if pipe is None or not self._open:
            return
        outbox = pipe.outbox
        while outbox:
            message = outbox[0]
            if self._sends and message.__class__ is list:  # else a command: datagrams carry none
                packed = self._datagrams.pack(message)
                if packed is None:
                    self._core.pattern.unroutable += 1
                elif not self._send(*packed):
                    break
            outbox.popleft()
        if bool(outbox) is not self._writing:
            self._watch()

    def _send(self, datagram: bytes, to: tuple[str, int] | None) -> bool:
        """Send one datagram, or drop it; False: the kernel takes none now."""
        try:
            if to is None:
                self._socket.sendto(datagram, self._where.target)
            else:
                self._socket.sendto(datagram, self._numeric(*to))
        except BlockingIOError:
            return False
        except (OSError, UnicodeError):  # UnicodeError: a host that cannot be one, to getaddrinfo
            self._core.pattern.unroutable += 1  # too large, no such address, nobody there: datagrams get lost
        else:
            self._core.bytes_out = max(self._core.bytes_out, len(datagram))
            self._messages_out += 1
            self._bytes_out += len(datagram)
        return True

    def _numeric(self, host: str, port: int) -> Any:
        # Never a name: looking one up would block.
        found = socket.getaddrinfo(
            host, port, self._where.family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST | _V4MAPPED
        )
        return found[0][4]

    def resume(self) -> None:
        """Read on: the inbox has room again (Link)."""
        if self.pipe is not None and self.pipe.paused and self._open:
            self.pipe.paused = False
            self._watch()

    def _watch(self) -> None:
        pipe = self.pipe
        if pipe is None or not self._open:
            return
        self._writing = bool(pipe.outbox) and self._sends
        reading = READ if self._receives and not pipe.paused else 0
        self._core.loop.watch(self.fd, self, reading | (WRITE if self._writing else 0))

    # -- Link, and Endpoint --------------------------------------------------------------------------------

    @property
    def ends(self) -> EndpointPair:
        """Where we are bound, or what we are connected to."""
        return (
            EndpointPair.of_bind(self.endpoint) if self._receives else EndpointPair.of_connect(self.endpoint)
        )

    def counts(self) -> Counts:
        """Return how many datagrams came and left (Link)."""
        return Counts(self._messages_in, self._messages_out, self._bytes_in, self._bytes_out)

    def matches(self, given: str) -> bool:
        """Return whether unbind(given) means this one."""
        return given in (self.endpoint, self._given)

    def close(self) -> None:
        """End because the pattern wants it."""
        self.shut()

    def dismiss(self) -> None:
        """End because the pattern wants it: what was queued has been sent."""
        self.shut()

    def retire(self) -> None:
        """Let the pattern forget the pipe; send on what is queued."""
        if self.pipe is not None and self.pipe in self._core.pattern.pipes:
            self._core.pattern.detach(self.pipe)

    def pending(self) -> bool:
        """Return whether something is still to be sent."""
        return self._open and self.pipe is not None and bool(self.pipe.outbox)

    def unsent(self, connected_only: bool) -> int:
        """Return how much waits to be sent."""
        return len(self.pipe.outbox) if self.pipe is not None and self._open else 0

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        if self.pipe is not None and self._open:
            self._watch()
            self._core.pattern.arrived(self.pipe)
            self.flush()

    def shut(self) -> None:
        """End for good."""
        if self._open:
            self._open = False
            let_go(self._core.loop, self, self._socket)
            self._core.tally.add(self.counts())
            if self.pipe is not None:
                self._core.tally.left(self.pipe, self._core.pattern, len(self.pipe.outbox))
            self.retire()

    def abandon(self) -> None:
        """In a forked child: close our copy of the descriptor."""
        self._open = False
        self._socket.close()

    # -- the descriptor ------------------------------------------------------------------------------------

    def _make(self) -> socket.socket:
        made = socket.socket(self._where.family, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
        try:
            made.setblocking(False)
            bind_to_device(made, self._options)
            set_buffers(made, self._options)
            if self._where.family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            if self._where.multicast and self._sends:
                _tune_sending(made, self._where, self._options)
            if self._receives:
                if self._where.multicast:
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if hasattr(socket, "SO_REUSEPORT"):
                        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                made.bind(self._where.bound())
                if self._where.multicast:
                    _join(made, self._where)
        except (OSError, ZMQError):
            made.close()
            raise
        return made

    def _name(self) -> str:
        host, port = self._socket.getsockname()[:2]
        return f"udp://[{host}]:{port}" if ":" in host else f"udp://{host}:{port}"


_V4MAPPED = getattr(socket, "AI_V4MAPPED", 0)


def _tune_sending(made: socket.socket, where: Where, options: SocketOptions) -> None:
    if where.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, options.multicast_loop)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, options.multicast_hops)
        if where.index:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, where.index)
        return
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, options.multicast_loop)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, options.multicast_hops)
    if where.interface is not None:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(where.interface[0]))


def _join(made: socket.socket, where: Where) -> None:
    group = socket.inet_pton(where.family, where.target[0])
    if where.family == socket.AF_INET6:
        # struct ipv6_mreq: the group, the number of the interface.
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, pack("@16sI", group, where.index))
    else:
        # struct ip_mreq: the group, an address of the interface.
        interface = where.interface[0] if where.interface is not None else "0.0.0.0"
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + socket.inet_aton(interface))


def _is_multicast(host: str) -> bool:
    if ":" in host:
        return host.lower().startswith("ff")
    return 224 <= int(host.partition(".")[0]) < 240


def _index_of(source: str) -> int:
    """Return the number of an interface; 0: the system is to choose. Raises OSError(ENODEV)."""
    if source == "*":
        return 0
    try:
        return socket.if_nametoindex(source)
    except OSError:
        if ":" in source:
            raise OSError(ENODEV, f"name the interface, not its address {source}") from None
        return 0
