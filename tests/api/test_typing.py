"""A user's program type-checks, and means the same types as with PyZMQ. Runs mypy: a few seconds."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import purezmq

PROGRAM = """
from __future__ import annotations
import {module} as zmq

context = zmq.Context()
reveal_type(context)
socket = context.socket(zmq.PUSH)
reveal_type(socket)
socket.linger = 5
socket.identity = b"x"
context.linger = 5
reveal_type(socket.rcvtimeo)
reveal_type(socket.recv())
reveal_type(socket.recv(zmq.DONTWAIT))
reveal_type(socket.recv(copy=False))
reveal_type(socket.recv_multipart())
reveal_type(socket.recv_multipart(copy=False))
reveal_type(socket.send(b""))
reveal_type(socket.send(b"", copy=False, track=True))
reveal_type(socket.send_string("x"))
reveal_type(socket.recv_string())
reveal_type(socket.poll())
reveal_type(socket.closed)
reveal_type(socket.hwm)
reveal_type(socket.get(zmq.LINGER))
with socket.bind("inproc://x") as bound:
    reveal_type(bound)
with zmq.Context() as managed, managed.socket(zmq.SUB) as subscriber:
    subscriber.subscribe("x")
    reveal_type(subscriber)
reveal_type(zmq.Frame().bytes)
reveal_type(zmq.Frame().more)
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
reveal_type(poller.poll())
try:
    pass
except zmq.ZMQError as error:
    reveal_type(error.errno)


reveal_type(zmq.Context.shadow(context))


def take(sock: zmq.Socket[bytes], ctx: zmq.Context[zmq.Socket[bytes]]) -> zmq.SyncSocket:
    sync: zmq.SyncContext = ctx
    return sync.socket(zmq.PULL)
"""

# PyZMQ's types lose the class here.
SOCKET_CLASS = """
import purezmq as zmq


class Mine(zmq.Socket[bytes]):
    name: str = ""


reveal_type(zmq.Context().socket(zmq.PUSH, Mine))
"""

MISTAKES = """
import purezmq as zmq

socket = zmq.Context().socket(zmq.PUSH)
text: str = socket.recv()
socket.send_string(b"x")
socket.bind(5)
socket.recv_multipart(copy=False)[0].decode()
"""


def _check(tmp_path: pathlib.Path, program: str) -> list[str]:
    (tmp_path / "program.py").write_text(program)
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-color-output",
            f"--cache-dir={tmp_path}/cache",
            "program.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(pathlib.Path(purezmq.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    return [line for line in result.stdout.splitlines() if line.startswith("program.py")]


def _revealed(lines: list[str]) -> list[str]:
    # purezmq.socket.Socket and zmq.sugar.socket.Socket are both Socket
    return [re.sub(r"[\w.]+\.(\w+)", r"\1", line.partition('"')[2]) for line in lines]


def test_program_means_the_same_types_as_with_pyzmq(tmp_path):
    ours = _check(tmp_path, PROGRAM.format(module="purezmq"))
    theirs = _check(tmp_path, PROGRAM.format(module="zmq"))
    assert not [line for line in ours if "error:" in line]
    assert _revealed(ours) == _revealed(theirs)


def test_socket_class_is_the_type_of_the_socket(tmp_path):
    assert _revealed(_check(tmp_path, SOCKET_CLASS)) == ['Mine"']


def test_mistakes_are_found(tmp_path):
    lines = _check(tmp_path, MISTAKES)
    assert [int(line.split(":")[1]) for line in lines if "error:" in line] == [5, 6, 7, 8]
