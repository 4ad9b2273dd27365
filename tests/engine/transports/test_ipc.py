"""ipc: paths, abstract names, wildcards, and what becomes of the file."""

import os
import re
import stat
from errno import EACCES, EADDRINUSE, EAGAIN, ECONNREFUSED, EINVAL, ENAMETOOLONG, ENOENT, EPROTONOSUPPORT
from socket import AF_UNIX, socket

import pytest
import zmq

from purezmq.engine.transports.ipc import transport
from purezmq.errors import ZMQError


@pytest.fixture
def ours(options):
    """Do as `theirs` does."""

    def call(verb, endpoint, **values):
        address = endpoint.removeprefix("ipc://")
        try:
            if verb == "connect":
                transport.check(address, options())
                return transport.endpoint_name(address, options())
            listening = transport.bind(address, options())
        except ZMQError as refused:
            return refused.errno
        listening.close()
        return listening.endpoint

    return call


@pytest.fixture
def linked(options, keep, wait):
    """Bind and connect to this address: a connected and an accepted stream."""

    def link(address):
        listening = keep(transport.bind(address, options()))
        (target,) = transport.targets_now(address, options())
        connected = keep(transport.connect(target, options()))
        wait(reader=listening)
        return connected, keep(listening.accept())

    return link


@pytest.fixture(autouse=True)
def in_tmp_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for variable in ("TMPDIR", "TEMPDIR", "TMP"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("name", ["s", "./s", " a b ", "é", "s.with:5555", "dir/s", "\udcff"])
def test_path_is_taken_as_it_is(ours, theirs, tmp_path, name):
    (tmp_path / "dir").mkdir()
    for endpoint in (f"ipc://{name}", f"ipc://{tmp_path}/{name}"):
        assert ours("bind", endpoint) == ours("connect", endpoint) == endpoint
        if "\udcff" not in name:  # PyZMQ cannot encode it
            assert theirs("bind", endpoint) == theirs("connect", endpoint) == endpoint


def test_abstract_name_is_no_file_and_found_by_theirs(options, keep, wait, tmp_path):
    listening = keep(transport.bind(f"@{tmp_path}", options()))
    assert listening.endpoint == f"ipc://@{tmp_path}"
    assert not os.path.exists(f"@{tmp_path}")
    with zmq.Context() as context, context.socket(zmq.PAIR) as theirs:
        theirs.linger = 0
        theirs.connect(f"ipc://@{tmp_path}")
        wait(reader=listening)
        assert keep(listening.accept()) is not None


def test_abstract_name_in_use_is_eaddrinuse_for_both(ours, theirs, options, keep, tmp_path):
    keep(transport.bind(f"@{tmp_path}", options()))
    assert ours("bind", f"ipc://@{tmp_path}") == theirs("bind", f"ipc://@{tmp_path}") == EADDRINUSE


def test_abstract_name_needs_a_name(ours, theirs):
    for verb in ("bind", "connect"):
        assert ours(verb, "ipc://@") == theirs(verb, "ipc://@") == EINVAL


@pytest.mark.parametrize("start", ["/tmp/", "@", "é"])
def test_name_has_at_most_107_bytes(ours, theirs, start):
    fits = start + "x" * (107 - len(start.encode()))
    for verb in ("bind", "connect"):
        assert ours(verb, f"ipc://{fits}") == theirs(verb, f"ipc://{fits}") == f"ipc://{fits}"
        assert ours(verb, f"ipc://{fits}x") == theirs(verb, f"ipc://{fits}x") == ENAMETOOLONG
    if start == "/tmp/":
        os.unlink(fits)


def test_missing_directory_is_enoent_for_both(ours, theirs, tmp_path):
    endpoint = f"ipc://{tmp_path}/none/s"
    assert ours("bind", endpoint) == theirs("bind", endpoint) == ENOENT
    assert ours("connect", endpoint) == theirs("connect", endpoint) == endpoint


def test_directory_is_eaddrinuse_for_both(ours, theirs, tmp_path):
    assert ours("bind", f"ipc://{tmp_path}") == theirs("bind", f"ipc://{tmp_path}") == EADDRINUSE


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to lose its privileges")
def test_directory_of_somebody_else_is_eacces_for_both(ours, theirs):
    os.mkdir("roots", 0o755)
    os.seteuid(65534)
    try:
        # The way to the working directory may be closed too, but not from within it.
        assert ours("bind", "ipc://roots/s") == EACCES
        assert theirs("bind", "ipc://roots/s") == EACCES
    finally:
        os.seteuid(0)


def test_refusal_says_what_to_do(options, tmp_path):
    with pytest.raises(ZMQError, match=f"ipc://{tmp_path}/none/s: make the directory first"):
        transport.bind(f"{tmp_path}/none/s", options())


def test_system_without_unix_sockets_has_no_ipc(monkeypatch, options):
    monkeypatch.delattr("purezmq.engine.unpatched.socket.AF_UNIX")
    for verb in (transport.bind, transport.check):
        with pytest.raises(ZMQError, match="use tcp") as raised:
            verb("s", options())
        assert raised.value.errno == EPROTONOSUPPORT


# -- the file --------------------------------------------------------------------------------------------


def test_stale_file_is_no_hindrance(options, keep):
    with socket(AF_UNIX) as crashed:
        crashed.bind("s")
    keep(transport.bind("s", options()))
    assert stat.S_ISSOCK(os.stat("s").st_mode)


def test_second_bind_takes_the_path_over_as_theirs(options, keep, wait, tmp_path):
    first = keep(transport.bind("s", options()))
    second = keep(transport.bind("s", options()))
    (target,) = transport.targets_now("s", options())
    keep(transport.connect(target, options()))
    wait(reader=second)
    assert first.accept() is None
    assert keep(second.accept()) is not None
    with zmq.Context() as context, context.socket(zmq.PAIR) as theirs, context.socket(zmq.PAIR) as other:
        theirs.bind(f"ipc://{tmp_path}/t")
        other.bind(f"ipc://{tmp_path}/t")


def test_close_removes_the_file(options):
    transport.bind("s", options()).close()
    assert os.listdir() == []


def test_close_leaves_the_file_of_who_took_the_path_over(options, keep):
    first = transport.bind("s", options())
    second = keep(transport.bind("s", options()))
    first.close()
    assert os.path.exists("s")
    second.close()
    assert not os.path.exists("s")


def test_close_after_the_file_is_gone_does_nothing(options):
    listening = transport.bind("s", options())
    os.unlink("s")
    listening.close()


def test_close_finds_the_file_from_another_directory(options, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    listening = transport.bind("s", options())
    os.chdir("elsewhere")
    listening.close()
    assert os.listdir(tmp_path) == ["elsewhere"]


def test_abandon_leaves_the_file(options):
    listening = transport.bind("s", options())
    listening.abandon()
    listening.close()
    assert os.listdir() == ["s"]


def test_failing_bind_leaves_nothing(options):
    with pytest.raises(ZMQError):
        transport.bind("none/s", options())
    assert os.listdir() == []


# -- wildcards -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["*", "*anything"])
@pytest.mark.parametrize("variable", ["TMPDIR", "TEMPDIR", "TMP"])
def test_wildcard_is_a_path_in_a_new_directory(monkeypatch, ours, theirs, tmp_path, address, variable):
    monkeypatch.setenv(variable, str(tmp_path))
    for call in (theirs, ours):
        told = call("bind", f"ipc://{address}")
        assert re.fullmatch(rf"ipc://{tmp_path}/tmp\w+/socket", told)
    assert os.listdir() == []


def test_wildcard_directory_is_private_and_goes_with_close(monkeypatch, options, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    listening = transport.bind("*", options())
    (name,) = os.listdir()
    assert listening.endpoint == f"ipc://{tmp_path}/{name}/socket"
    assert stat.S_IMODE(os.stat(name).st_mode) == 0o700
    listening.close()
    assert os.listdir() == []


def test_wildcard_skips_variables_that_name_no_directory(monkeypatch, ours, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setenv("TMP", str(tmp_path))
    assert ours("bind", "ipc://*").startswith(f"ipc://{tmp_path}/")


def test_wildcard_without_variables_is_an_absolute_path(ours):
    # Theirs is relative to the working directory, where a peer can seldom find it.
    assert ours("bind", "ipc://*").startswith("ipc:///")
    assert os.listdir() == []


def test_wildcard_that_gets_too_long_leaves_nothing(monkeypatch, ours, theirs, tmp_path):
    place = tmp_path / ("x" * 100)
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    assert ours("bind", "ipc://*") == theirs("bind", "ipc://*") == ENAMETOOLONG
    assert os.listdir(place) == []


def test_wildcard_is_a_plain_name_for_connect(ours, theirs):
    assert ours("connect", "ipc://*") == theirs("connect", "ipc://*") == "ipc://*"


def test_wildcard_cannot_be_unbound_by_its_name(options, keep):
    listening = keep(transport.bind("*", options()))
    assert not transport.matches("ipc://*", listening.endpoint)


# -- connect ---------------------------------------------------------------------------------------------


def test_nobody_there_is_an_oserror(options):
    (target,) = transport.targets_now("s", options())
    with pytest.raises(FileNotFoundError):
        transport.connect(target, options())
    transport.bind("s", options()).abandon()
    with pytest.raises(OSError) as raised:
        transport.connect(target, options())
    assert raised.value.errno == ECONNREFUSED


def test_full_backlog_is_an_oserror(options, keep):
    keep(transport.bind("s", options(backlog=0)))
    (target,) = transport.resolve("s", options())
    keep(transport.connect(target, options()))
    with pytest.raises(OSError) as raised:
        transport.connect(target, options())
    assert raised.value.errno == EAGAIN


def test_peer_address_is_the_peers_ids_as_theirs(linked):
    expected = f"localhost:{os.getuid()}:{os.getgid()}:{os.getpid()}"
    for stream in linked("s"):
        assert transport.names(stream).address == expected
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:
        one.bind("ipc://t")
        other.connect("ipc://t")
        other.send(b"")
        assert one.recv(copy=False).get("Peer-Address") == expected


def test_use_fd_tells_its_own_name(options, keep):
    listening = keep(transport.bind("s", options()))
    adopted = keep(transport.bind("another", options(use_fd=os.dup(listening.fileno()))))
    assert adopted.endpoint == "ipc://s"
    with pytest.raises(ZMQError) as raised:
        transport.bind("x" * 108, options(use_fd=os.dup(listening.fileno())))
    assert raised.value.errno == ENAMETOOLONG
