"""The names that ``import purezmq as zmq`` offers."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
import zmq as theirs

import purezmq

NAMES = [
    "Again",
    "COPY_THRESHOLD",
    "Context",
    "ContextTerminated",
    "DRAFT_API",
    "DraftFDWarning",
    "EndpointPair",
    "EventStream",
    "Frame",
    "IPC_PATH_MAX_LEN",
    "InterruptedSystemCall",
    "Message",
    "MessageTracker",
    "NotDone",
    "PUREZMQ_VERSION",
    "PeerStats",
    "PYZMQ_DRAFT_API",
    "Poller",
    "Socket",
    "SocketEvent",
    "SocketStats",
    "Stopwatch",
    "SyncContext",
    "SyncSocket",
    "ZMQBaseError",
    "ZMQBindError",
    "ZMQError",
    "ZMQVersionError",
    "_FINISHED_TRACKER",
    "__revision__",
    "__version__",
    "curve_keypair",
    "curve_public",
    "device",
    "get_includes",
    "get_library_dirs",
    "has",
    "install_as_zmq",
    "proxy",
    "proxy_steerable",
    "purezmq_version",
    "pyzmq_version",
    "pyzmq_version_info",
    "select",
    "strerror",
    "zmq_errno",
    "zmq_poll",
    "zmq_version",
    "zmq_version_info",
]

OBSERVED = {"EndpointPair", "EventStream", "PeerStats", "SocketEvent", "SocketStats"}
OURS_ONLY = {"PUREZMQ_VERSION", "purezmq_version", "get_library_dirs", "install_as_zmq"} | OBSERVED


def test_public_names_are_pinned():
    assert set(purezmq.__all__) - set(purezmq.constants.__all__) == set(NAMES)
    assert len(purezmq.__all__) == len(set(purezmq.__all__))


def test_every_public_name_exists():
    for name in purezmq.__all__:
        assert hasattr(purezmq, name)


def test_all_of_pyzmqs_names_are_there():
    assert set(theirs.__all__) <= set(purezmq.__all__)
    assert set(purezmq.__all__) - set(theirs.__all__) == OURS_ONLY


def test_constants_have_pyzmqs_numbers():
    for name in purezmq.constants.__all__:
        value = getattr(theirs, name)
        if isinstance(value, int):
            assert getattr(purezmq, name) == value


def test_message_is_frame(zmq):
    assert zmq.Message is zmq.Frame


@pytest.mark.parametrize(
    "name", ["zmq_version", "zmq_version_info", "pyzmq_version", "pyzmq_version_info", "__version__"]
)
def test_versions_are_those_of_the_pyzmq_that_this_stands_in_for(name):
    found, expected = getattr(purezmq, name), getattr(theirs, name)
    assert (found() if callable(found) else found) == (expected() if callable(expected) else expected)


def test_own_version_is_the_packages():
    assert purezmq.purezmq_version() == purezmq.PUREZMQ_VERSION


@pytest.mark.parametrize("name", ["COPY_THRESHOLD", "IPC_PATH_MAX_LEN"])
def test_module_values_are_pyzmqs(name):
    assert getattr(purezmq, name) == getattr(theirs, name)


def test_has_tells_what_is_there():
    assert purezmq.has("ipc")
    assert purezmq.has("curve")
    assert not purezmq.has("nonsense")


@pytest.mark.parametrize(
    "capability, endpoint",
    [
        ("ipc", "ipc://*"),
        ("pgm", "pgm://127.0.0.1;239.0.0.1:5555"),
        ("tipc", "tipc://{5560,0,0}"),
        ("norm", "norm://127.0.0.1:5555"),
        ("vmci", "vmci://*:*"),
        ("vsock", "vsock://*:*"),
        ("WS", "ws://127.0.0.1:*"),
        ("WSS", "wss://127.0.0.1:*"),
    ],
)
def test_has_tells_of_transports_what_bind_does(zmq, capability, endpoint):
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        try:
            socket.bind(endpoint)
            unknown = False
        except (
            zmq.ZMQError
        ) as reason:  # this machine may have none; what counts is whether the transport is known
            unknown = reason.errno == zmq.EPROTONOSUPPORT
    assert zmq.has(capability) == (not unknown)


def test_has_takes_text(zmq):
    with pytest.raises(TypeError):
        zmq.has(b"ipc")


@pytest.mark.parametrize("module", ["json", "pickle", "random", "inspect", "asyncio", "logging"])
def test_import_leaves_slow_modules_for_when_they_are_needed(module):
    program = f"import sys, purezmq; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-S", "-c", program], env=_environment()).returncode == 0


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(pathlib.Path(purezmq.__file__).parents[1])}


def test_directories_for_c_are_there(zmq):
    includes, libraries = zmq.get_includes(), zmq.get_library_dirs()
    assert all(map(os.path.isdir, [*includes, *libraries]))
    assert [os.path.basename(path) for path in (includes[1], *libraries)] == ["utils", "zmq"]
