"""The versions that programs ask for: which PyZMQ and which libzmq this package stands in for, and its own.

Programs written for PyZMQ compare these texts and tuples, so they name the releases that purezmq is compatible
with. PUREZMQ_VERSION is purezmq's own.
"""

from __future__ import annotations

__version__ = "27.3.0"
__revision__ = ""

PUREZMQ_VERSION = "0.1.0"

_PYZMQ = (27, 3, 0)
_LIBZMQ = (4, 3, 5)


def purezmq_version() -> str:
    """Return purezmq's own version."""
    return PUREZMQ_VERSION


def pyzmq_version() -> str:
    """Return the version of PyZMQ whose API this is."""
    return __version__


def pyzmq_version_info() -> tuple[int, int, int] | tuple[int, int, int, float]:
    """Return the version of PyZMQ whose API this is, to compare."""
    return _PYZMQ


def zmq_version() -> str:
    """Return the version of libzmq whose behaviour this is."""
    return "4.3.5"


def zmq_version_info() -> tuple[int, int, int]:
    """Return the version of libzmq whose behaviour this is, to compare."""
    return _LIBZMQ
