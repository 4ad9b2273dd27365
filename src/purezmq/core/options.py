"""Socket options: one table, from number to field, default, range, and where and when it applies.

Sources: zmq_setsockopt(3), zmq_getsockopt(3) and options.cpp of libzmq 4.3.5. Every default, range and EINVAL
here is pinned against PyZMQ by tests/core/test_options.py.

Rules:

- A value is checked and normalised when it is set, stored once in SocketOptions, and read where it is used.
- Times are milliseconds; bytes that are not set are b"".
- What libzmq refuses is refused with its EINVAL. What this engine does not do yet is refused too, unless the
  value is the default: no option is accepted and then ignored.
- Computed options store nothing: whoever owns the socket answers them before it asks here.

Sockets call set_option() and get_option(); connections and patterns read the fields of SocketOptions. To add
an option, add a row, and a field to SocketOptions if it is stored.
"""

from __future__ import annotations

from purezmq import constants as zmq
from purezmq.constants import SocketOption, SocketType
from purezmq.core.endpoint import parse_network
from purezmq.core.wire.commands import encode_metadata, parse_metadata
from purezmq.errors import error

TYPE_CHECKING = False  # typing and collections.abc are too slow to import for one name
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
DEFAULT_BATCH = 8192  # bytes
_KEY = 32  # bytes of a CURVE key
_LONGEST_NAME = 255  # of a property
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1

_ALL: frozenset[int] = frozenset(SocketType)
_REQ: frozenset[int] = frozenset({zmq.REQ})
_STREAM: frozenset[int] = frozenset({zmq.STREAM})
# In libzmq REP is a ROUTER underneath, and PUB an XPUB: they know each other's options.
_ROUTERS: frozenset[int] = frozenset({zmq.ROUTER, zmq.REP})
_PUBLISHERS: frozenset[int] = frozenset({zmq.XPUB, zmq.PUB})
_SUBSCRIBERS: frozenset[int] = frozenset({zmq.SUB, zmq.XSUB, zmq.DISH})
_PROBERS = _ROUTERS | {zmq.DEALER, zmq.REQ}
_TOPICAL = _PUBLISHERS | {zmq.SUB, zmq.XSUB}
_THREAD_SAFE: frozenset[int] = frozenset(
    {zmq.SERVER, zmq.CLIENT, zmq.RADIO, zmq.DISH, zmq.GATHER, zmq.SCATTER, zmq.PEER, zmq.CHANNEL}
)


class Option:
    """One row.

    low and high bound the number, or the length of the bytes. store makes of an accepted number what the
    field holds, load reverses it. parse makes it of a value, or raises. chooses sets what else the option decides:
    the security mechanism. types are the socket types that know the option. live: it changes what is already
    bound or connected, or the socket itself; the rest counts for later binds and connects. field is "" for what
    is not stored.
    """

    __slots__ = (
        "chooses",
        "computed",
        "default",
        "field",
        "high",
        "kind",
        "live",
        "load",
        "low",
        "name",
        "number",
        "parse",
        "readable",
        "store",
        "supported",
        "types",
        "writable",
    )

    def __init__(
        self,
        number: SocketOption,
        default: int | bytes,
        low: int = _INT_MIN,
        high: int = _INT_MAX,
        *,
        field: str = "",
        types: frozenset[int] = _ALL,
        store: Callable[[int], int] = int,
        load: Callable[[int], int] = int,
        parse: Callable[[SocketOptions, Any], bytes] | None = None,
        chooses: Callable[[SocketOptions], None] | None = None,
        live: bool = False,
        readable: bool = True,
        writable: bool = True,
        computed: bool = False,
        supported: bool = True,
    ) -> None:
        self.number = int(number)
        self.name = number.name
        self.kind: str = number._opt_type.value
        self.default = default
        self.low = low
        self.high = high
        self.field = (field or number.name.lower()) if supported and not computed else ""
        self.types = types
        self.store = store
        self.load = load
        self.parse = parse
        self.chooses = chooses
        self.live = live
        self.readable = readable
        self.writable = writable
        self.computed = computed
        self.supported = supported


def _with_network(options: SocketOptions, value: bytes) -> bytes:
    text = value.partition(b"\0")[0]
    parse_network(text.decode("latin-1"), bool(options.ipv6))
    return options.tcp_accept_filter + text + b"\n"


def _filter(number: SocketOption) -> Option:
    """Make a row for numbers of which each that is set is one more."""
    field = number.name.lower()

    def add(options: SocketOptions, value: int) -> bytes:
        former: bytes = getattr(options, field)
        return former + b"%d\n" % value

    return Option(number, b"", parse=add, readable=False)


def _truth(number: int) -> int:
    return int(number != 0)


def _twice_truth(number: int) -> int:
    return 2 * int(number != 0)


def _inverse(number: int) -> int:
    return 1 - number


def _deciseconds(milliseconds: int) -> int:
    # ZMTP carries the TTL in tenths of a second, and C divides towards zero: -99 ms are 0.
    return int(milliseconds / 100) * 100


# The mechanism is the one whose option was set last. No socket that was given CURVE keys ever goes back to NULL,
# as one of libzmq's does when CURVE_SERVER or PLAIN_SERVER is set to 0.


def _plain_server(options: SocketOptions) -> None:
    if options.plain_server:
        options.mechanism = zmq.PLAIN
        options.curve_server = options.gssapi_server = 0
    elif options.mechanism == zmq.PLAIN:
        options.mechanism = zmq.NULL


def _plain_client(options: SocketOptions) -> None:
    options.mechanism = zmq.PLAIN
    options.plain_server = options.curve_server = options.gssapi_server = 0


def _curve_server(options: SocketOptions) -> None:
    if options.curve_server:
        options.mechanism = zmq.CURVE
        options.plain_server = options.gssapi_server = 0
    elif options.mechanism == zmq.CURVE and not (options.curve_secretkey or options.curve_serverkey):
        options.mechanism = zmq.NULL


def _curve(options: SocketOptions) -> None:
    options.mechanism = zmq.CURVE
    options.plain_server = options.gssapi_server = 0


def _curve_client(options: SocketOptions) -> None:
    _curve(options)
    options.curve_server = 0


def _gssapi(options: SocketOptions) -> None:
    options.mechanism = zmq.GSSAPI
    options.plain_server = options.curve_server = 0


def _gssapi_client(options: SocketOptions) -> None:
    _gssapi(options)
    options.gssapi_server = 0


def _text(options: SocketOptions, value: bytes) -> bytes:
    """Return the bytes before C's closing NUL."""
    return value.partition(b"\0")[0]


def _curve_key(options: SocketOptions, value: bytes) -> bytes:
    """Return the 32 bytes of a key, given as they are or as Z85, with C's closing NUL or without."""
    from purezmq.core.security import z85  # it needs this module

    if len(value) == _KEY:
        return value
    text = value.removesuffix(b"\0")
    if len(text) == _KEY * 5 // 4:
        try:
            return z85.decode(text)
        except ValueError:
            pass
    raise error(
        zmq.EINVAL, "a CURVE key is 32 bytes, or their Z85 of 40 characters, as curve_keypair() makes it"
    )


def _with_property(options: SocketOptions, value: bytes) -> bytes:
    """Return the application's properties with b"X-name:value" among them; of two with one name the first counts."""
    name, _, content = value.partition(b":")
    # libzmq takes four bytes for a number, and refuses it.
    if not name.startswith(b"X-") or not content or len(name) > _LONGEST_NAME or len(value) == 4:
        raise error(zmq.EINVAL, 'METADATA is b"X-name:value", with a name of at most 255 bytes')
    properties = {known.encode("latin-1"): text for known, text in parse_metadata(options.metadata).items()}
    properties.setdefault(name, content.partition(b"\0")[0])
    return encode_metadata(sorted(properties.items()))


def _switch(
    number: SocketOption, types: frozenset[int], store: Callable[[int], int] = _truth, field: str = ""
) -> Option:
    """Make a row for what libzmq leaves to the socket type: off by default, any number >= 0, write-only."""
    return Option(number, 0, 0, types=types, store=store, field=field, live=True, readable=False)


def _key(number: SocketOption, chooses: Callable[[SocketOptions], None]) -> Option:
    """Make a row for a CURVE key. None of them can be read back: libzmq would, PyZMQ cannot."""
    return Option(number, b"", _KEY, _KEY * 5 // 4 + 1, parse=_curve_key, chooses=chooses, readable=False)


def _computed(number: SocketOption, default: int | bytes, types: frozenset[int] = _ALL) -> Option:
    """Make a row that the owner of the socket answers, and nobody writes."""
    return Option(number, default, types=types, writable=False, computed=True)


def _later(
    number: SocketOption,
    default: int | bytes,
    low: int = 0,
    high: int = 1,
    *,
    types: frozenset[int] = _ALL,
    store: Callable[[int], int] = int,
    readable: bool = True,
) -> Option:
    """Make a row for what this engine does not do yet: it has its default, and no other value."""
    return Option(number, default, low, high, types=types, store=store, readable=readable, supported=False)


def _absent(number: SocketOption) -> Option:
    """Make a row for what the libzmq in PyZMQ's wheels is built without: it refuses these altogether."""
    return Option(number, 0, readable=False, writable=False, supported=False)


_ROWS = (
    # What a connection is made with
    Option(zmq.AFFINITY, 0, _INT64_MIN, _INT64_MAX),
    Option(zmq.ROUTING_ID, b"", 1, 255),
    Option(zmq.CONNECT_ROUTING_ID, b"", 1, types=_ROUTERS | _STREAM, readable=False),
    Option(zmq.CONNECT_TIMEOUT, 0, 0),
    Option(zmq.HANDSHAKE_IVL, 30000, 0),
    Option(zmq.HEARTBEAT_IVL, 0, 0),
    Option(zmq.HEARTBEAT_TIMEOUT, -1, 0),
    Option(zmq.HEARTBEAT_TTL, 0, -99, 6553599, store=_deciseconds),
    Option(zmq.RECONNECT_IVL, 100, -1),
    Option(zmq.RECONNECT_IVL_MAX, 0, 0),
    Option(zmq.MAXMSGSIZE, -1, _INT64_MIN, _INT64_MAX),
    Option(zmq.MECHANISM, 0, writable=False),
    Option(zmq.IMMEDIATE, 0, 0, 1),
    Option(zmq.CONFLATE, 0, 0, 1),
    Option(zmq.STREAM_NOTIFY, 1, 0, 1, types=_STREAM, readable=False),
    Option(zmq.ROUTER_NOTIFY, 0, 0, 3, types=_ROUTERS),
    Option(zmq.ROUTER_RAW, 0, 0, types=_ROUTERS, store=_truth, readable=False),
    Option(zmq.HELLO_MSG, b"", 0, readable=False),
    Option(zmq.DISCONNECT_MSG, b"", 0, readable=False),
    Option(zmq.HICCUP_MSG, b"", 0, readable=False),
    Option(zmq.RECONNECT_STOP, 0),
    Option(zmq.SOCKS_PROXY, b"", 1),
    Option(zmq.SOCKS_USERNAME, b"", 0, 255),
    Option(zmq.SOCKS_PASSWORD, b"", 0, 255),
    # Who is accepted: each value that is set is one more filter.
    Option(zmq.TCP_ACCEPT_FILTER, b"", 1, 255, parse=_with_network, readable=False),
    _filter(zmq.IPC_FILTER_GID),
    _filter(zmq.IPC_FILTER_PID),
    _filter(zmq.IPC_FILTER_UID),
    # What a descriptor is made with
    Option(zmq.BACKLOG, 100, 0),
    Option(zmq.BINDTODEVICE, b"", 1, 16),
    Option(zmq.BUSY_POLL, 0, readable=False),  # libzmq forgets to return it
    Option(zmq.IPV6, 0, 0, 1),
    Option(zmq.IPV4ONLY, 1, 0, 1, field="ipv6", store=_inverse, load=_inverse),
    Option(zmq.IN_BATCH_SIZE, DEFAULT_BATCH, 1),
    Option(zmq.OUT_BATCH_SIZE, DEFAULT_BATCH, 1),
    Option(zmq.MULTICAST_HOPS, 1, 1),
    Option(zmq.MULTICAST_LOOP, 1, store=_truth),
    Option(zmq.PRIORITY, 0, 0),
    Option(zmq.SNDBUF, -1, -1),
    Option(zmq.RCVBUF, -1, -1),
    Option(zmq.TCP_KEEPALIVE, -1, -1, 1),
    Option(zmq.TCP_KEEPALIVE_CNT, -1, -1),
    Option(zmq.TCP_KEEPALIVE_IDLE, -1, -1),
    Option(zmq.TCP_KEEPALIVE_INTVL, -1, -1),
    Option(zmq.TCP_MAXRT, 0, 0),
    Option(zmq.TOS, 0, 0),
    Option(zmq.USE_FD, -1, -1),
    # Who the peer is, and how that is proven
    Option(zmq.METADATA, b"", 1, _INT_MAX, parse=_with_property, readable=False),
    Option(zmq.PLAIN_SERVER, 0, 0, 1, chooses=_plain_server),
    Option(zmq.PLAIN_USERNAME, b"", 1, 255, chooses=_plain_client),
    Option(zmq.PLAIN_PASSWORD, b"", 1, 255, chooses=_plain_client),
    Option(zmq.CURVE_SERVER, 0, 0, 1, chooses=_curve_server),
    _key(zmq.CURVE_PUBLICKEY, _curve),
    _key(zmq.CURVE_SECRETKEY, _curve),
    _key(zmq.CURVE_SERVERKEY, _curve_client),
    Option(zmq.GSSAPI_SERVER, 0, 0, 1, chooses=_gssapi),
    Option(zmq.GSSAPI_PRINCIPAL, b"", 1, 255, parse=_text, chooses=_gssapi),
    Option(zmq.GSSAPI_SERVICE_PRINCIPAL, b"", 1, 255, parse=_text, chooses=_gssapi_client),
    Option(zmq.GSSAPI_PRINCIPAL_NAMETYPE, 0, 0, 2),
    Option(zmq.GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, 0, 0, 2),
    Option(zmq.GSSAPI_PLAINTEXT, 0, 0, 1),
    Option(zmq.ZAP_DOMAIN, b"", 1, 255),
    Option(zmq.ZAP_ENFORCE_DOMAIN, 0, store=_truth),
    # What a socket does
    Option(zmq.LINGER, -1, -1, live=True),
    Option(zmq.SNDHWM, 1000, 0, live=True),
    Option(zmq.RCVHWM, 1000, 0, live=True),
    Option(zmq.SNDTIMEO, -1, -1, live=True),
    Option(zmq.RCVTIMEO, -1, -1, live=True),
    Option(zmq.INVERT_MATCHING, 0, store=_truth, live=True),
    Option(zmq.THREAD_SAFE, 0, writable=False),
    _switch(zmq.PROBE_ROUTER, _PROBERS),
    _switch(zmq.REQ_CORRELATE, _REQ),
    _switch(zmq.REQ_RELAXED, _REQ),
    _switch(zmq.ROUTER_HANDOVER, _ROUTERS),
    _switch(zmq.ROUTER_MANDATORY, _ROUTERS),
    _switch(zmq.ONLY_FIRST_SUBSCRIBE, _PUBLISHERS | {zmq.XSUB}),
    _switch(zmq.XPUB_MANUAL, _PUBLISHERS),
    _switch(zmq.XPUB_MANUAL_LAST_VALUE, _PUBLISHERS),
    _switch(zmq.XPUB_NODROP, _PUBLISHERS | {zmq.RADIO}),
    # libzmq: the later of the two wins, and either with 0 turns both off.
    _switch(zmq.XPUB_VERBOSE, _PUBLISHERS),
    _switch(zmq.XPUB_VERBOSER, _PUBLISHERS, _twice_truth, field="xpub_verbose"),
    Option(zmq.XPUB_WELCOME_MSG, b"", 0, types=_PUBLISHERS, live=True, readable=False),
    Option(
        zmq.XSUB_VERBOSE_UNSUBSCRIBE, 0, types=frozenset({zmq.XSUB}), store=_truth, live=True, readable=False
    ),
    # What the owner of the socket answers. On a publisher SUBSCRIBE is for XPUB_MANUAL only.
    Option(zmq.SUBSCRIBE, b"", 0, types=_PUBLISHERS | {zmq.SUB}, live=True, readable=False, computed=True),
    Option(zmq.UNSUBSCRIBE, b"", 0, types=_PUBLISHERS | {zmq.SUB}, live=True, readable=False, computed=True),
    _computed(zmq.EVENTS, 0),
    _computed(zmq.FD, -1),
    _computed(zmq.LAST_ENDPOINT, b""),
    _computed(zmq.RCVMORE, 0),
    _computed(zmq.TOPICS_COUNT, 0, _TOPICAL),
    _computed(zmq.TYPE, 0),
    # What is not done yet
    # Every number is a filter; the default is to have none.
    _later(zmq.LOOPBACK_FASTPATH, 0, _INT_MIN, _INT_MAX, store=_truth),
    _later(zmq.MULTICAST_MAXTPDU, 1500, 1, _INT_MAX),
    _later(zmq.RATE, 100, 1, _INT_MAX),
    _later(zmq.RECOVERY_IVL, 10000, 0, _INT_MAX),
    _absent(zmq.NORM_BLOCK_SIZE),
    _absent(zmq.NORM_BUFFER_SIZE),
    _absent(zmq.NORM_MODE),
    _absent(zmq.NORM_NUM_AUTOPARITY),
    _absent(zmq.NORM_NUM_PARITY),
    _absent(zmq.NORM_PUSH),
    _absent(zmq.NORM_SEGMENT_SIZE),
    _absent(zmq.NORM_UNICAST_NACK),
    _absent(zmq.VMCI_BUFFER_MAX_SIZE),
    _absent(zmq.VMCI_BUFFER_MIN_SIZE),
    _absent(zmq.VMCI_BUFFER_SIZE),
    _absent(zmq.VMCI_CONNECT_TIMEOUT),
    _absent(zmq.WSS_CERT_PEM),
    _absent(zmq.WSS_HOSTNAME),
    _absent(zmq.WSS_KEY_PEM),
    _absent(zmq.WSS_TRUST_PEM),
    _absent(zmq.WSS_TRUST_SYSTEM),
)

OPTIONS: dict[int, Option] = {row.number: row for row in _ROWS}

# Of two rows with one field the first decides: ipv6 starts as IPV6 says, not as IPV4ONLY.
_DEFAULTS: dict[str, int | bytes] = {row.field: row.default for row in reversed(_ROWS) if row.field}


class SocketOptions:
    """The stored options of one socket, or a copy of them that one bind or connect goes by.

    Make it with for_type(), write it with set_option(). The defaults are the class's; an object holds what differs from
    them, so that it is small and a copy is quick: there is one for each connect().
    """

    affinity: int  # a bit mask as a signed 64-bit number, only kept to be read back: there are no I/O threads
    backlog: int
    bindtodevice: bytes
    busy_poll: int  # microseconds; 0: no
    conflate: int  # every socket type takes it; only PUSH, PULL, PUB, SUB and DEALER heed it
    connect_routing_id: bytes  # for one connect(), which puts b"" back
    connect_timeout: int  # 0: the system's
    curve_publickey: bytes  # 32 bytes, or none
    curve_secretkey: bytes
    curve_server: int
    curve_serverkey: bytes
    disconnect_msg: bytes  # ROUTER, SERVER and PEER heed it
    gssapi_plaintext: int
    gssapi_principal: bytes  # whom to be; none: the default credentials
    gssapi_principal_nametype: int  # 0 service@host, 1 user name, 2 Kerberos principal
    gssapi_server: int
    gssapi_service_principal: bytes  # the server's
    gssapi_service_principal_nametype: int  # as above
    handshake_ivl: int  # 0: no limit
    heartbeat_ivl: int  # 0: no heartbeats
    heartbeat_timeout: int  # -1: as heartbeat_ivl
    heartbeat_ttl: int  # a multiple of 100; 0: the peer sets no timer
    hello_msg: bytes  # DEALER, ROUTER, CLIENT, SERVER and PEER heed it
    hiccup_msg: bytes  # DEALER, CLIENT and PEER heed it
    immediate: int
    in_batch_size: (
        int  # bytes: of a STREAM's message at the most, of what any socket asks recv for at the least
    )
    invert_matching: int
    ipv6: int  # IPV4ONLY is its inverse
    ipc_filter_gid: bytes  # numbers, each with a line feed, as in the next two
    ipc_filter_pid: bytes
    ipc_filter_uid: bytes
    linger: int  # -1: for ever
    maxmsgsize: int  # negative, not only -1: no limit
    mechanism: int
    metadata: bytes  # the application's properties, encoded as READY carries them
    out_batch_size: int  # bytes of one write at the most; 8192, the default: as many as pay off
    plain_password: bytes
    plain_server: int
    plain_username: bytes
    multicast_hops: int
    multicast_loop: int
    only_first_subscribe: int
    priority: int  # 0: the system's
    probe_router: int
    rcvbuf: int  # -1: the system's
    rcvhwm: int  # 0: no limit
    rcvtimeo: int  # -1: for ever
    reconnect_ivl: int  # -1: never
    reconnect_ivl_max: int  # 0: no back-off
    reconnect_stop: int  # flags of ReconnectStop
    req_correlate: int
    req_relaxed: int
    router_handover: int
    router_mandatory: int
    router_notify: int  # flags of RouterNotify
    router_raw: int  # of ROUTER; REP takes it and has no use for it
    routing_id: bytes
    sndbuf: int  # -1: the system's
    sndhwm: int  # 0: no limit
    sndtimeo: int  # -1: for ever
    socks_password: bytes
    socks_proxy: bytes  # host:port, none: there is no proxy
    socks_username: bytes
    stream_notify: int
    tcp_accept_filter: bytes  # networks, each with a line feed; none: everybody
    tcp_keepalive: int  # -1: the system's, as in the next three
    tcp_keepalive_cnt: int
    tcp_keepalive_idle: int  # seconds
    tcp_keepalive_intvl: int  # seconds
    tcp_maxrt: int  # 0: the system's
    thread_safe: int
    tos: int
    use_fd: int  # -1: none
    xpub_manual: int
    xpub_manual_last_value: int
    xpub_nodrop: int
    xpub_verbose: int  # 1: pass on duplicate subscriptions; 2: duplicate cancellations too (XPUB_VERBOSER)
    xpub_welcome_msg: bytes
    xsub_verbose_unsubscribe: int
    zap_domain: bytes
    zap_enforce_domain: int

    @classmethod
    def for_type(cls, socket_type: int, ipv6: bool = False, blocky: bool = True) -> SocketOptions:
        """Return the options of a new socket. ipv6 and blocky are its context's."""
        options = cls()
        if ipv6:
            options.ipv6 = 1
        if socket_type in _SUBSCRIBERS or not blocky:
            options.linger = 0
        if socket_type in _THREAD_SAFE:
            options.thread_safe = 1
        return options

    def __reduce__(self) -> NoReturn:
        raise TypeError("socket options are not pickled: there are secrets among them")

    def copy_unless(self, twin: SocketOptions | None) -> SocketOptions:
        """Return this copy of former times if it still is one, else a new one."""
        return twin if twin is not None and twin.__dict__ == self.__dict__ else self.copy()

    def copy(self) -> SocketOptions:
        twin = SocketOptions()
        twin.__dict__.update(self.__dict__)
        return twin


for _field, _default in _DEFAULTS.items():
    setattr(SocketOptions, _field, _default)


def set_option(options: SocketOptions, socket_type: int, number: int, value: int | bytes) -> None:
    """Check and store one option. Its owner has answered already if it is computed.

    Raises ZMQError(EINVAL) for every refusal, as libzmq does.
    """
    option = _find(socket_type, number)
    if not option.writable:
        raise error(zmq.EINVAL, _why_not(option, "written"))
    _check(option, value)
    assert not option.computed, f"{option.name} belongs to the owner of the socket"
    if option.parse is not None:
        stored: int | bytes = option.parse(options, value)
    elif isinstance(value, bytes):
        stored = value
    else:
        stored = option.store(value)
    if option.field:
        setattr(options, option.field, stored)
        if option.chooses is not None:
            option.chooses(options)
    elif stored != option.default:
        raise error(zmq.EINVAL, f"{option.name} is not supported yet: leave it at its default")


def get_option(options: SocketOptions, socket_type: int, number: int) -> int | bytes:
    """Return one option, text without libzmq's closing NUL. Its owner has answered already if it is computed.

    Raises ZMQError(EINVAL) for an option that does not exist, not on this type of socket, or is write-only.
    """
    option = _find(socket_type, number)
    if not option.readable:
        raise error(zmq.EINVAL, _why_not(option, "read"))
    assert not option.computed, f"{option.name} belongs to the owner of the socket"
    if not option.field:
        return option.default
    stored: int | bytes = getattr(options, option.field)
    return stored if isinstance(stored, bytes) else option.load(stored)


def _find(socket_type: int, number: int) -> Option:
    option = OPTIONS.get(number)
    if option is None:
        raise error(zmq.EINVAL, f"there is no socket option {number}")
    if socket_type not in option.types:
        names = ", ".join(SocketType(known).name for known in sorted(option.types))
        raise error(zmq.EINVAL, f"{option.name} is for {names}, not for {SocketType(socket_type).name}")
    return option


def _check(option: Option, value: int | bytes) -> None:
    # Bytes are not quoted in what is raised: some are secrets.
    if isinstance(value, bytes) != (option.kind == "bytes"):
        raise error(zmq.EINVAL, f"{option.name} takes {option.kind}, not {type(value).__name__}")
    if isinstance(value, bytes):
        size, unit = len(value), " bytes"
    else:
        size, unit = value, ""
    if not option.low <= size <= option.high:
        allowed = f"{option.low} or more" if option.high == _INT_MAX else f"{option.low} to {option.high}"
        raise error(zmq.EINVAL, f"{option.name} takes {allowed}{unit}, not {int(size)}")


def _why_not(option: Option, deed: str) -> str:
    return f"{option.name} cannot be {deed}" if option.supported else f"{option.name} is not supported yet"
