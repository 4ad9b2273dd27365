"""A pytest plugin for the runs on purezmq: what libzmq has given up and purezmq still has is tested, too."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _libzmq_with_steerable_proxies(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of steerable proxies skip from libzmq 4.3.5 on, which has none: say 4.3.4 to them."""
    if request.module.__name__.endswith("test_proxy_steerable"):
        monkeypatch.setattr(request.module.zmq, "zmq_version_info", lambda: (4, 3, 4))
