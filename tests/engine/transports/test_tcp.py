"""tcp: what bind() and connect() make of an address, beside PyZMQ; and what becomes of the options."""

import os
import re
from errno import (
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    ECONNREFUSED,
    EINVAL,
    ENODEV,
    ENOMEM,
)

import pytest
import zmq

from purezmq.engine.transports.tcp import transport
from purezmq.engine.unpatched import socket
from purezmq.errors import ZMQError

LINK_LOCAL = next(
    (row.split() for row in open("/proc/net/if_inet6") if row.split()[3] == "20"), None
)  # address, interface number, prefix length, scope, flags, interface name


def link_local():
    if LINK_LOCAL is None:
        pytest.skip("no interface has a link-local address")
    return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(LINK_LOCAL[0])), LINK_LOCAL[5]


@pytest.fixture
def ours(options):
    """Do as `theirs` does."""

    def call(verb, endpoint, **values):
        address = endpoint.removeprefix("tcp://")
        made = options(**values)
        try:
            if verb == "connect":
                transport.check(address, made)
                return transport.endpoint_name(address, made)
            listening = transport.bind(address, made)
        except ZMQError as refused:
            return refused.errno
        listening.close()
        return listening.endpoint

    return call


@pytest.fixture
def linked(options, keep, wait):
    """Return a connected and an accepted stream."""

    def link(bind="127.0.0.1:*", connect="127.0.0.1:{port}", **values):
        made = options(**values)
        listening = keep(transport.bind(bind, made))
        (target,) = transport.targets_now(connect.format(port=port_of(listening)), made)
        connected = keep(transport.connect(target, made))
        wait(reader=listening)
        accepted = keep(listening.accept())
        wait(writer=connected)
        assert transport.connect_error(connected) == 0
        return connected, accepted

    return link


def port_of(listening):
    return int(listening.endpoint.rpartition(":")[2])


def without_port(result):
    return re.sub(r":[0-9]+$", ":port", result) if isinstance(result, str) else result


# -- bind ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address, with_ipv4, with_ipv6",
    [
        ("*:*", "0.0.0.0", "[::]"),
        ("*:0", "0.0.0.0", "[::]"),
        ("[*]:*", "0.0.0.0", "[::]"),
        ("*%lo:*", "0.0.0.0", "[::]"),
        ("0.0.0.0:*", "0.0.0.0", "[::ffff:0.0.0.0]"),
        ("0:*", "0.0.0.0", "[::ffff:0.0.0.0]"),
        ("127.0.0.1:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("[127.0.0.1]:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.1:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("2130706433:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("0x7f.1:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.0.0.1%lo:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("[::ffff:127.0.0.1]:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.0.0.1:*;127.0.0.1:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("lo:1;127.0.0.1:*", "127.0.0.1", "[::ffff:127.0.0.1]"),
        ("lo:*", "127.0.0.1", "[::1]"),
        ("[lo]:*", "127.0.0.1", "[::1]"),
        ("lo%lo:*", "127.0.0.1", "[::1]"),
        ("[::1]:*", ENODEV, "[::1]"),
        ("::1:*", ENODEV, "[::1]"),
        ("[::]:*", ENODEV, "[::]"),
        ("[::1%lo]:*", ENODEV, "[::1]"),
        ("[::1%1]:*", ENODEV, "[::1]"),
        (":*", ENODEV, ENODEV),
        ("[]:*", ENODEV, ENODEV),
        ("nosuch0:*", ENODEV, ENODEV),
        ("256.1.1.1:*", ENODEV, ENODEV),
        ("[::1:*", ENODEV, ENODEV),
        (" 127.0.0.1:*", ENODEV, ENODEV),
        ("127.0.0.1 :*", ENODEV, ENODEV),
        ("local host:*", ENODEV, ENODEV),
        ("nosuch:0;127.0.0.1:*", ENODEV, ENODEV),
        ("localhost:0;127.0.0.1:*", ENODEV, ENODEV),
        ("127.0.0.1:5:*", ENODEV, ENODEV),
        ("interface-name-too-long:*", ENODEV, ENODEV),
        ("[fe80::1%99]:*", ENODEV, ENODEV),
        ("1.2.3.4:*", EADDRNOTAVAIL, EADDRNOTAVAIL),
        ("*", EINVAL, EINVAL),
        ("*:", EINVAL, EINVAL),
        ("127.0.0.1", EINVAL, EINVAL),
        ("127.0.0.1:", EINVAL, EINVAL),
        ("127.0.0.1:00", EINVAL, EINVAL),
        ("127.0.0.1:65536", EINVAL, EINVAL),
        ("127.0.0.1:4294967296", EINVAL, EINVAL),
        ("localhost:invalid", EINVAL, EINVAL),
        ("[::1%]:*", EINVAL, EINVAL),
        ("[::1%0]:*", EINVAL, EINVAL),
        ("[::1%nosuch]:*", EINVAL, EINVAL),
        ("127.0.0.1;127.0.0.1:*", EINVAL, EINVAL),
        (";127.0.0.1:*", EINVAL, EINVAL),
        ("127.0.0.1:1;", EINVAL, EINVAL),
    ],
)
def test_bind_makes_of_an_address_what_theirs_makes(ours, theirs, address, with_ipv4, with_ipv6):
    for ipv6, expected in ((0, with_ipv4), (1, with_ipv6)):
        told = f"tcp://{expected}:port" if isinstance(expected, str) else expected
        assert without_port(theirs("bind", f"tcp://{address}", ipv6=ipv6)) == told
        assert without_port(ours("bind", f"tcp://{address}", ipv6=ipv6)) == told


@pytest.mark.parametrize("address", ["localhost:*", *(f"{name}:*" for _, name in socket.if_nameindex())])
@pytest.mark.parametrize("ipv6", [0, 1])
def test_bind_finds_this_machines_names_as_theirs(ours, theirs, address, ipv6):
    told = without_port(theirs("bind", f"tcp://{address}", ipv6=ipv6))
    assert without_port(ours("bind", f"tcp://{address}", ipv6=ipv6)) == told


@pytest.mark.parametrize("form", ["{}", "0{}", "+{}", " {}", "{} ", "{}x", "{}/path", "{}.5", "{plus}"])
def test_bind_reads_a_port_as_theirs(ours, theirs, free_port, form):
    endpoint = "tcp://127.0.0.1:" + form.format(free_port, plus=free_port + 65536)
    assert theirs("bind", endpoint) == f"tcp://127.0.0.1:{free_port}"
    assert ours("bind", endpoint) == f"tcp://127.0.0.1:{free_port}"


def test_link_local_address_needs_its_interface(ours, theirs):
    address, interface = link_local()
    number = socket.if_nametoindex(interface)
    for call in (theirs, ours):
        for zone in (interface, number):
            endpoint = call("bind", f"tcp://[{address}%{zone}]:*", ipv6=1)
            assert without_port(endpoint) == f"tcp://[{address}%{interface}]:port"
        assert call("bind", f"tcp://[{address}]:*", ipv6=1) == EINVAL


def test_port_in_use_is_eaddrinuse_for_both(ours, theirs, options, keep):
    port = port_of(keep(transport.bind("127.0.0.1:*", options())))
    assert ours("bind", f"tcp://127.0.0.1:{port}") == EADDRINUSE
    assert theirs("bind", f"tcp://127.0.0.1:{port}") == EADDRINUSE


def test_port_can_be_bound_again_while_its_connections_fade(options, keep, wait):
    listening = keep(transport.bind("127.0.0.1:*", options()))
    (target,) = transport.targets_now(listening.endpoint.removeprefix("tcp://"), options())
    connected = keep(transport.connect(target, options()))
    wait(reader=listening)
    listening.accept().close()  # the first to close is the one that TCP keeps in TIME_WAIT
    wait(reader=connected)
    connected.close()
    listening.close()
    again = keep(transport.bind(listening.endpoint.removeprefix("tcp://"), options()))
    assert again.endpoint == listening.endpoint


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to lose its privileges")
def test_privileged_port_is_eacces_for_both(ours, theirs):
    if int(open("/proc/sys/net/ipv4/ip_unprivileged_port_start").read()) < 2:
        pytest.skip("there are no privileged ports here")
    os.seteuid(65534)
    try:
        assert ours("bind", "tcp://127.0.0.1:1") == EACCES
        assert theirs("bind", "tcp://127.0.0.1:1") == EACCES
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    "address, hint",
    [
        ("1.2.3.4:*", "tcp://1.2.3.4:*: this machine does not have that address"),
        ("nosuch0:5", "tcp://nosuch0:5: no interface, address or host name"),
        ("*", "'*' has no port: write *:5555"),
        ("*:http", "'http' is no port"),
        ("[fe80::1%nosuch]:5", "'nosuch' is no interface"),
    ],
)
def test_refusal_says_what_to_do(options, address, hint):
    with pytest.raises(ZMQError, match=re.escape(hint)):
        transport.bind(address, options())


def test_wildcard_with_ipv6_takes_both_families(options, keep, wait):
    listening = keep(transport.bind("*:*", options(ipv6=1)))
    for address, ipv6 in (("127.0.0.1", 0), ("[::1]", 1), ("127.0.0.1", 1)):
        (target,) = transport.targets_now(f"{address}:{port_of(listening)}", options(ipv6=ipv6))
        keep(transport.connect(target, options(ipv6=ipv6)))
        wait(reader=listening)
        assert keep(listening.accept()) is not None


def without_ipv6(monkeypatch):
    class SystemSocket(socket.socket):
        def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
            if family == socket.AF_INET6:
                raise OSError(EAFNOSUPPORT, os.strerror(EAFNOSUPPORT))
            super().__init__(family, type, proto, fileno)

    monkeypatch.setattr(socket, "socket", SystemSocket)


def test_system_without_ipv6_falls_back_to_ipv4(monkeypatch, options, keep, wait):
    without_ipv6(monkeypatch)
    listening = keep(transport.bind("*:*", options(ipv6=1)))
    assert listening.endpoint.startswith("tcp://0.0.0.0:")
    (target,) = transport.targets_now(f"127.0.0.1:{port_of(listening)}", options(ipv6=1))
    keep(transport.connect(target, options(ipv6=1)))
    wait(reader=listening)
    assert keep(listening.accept()) is not None


def test_interface_with_only_a_link_local_address_is_bound_by_it(monkeypatch, options, keep):
    address, interface = link_local()
    rows = [row for row in open("/proc/net/if_inet6") if row.split()[3] == "20"]
    monkeypatch.setattr("builtins.open", lambda *_, **__: FakeFile(rows))
    listening = transport.bind(f"{interface}:*", options(ipv6=1))
    monkeypatch.undo()
    assert keep(listening).endpoint.startswith(f"tcp://[{address}%{interface}]:")


class FakeFile(list):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


# -- connect ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address, ipv6, expected",
    [
        ("127.0.0.1:5555", 0, ("127.0.0.1", 5555)),
        ("[127.1]:5555", 0, ("127.0.0.1", 5555)),
        ("[::ffff:127.0.0.1]:5555", 0, ("127.0.0.1", 5555)),
        ("127.0.0.1:71077", 0, ("127.0.0.1", 5541)),
        ("127.0.0.1:0", 0, ("127.0.0.1", 0)),
        ("127.0.0.1:5555", 1, ("::ffff:127.0.0.1", 5555, 0, 0)),
        ("[::1]:5555", 1, ("::1", 5555, 0, 0)),
        ("::1:5555", 1, ("::1", 5555, 0, 0)),
        ("[fe80::1%lo]:5555", 1, ("fe80::1", 5555, 0, socket.if_nametoindex("lo"))),
        ("[fe80::1%77]:5555", 1, ("fe80::1", 5555, 0, 77)),
    ],
)
def test_numeric_address_needs_no_thread(options, address, ipv6, expected):
    (target,) = transport.targets_now(address, options(ipv6=ipv6))
    assert (target.address, target.source) == (expected, None)
    (same,) = transport.resolve(address, options(ipv6=ipv6))
    assert same.address == expected


@pytest.mark.parametrize(
    "address, expected",
    [
        ("10.0.0.1:7;127.0.0.1:5555", ("10.0.0.1", 7)),
        ("10.0.0.1:*;127.0.0.1:5555", ("10.0.0.1", 0)),
        ("*:7;127.0.0.1:5555", ("0.0.0.0", 7)),
        ("lo:0;127.0.0.1:5555", ("127.0.0.1", 0)),
    ],
)
def test_source_is_an_address_or_interface_with_a_port(options, address, expected):
    (target,) = transport.targets_now(address, options())
    assert (target.address, target.source) == (("127.0.0.1", 5555), expected)


@pytest.mark.parametrize(
    "address, number",
    [
        ("::1:5555", EINVAL),  # without IPV6
        ("127.0.0.1:00", EINVAL),
        ("127.0.0.1:5555;", EINVAL),
        ("127.0.0.1;127.0.0.1:5555", EINVAL),
        ("localhost:0;127.0.0.1:5555", ENODEV),  # no look-up for a source
        ("[fe80::1%nosuch]:5555", EINVAL),
        (":5555", EINVAL),
    ],
)
def test_address_that_only_proves_wrong_later_is_an_oserror(options, address, number):
    transport.check(address, options())
    assert transport.targets_now(address, options()) is None
    with pytest.raises(OSError) as raised:
        transport.resolve(address, options())
    assert (raised.value.errno, type(raised.value)) == (number, OSError)


def test_name_is_left_to_resolve(options):
    assert transport.targets_now("localhost:5555", options()) is None
    assert ("127.0.0.1", 5555) in [
        target.address for target in transport.resolve("localhost:5555", options())
    ]


def test_name_with_several_addresses_is_several_targets_in_order(monkeypatch, options):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", 0)) for last in (3, 1, 2)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    targets = transport.resolve("several.test:5555", options())
    assert [target.address for target in targets] == [(f"127.0.0.{last}", 5555) for last in (3, 1, 2)]


@pytest.mark.parametrize("raised, expected", [(socket.EAI_NONAME, EINVAL), (socket.EAI_MEMORY, ENOMEM)])
def test_failing_look_up_has_theirs_number(monkeypatch, options, raised, expected):
    def getaddrinfo(*_):
        raise socket.gaierror(raised, "of the resolver")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OSError, match="'name': of the resolver") as failed:
        transport.resolve("name:5555", options())
    assert failed.value.errno == expected
    with pytest.raises(ZMQError) as refused:
        transport.bind("name:5555", options())
    assert refused.value.errno == (ENODEV if expected == EINVAL else ENOMEM)


def test_resolver_without_mapped_addresses_is_asked_without_them(monkeypatch, options):
    real = socket.getaddrinfo

    def getaddrinfo(host, port, family, kind, protocol, flags):
        if flags & socket.AI_V4MAPPED:
            raise socket.gaierror(socket.EAI_BADFLAGS, "bad flags")
        return real(host, port, family, kind, protocol, flags)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    (target,) = transport.targets_now("[::1]:5555", options(ipv6=1))
    assert target.address == ("::1", 5555, 0, 0)


def test_connection_nobody_takes_is_refused(options, keep, wait, free_port):
    (target,) = transport.targets_now(f"127.0.0.1:{free_port}", options())
    connecting = keep(transport.connect(target, options()))
    wait(writer=connecting)
    assert transport.names(connecting) is None
    assert transport.connect_error(connecting) == ECONNREFUSED


def test_connection_to_itself_is_refused(options, keep, wait, free_port):
    (target,) = transport.targets_now(f"127.0.0.1:{free_port};127.0.0.1:{free_port}", options())
    connecting = keep(transport.connect(target, options()))
    wait(writer=connecting)
    assert transport.names(connecting) is None
    assert connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0  # TCP thinks that this is fine
    assert transport.connect_error(connecting) == ECONNREFUSED


def test_connection_that_cannot_begin_is_an_oserror(options):
    (target,) = transport.targets_now("1.2.3.4:0;127.0.0.1:5555", options())
    with pytest.raises(OSError) as raised:
        transport.connect(target, options())
    assert raised.value.errno == EADDRNOTAVAIL
    (target,) = transport.targets_now("255.255.255.255:5555", options())
    with pytest.raises(OSError) as raised:
        transport.connect(target, options())
    assert raised.value.errno not in (EAGAIN, EINVAL)


def test_source_is_where_the_peer_sees_us(linked, free_port):
    connected, accepted = linked(connect="127.0.0.2:" + str(free_port) + ";127.0.0.1:{port}")
    assert accepted.getpeername() == connected.getsockname() == ("127.0.0.2", free_port)


def test_peers_over_ipv6_and_link_local_connect(linked):
    address, interface = link_local()
    bind, connect = f"[{address}%{interface}]:*", f"[{address}%{interface}]:{{port}}"
    connected, accepted = linked(bind, connect, ipv6=1)
    for stream in (accepted, connected):
        assert transport.names(stream).address == f"{address}%{interface}"


@pytest.mark.parametrize("ipv6, address", [(0, "127.0.0.1"), (1, "::ffff:127.0.0.1"), (1, "::1")])
def test_peer_address_is_as_theirs(linked, ipv6, address):
    host = f"[{address}]" if ":" in address else address
    for stream in linked(f"{host}:*", f"{host}:{{port}}", ipv6=ipv6):
        assert transport.names(stream).address == address
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:
        one.ipv6 = other.ipv6 = ipv6
        one.bind(f"tcp://{host}:*")
        other.connect(one.last_endpoint.decode())
        other.send(b"")
        assert one.recv(copy=False).get("Peer-Address") == address


def test_stream_that_is_gone_has_no_names():
    with socket.socket() as unconnected:
        assert transport.names(unconnected) is None
    assert transport.names(unconnected) is None
    with socket.socket() as unconnected:
        assert transport.connect_error(unconnected) != 0


# -- options ---------------------------------------------------------------------------------------------


def test_nodelay_is_always_on(linked):
    for stream in linked():
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0


def test_keepalive_options_are_set_on_both_sides(linked):
    for stream in linked(tcp_keepalive=1, tcp_keepalive_cnt=5, tcp_keepalive_idle=60, tcp_keepalive_intvl=7):
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 5
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 7


def test_keepalive_leaves_the_systems_numbers(linked):
    with socket.socket() as untouched:
        expected = untouched.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    for stream in linked(tcp_keepalive=1):
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == expected


def test_maxrt_is_the_user_timeout_in_milliseconds(linked):
    for stream in linked(tcp_maxrt=1234):
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1234


def test_priority_and_busy_poll_are_set_at_both_ends(linked):
    for stream in linked(priority=3, busy_poll=1):
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY) == 3
        assert stream.getsockopt(socket.SOL_SOCKET, 46) == 1  # SO_BUSY_POLL


@pytest.mark.parametrize("ipv6", [0, 1])
def test_tos_is_set_for_both_families(linked, ipv6):
    for stream in linked(tos=0x28, ipv6=ipv6):
        assert stream.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) == 0x28
        if ipv6:
            assert stream.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS) == 0x28


def test_backlog_limits_who_waits(options, keep, wait):
    listening = keep(transport.bind("127.0.0.1:*", options(backlog=0)))
    (target,) = transport.targets_now(f"127.0.0.1:{port_of(listening)}", options())
    first = keep(transport.connect(target, options()))
    wait(writer=first)
    assert transport.connect_error(first) == 0
    second = keep(transport.connect(target, options()))
    # The queue of none takes one on Linux, and the second gets no answer until the first is accepted.
    with pytest.raises(OSError):
        second.getpeername()


def test_bindtodevice_is_set_or_refused(options, keep):
    listening = keep(transport.bind("127.0.0.1:*", options()))
    name = b"lo"
    try:
        bound = keep(transport.bind("127.0.0.1:*", options(bindtodevice=name)))
    except ZMQError as refused:
        assert refused.errno in (EACCES, 1)  # EPERM: older kernels want CAP_NET_RAW
        return
    with socket.socket(fileno=os.dup(bound.fileno())) as copy:
        assert copy.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0") == name
    with pytest.raises(ZMQError) as raised:
        transport.bind("127.0.0.1:*", options(bindtodevice=b"nosuch"))
    assert raised.value.errno == ENODEV
    (target,) = transport.targets_now(f"127.0.0.1:{port_of(listening)}", options())
    with pytest.raises(OSError) as raised:
        transport.connect(target, options(bindtodevice=b"nosuch"))
    assert raised.value.errno == ENODEV


def test_use_fd_ignores_the_address(options, keep):
    listening = keep(transport.bind("127.0.0.1:*", options()))
    adopted = keep(transport.bind("nonsense", options(use_fd=os.dup(listening.fileno()))))
    assert adopted.endpoint == listening.endpoint


# -- unbind ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, endpoint, expected",
    [
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:5", True),
        ("tcp://127.0.0.1:05", "tcp://127.0.0.1:5", True),
        ("tcp://127.1:5x", "tcp://127.0.0.1:5", True),
        ("tcp://[::ffff:127.0.0.1]:5", "tcp://127.0.0.1:5", True),
        ("tcp://127.0.0.1:5", "tcp://[::ffff:127.0.0.1]:5", True),
        ("tcp://localhost:5", "tcp://127.0.0.1:5", True),
        ("tcp://x:1;127.0.0.1:5", "tcp://127.0.0.1:5", True),
        ("tcp://0.0.0.0:5", "tcp://0.0.0.0:5", True),
        ("tcp://127.0.0.1:5", "tcp://0.0.0.0:5", False),
        ("tcp://127.0.0.1:5", "tcp://[::]:5", False),
        ("tcp://127.0.0.1:6", "tcp://127.0.0.1:5", False),
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:5", False),
        ("tcp://127.0.0.1", "tcp://127.0.0.1:5", False),
        ("tcp://nosuch0:5", "tcp://127.0.0.1:5", False),
        # Here theirs answers ENOENT (resolve_tcp_addr() gives up), and the program means what it says.
        ("tcp://*:5", "tcp://0.0.0.0:5", True),
        ("tcp://*:5", "tcp://[::]:5", True),
        ("tcp://*:5", "tcp://127.0.0.1:5", False),
        ("tcp://lo:5", "tcp://127.0.0.1:5", True),
        ("tcp://lo:5", "tcp://[::1]:5", True),
    ],
)
def test_unbind_means_what_bind_would_make_of_it(given, endpoint, expected):
    assert transport.matches(given, endpoint) is expected


def test_no_name_is_looked_up_for_another_port(monkeypatch):
    def getaddrinfo(*_):
        raise AssertionError("no need to ask")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert not transport.matches("tcp://somewhere:5", "tcp://127.0.0.1:6")
