"""Run the guide's programs as a reader would, as processes; over purezmq, and with one import changed over PyZMQ.

PUREZMQ_IMPL=ours|theirs|both chooses. `theirs` proves that a program is a right program: whatever it does then on
ours is the engine's doing. What starts with every program is a sitecustomize that puts zmq in the place of purezmq.
"""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GUIDE = EXAMPLES / "guide"
PATIENCE = 30  # seconds: the longest wait for anything
LINES = "import sys\nsys.stdout.reconfigure(line_buffering=True)\n"  # whole lines, also from several threads
IN_ITS_PLACE = """
import importlib
from importlib.machinery import ModuleSpec

class PyzmqInItsPlace:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.partition(".")[0] == "purezmq" else None

    def create_module(self, spec):
        return importlib.import_module("zmq" + spec.name.removeprefix("purezmq"))

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, PyzmqInItsPlace())
"""

Start = Callable[..., "Program"]


class Program:
    """One program in a process of its own. A thread reads what it prints, so nothing here waits without limit."""

    def __init__(self, path: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()  # None: no more
        self._seen: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, path, *arguments],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, text: str) -> str:
        """Return the next line with `text` in it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {text!r} came; but {self._seen}") from None
            assert line is not None, f"ended without a line with {text!r}: {self._seen}"
            if text in line:
                return line

    def endpoint(self) -> str:
        """Return the next endpoint that the program says it listens on."""
        return self.wait_for("Listening on ").rpartition(" ")[2]

    def enter(self, text: str = "") -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def finish(self) -> list[str]:
        """Wait until the program ends by itself and well; return all its lines."""
        status = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert status == 0, "\n".join(self._seen)
        return self._seen

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> list[str]:
        """End the program as Ctrl-C does, and see it end well."""
        self._process.send_signal(number)
        return self.finish()

    def stop(self) -> list[str]:
        """End the program as Ctrl-C does; it must say so, and nothing of how."""
        lines = self.interrupt()
        assert lines[-1].endswith("Stopped"), lines  # it may come before the end of a line
        return lines

    def kill(self) -> None:
        """End the program, and what it started, without asking."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._seen.append(line.rstrip())
            self._lines.put(line.rstrip())
        self._lines.put(None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "start" in metafunc.fixturenames:
        choice = os.environ.get("PUREZMQ_IMPL", "both")
        sides = ["theirs", "ours"] if choice == "both" else [choice]
        metafunc.parametrize("start", sides, indirect=True)


@pytest.fixture
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Start programs of the guide by name; none outlives the test. Their temporary directory is the test's."""
    customize = tmp_path / "sitecustomize.py"
    customize.write_text(LINES + (IN_ITS_PLACE if request.param == "theirs" else ""))
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    environment = {"PYTHONPATH": path, "TMPDIR": str(tmp_path)}
    programs: list[Program] = []

    def start(name: str, *arguments: str) -> Program:
        program = Program(GUIDE / name, arguments, environment)
        programs.append(program)
        return program

    previous = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored in a background job, and inherited
    yield start
    signal.signal(signal.SIGINT, previous)
    for program in programs:
        program.kill()


@pytest.fixture(scope="session")
def c_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the C examples, built; skips where they cannot be."""
    if shutil.which("make") is None or make_c("check").returncode != 0:
        pytest.skip("no C compiler, make or zmq.h: apt-get install gcc make pkg-config libzmq3-dev")
    directory = tmp_path_factory.mktemp("c")
    built = make_c("all", f"BUILD={directory}", "CFLAGS=-Wall -Wextra -Werror")
    assert built.returncode == 0, built.stdout
    return directory


def make_c(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")
    }
    return subprocess.run(
        ["make", "-C", EXAMPLES / "c", *arguments],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
    )
