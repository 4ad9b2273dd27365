"""The encrypted hello worlds, alone, and with a side on PyZMQ, or in C on libzmq."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import purezmq.auth
from tests import system_libzmq
from tests.examples.conftest import IN_ITS_PLACE

SECURITY = Path(__file__).resolve().parents[2] / "examples" / "security"
PATIENCE = 30  # seconds
HOUSES = ["stonehouse.py", "ironhouse.py"]

Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start launch("ours" or "theirs", program, …), or launch("c", path, …); none outlives the test."""
    programs = []
    for side, text in (("ours", ""), ("theirs", IN_ITS_PLACE)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "sitecustomize.py").write_text(text)

    def start(side: str, program: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [program, *arguments] if side == "c" else [sys.executable, SECURITY / program, *arguments],
            env=os.environ | {"PYTHONPATH": str(tmp_path / side)},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        programs.append(process)
        return process

    yield start
    for process in programs:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_stonehouse_encrypts(launch: Launch, side: str) -> None:
    output, _ = launch(side, "stonehouse.py").communicate(timeout=PATIENCE)
    assert output.splitlines()[1:] == ["Hello -> Hello back, encrypted", "Bye -> Bye, encrypted"]


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_ironhouse_knows_its_friends(launch: Launch, side: str) -> None:
    output, _ = launch(side, "ironhouse.py").communicate(timeout=PATIENCE)
    lines = output.splitlines()
    assert "A stranger gets no answer" in lines
    assert "Hello -> Hello back" in lines
    assert lines[-1] == "Bye -> Bye" or lines[-2] == "Bye -> Bye"


@pytest.mark.parametrize("house", HOUSES)
def test_server_that_is_interrupted_says_no_more_than_stopped(
    launch: Launch, house: str, tmp_path: Path
) -> None:
    server = launch("ours", house, "server", str(tmp_path / "keys"), "tcp://127.0.0.1:*")
    assert server.stdout is not None
    assert server.stdout.readline().startswith("Listening on ")
    server.send_signal(signal.SIGINT)
    assert server.communicate(timeout=PATIENCE)[0].splitlines() == ["Stopped"]
    assert server.returncode == 0


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(("server", "client"), [("ours", "theirs"), ("theirs", "ours")])
def test_each_side_talks_with_pyzmq(
    launch: Launch, house: str, server: str, client: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    serving = launch(server, house, "server", str(keys), "tcp://127.0.0.1:*")
    assert serving.stdout is not None
    endpoint = serving.stdout.readline().split()[-1]
    output, _ = launch(client, house, "client", str(keys), endpoint).communicate(timeout=PATIENCE)
    assert output.splitlines()[-1].startswith("Bye -> Bye")
    assert serving.wait(PATIENCE) == 0


needs_curve = pytest.mark.skipif(
    not system_libzmq.has("curve"), reason="no libzmq with CURVE: apt-get install libzmq5"
)


@needs_curve
@pytest.mark.parametrize("house", HOUSES)
def test_c_client_talks_with_our_server(launch: Launch, c_programs: Path, house: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    serving = launch("ours", house, "server", str(keys), "tcp://127.0.0.1:*")
    assert serving.stdout is not None
    endpoint = serving.stdout.readline().split()[-1]
    output, _ = launch("c", str(c_programs / "curve_client"), str(keys), endpoint).communicate(
        timeout=PATIENCE
    )
    assert output.splitlines() == ["Hello -> Hello back, encrypted", "Bye -> Bye, encrypted"]
    assert serving.wait(PATIENCE) == 0


@needs_curve
@pytest.mark.parametrize("house", HOUSES)
def test_our_client_talks_with_c_server(launch: Launch, c_programs: Path, house: str, tmp_path: Path) -> None:
    for name in ("server", "client"):
        purezmq.auth.create_certificates(tmp_path, name)
    serving = launch("c", str(c_programs / "curve_server"), str(tmp_path), "tcp://127.0.0.1:*")
    assert serving.stdout is not None
    endpoint = serving.stdout.readline().split()[-1]
    output, _ = launch("ours", house, "client", str(tmp_path), endpoint).communicate(timeout=PATIENCE)
    assert output.splitlines()[-1].startswith("Bye -> Bye")
    assert serving.communicate(timeout=PATIENCE)[0].splitlines() == [
        "Received Hello, encrypted",
        "Received Bye, encrypted",
    ]
    assert serving.returncode == 0
