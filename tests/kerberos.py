"""A Kerberos realm of the tests' own: MIT's KDC on loopback, with a service and two users, and their keytabs.

    zmq/localhost   the service that servers are; its key is in server.keytab
    joe, eve        users, with joe.keytab and eve.keytab

A conftest makes the fixtures of `running` and `enter`; the tests of a process share one KDC.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

NAME = "PUREZMQ.TEST"
SERVICE = b"zmq@localhost"
_TRIES = 5  # to get a port that nobody takes meanwhile

_CONFIGURATION = """
[libdefaults]
    default_realm = {name}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    qualify_shortname = ""
    udp_preference_limit = 1
[realms]
    {name} = {{
        kdc = 127.0.0.1:{port}
    }}
"""

_KDC_CONFIGURATION = """
[kdcdefaults]
    kdc_listen = ""
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {name} = {{
        database_name = {directory}/principal
        key_stash_file = {directory}/stash
    }}
[logging]
    kdc = FILE:{directory}/kdc.log
"""

_PRINCIPALS = """
addprinc -randkey zmq/localhost
addprinc -randkey joe
addprinc -randkey eve
ktadd -norandkey -k {directory}/server.keytab zmq/localhost
ktadd -norandkey -k {directory}/joe.keytab joe
ktadd -norandkey -k {directory}/eve.keytab eve
"""


class Realm:
    """A running KDC. `environment` is what a process needs that is both the service and joe."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            "KRB5_CONFIG": str(directory / "krb5.conf"),
            "KRB5_KTNAME": self.keytab("server"),
            "KRB5_CLIENT_KTNAME": self.keytab("joe"),
            "KRB5RCACHENAME": "none:",  # no file of replays in /var/tmp
        }
        self._kdc = self._start()

    def keytab(self, owner: str) -> str:
        return str(self.directory / f"{owner}.keytab")

    def stop(self) -> None:
        self._kdc.kill()
        self._kdc.communicate()

    def _start(self) -> subprocess.Popen[str]:
        for _ in range(_TRIES):
            with socket.create_server(("127.0.0.1", 0)) as server:
                port = server.getsockname()[1]
            values = {"name": NAME, "port": port, "directory": self.directory}
            (self.directory / "krb5.conf").write_text(_CONFIGURATION.format(**values))
            (self.directory / "kdc.conf").write_text(_KDC_CONFIGURATION.format(**values))
            if not (self.directory / "principal").exists():
                self._run("kdb5_util", "create", "-s", "-P", "master")
                self._run("kadmin.local", entered=_PRINCIPALS.format(**values))
            kdc = subprocess.Popen(
                [_program("krb5kdc"), "-n"],
                env=self._kdc_environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert kdc.stdout is not None
            said = kdc.stdout.readline()
            if "starting" in said:
                return kdc
            kdc.communicate()
        raise AssertionError(f"krb5kdc does not start: {said}{(self.directory / 'kdc.log').read_text()}")

    def _run(self, program: str, *arguments: str, entered: str = "") -> None:
        done = subprocess.run(
            [_program(program), *arguments],
            env=self._kdc_environment(),
            input=entered,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr

    def _kdc_environment(self) -> dict[str, str]:
        return os.environ | self.environment | {"KRB5_KDC_PROFILE": str(self.directory / "kdc.conf")}


def _program(name: str) -> str:
    path = shutil.which(
        name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )
    if path is None:
        pytest.skip(f"no {name}: apt-get install krb5-kdc krb5-admin-server")
    return path


def running(directory: Path) -> Iterator[Realm]:
    """Run a KDC whose files are in this directory; skip where there is none, or no package gssapi."""
    if importlib.util.find_spec("gssapi") is None:
        pytest.skip("no package gssapi: pip install purezmq[gssapi]")
    for name in ("krb5kdc", "kdb5_util", "kadmin.local"):
        _program(name)
    realm = Realm(directory)
    yield realm
    realm.stop()


def enter(realm: Realm, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process be the service and joe, with its tickets in this directory."""
    for name, value in realm.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{directory}/tickets")
