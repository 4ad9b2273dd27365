"""Under the drop-in type checkers take purezmq's types for zmq's, also where PyZMQ is installed. Runs mypy."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from purezmq.dropin import SHIM
from tests.dropin.conftest import SOURCE, Environment
from tests.pyzmq_modules import modules, quietly_import

ASYNCIO = """
import zmq
import zmq.asyncio

context = zmq.asyncio.Context()
reveal_type(context)
socket = context.socket(zmq.PUSH)
reveal_type(socket)
reveal_type(zmq.asyncio.Socket.from_socket(zmq.Context().socket(zmq.PUSH)))


async def main() -> None:
    reveal_type(await socket.recv())
    reveal_type(await socket.recv(copy=True))
    reveal_type(await socket.recv(copy=False))
    reveal_type(await socket.recv_multipart())
    reveal_type(await socket.recv_multipart(copy=False))
    reveal_type(await socket.recv_string())
    reveal_type(await socket.recv_pyobj())
    reveal_type(await socket.recv_into(bytearray(5)))
    reveal_type(await socket.send(b""))
    reveal_type(await socket.send_multipart([b""]))
    reveal_type(await zmq.asyncio.Poller().poll())
"""

OBSERVED = """
from typing import assert_type

import purezmq as zmq
import purezmq.asyncio
from purezmq.utils.monitor import parse_monitor_message

socket = zmq.Context().socket(zmq.PUB)
stream = socket.monitor_events(zmq.EVENT_CONNECTED | zmq.EVENT_CLOSED)
assert_type(stream, zmq.EventStream)
for event in stream:
    assert_type(event, zmq.SocketEvent)
    assert_type(event.event, zmq.Event)
    assert_type(event.endpoints, zmq.EndpointPair)
    assert_type(event.routing_id, bytes)
    assert_type(event.properties, dict[str, bytes])
assert_type(stream.next(timeout=5), zmq.SocketEvent)
assert_type(socket.stats(), zmq.SocketStats)
assert_type(socket.stats()["dropped"], dict[str, int])
assert_type(socket.peers(), list[zmq.PeerStats])
socket.wait_for_peers(3, timeout=5)
assert_type(parse_monitor_message([])["value"], int)


async def main() -> None:
    async for event in stream:
        assert_type(event, zmq.SocketEvent)
    await purezmq.asyncio.Context().socket(zmq.PUB).wait_for_subscribers("topic", 2, timeout=5)
"""

SAME = """
import purezmq
import purezmq.asyncio
import zmq
import zmq.asyncio
import zmq.error
from zmq.sugar.context import Context

socket: purezmq.Socket[bytes] = zmq.Context().socket(zmq.PUSH)
context: purezmq.asyncio.Context = zmq.asyncio.Context()
plain: purezmq.Context[purezmq.Socket[bytes]] = Context()
try:
    pass
except zmq.error.ZMQError as error:
    reveal_type(error)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("mypy")


def _check(cache: pathlib.Path, program: str, dropin: bool = True, python: str = sys.executable) -> list[str]:
    """Return what ``mypy --strict`` says of a program."""
    directory = cache / ("dropin" if dropin else "pyzmq")
    directory.mkdir(exist_ok=True)
    (directory / "program.py").write_text(program)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([SHIM, str(SOURCE)]) if dropin else ""}
    command = ["mypy", "--strict", "--no-color-output", "--python-executable", python, "program.py"]
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=directory, env=environ, capture_output=True, text=True
    )
    return [line for line in done.stdout.splitlines() if line.startswith("program.py")]


def _revealed(lines: list[str]) -> list[str]:
    return [re.sub(r"[\w.]+\.(\w+)", r"\1", line.partition('"')[2]) for line in lines if '"' in line]


def _names(module: str) -> list[str]:
    return sorted(getattr(quietly_import(module), "__all__", ()))


def test_every_module_of_pyzmq_has_a_stub():
    stubs = pathlib.Path(SHIM, "zmq-stubs")
    found = {
        ".".join(["zmq", *path.relative_to(stubs).with_suffix("").parts]) for path in stubs.rglob("*.pyi")
    }
    assert {name.removesuffix(".__init__") for name in found} == set(modules())


def test_every_name_of_pyzmq_is_known(cache):
    imports = [f"import {module}" for module in modules()]
    uses = [f"{module}.{name}" for module in modules() for name in _names(module)]
    assert _check(cache, "\n".join([*imports, *uses])) == []


def test_types_are_purezmqs(cache):
    assert _check(cache, SAME) == ['program.py:15: note: Revealed type is "purezmq.errors.ZMQError"']


def test_asyncio_means_the_same_types_as_with_pyzmq(cache):
    ours, theirs = _check(cache, ASYNCIO), _check(cache, ASYNCIO, dropin=False)
    assert not [line for line in ours if "error:" in line]
    assert _revealed(ours) == _revealed(theirs)


def test_what_is_observed_has_types(cache):
    assert _check(cache, OBSERVED) == []


def test_environment_that_is_switched_over_has_purezmqs_types(cache, environment: Environment):
    environment.add_pyzmq("27.3.0")
    environment.dropin("enable")
    assert _check(cache, "import zmq\nreveal_type(zmq.Frame())", python=environment.python) == [
        'program.py:2: note: Revealed type is "purezmq.frame.Frame"'
    ]
