"""zmq.ssh: tunnels through an SSH server of paramiko's, in this process; what needs no server on both."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import socket
import threading

import pytest

import purezmq
from purezmq.ssh import tunnel as ours


@pytest.fixture
def tunnel(zmq):
    return importlib.import_module(f"{zmq.__name__}.ssh.tunnel")


def test_names(zmq, tunnel):
    package = importlib.import_module(f"{zmq.__name__}.ssh")
    for name in (
        "openssh_tunnel",
        "paramiko_tunnel",
        "ssh_tunnel",
        "try_passwordless_ssh",
        "tunnel_connection",
    ):
        assert getattr(package, name) is getattr(tunnel, name)
        assert name in tunnel.__all__
    for name in ("open_tunnel", "select_random_ports", "MaxRetryExceeded", "SSHException"):
        assert hasattr(tunnel, name)
    assert importlib.import_module(f"{zmq.__name__}.ssh.forward").__all__ == ["forward_tunnel"]


def test_random_ports_differ(tunnel):
    ports = tunnel.select_random_ports(10)
    assert len(set(ports)) == 10
    assert all(0 < port < 65536 for port in ports)
    assert tunnel.select_random_ports(0) == []


@pytest.mark.parametrize("paramiko", [True, False])
def test_missing_package_is_named(monkeypatch, tunnel, paramiko):
    monkeypatch.setattr(tunnel, "paramiko", None)
    monkeypatch.setattr(tunnel, "pexpect", None)
    name = "(?i)paramiko" if paramiko else "pexpect"
    with pytest.raises(ImportError, match=name):
        tunnel.try_passwordless_ssh("nowhere.invalid", None, paramiko=paramiko)
    with pytest.raises(ImportError, match=name):
        tunnel.open_tunnel("tcp://127.0.0.1:1", "nowhere.invalid", paramiko=paramiko)


@pytest.mark.parametrize(
    "server, keyfile, command",
    [
        ("host", None, ["ssh", "host"]),
        ("me@host:2222", "/k e/y", ["ssh", "-i", "/k e/y", "-p", "2222", "me@host"]),
        ("-o 'ProxyJump=a b' host", None, ["ssh", "-o", "ProxyJump=a b", "host"]),
        ("me@fe80::1", None, ["ssh", "me@fe80::1"]),
    ],
)
def test_command_line_of_ssh(server, keyfile, command):
    assert ours._ssh_command(server, keyfile) == command


@pytest.mark.parametrize(
    "server, parts",
    [
        ("me@host:2222", ("me", "host", 2222)),
        ("me@host", ("me", "host", 22)),
        ("a@b@host", ("a@b", "host", 22)),
    ],
)
def test_server_of_paramiko(server, parts):
    assert ours._split_server(server) == parts
    assert ours._split_server("host")[1:] == ("host", 22)


# -- with a server -----------------------------------------------------------------------------------------


class SSHServer:
    """Lets in who has the password, and connects "direct-tcpip" channels to where they want to."""

    def __init__(self, paramiko, password):
        self.paramiko = paramiko
        self.key = paramiko.RSAKey.generate(2048)
        server = self

        class Policy(paramiko.ServerInterface):
            def get_allowed_auths(self, username):
                return "password" if password else "none"

            def check_auth_none(self, username):
                return paramiko.AUTH_FAILED if password else paramiko.AUTH_SUCCESSFUL

            def check_auth_password(self, username, given):
                return paramiko.AUTH_SUCCESSFUL if given == password else paramiko.AUTH_FAILED

            def check_channel_request(self, kind, number):
                return paramiko.OPEN_SUCCEEDED

            def check_channel_exec_request(self, channel, command):
                if not command.startswith(b"sleep"):  # which keeps a tunnel open until we close
                    threading.Thread(target=server.end, args=(channel,), daemon=True).start()
                return True

            def check_channel_direct_tcpip_request(self, number, origin, destination):
                work = (self.transport, number, destination)
                threading.Thread(target=server.connect, args=work, daemon=True).start()
                return paramiko.OPEN_SUCCEEDED

        self.policy = Policy
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.transports = []
        self.sessions = []
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            transport = self.paramiko.Transport(connection)
            self.transports.append(transport)
            transport.add_server_key(self.key)
            policy = self.policy()
            policy.transport = transport
            try:
                transport.start_server(server=policy)
            except (self.paramiko.SSHException, EOFError, OSError):
                transport.close()  # the client did not like us

    def end(self, channel):
        channel.send_exit_status(0)
        channel.close()

    def connect(self, transport, number, destination):
        channel = transport.accept(10)
        while channel.get_id() != number:  # a session, which keeps itself alive
            self.sessions.append(channel)
            channel = transport.accept(10)
        target = socket.create_connection(destination)
        ways = [(channel, target), (target, channel)]
        for source, sink in ways:
            threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while chunk := source.recv(4096):
                sink.sendall(chunk)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError, EOFError):  # its transport may be gone
                end.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for transport in self.transports:
            transport.close()
        for thread in self.threads:
            thread.join(10)


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Returns serve(password): a server and its place; its key is known in a home of the test's own."""
    paramiko = pytest.importorskip("paramiko")
    servers = []

    def serve(password=None, known=True):
        server = SSHServer(paramiko, password)
        servers.append(server)
        hosts = tmp_path / ".ssh" / "known_hosts"
        hosts.parent.mkdir(exist_ok=True)
        if known:
            hosts.write_text(f"[127.0.0.1]:{server.port} {server.key.get_name()} {server.key.get_base64()}\n")
        options = f"-F none -o UserKnownHostsFile={hosts} -o PubkeyAuthentication=no"
        server.place = f"me@127.0.0.1:{server.port}"
        server.place_with_options = f"{options} {server.place}"
        return server

    monkeypatch.setenv("HOME", str(tmp_path))
    yield serve
    for server in servers:
        server.close()


@pytest.fixture
def replier():
    """A REP socket that answers in a thread."""
    with purezmq.Context() as context, context.socket(purezmq.REP) as socket:
        socket.bind("tcp://127.0.0.1:*")
        socket.linger = 0

        def work():
            try:
                while True:
                    socket.send(socket.recv()[::-1])
            except purezmq.ZMQError:
                pass

        thread = threading.Thread(target=work)
        thread.start()
        yield socket.last_endpoint.decode()
        socket.close()
        thread.join()


def test_paramiko_tunnel_leads_to_the_endpoint(serve, replier):
    server = serve("secret")
    with purezmq.Context() as context, context.socket(purezmq.REQ) as socket:
        socket.linger = 0
        socket.rcvtimeo = 20_000
        process = ours.tunnel_connection(socket, replier, server.place, password="secret", paramiko=True)
        try:
            socket.send(b"abc" * 100_000)
            assert socket.recv() == b"cba" * 100_000
        finally:
            process.terminate()
            process.join(10)
    assert not process.is_alive()


def test_paramiko_finds_out_whether_a_password_is_needed(serve, monkeypatch):
    assert ours.try_passwordless_ssh(serve("secret").place, None, paramiko=True) is False
    unknown = serve("secret", known=False)
    with pytest.raises(unknown.paramiko.SSHException):
        ours.try_passwordless_ssh(unknown.place, None, paramiko=True)
    monkeypatch.setenv("PYZMQ_PARAMIKO_HOST_KEY_POLICY", "AutoAdd")
    assert ours.try_passwordless_ssh(unknown.place, None, paramiko=True) is False


needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh here")


@needs_ssh
@pytest.mark.parametrize("password", [None, "secret"])
def test_openssh_finds_out_whether_a_password_is_needed(serve, password):
    pytest.importorskip("pexpect")
    server = serve(password)
    assert ours.try_passwordless_ssh(server.place_with_options, None, paramiko=False) is (password is None)


@needs_ssh
def test_openssh_does_not_trust_unknown_hosts(serve):
    pytest.importorskip("pexpect")
    server = serve("secret", known=False)
    with pytest.raises(ours.SSHException, match="authenticity"):
        ours.try_passwordless_ssh(server.place_with_options, None, paramiko=False)
    with pytest.raises(ours.SSHException, match="authenticity"):
        ours.open_tunnel("tcp://127.0.0.1:1", server.place_with_options, password="secret", paramiko=False)


@needs_ssh
@pytest.mark.parametrize("password", [None, "secret"])
def test_openssh_tunnel_leads_to_the_endpoint(serve, replier, password):
    pytest.importorskip("pexpect")
    server = serve(password)
    with purezmq.Context() as context, context.socket(purezmq.REQ) as socket:
        socket.linger = 0
        socket.rcvtimeo = 20_000
        place = server.place_with_options
        assert (
            ours.tunnel_connection(socket, replier, place, password=password, paramiko=False, timeout=1) > 0
        )
        socket.send(b"abc" * 1000)
        assert socket.recv() == b"cba" * 1000


@needs_ssh
def test_openssh_that_fails_says_why(serve):
    pytest.importorskip("pexpect")
    port = ours.select_random_ports(1)[0]
    with pytest.raises(RuntimeError, match="Connection refused"):
        ours.openssh_tunnel(port, 1, f"-F none 127.0.0.1:{port}")


@needs_ssh
def test_rejected_password_is_asked_for(serve, monkeypatch, capsys):
    pytest.importorskip("pexpect")
    server = serve("secret")
    monkeypatch.setattr(ours, "getpass", lambda prompt: "secret")
    port = ours.select_random_ports(1)[0]
    assert ours.openssh_tunnel(port, server.port, server.place_with_options, password="wrong", timeout=0) > 0
    assert "rejected" in capsys.readouterr().out
