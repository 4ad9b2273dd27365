"""SSH tunnels for sockets: a local port that leads to a port which only the SSH server can reach.

Two ways: the system's ssh, driven by pexpect so that it can be given a password, and paramiko in a process of its
own, which is the default on Windows. Each needs its package; ImportError says which one is missing.

A server is "host", "user@host" or "user@host:port"; for the system's ssh, options may come before it.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import warnings
from getpass import getpass, getuser
from multiprocessing import Process
from socket import socket as _SystemSocket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from purezmq.socket import Socket

    paramiko: Any = None
    pexpect: Any = None
else:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import paramiko
    except ImportError:
        paramiko = None
    try:
        import pexpect
    except ImportError:
        pexpect = None

if TYPE_CHECKING or paramiko is None:

    class SSHException(Exception):
        """An SSH connection could not be made; paramiko's own class where that is installed."""

else:
    from paramiko import SSHException

__all__ = [
    "tunnel_connection",
    "ssh_tunnel",
    "openssh_tunnel",
    "paramiko_tunnel",
    "try_passwordless_ssh",
]

_NEW_HOST = "Are you sure you want to continue connecting"
_PASSWORD = re.compile(rb"pass(word|phrase)", re.IGNORECASE)
_PATIENCE = 60.0  # seconds for ssh to log in
_LOOK = 0.1  # seconds between two looks whether ssh has ended
_PORT = 22


class MaxRetryExceeded(Exception):
    """ssh neither logged in, nor asked for a password, nor gave up, for too long."""


# -- what programs call ------------------------------------------------------------------------------------


def tunnel_connection(
    socket: Socket[Any],
    addr: str,
    server: str,
    keyfile: str | None = None,
    password: str | None = None,
    paramiko: bool | None = None,
    timeout: int = 60,
) -> Process | int:
    """Connect a ZeroMQ socket through a new tunnel to addr; arguments and result as of open_tunnel()."""
    url, tunnel = open_tunnel(
        addr, server, keyfile=keyfile, password=password, paramiko=paramiko, timeout=timeout
    )
    socket.connect(url)
    return tunnel


def open_tunnel(
    addr: str,
    server: str,
    keyfile: str | None = None,
    password: str | None = None,
    paramiko: bool | None = None,
    timeout: int = 60,
) -> tuple[str, Process | int]:
    """Open a tunnel to addr, "tcp://host:port" as the server sees it; return the endpoint to connect to, and it.

    keyfile: a private key; without, ssh takes what its configuration says. password: asked for on the terminal if it
    is needed and not given. paramiko: use paramiko (None: on Windows only). timeout: seconds after which the tunnel
    ends unless something is connected through it (ssh only). The second result is ssh's process id, or the Process.
    """
    host, _, port = addr.partition("://")[2].rpartition(":")
    local_port = select_random_ports(1)[0]
    opener = paramiko_tunnel if _wants_paramiko(paramiko) else openssh_tunnel
    tunnel = opener(
        local_port, int(port), server, remoteip=host, keyfile=keyfile, password=password, timeout=timeout
    )
    return f"tcp://127.0.0.1:{local_port}", tunnel


def select_random_ports(n: int) -> list[int]:
    """Return n different ports that are free now."""
    sockets = [_SystemSocket() for _ in range(n)]
    try:
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def try_passwordless_ssh(server: str, keyfile: str | None, paramiko: bool | None = None) -> bool:
    """Return whether the server lets us in without asking for a password; so that it is asked for only once.

    SSHException: nobody has said yet that this is the right host.
    """
    if _wants_paramiko(paramiko):
        return _try_passwordless_paramiko(server, keyfile)
    return _try_passwordless_openssh(server, keyfile)


def openssh_tunnel(
    lport: int,
    rport: int,
    server: str,
    remoteip: str = "127.0.0.1",
    keyfile: str | None = None,
    password: str | None = None,
    timeout: int = 60,
) -> int:
    """Lead local port lport to remoteip:rport, as the server sees it, with the system's ssh; return a process id.

    A shared connection (ControlMaster) to the server is used if there is one, until this program ends. Otherwise ssh
    goes to the background and ends by itself: after timeout seconds, or when nothing is connected any more.
    RuntimeError: ssh failed; what it said is in the text.
    """
    if pexpect is None:
        raise ImportError("pexpect unavailable, use paramiko_tunnel")
    ssh = _ssh_command(server, keyfile)
    where = f"127.0.0.1:{lport}:{remoteip}:{rport}"
    master = _forward_by_master(ssh, where)
    if master is not None:
        return master
    process = _spawn([*ssh[:-1], "-f", "-S", "none", "-L", where, ssh[-1], f"sleep {timeout}"])
    asked = False
    while _asks_for_password(process):
        if asked:
            print("Password rejected, try again")
            password = None
        if password is None:
            password = getpass(f"{server}'s password: ")
        process.sendline(password)
        asked = True
    said = process.before
    process.close()
    if process.exitstatus:
        raise RuntimeError(
            f"the tunnel through {server} failed to start: {said.decode(errors='replace').strip()}"
        )
    pid: int = process.pid
    return pid


def paramiko_tunnel(
    lport: int,
    rport: int,
    server: str,
    remoteip: str = "127.0.0.1",
    keyfile: str | None = None,
    password: str | None = None,
    timeout: int = 60,
) -> Process:
    """Lead local port lport to remoteip:rport, as the server sees it, with paramiko; return the process that does.

    It ends with this program; timeout has no meaning here.
    """
    if paramiko is None:
        raise ImportError("Paramiko not available")
    if password is None and not _try_passwordless_paramiko(server, keyfile):
        password = getpass(f"{server}'s password: ")
    process = Process(
        target=_run_paramiko_tunnel,
        args=(lport, rport, server, remoteip),
        kwargs={"keyfile": keyfile, "password": password},
        daemon=True,
    )
    process.start()
    return process


ssh_tunnel = paramiko_tunnel if sys.platform == "win32" else openssh_tunnel


def _wants_paramiko(said: bool | None) -> bool:
    return sys.platform == "win32" if said is None else said


# -- the system's ssh --------------------------------------------------------------------------------------


def _ssh_command(server: str, keyfile: str | None) -> list[str]:
    """Return the beginning of a command line; the host is its last word."""
    *options, place = shlex.split(server)
    if keyfile:
        options += ["-i", keyfile]
    if place.count(":") == 1:
        place, port = place.split(":")
        options += ["-p", port]
    return ["ssh", *options, place]


def _forward_by_master(ssh: list[str], where: str) -> int | None:
    """Have a shared connection forward the port; return the process id of its master, None: there is none."""
    check = _run([*ssh[:-1], "-O", "check", ssh[-1]])
    found = re.search(rb"pid=(\d+)", check.stdout)
    if check.returncode or found is None:
        return None
    if _run([*ssh[:-1], "-O", "forward", "-L", where, ssh[-1]]).returncode:
        return None
    atexit.register(_run, [*ssh[:-1], "-O", "cancel", "-L", where, ssh[-1]])
    return int(found[1])


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def _try_passwordless_openssh(server: str, keyfile: str | None) -> bool:
    if pexpect is None:
        raise ImportError("pexpect unavailable, use paramiko")
    ssh = _ssh_command(server, keyfile)
    process = _spawn([*ssh[:-1], "-f", ssh[-1], "exit"])
    try:
        return not _asks_for_password(process)
    finally:
        process.close(force=True)


def _spawn(command: list[str]) -> Any:
    environment = {name: value for name, value in os.environ.items() if name != "SSH_ASKPASS"}
    # The ssh that goes to the background would get a SIGHUP from the end of the one that started it.
    return pexpect.spawn(command[0], command[1:], env=environment, ignore_sighup=True)


def _asks_for_password(process: Any) -> bool:
    """Wait until ssh asks for a password, or ends."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            asked = process.expect([_NEW_HOST, _PASSWORD], timeout=_LOOK)
        except pexpect.TIMEOUT:
            continue  # an ssh that went to the background keeps the terminal: only these looks tell
        except pexpect.EOF:
            return False
        if asked == 0:
            process.close(force=True)
            raise SSHException("The authenticity of the host can't be established: connect by hand once")
        return True
    process.close(force=True)
    raise MaxRetryExceeded(f"ssh did nothing for {_PATIENCE:.0f} seconds")


# -- paramiko ----------------------------------------------------------------------------------------------


def _split_server(server: str) -> tuple[str, str, int]:
    """Return user, host and port."""
    user, at, place = server.rpartition("@")
    if place.count(":") == 1:
        host, port = place.split(":")
        return (user if at else getuser()), host, int(port)
    return (user if at else getuser()), place, _PORT


def _try_passwordless_paramiko(server: str, keyfile: str | None) -> bool:
    if paramiko is None:
        hint = "it is required for ssh tunnels on Windows" if sys.platform == "win32" else "use OpenSSH"
        raise ImportError(f"Paramiko unavailable, {hint}.")
    client = paramiko.SSHClient()
    try:
        client.load_host_keys(os.path.expanduser("~/.ssh/known_hosts"))
    except FileNotFoundError:
        pass
    policy = os.environ.get("PYZMQ_PARAMIKO_HOST_KEY_POLICY")
    if policy:
        client.set_missing_host_key_policy(getattr(paramiko, f"{policy}Policy")())
    user, host, port = _split_server(server)
    try:
        client.connect(host, port, username=user, key_filename=keyfile, look_for_keys=True)
    except paramiko.AuthenticationException:
        return False
    except SSHException as reason:
        if "No authentication methods" not in str(reason):  # paramiko has no key to offer
            raise
        return False
    finally:
        client.close()
    return True


def _run_paramiko_tunnel(
    lport: int,
    rport: int,
    server: str,
    remoteip: str,
    keyfile: str | None = None,
    password: str | None = None,
) -> None:
    """Do the work of paramiko_tunnel's process."""
    from purezmq.ssh.forward import forward_tunnel

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; this process ends with it
    user, host, port = _split_server(server)
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    policy = os.environ.get("PYZMQ_PARAMIKO_HOST_KEY_POLICY") or "Warning"
    client.set_missing_host_key_policy(getattr(paramiko, f"{policy}Policy")())
    try:
        client.connect(host, port, username=user, key_filename=keyfile, look_for_keys=True, password=password)
        forward_tunnel(lport, remoteip, rport, client.get_transport())
    except Exception as reason:
        sys.exit(f"the tunnel through {host}:{port} failed: {reason!r}")
