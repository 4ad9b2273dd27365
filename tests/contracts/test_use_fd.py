"""USE_FD: a listening descriptor handed in, as by systemd. It is the socket's from bind() on."""

import errno
import os
import socket

import pytest

from .tools import address_of, eventually, exchange, refused


@pytest.fixture(params=["tcp", "ipc"])
def listening(request, tmp_path):
    """Return a listening descriptor, for bind() to take, and its endpoint."""
    if request.param == "tcp":
        made = socket.create_server(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{made.getsockname()[1]}"
    else:
        made = socket.socket(socket.AF_UNIX)
        made.bind(f"{tmp_path}/s")
        made.listen()
        endpoint = f"ipc://{tmp_path}/s"
    return made.detach(), endpoint


def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def bound(zmq, net, listening, address=None):
    fd, endpoint = listening
    rep = net.socket(zmq.REP, use_fd=fd)
    rep.bind(address or endpoint)
    return rep


def test_peers_are_accepted_there(zmq, tcp, listening):
    rep = bound(zmq, tcp, listening)
    assert address_of(zmq, rep) == listening[1]
    for _ in range(3):
        exchange(tcp.connect(zmq.REQ, listening[1]), rep)


def test_another_address_is_not_looked_at(zmq, tcp, listening):
    scheme = listening[1].partition("://")[0]
    rep = bound(zmq, tcp, listening, f"{scheme}://another:1")
    assert address_of(zmq, rep) == listening[1]
    exchange(tcp.connect(zmq.REQ, listening[1]), rep)


def test_wildcard_tells_the_descriptors_own_name(zmq, tcp, listening):
    scheme = listening[1].partition("://")[0]
    address = "tcp://127.0.0.1:*" if scheme == "tcp" else "ipc://*"
    assert address_of(zmq, bound(zmq, tcp, listening, address)) == listening[1]


def test_close_closes_it(zmq, tcp, listening):
    bound(zmq, tcp, listening).close()
    eventually(lambda: not is_open(listening[0]))


def test_unbind_closes_it(zmq, tcp, listening):
    bound(zmq, tcp, listening).unbind(listening[1])
    eventually(lambda: not is_open(listening[0]))


def test_file_stays(zmq, tcp, listening):
    bound(zmq, tcp, listening).close()
    eventually(lambda: not is_open(listening[0]))
    scheme, _, path = listening[1].partition("://")
    assert scheme == "tcp" or os.path.exists(path)


def test_connect_does_not_use_it(zmq, tcp, listening):
    rep, address = tcp.bind(zmq.REP)
    exchange(tcp.connect(zmq.REQ, address, use_fd=listening[0]), rep)
    os.close(listening[0])


# -- libzmq aborts the process, or listens to nothing ------------------------------------------------------


@pytest.fixture(params=["closed", "file", "unconnected", "other transport", "datagram"])
def unfit(request, tmp_path):
    """Return a descriptor that cannot be listened at, and the errno."""
    if request.param == "closed":
        yield 1_000_000, errno.EBADF  # no process has so many
        return
    with (
        open(tmp_path / "file", "wb") as file,
        socket.socket() as unconnected,
        socket.socket(socket.AF_UNIX) as other,
        socket.socket(type=socket.SOCK_DGRAM) as datagram,
    ):
        other.bind(f"{tmp_path}/s")
        other.listen()
        yield {
            "file": (file.fileno(), errno.ENOTSOCK),
            "unconnected": (unconnected.fileno(), errno.EINVAL),
            "other transport": (other.fileno(), errno.EPROTOTYPE),
            "datagram": (datagram.fileno(), errno.EINVAL),
        }[request.param]


@pytest.mark.ours_only
def test_descriptor_that_does_not_fit_is_refused_and_left_alone(zmq, tcp, unfit):
    fd, number = unfit
    rep = tcp.socket(zmq.REP, use_fd=fd)
    with refused(zmq, number):
        rep.bind("tcp://127.0.0.1:*")
    assert is_open(fd) is (number != errno.EBADF)
    rep.set(zmq.USE_FD, -1)
    rep.bind("tcp://127.0.0.1:*")
