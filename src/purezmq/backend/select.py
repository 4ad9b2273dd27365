"""select_backend: the names that a backend has, taken from any module."""

from __future__ import annotations

from importlib import import_module
from typing import Any

public_api = [
    "Context",
    "Socket",
    "Frame",
    "Message",
    "proxy",
    "proxy_steerable",
    "zmq_poll",
    "strerror",
    "zmq_errno",
    "has",
    "curve_keypair",
    "curve_public",
    "zmq_version_info",
    "IPC_PATH_MAX_LEN",
    "PYZMQ_DRAFT_API",
]


def select_backend(name: str) -> dict[str, Any]:
    """Import a backend; return what its names stand for. ImportError: it cannot be imported."""
    try:
        module = import_module(name)
    except ImportError:
        raise
    except Exception as reason:
        raise ImportError(f"{name} fails when it is imported: {reason}") from reason
    return {key: getattr(module, key) for key in [*public_api, "monitored_queue"]}
