"""What an endpoint string says, before anything is looked up.

    tcp://127.0.0.1:5555           Endpoint("tcp", "127.0.0.1:5555")
    tcp://eth0:*                   an interface, and any free port: bind only
    tcp://[fe80::1%eth0]:5555      IPv6, with a zone
    tcp://10.0.0.1:0;host:5555     connect to host, from 10.0.0.1

Rules (zmq_tcp(7); ip_resolver.cpp, tcp_address.cpp and socket_base.cpp of libzmq 4.3.5; every one of them
is pinned against PyZMQ by tests/core/test_endpoint.py and tests/engine/transports/test_tcp.py):

- The scheme ends at the first "://". Neither side may be empty. Nothing behind a NUL counts: libzmq reads a
  C string.
- The port is what follows the last colon: "*" or "0" is any free port, and the rest is read as C's atoi()
  does, modulo 65536. So "5555x" is 5555, 71077 is 5541, and 65536 is refused because it comes out as 0.
- connect() refuses at once what cannot be an address. What it lets through may still prove to be none when
  it is resolved; the connection is then retried for ever, since a name may come to exist.

The transports call these functions; engine/endpoints.py calls parse_endpoint().
"""

from __future__ import annotations

from errno import EINVAL
from functools import lru_cache

from purezmq.errors import error

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CONNECT_FIRST = _DIGITS | _LETTERS | frozenset("[:")
_CONNECT_REST = _DIGITS | _LETTERS | frozenset(".-:%;[]_*")
_MAPPED = bytes(10) + b"\xff\xff"  # before an IPv4 address
_BLANKS = " \t\n\v\f\r"
_VSOCK_ANY, _VSOCK_HOST = 0xFFFFFFFF, 2
_TIPC_RESERVED = 64  # services below are the system's
_TIPC_WHOLE_NETWORK = ("0.0.0", "1.0.0")
_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1
_KNOWN = 256  # endpoints: a program that comes again and again mostly comes to the same ones


class Endpoint:
    """scheme://address, taken apart."""

    __slots__ = ("address", "scheme")

    def __init__(self, scheme: str, address: str) -> None:
        self.scheme = scheme
        self.address = address

    def __str__(self) -> str:
        return f"{self.scheme}://{self.address}"


class HostAndPort:
    """One side of a tcp address.

    host has no brackets; "*" is any interface. zone is "" or the name or number of an interface. port 0 is any free
    port.
    """

    __slots__ = ("host", "port", "zone")

    def __init__(self, host: str, zone: str, port: int) -> None:
        self.host = host
        self.zone = zone
        self.port = port


class Network:
    """Addresses that begin alike."""

    __slots__ = ("_bits", "_packed")

    def __init__(self, packed: bytes, bits: int) -> None:
        self._packed = packed
        self._bits = bits

    def has(self, packed: bytes) -> bool:
        """Return whether this address, of 4 or 16 bytes, is one of them."""
        shift = len(packed) * 8 - self._bits
        return len(packed) == len(self._packed) and (
            int.from_bytes(packed, "big") >> shift == int.from_bytes(self._packed, "big") >> shift
        )


@lru_cache(_KNOWN)
def parse_endpoint(text: str) -> Endpoint:
    """Take "scheme://address" apart. Raises ZMQError(EINVAL)."""
    text = text.partition("\0")[0]
    scheme, separator, address = text.partition("://")
    if not separator or not scheme or not address:
        raise error(EINVAL, f"an endpoint is transport://address, such as tcp://127.0.0.1:5555, not {text!r}")
    return Endpoint(scheme, address)


def split_source(address: str) -> tuple[str | None, str]:
    """Split "source;destination" at the last semicolon. Without one the source is None."""
    source, semicolon, destination = address.rpartition(";")
    return (source if semicolon else None), destination


def parse_host_and_port(text: str, *, bindable: bool) -> HostAndPort:
    """Parse one side of a tcp address. bindable: "*" may stand for the port. Raises ZMQError(EINVAL)."""
    host, colon, port = text.rpartition(":")
    if not colon:
        raise error(EINVAL, f"{text!r} has no port: write {text or 'host'}:5555")
    number = _port(port, text, bindable)
    if len(host) >= 2 and host[0] == "[" and host[-1] == "]":
        host = host[1:-1]
    host, percent, zone = host.rpartition("%")
    if not percent:
        return HostAndPort(zone, "", number)
    if not zone:
        raise error(EINVAL, f"{text!r} names no interface behind the %")
    return HostAndPort(host, zone, number)


class TipcAddress:
    """An address of tipc, in one of four kinds.

    SERVICES: the service first, its instances second to last. SERVICE: the service first, the instance second, the
    domain last. PORT: the node first, its port second. ANY: a port that the system is to choose.
    """

    SERVICES, SERVICE, PORT, ANY = "services", "service", "port", "any"

    __slots__ = ("first", "kind", "last", "second")

    def __init__(self, kind: str, first: int = 0, second: int = 0, last: int = 0) -> None:
        self.kind = kind
        self.first = first
        self.second = second
        self.last = last

    def __str__(self) -> str:
        if self.kind in (self.SERVICES, self.SERVICE):
            return f"tipc://{{{self.first}, {self.second}, {self.last}}}"
        zone, cluster, node = self.first >> 24, self.first >> 12 & 0xFFF, self.first & 0xFFF
        return f"tipc://<{zone}.{cluster}.{node}:{self.second}>"


def parse_vsock(text: str) -> tuple[int, int]:
    """Parse "cid:port"; 2**32 - 1 is any of them. Raises ZMQError(EINVAL)."""
    cid, colon, port = text.rpartition(":")
    if not colon or not cid or not port:
        raise error(EINVAL, f"{text!r} has no port: write vsock://{text or '*'}:5555")
    return _VSOCK_HOST if cid == "@" else _vsock_number(cid), _vsock_number(port)


def _vsock_number(text: str) -> int:
    if text in ("*", "-1"):
        return _VSOCK_ANY
    number = atoi(text)
    if text.lstrip(_BLANKS).removeprefix("+")[:1] not in _DIGITS or number > _VSOCK_ANY:
        raise error(EINVAL, f"{text!r} is no number of 32 bits")
    return number


def parse_tipc(text: str) -> TipcAddress:
    """Parse "{5560,0,99}", "{5560,7}", "<1.1.16:4711>" or "<*>". Raises ZMQError(EINVAL)."""
    import re  # nobody else needs it

    if text.startswith("<*>"):
        return TipcAddress(TipcAddress.ANY)
    service = re.match(r"\{\s*(\d+),\s*(\d+)(?:,\s*(\d+))?", text)
    port = re.match(r"<\s*(\d+)\.\s*(\d+)\.\s*(\d+):\s*(\d+)", text)
    _, at, domain = text.partition("@")
    if service and (not at or domain in _TIPC_WHOLE_NETWORK):
        number, low, high = (int(found) & 0xFFFFFFFF if found else None for found in service.groups())
        assert number is not None
        assert low is not None
        if high is None and number > _TIPC_RESERVED:
            return TipcAddress(TipcAddress.SERVICE, number, low, 0 if domain == "0.0.0" else 1 << 24)
        if high is not None and number >= _TIPC_RESERVED and low <= high:
            return TipcAddress(TipcAddress.SERVICES, number, low, high)
    elif port:
        zone, cluster, node, reference = (int(found) & 0xFFFFFFFF for found in port.groups())
        return TipcAddress(TipcAddress.PORT, (zone << 24 | cluster << 12 | node) & 0xFFFFFFFF, reference)
    raise error(
        EINVAL, f"{text!r} is no address of tipc, such as {{5560,0,99}}, {{5560,7}}, <1.1.16:4711> or <*>"
    )


def parse_network(text: str, ipv6: bool) -> Network:
    """Parse "10.0.0.0/8", or an address alone. ipv6: of both kinds, else IPv4 only. Raises ZMQError(EINVAL)."""
    import ipaddress  # takes longer to import than most programs with filters run for

    host, slash, bits = text.partition("/")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise error(EINVAL, f"a filter is an address, or 10.0.0.0/8, not {text!r}") from None
    if address.version == 6 and not ipv6:
        raise error(EINVAL, f"{text!r} needs the option IPV6")
    packed = address.packed
    most = len(packed) * 8
    number = most if not slash else 0 if bits == "0" else atoi(bits)
    if not (number or bits == "0") or not 0 <= number <= most:
        raise error(EINVAL, f"{text!r}: a mask has 0 to {most} bits")
    if (
        ipv6 and address.version == 4
    ):  # as peers of IPv4 appear there; libzmq counts the bits from the very first
        return Network(_MAPPED + packed, len(_MAPPED) * 8 + number)
    return Network(packed, number)


def zone_number(zone: str) -> int | None:
    """Return the number that a zone is, None when it is the name of an interface."""
    return None if zone[0] in _LETTERS else atoi(zone)


@lru_cache(_KNOWN)
def check_connect_address(address: str) -> None:
    """Refuse what connect() refuses before it resolves anything. Raises ZMQError(EINVAL)."""
    if address[0] not in _CONNECT_FIRST:
        raise error(EINVAL, f"connect() to a host, such as tcp://127.0.0.1:5555, not to {address!r}")
    for character in address:
        if character not in _CONNECT_REST:
            raise error(EINVAL, f"{character!r} cannot be in the address {address!r}")
    _, colon, port = address.rpartition(":")
    if not colon:
        raise error(EINVAL, f"{address!r} has no port: write {address}:5555")
    if port[:1] not in _DIGITS:
        raise error(
            EINVAL, f"connect() needs the number of the port, not {port!r}: read LAST_ENDPOINT after bind()"
        )


def atoi(text: str) -> int:
    """Read a number as C does: leading blanks, a sign, digits, and anything behind them; 0 when there is none."""
    text = text.lstrip(_BLANKS)
    start = 1 if text[:1] in ("+", "-") else 0
    end = start
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    if end == start:
        return 0
    number = int(text[start:end])
    return max(-number, _LONG_MIN) if text[0] == "-" else min(number, _LONG_MAX)


def _port(port: str, text: str, bindable: bool) -> int:
    if port == "*":
        if bindable:
            return 0
        raise error(
            EINVAL, f"{text!r}: connect() needs the number of the port, read LAST_ENDPOINT after bind()"
        )
    if port == "0":
        return 0
    number = atoi(port) & 0xFFFF
    if number == 0:
        raise error(EINVAL, f"{text!r}: {port!r} is no port, write a number from 1 to 65535")
    return number
