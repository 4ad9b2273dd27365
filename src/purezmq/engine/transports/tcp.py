"""tcp:// — zmq_tcp(7); ip_resolver.cpp, tcp.cpp, tcp_listener.cpp and tcp_connecter.cpp of libzmq 4.3.5.

Rules:

- IPV6=0 is IPv4 only. IPV6=1 is IPv6 sockets only, which reach IPv4 through mapped addresses
  (::ffff:1.2.3.4); where the system has no IPv6 it is as IPV6=0.
- bind() takes "*", the name of an interface, an address, or a DNS name, tried in this order; of several
  addresses the first. What is none of these is ENODEV.
- connect() takes an address or a DNS name, and tries all its addresses in turn (libzmq: only the first).
- With SOCKS_PROXY it is the proxy's name that is looked up, and its addresses that are tried; the proxy looks up the
  rest. A source address, as in "source;destination", is what the proxy is connected to from (libzmq: a part of
  the name).
- Sockets never block and are not inherited. NODELAY is always on. Buffer sizes are set before listen() and
  connect(), since they decide the window that TCP agrees on.
"""

from __future__ import annotations

import os
import sys
from errno import (
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    ECONNABORTED,
    ECONNREFUSED,
    EINVAL,
    EMFILE,
    ENODEV,
    ENOMEM,
    ENOTSUP,
)
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from purezmq.core.endpoint import (
    HostAndPort,
    check_connect_address,
    parse_host_and_port,
    parse_network,
    split_source,
    zone_number,
)
from purezmq.core.wire import socks
from purezmq.engine.transports import (
    NO_DESCRIPTORS,
    UNDER_WAY,
    Listening,
    ListeningSocket,
    Names,
    Stream,
    Target,
    Transport,
    adopt,
    as_socket,
    set_buffers,
)
from purezmq.engine.tunnel import Tunnel
from purezmq.engine.unpatched import socket
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions

_HINTS = {
    EACCES: "ports below 1024 need privileges",
    EADDRINUSE: "another socket has this port: bind another one, or port * and read LAST_ENDPOINT",
    EADDRNOTAVAIL: "this machine does not have that address: bind one that it has, or *",
    ENODEV: "no interface, address or host name of this machine: bind * for all interfaces; IPv6 needs IPV6=1",
    EINVAL: "an address of one link only needs its interface, as in tcp://[fe80::1%eth0]:5555",
    EMFILE: NO_DESCRIPTORS,
}

# The reach of an IPv6 address, in the order of getifaddrs(): global, site, link, host.
_IPV6_SCOPES = {0x00: 0, 0x40: 1, 0x20: 2, 0x10: 3}
_SIOCGIFADDR = 0x8915 if sys.platform == "linux" else 0xC0206921  # the latter: macOS and the BSDs
_INTERFACE_NAME_MAX = 15

_NONBLOCK = getattr(socket, "SOCK_NONBLOCK", 0)  # not on macOS
_TCP_KEEPIDLE = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))  # the latter: macOS
_TCP_KEEPCNT = getattr(socket, "TCP_KEEPCNT", None)
_TCP_KEEPINTVL = getattr(socket, "TCP_KEEPINTVL", None)
_TCP_USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)
_SO_BINDTODEVICE = getattr(socket, "SO_BINDTODEVICE", None)
_SO_PRIORITY = getattr(socket, "SO_PRIORITY", None)
_SO_BUSY_POLL = 46 if sys.platform == "linux" else None  # Python has no name for it
_SO_EXCLUSIVEADDRUSE = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
_IPV6_TCLASS = getattr(socket, "IPV6_TCLASS", None)
_V4MAPPED = getattr(socket, "AI_V4MAPPED", 0) | getattr(socket, "AI_ALL", 0)


class TcpTransport:
    """See Transport."""

    scheme = "tcp"

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen at address; with USE_FD at that descriptor, whatever address says."""
        try:
            if options.use_fd >= 0:
                listening = adopt(options.use_fd, (socket.AF_INET, socket.AF_INET6))
            else:
                listening = _listen(address, options)
            return ListeningSocket(
                listening, _endpoint(listening.getsockname()), lambda stream: _tune_accepted(stream, options)
            )
        except OSError as failure:
            number = failure.errno or EINVAL
            hint = _HINTS.get(number)
            raise error(number, f"tcp://{address}: {hint}" if hint else f"tcp://{address}") from failure

    def check(self, address: str, options: SocketOptions) -> None:
        """Refuse what is no address at first sight."""
        check_connect_address(address)
        if options.socks_proxy:
            length = len(split_source(address)[1].rpartition(":")[0].encode("utf-8", "surrogateescape"))
            if length > socks.LONGEST:  # libzmq aborts the process
                raise error(EINVAL, f"SOCKS takes names of {socks.LONGEST} bytes at most, not of {length}")

    def targets_now(self, address: str, options: SocketOptions) -> list[Target] | None:
        """Return the one target of a numeric address, or of the proxy's."""
        if not options.ipv6 and not options.socks_proxy:
            target = _ipv4_target(address)
            if target is not None:
                return [target]
        try:
            return _targets(address, options, socket.AI_NUMERICHOST)
        except OSError:
            return None  # resolve() finds out whether it is a name or nonsense

    def resolve(self, address: str, options: SocketOptions) -> list[Target]:
        """Return a target for every address that the name, or the proxy's, has."""
        return _targets(address, options, 0)

    def proxy(self, options: SocketOptions) -> str:
        """Return what SOCKS_PROXY says as an endpoint."""
        return f"tcp://{_proxy(options)}" if options.socks_proxy else ""

    def tunnel(self, address: str, options: SocketOptions) -> Tunnel:
        """Ask the proxy for the address, as a name unless it is numeric."""
        wanted = parse_host_and_port(split_source(address)[1], bindable=False)
        host = f"{wanted.host}%{wanted.zone}" if wanted.zone else wanted.host
        name = host.encode("utf-8", "surrogateescape")
        return Tunnel(
            socks.SocksHandshake(
                name, _packed(name), wanted.port, options.socks_username, options.socks_password
            )
        )

    def connect(self, target: Target, options: SocketOptions) -> Stream:
        """Begin to connect."""
        stream = socket.socket(target.family, socket.SOCK_STREAM | _NONBLOCK, socket.IPPROTO_TCP)
        try:
            if not _NONBLOCK:
                stream.setblocking(False)
            _tune_unconnected(stream, target.family, options)
            _tune(stream, options)
            if target.source is not None:
                # Several connections, to different servers, may share one source port.
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                stream.bind(target.source)
            refused = stream.connect_ex(target.address)
            if refused not in UNDER_WAY:
                raise OSError(refused, os.strerror(refused))
        except OSError:
            stream.close()
            raise
        return stream

    def connect_error(self, stream: Stream) -> int:
        """Return SO_ERROR, or ECONNREFUSED for a stream that has connected to itself."""
        made = as_socket(stream)
        number = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            return number
        try:
            # Dialling a free port of this machine that is also the one given to us for dialling: nobody
            # listens, and the stream would keep the port from the server that is to come.
            return ECONNREFUSED if made.getsockname() == made.getpeername() else 0
        except OSError as gone:
            return gone.errno or ECONNREFUSED

    def names(self, stream: Stream) -> Names | None:
        """Return who is at the ends, with the peer's IP address; None also for one that has met itself."""
        made = as_socket(stream)
        try:
            remote = made.getpeername()
            local = made.getsockname()
        except OSError:
            return None
        if remote == local:
            return None
        if len(remote) == 2:
            return Names(f"tcp://{local[0]}:{local[1]}", f"tcp://{remote[0]}:{remote[1]}", remote[0])
        return Names(_endpoint(local), _endpoint(remote), _numeric(remote)[0])

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return what was given: nothing is resolved yet."""
        return f"tcp://{address}"

    def matches(self, given: str, endpoint: str) -> bool:
        """Compare what bind() makes of them: localhost:5555 is 127.0.0.1:5555, *:5555 is [::]:5555.

        In libzmq "*" and interfaces match nothing: resolve_tcp_addr() gives up before it tries them.
        """
        if given == endpoint:
            return True
        if not given.startswith("tcp://"):
            return False
        family = socket.AF_INET6 if endpoint.startswith("tcp://[") else socket.AF_INET
        try:
            wanted = parse_host_and_port(split_source(given.removeprefix("tcp://"))[1], bindable=True)
            if not endpoint.endswith(f":{wanted.port}"):
                return False  # before any name is looked up
            return _endpoint(resolve_local(wanted, family, 0)) == endpoint
        except (OSError, ZMQError):
            return False


# -- sockets ---------------------------------------------------------------------------------------------


def _listen(address: str, options: SocketOptions) -> socket.socket:
    source, address = split_source(address)
    family = family_of(options)
    if source is not None:  # checked as libzmq does, and of no use
        resolve_local(parse_host_and_port(source, bindable=True), family, socket.AI_NUMERICHOST)
    where = resolve_local(parse_host_and_port(address, bindable=True), family, 0)
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        _tune_unconnected(listening, family, options)
        if _SO_EXCLUSIVEADDRUSE is not None:
            listening.setsockopt(socket.SOL_SOCKET, _SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(options.backlog)
    except OSError:
        listening.close()
        raise
    return listening


def _tune_unconnected(made: socket.socket, family: int, options: SocketOptions) -> None:
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if options.tos:
        _set_tos(made, options.tos)
    if options.bindtodevice:
        bind_to_device(made, options)
    if options.priority > 0 or options.busy_poll > 0:
        _set_priority(made, options)
    set_buffers(made, options)


def bind_to_device(made: socket.socket, options: SocketOptions) -> None:
    """Apply BINDTODEVICE. Raises OSError."""
    if options.bindtodevice:
        if _SO_BINDTODEVICE is None:
            raise OSError(ENOTSUP, "this system has no SO_BINDTODEVICE: leave BINDTODEVICE empty")
        made.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, options.bindtodevice)


def _tune_accepted(stream: socket.socket, options: SocketOptions) -> None:
    if options.tcp_accept_filter:
        _admit(stream, options)
    _tune(stream, options)
    if options.tos:
        _set_tos(stream, options.tos)
    if options.priority > 0 or options.busy_poll > 0:
        _set_priority(stream, options)
    set_buffers(stream, options)  # not every system, nor every USE_FD, hands on the listening socket's


def _admit(stream: socket.socket, options: SocketOptions) -> None:
    """Raise OSError(ECONNABORTED) for a peer that TCP_ACCEPT_FILTER does not let in."""
    ipv6 = stream.family == socket.AF_INET6
    host = stream.getpeername()[0].partition("%")[0]
    packed = socket.inet_pton(stream.family, host)
    for text in options.tcp_accept_filter.decode("latin-1").split():
        if parse_network(text, ipv6).has(packed):
            return
    raise OSError(ECONNABORTED, f"TCP_ACCEPT_FILTER does not let {host} in")


def _tune(stream: socket.socket, options: SocketOptions) -> None:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if options.tcp_keepalive != -1:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, options.tcp_keepalive)
        for option, value in (
            (_TCP_KEEPCNT, options.tcp_keepalive_cnt),
            (_TCP_KEEPIDLE, options.tcp_keepalive_idle),
            (_TCP_KEEPINTVL, options.tcp_keepalive_intvl),
        ):
            if value != -1 and option is not None:
                stream.setsockopt(socket.IPPROTO_TCP, option, value)
    if options.tcp_maxrt > 0 and _TCP_USER_TIMEOUT is not None:
        stream.setsockopt(socket.IPPROTO_TCP, _TCP_USER_TIMEOUT, options.tcp_maxrt)


def _set_priority(made: socket.socket, options: SocketOptions) -> None:
    for option, name, value in (
        (_SO_PRIORITY, "PRIORITY", options.priority),
        (_SO_BUSY_POLL, "BUSY_POLL", options.busy_poll),
    ):
        if value > 0 and option is None:
            raise OSError(ENOTSUP, f"this system has no SO_{name}: leave {name} at 0")
        if value > 0 and option is not None:
            made.setsockopt(socket.SOL_SOCKET, option, value)


def _set_tos(made: socket.socket, tos: int) -> None:
    if made.family == socket.AF_INET6 and _IPV6_TCLASS is not None:
        made.setsockopt(socket.IPPROTO_IPV6, _IPV6_TCLASS, tos)
    try:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
    except OSError:
        if made.family != socket.AF_INET6:  # only Linux takes it there, for what goes out as IPv4
            raise


# -- names and addresses ---------------------------------------------------------------------------------


def family_of(options: SocketOptions) -> int:
    """Return AF_INET6 with the option IPV6, on a system that has it, else AF_INET."""
    if not options.ipv6:
        return socket.AF_INET
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError as failure:
        if failure.errno == EAFNOSUPPORT:
            return socket.AF_INET
        raise
    return socket.AF_INET6


@lru_cache(256)
def _ipv4_target(address: str) -> Target | None:
    """Return the target of a plain IPv4 address and port: who comes again and again mostly comes to the same one."""
    try:
        wanted = parse_host_and_port(address, bindable=False)
    except ZMQError:
        return None
    if ";" in address or wanted.zone or not _is_ipv4(wanted.host):
        return None
    return Target(socket.AF_INET, (wanted.host, wanted.port))


def _is_ipv4(host: str) -> bool:
    """Return whether this is an address as getaddrinfo() would write it."""
    try:
        socket.inet_pton(socket.AF_INET, host)
    except (OSError, ValueError):
        return False
    return True


def _targets(address: str, options: SocketOptions, flags: int) -> list[Target]:
    family = family_of(options)
    source, destination = split_source(address)
    try:
        origin = None
        if source is not None:
            origin = resolve_local(parse_host_and_port(source, bindable=True), family, socket.AI_NUMERICHOST)
        wanted = parse_host_and_port(destination, bindable=False)
        if options.socks_proxy:
            if wanted.port == 0:
                raise error(EINVAL, "a proxy needs the number of the port")
            wanted = parse_host_and_port(_proxy(options), bindable=False)
        return [Target(family, found, origin) for found in look_up(wanted, family, flags)]
    except ZMQError as wrong:  # let through by check(), as libzmq does, and to be tried again for ever
        raise OSError(wrong.errno, wrong.strerror) from wrong


def _proxy(options: SocketOptions) -> str:
    return options.socks_proxy.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _packed(host: bytes) -> bytes:
    """Return a numeric address as 4 or 16 bytes; b"": it is a name."""
    try:
        found = socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except OSError:
        return b""
    family, _, _, _, address = found[0]
    return socket.inet_pton(family, str(address[0]).partition("%")[0])


def resolve_local(wanted: HostAndPort, family: int, flags: int) -> Any:
    """Return the address to bind. Raises OSError(ENODEV), and ZMQError(EINVAL) for a zone that is none."""
    if wanted.host == "*":
        any_host = "::" if family == socket.AF_INET6 else "0.0.0.0"
        return _address(family, any_host, wanted.port, _zone(wanted))
    zone = _zone(wanted)
    found = _address_of_interface(wanted.host, family)
    if found is None:
        try:
            return look_up(wanted, family, flags | socket.AI_PASSIVE)[0]
        except OSError as failure:
            raise OSError(ENOMEM if failure.errno == ENOMEM else ENODEV, str(failure)) from failure
    host, own_zone = found
    return _address(family, host, wanted.port, zone or own_zone)


def look_up(wanted: HostAndPort, family: int, flags: int) -> list[Any]:
    """Return the addresses of a host. Raises OSError(EINVAL), which is what libzmq makes of all but ENOMEM."""
    zone = _zone(wanted)
    if family == socket.AF_INET and not zone and _is_ipv4(wanted.host):
        return [(wanted.host, wanted.port)]
    host = wanted.host.encode("utf-8", "surrogateescape")  # bytes: a str would go through the slow idna codec
    try:
        found = _getaddrinfo(host, family, flags)
    except socket.gaierror as failure:
        number = ENOMEM if failure.errno == socket.EAI_MEMORY else EINVAL
        raise OSError(number, f"{wanted.host!r}: {failure.strerror}") from failure
    return [_address(family, str(entry[4][0]), wanted.port, zone) for entry in found]


def _getaddrinfo(host: bytes, family: int, flags: int) -> list[Any]:
    if family == socket.AF_INET6:
        try:
            return socket.getaddrinfo(host, None, family, socket.SOCK_STREAM, 0, flags | _V4MAPPED)
        except socket.gaierror as failure:
            if failure.errno != socket.EAI_BADFLAGS:  # some systems define the flag and do not take it
                raise
    return socket.getaddrinfo(host, None, family, socket.SOCK_STREAM, 0, flags)


def _address(family: int, host: str, port: int, zone: int) -> Any:
    return (host, port, 0, zone) if family == socket.AF_INET6 else (host, port)


def _zone(wanted: HostAndPort) -> int:
    """Return the number of the interface behind the %, 0 when there is none. Raises ZMQError(EINVAL)."""
    if not wanted.zone:
        return 0
    number = zone_number(wanted.zone)
    if number is None:
        try:
            number = socket.if_nametoindex(wanted.zone)
        except OSError:
            number = 0
    if number == 0:
        raise error(EINVAL, f"{wanted.zone!r} is no interface of this machine")
    return number & 0xFFFFFFFF


def _address_of_interface(name: str, family: int) -> tuple[str, int] | None:
    """Return the first address of an interface, and the zone that it needs; None: no such interface or address."""
    encoded = name.encode("utf-8", "surrogateescape")
    if not encoded or len(encoded) > _INTERFACE_NAME_MAX:
        return None
    return _ipv6_of_interface(name) if family == socket.AF_INET6 else _ipv4_of_interface(encoded)


def _ipv4_of_interface(name: bytes) -> tuple[str, int] | None:
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            # struct ifreq: 16 bytes of name, then a struct sockaddr_in, the address at 4 in it.
            request = fcntl.ioctl(asking.fileno(), _SIOCGIFADDR, name.ljust(256, b"\0"))
        except OSError:
            return None
    return socket.inet_ntoa(request[20:24]), 0


def _ipv6_of_interface(name: str) -> tuple[str, int] | None:
    try:
        with open("/proc/net/if_inet6", encoding="utf-8", errors="surrogateescape") as table:
            rows = [row.split() for row in table]
    except OSError:  # not Linux
        return None
    mine = [row for row in rows if row[5] == name]
    if not mine:
        return None
    address, index, _, scope = min(mine, key=lambda row: _IPV6_SCOPES.get(int(row[3], 16), 4))[:4]
    host = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(address))
    return host, int(index, 16) if int(scope, 16) == 0x20 else 0


def _numeric(address: Any) -> tuple[str, str]:
    if len(address) == 2:  # IPv4: no zone to be named
        return address[0], str(address[1])
    return socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)


def _endpoint(address: Any) -> str:
    host, port = _numeric(address)
    return f"tcp://[{host}]:{port}" if len(address) == 4 else f"tcp://{host}:{port}"


transport: Transport = TcpTransport()
