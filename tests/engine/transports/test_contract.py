"""What every transport promises (see Transport), over each of them."""

import os
import resource
import socket
import uuid
from errno import EADDRINUSE, ECONNREFUSED, EMFILE

import pytest

from purezmq.engine.transports import transport_for
from purezmq.errors import ZMQError


class Case:
    def __init__(self, scheme, address, options):
        self.transport = transport_for(scheme)
        self.address = address
        self.options = options

    def bind(self):
        return self.transport.bind(self.address, self.options)

    def connect(self, endpoint):
        address = endpoint.partition("://")[2]
        self.transport.check(address, self.options)
        (target,) = self.transport.targets_now(address, self.options)
        return self.transport.connect(target, self.options)


@pytest.fixture(params=["tcp", "tcp-ipv6", "tcp-wildcard", "ipc", "ipc-wildcard", "ipc-abstract"])
def case(request, options, tmp_path):
    if request.param == "tcp":
        return Case("tcp", "127.0.0.1:*", options())
    if request.param == "tcp-ipv6":
        return Case("tcp", "[::1]:*", options(ipv6=1))
    if request.param == "tcp-wildcard":
        return Case("tcp", "*:*", options())
    if request.param == "ipc":
        return Case("ipc", str(tmp_path / "s"), options())
    if request.param == "ipc-wildcard":
        return Case("ipc", "*", options())
    return Case("ipc", f"@{uuid.uuid4()}", options())


@pytest.fixture
def listening(case, keep):
    return keep(case.bind())


@pytest.fixture
def pair(case, listening, keep, wait):
    """Return a connected and an accepted stream."""
    connected = keep(case.connect(listening.endpoint))
    wait(reader=listening)
    accepted = keep(listening.accept())
    wait(writer=connected)
    assert case.transport.connect_error(connected) == 0
    assert case.transport.names(connected) is not None
    return connected, accepted


def test_bytes_go_both_ways(pair, wait):
    for sender, receiver in (pair, reversed(pair)):
        assert sender.sendmsg([b"ab", memoryview(b"c")]) == 3
        assert sender.send(b"d") == 1
        received = b""
        while len(received) < 4:
            wait(reader=receiver)
            received += receiver.recv(10)
        assert received == b"abcd"


def test_shutdown_is_the_end_for_the_peer(pair, wait):
    connected, accepted = pair
    connected.shutdown(socket.SHUT_WR)
    wait(reader=accepted)
    assert accepted.recv(10) == b""


def test_nothing_blocks_and_nothing_is_inherited(listening, pair):
    for descriptor in (listening, *pair):
        assert not os.get_blocking(descriptor.fileno())
        assert not os.get_inheritable(descriptor.fileno())


def test_streams_without_bytes_say_that_they_would_block(pair):
    for stream in pair:
        with pytest.raises(BlockingIOError):
            stream.recv(1)


def test_accept_returns_none_when_nobody_is_there(listening):
    assert listening.accept() is None


def test_accept_takes_one_at_a_time(case, listening, keep, wait):
    for _ in range(3):
        keep(case.connect(listening.endpoint))
    accepted = []
    while len(accepted) < 3:
        wait(reader=listening)
        accepted.append(keep(listening.accept()))
    assert listening.accept() is None


def test_accept_without_descriptors_raises_emfile_and_keeps_the_peer(case, listening, keep, wait):
    keep(case.connect(listening.endpoint))
    wait(reader=listening)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(os.devnull) as lowest:
        limit = lowest.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        with pytest.raises(OSError) as raised:
            listening.accept()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert raised.value.errno == EMFILE
    assert keep(listening.accept()) is not None


def test_close_refuses_peers_at_once(case, listening):
    listening.close()
    listening.close()
    assert listening.fileno() == -1
    with pytest.raises(OSError):
        stream = case.connect(listening.endpoint)  # ipc: no such file, or nobody there
        try:
            assert case.transport.connect_error(stream) == ECONNREFUSED
            raise ConnectionRefusedError
        finally:
            stream.close()


def test_abandon_leaves_the_parent_listening(case, keep, wait):
    parents = keep(case.bind())
    childs = os.fork()
    if childs == 0:
        parents.abandon()
        parents.close()
        os._exit(0 if parents.fileno() == -1 else 1)
    assert os.waitpid(childs, 0)[1] == 0
    keep(case.connect(parents.endpoint))
    wait(reader=parents)
    assert keep(parents.accept()) is not None


def test_address_can_be_bound_again_after_close(case, listening, keep):
    listening.close()
    address = listening.endpoint.partition("://")[2]
    if case.address == "*":
        os.mkdir(os.path.dirname(address))
    again = keep(case.transport.bind(address, case.options))
    assert again.endpoint == listening.endpoint
    again.close()
    if case.address == "*":
        os.rmdir(os.path.dirname(address))


def test_endpoint_is_its_own_match(case, listening):
    assert case.transport.matches(listening.endpoint, listening.endpoint)
    assert not case.transport.matches(listening.endpoint + "1", listening.endpoint)


def test_endpoint_of_another_transport_is_no_match(case, listening):
    for given in ("inproc://x", "ws://127.0.0.1:5555", "nothing"):
        assert not case.transport.matches(given, listening.endpoint)


def test_endpoint_is_told_as_given_after_connect(case, listening):
    address = listening.endpoint.partition("://")[2]
    assert case.transport.endpoint_name(address, case.options) == listening.endpoint


def test_accepted_stream_knows_where_it_was_accepted(case, listening, pair):
    expected = listening.endpoint.replace("0.0.0.0", "127.0.0.1")
    assert case.transport.names(pair[1]).local == expected


def test_adopted_descriptor_listens_where_it_did(case, listening, options, keep, wait):
    fd = os.dup(listening.fileno())
    os.set_blocking(fd, True)
    adopted = keep(case.transport.bind(case.address, options(use_fd=fd)))
    assert (adopted.fileno(), adopted.endpoint) == (fd, listening.endpoint)
    assert adopted.accept() is None
    keep(case.connect(listening.endpoint))
    wait(reader=adopted)
    assert keep(adopted.accept()) is not None


def test_adopted_descriptor_is_closed_and_its_file_stays(case, listening, options):
    adopted = case.transport.bind(case.address, options(use_fd=os.dup(listening.fileno())))
    fd = adopted.fileno()
    adopted.close()
    with pytest.raises(OSError):
        os.fstat(fd)
    path = listening.endpoint.removeprefix("ipc://")
    assert os.path.exists(path) == (case.transport.scheme == "ipc" and not path.startswith("@"))


@pytest.mark.parametrize("kind", ["closed", "pipe", "deaf", "other transport"])
def test_descriptor_that_cannot_listen_is_refused_and_left_open(case, options, keep, kind):
    ours, other = socket.AF_INET, socket.AF_UNIX
    if case.transport.scheme == "ipc":
        ours, other = other, ours
    if kind == "pipe":
        fd, writer = os.pipe()
        os.close(writer)
    else:
        fd = socket.socket(other if kind == "other transport" else ours).detach()
    if kind == "closed":
        os.close(fd)
    with pytest.raises(ZMQError, match=r"USE_FD: \d+ is|listen\(\)"):
        case.transport.bind(case.address, options(use_fd=fd))
    if kind != "closed":
        os.close(fd)


def test_buffer_sizes_are_set_on_every_socket(case, options, keep, wait):
    case.options = options(sndbuf=20_000, rcvbuf=30_000, ipv6=case.options.ipv6)
    listening = keep(case.bind())
    connected = keep(case.connect(listening.endpoint))
    wait(reader=listening)
    for stream in (connected, keep(listening.accept())):
        # Linux doubles them, for its own book-keeping.
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 40_000
        assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 60_000


def test_nothing_leaks_when_bind_fails(case, listening, options):
    if case.transport.scheme == "ipc" and not listening.endpoint.startswith("ipc://@"):
        pytest.skip("takes the path over")
    address = listening.endpoint.partition("://")[2]
    before = os.listdir("/proc/self/fd")
    with pytest.raises(ZMQError) as raised:
        case.transport.bind(address, case.options)
    assert raised.value.errno == EADDRINUSE
    assert address in str(raised.value)
    assert os.listdir("/proc/self/fd") == before
