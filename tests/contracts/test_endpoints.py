"""What bind and connect accept, refuse, and call themselves afterwards."""

import os
import re
import socket as plain

import pytest

from .tools import address_of, eventually, unique


def talks(zmq, net, pull, address):
    """Return whether a PUSH that connects to the address reaches this PULL."""
    net.connect(zmq.PUSH, address).send(address.encode())
    return pull.recv() == address.encode()


@pytest.mark.parametrize("wildcard", ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0"])
def test_wildcard_port_becomes_a_real_one(zmq, tcp, wildcard):
    pull = tcp.socket(zmq.PULL)
    pull.bind(wildcard)
    assert re.fullmatch(r"tcp://127\.0\.0\.1:[1-9]\d*", address_of(zmq, pull))
    assert talks(zmq, tcp, pull, address_of(zmq, pull))


@pytest.mark.parametrize("host", ["*", "0.0.0.0"])
def test_wildcard_host_is_shown_as_zeros(zmq, tcp, host):
    pull = tcp.socket(zmq.PULL)
    pull.bind(f"tcp://{host}:*")
    address = address_of(zmq, pull)
    assert re.fullmatch(r"tcp://0\.0\.0\.0:\d+", address)
    assert talks(zmq, tcp, pull, address.replace("0.0.0.0", "127.0.0.1"))


@pytest.mark.parametrize("host", ["lo", "localhost"])
def test_bind_takes_an_interface_or_a_host_name(zmq, tcp, host):
    pull = tcp.socket(zmq.PULL)
    pull.bind(f"tcp://{host}:*")
    assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", address_of(zmq, pull))


def test_connect_takes_a_host_name(zmq, tcp):
    pull, address = tcp.bind(zmq.PULL)
    assert talks(zmq, tcp, pull, address.replace("127.0.0.1", "localhost"))


def test_last_endpoint_is_empty_at_first(zmq, ctx):
    with ctx.socket(zmq.PULL) as socket:
        assert socket.get(zmq.LAST_ENDPOINT) == b""


def test_last_endpoint_is_the_last_one(zmq, net):
    pull, first = net.bind(zmq.PULL)
    pull.bind(net.endpoint())
    assert address_of(zmq, pull) not in ("", first)


def test_last_endpoint_is_what_was_connected_to(zmq, net):
    _, address = net.bind(zmq.PULL)
    assert address_of(zmq, net.connect(zmq.PUSH, address)) == address


@pytest.mark.parametrize("kind", ["ipc", "inproc"])
def test_last_endpoint_of_a_named_endpoint_is_its_name(zmq, inproc, tmp_path, kind):
    endpoint = f"ipc://{tmp_path}/s" if kind == "ipc" else f"inproc://{unique()}"
    pull = inproc.socket(zmq.PULL)
    pull.bind(endpoint)
    assert address_of(zmq, pull) == endpoint


def test_ipv6_binds_and_connects(zmq, tcp):
    if not _has_ipv6():
        pytest.skip("no ::1 here")
    pull = tcp.socket(zmq.PULL, ipv6=1)
    pull.bind("tcp://[::1]:*")
    address = address_of(zmq, pull)
    assert re.fullmatch(r"tcp://\[::1\]:\d+", address)
    tcp.connect(zmq.PUSH, address, ipv6=1).send(b"six")
    assert pull.recv() == b"six"


def test_ipv6_wildcard_host_takes_ipv4_too(zmq, tcp):
    if not _has_ipv6():
        pytest.skip("no ::1 here")
    pull = tcp.socket(zmq.PULL, ipv6=1)
    pull.bind("tcp://*:*")
    address = address_of(zmq, pull)
    assert re.fullmatch(r"tcp://\[::\]:\d+", address)
    assert talks(zmq, tcp, pull, address.replace("[::]", "127.0.0.1"))


def _has_ipv6():
    try:
        with plain.socket(plain.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_connect_takes_a_source_address(zmq, tcp):
    pull, address = tcp.bind(zmq.PULL)
    tcp.connect(zmq.PUSH, address.replace("tcp://", "tcp://127.0.0.2:0;")).send(b"from two")
    frame = pull.recv(copy=False)
    assert (frame.bytes, frame.get("Peer-Address")) == (b"from two", "127.0.0.2")


def test_ipc_makes_a_socket_file(zmq, ctx, tmp_path):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(f"ipc://{tmp_path}/s")
        assert os.path.exists(tmp_path / "s")


def test_ipc_takes_over_a_live_endpoint(zmq, inproc, tmp_path):
    address = f"ipc://{tmp_path}/s"
    robbed, robber = inproc.socket(zmq.PULL), inproc.socket(zmq.PULL)
    robbed.bind(address)
    robber.bind(address)
    assert talks(zmq, inproc, robber, address)


def test_ipc_takes_a_relative_path(zmq, inproc, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pull = inproc.socket(zmq.PULL)
    pull.bind("ipc://relative")
    assert talks(zmq, inproc, pull, f"ipc://{tmp_path}/relative")


def test_ipc_wildcard_becomes_a_path_in_tmpdir(zmq, inproc, tmp_path, monkeypatch):
    # Without TMPDIR, TEMPDIR and TMP libzmq makes the folder where the program runs.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pull = inproc.socket(zmq.PULL)
    pull.bind("ipc://*")
    address = address_of(zmq, pull)
    assert address.startswith(f"ipc://{tmp_path}/")
    assert talks(zmq, inproc, pull, address)


def test_ipc_wildcard_leaves_no_file(zmq, inproc, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pull = inproc.socket(zmq.PULL)
    pull.bind("ipc://*")
    assert os.listdir(tmp_path)
    pull.close()
    eventually(lambda: not os.listdir(tmp_path))


def test_ipc_abstract_name_makes_no_file(zmq, inproc, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pull = inproc.socket(zmq.PULL)
    address = f"ipc://@{unique('purezmq')}-{os.getpid()}"
    pull.bind(address)
    assert address_of(zmq, pull) == address
    assert os.listdir(tmp_path) == []
    assert talks(zmq, inproc, pull, address)


def test_ipc_path_of_107_bytes_fits(zmq, inproc, tmp_path):
    path = f"{tmp_path}/".ljust(107, "x")
    inproc.socket(zmq.PULL).bind("ipc://" + path)
    assert os.path.exists(path)


def test_connect_takes_a_name_it_cannot_resolve_yet(zmq, tcp):
    tcp.socket(zmq.PUSH).connect("tcp://no-such-host.invalid:5555")


@pytest.mark.parametrize("host", ["*", "localhost"])
def test_unbind_takes_the_endpoint_that_last_endpoint_tells(zmq, tcp, host):
    pull = tcp.socket(zmq.PULL)
    pull.bind(f"tcp://{host}:*")
    pull.unbind(address_of(zmq, pull))


def test_bind_to_random_port_returns_the_port(zmq, tcp):
    pull = tcp.socket(zmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    assert address_of(zmq, pull) == f"tcp://127.0.0.1:{port}"
    assert talks(zmq, tcp, pull, f"tcp://127.0.0.1:{port}")


def test_bind_to_random_port_keeps_to_its_range(zmq, tcp):
    port = tcp.socket(zmq.PULL).bind_to_random_port("tcp://127.0.0.1", min_port=30000, max_port=32000)
    assert 30000 <= port < 32000


def test_bind_to_random_port_gives_up(zmq, tcp):
    _, address = tcp.bind(zmq.PULL)
    taken = int(address.rpartition(":")[2])
    with pytest.raises(zmq.ZMQBindError):
        tcp.socket(zmq.PULL).bind_to_random_port(
            "tcp://127.0.0.1", min_port=taken, max_port=taken + 1, max_tries=3
        )


@pytest.mark.ours_only
def test_connect_tries_every_address_of_a_name(zmq, tcp, monkeypatch):
    # libzmq tries the first address of a name only; here that one refuses.
    pull, address = tcp.bind(zmq.PULL)
    port = int(address.rpartition(":")[2])
    found = [(plain.AF_INET, plain.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.3", "127.0.0.1")]
    monkeypatch.setattr("purezmq.engine.unpatched.socket.getaddrinfo", lambda *_, **__: found)
    push = tcp.connect(zmq.PUSH, f"tcp://two-addresses.example:{port}", reconnect_ivl=10)
    push.send(b"found")
    assert pull.recv() == b"found"
