"""Kerberos, for the tests of GSSAPI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import kerberos


@pytest.fixture(scope="session")
def running_realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kerberos.Realm]:
    yield from kerberos.running(tmp_path_factory.mktemp("realm"))


@pytest.fixture
def realm(running_realm: kerberos.Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> kerberos.Realm:
    """A realm in which this process is the service and joe."""
    kerberos.enter(running_realm, tmp_path, monkeypatch)
    return running_realm
