"""A program that just ends: what it sent to a peer that is there arrives; for one that is not, it does not wait long.

What term() and close() do before the end, and other ways to end: tests/interop/test_exit.py.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zmq as theirs

import purezmq as ours

PATIENCE = 20  # s
PROMPT = 5  # s, with the start of the interpreter
MANY = 2000

SENDS = """
import sys, purezmq as zmq
context = zmq.Context()
push = context.socket(zmq.PUSH)
push.sndhwm = 0
{prepare}
push.connect(sys.argv[1])
for number in range({many}):
    push.send(b"%d" % number)
{last}
"""
IN_A_FUNCTION = """
import sys, purezmq as zmq
def main():
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.sndhwm = 0
    push.connect(sys.argv[1])
    for number in range({many}):
        push.send(b"%d" % number)
main()
"""


@pytest.fixture(params=[ours, theirs], ids=["ours", "theirs"])
def zmq(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


@pytest.fixture(params=["tcp", "ipc"])
def pull(request: pytest.FixtureRequest, zmq: Any, tmp_path: Path) -> Iterator[Any]:
    """A PULL that is bound."""
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.rcvtimeo = PATIENCE * 1000
    # libzmq at its HWM stops reading; when an ipc peer hangs up then, it drops what it has not read yet.
    pull.rcvhwm = 0
    pull.bind("tcp://127.0.0.1:*" if request.param == "tcp" else f"ipc://{tmp_path}/s")
    yield pull
    context.destroy(linger=0)


@pytest.fixture
def absent() -> Iterator[str]:
    """An endpoint where nobody answers, and nobody else can listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def start() -> Iterator[Any]:
    running = []

    def start(text: str, endpoint: str) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, "-c", text, endpoint],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(program)
        return program

    yield start
    for program in running:
        program.kill()
        program.communicate(timeout=PATIENCE)


def sends(prepare: str = "", many: int = MANY, last: str = "") -> str:
    return SENDS.format(prepare=prepare, many=many, last=last)


def endpoint(bound: Any) -> str:
    return str(bound.last_endpoint.rstrip(b"\0").decode())


def assert_ends_well(program: subprocess.Popen[str], timeout: float = PATIENCE) -> None:
    _, complaints = program.communicate(timeout=timeout)
    assert (program.returncode, complaints) == (0, "")


# -- the peer is there -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [sends(), IN_A_FUNCTION.format(many=MANY)],
    ids=["global", "instance"],
)
def test_program_that_just_ends_delivers_everything(pull, start, text) -> None:
    program = start(text, endpoint(pull))
    assert [pull.recv() for _ in range(MANY)] == [b"%d" % number for number in range(MANY)]
    assert_ends_well(program)


@pytest.mark.parametrize("many", [1, 9])
def test_program_that_ends_before_the_handshake_delivers_everything(pull, start, many) -> None:
    program = start(sends(many=many), endpoint(pull))
    assert [pull.recv() for _ in range(many)] == [b"%d" % number for number in range(many)]
    assert_ends_well(program)


def test_linger_zero_of_a_program_that_just_ends_lets_it_end_at_once(pull, start) -> None:
    assert_ends_well(start(sends("push.linger = 0"), endpoint(pull)), PROMPT)


def test_end_says_nothing_while_a_daemon_thread_waits_in_a_socket(pull, start) -> None:
    waits = """
import threading
waiting = threading.Event()
def wait():
    dealer = context.socket(zmq.DEALER)
    dealer.bind("inproc://nobody")
    waiting.set()
    dealer.recv()
threading.Thread(target=wait, daemon=True).start()
waiting.wait()
"""
    program = start(sends(last=waits), endpoint(pull))
    assert [pull.recv() for _ in range(MANY)] == [b"%d" % number for number in range(MANY)]
    assert_ends_well(program)


# -- nobody is there ---------------------------------------------------------------------------------------


def test_program_with_default_linger_does_not_wait_for_nobody(absent, start) -> None:
    assert_ends_well(start(sends(), absent), PROMPT)


@pytest.mark.parametrize("prepare", ["push.linger = 500", "context.linger = 500; push.linger = 500"])
def test_program_waits_for_nobody_as_long_as_linger_says(absent, start, prepare) -> None:
    begun = time.monotonic()
    assert_ends_well(start(sends(prepare), absent), PROMPT)
    assert time.monotonic() - begun >= 0.5


def test_linger_of_several_sockets_runs_at_the_same_time(absent, start) -> None:
    more = """
pushes = [context.socket(zmq.PUSH) for _ in range(20)]
for push in pushes:
    push.linger = 500
    push.connect(sys.argv[1])
    push.send(b"x")
"""
    assert_ends_well(start(sends("push.linger = 500", last=more), absent), PROMPT)


def test_peer_that_takes_the_connection_and_reads_nothing_does_not_keep_the_program(start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        program = start(sends(), f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        assert_ends_well(program, PROMPT)
