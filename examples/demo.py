"""See purezmq work: every example of this folder, run as processes that talk to each other.

python examples/demo.py      or: make demo

Each scene starts its programs, shows what they print, checks it, and stops them. Every wait is bounded, and
the exit status says whether everything went well.
"""

import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
PATIENCE = 15  # seconds: the longest wait for anything
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
HOW_TO_GET_C = (
    "To get a C compiler and zmq.h: apt-get install gcc make pkg-config libzmq3-dev (Debian, Ubuntu), "
    "dnf install gcc make zeromq-devel (Fedora), brew install zeromq pkg-config (macOS)."
)


class Failure(Exception):
    """A scene did not go as it must; the text says how."""


# --- scenes ---------------------------------------------------------------------------------------------


def request_and_reply(stage: "Stage") -> str:
    server = stage.start("server", python("hello_server.py"))
    client = stage.start("client", python("hello_client.py"), local(server))
    return ten_hellos(client, server)


def publish_and_subscribe(stage: "Stage") -> str:
    publisher = stage.start("publisher", python("pubsub/publisher.py"), "tcp://127.0.0.1:*")
    endpoint = local(publisher)
    subscribers = {
        topic: stage.start(topic, python("pubsub/subscriber.py"), topic, endpoint)
        for topic in ("weather", "sport")
    }
    publisher.finish()
    for topic, subscriber in subscribers.items():
        news = subscriber.finish()[1:]
        check(len(news) == 5, f"{topic}: {len(news)} of 5 news arrived")
        check(all(line.startswith(f"{topic}: ") for line in news), f"{topic}: news of another topic arrived")
    return "each subscriber received its topic, all of it, and nothing else"


def divide_and_collect(stage: "Stage") -> str:
    sink = stage.start("sink", python("pipeline/sink.py"), "tcp://127.0.0.1:*")
    ventilator = stage.start("ventilator", python("pipeline/ventilator.py"), "tcp://127.0.0.1:*")
    ends = local(ventilator), local(sink)
    workers = [stage.start(f"worker {name}", python("pipeline/worker.py"), name, *ends) for name in "ABC"]
    ventilator.finish()
    results = sink.finish()
    check(any(line.startswith("Collected 40 results") for line in results), "results are missing")
    for worker in workers:
        worker.stop()
    return "40 tasks dealt, worked on and collected"


def known_clients_only(stage: "Stage") -> str:
    said = stage.start("ironhouse", python("security/ironhouse.py")).finish()
    check("A stranger gets no answer" in said, "a stranger got an answer")
    check({"Hello -> Hello back", "Bye -> Bye"} <= set(said), "a friend got no answer")
    return "all of it encrypted: the friend, known by its key, was served, and the stranger was not"


def c_client_python_server(stage: "Stage") -> str:
    server = stage.start("server", python("hello_server.py"), "tcp://127.0.0.1:*")
    client = stage.start("C client", [stage.programs / "client"], local(server))
    return "a C program on libzmq asks, purezmq answers: " + ten_hellos(client, server)


def python_client_c_server(stage: "Stage") -> str:
    server = stage.start("C server", [stage.programs / "server"], "tcp://127.0.0.1:*")
    client = stage.start("client", python("hello_client.py"), local(server))
    return "purezmq asks, a C program on libzmq answers: " + ten_hellos(client, server)


def encrypted_c_client_python_server(stage: "Stage") -> str:
    keys = str(stage.programs / "keys")
    server = stage.start("server", python("security/stonehouse.py"), "server", keys, "tcp://127.0.0.1:*")
    client = stage.start("C client", [stage.programs / "curve_client"], keys, local(server))
    replies = [line for line in client.finish() if line.endswith(", encrypted")]
    server.finish()
    check(len(replies) == 2, f"{len(replies)} of 2 replies arrived")
    return "a C program on libzmq asks with CURVE, purezmq answers with CURVE"


PYTHON_SCENES = [
    ("Request and reply: a REP server and a REQ client", request_and_reply),
    ("Publish and subscribe: one publisher, two topics, two subscribers", publish_and_subscribe),
    ("Pipeline: a ventilator deals tasks to three workers, a sink collects", divide_and_collect),
    ("Security: encrypted by CURVE, for known clients only", known_clients_only),
]
C_SCENES = [
    ("Across languages: C client on libzmq, Python server", c_client_python_server),
    ("Across languages: Python client, C server on libzmq", python_client_c_server),
]
CURVE_SCENE = (
    "Across languages, encrypted by CURVE: C client on libzmq, Python server",
    encrypted_c_client_python_server,
)


def main() -> int:
    # A background job starts with SIGINT ignored, and its children inherit that; but SIGINT ends our servers.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        programs = Path(directory)
        passed = [play(number, *scene, programs) for number, scene in enumerate(PYTHON_SCENES, 1)]
        if can_build_c():
            built = build_c(programs)
            scenes = [*C_SCENES, CURVE_SCENE] if built and c_has_curve(programs) else C_SCENES
            for number, scene in enumerate(scenes, len(passed) + 1):
                passed.append(built and play(number, *scene, programs))
        else:
            print(heading("Across languages: skipped, for want of a C compiler or of zmq.h"))
            print(f"    {HOW_TO_GET_C}")

    seconds = time.monotonic() - begin
    if not all(passed):
        print(heading(f"{passed.count(False)} of {len(passed)} scenes FAILED ({seconds:.1f} s)", RED))
        return 1
    skipped = len([*PYTHON_SCENES, *C_SCENES, CURVE_SCENE]) - len(passed)
    remark = f", {skipped} skipped" if skipped else ""
    print(heading(f"All {len(passed)} scenes went well ({seconds:.1f} s{remark})", GREEN))
    print(NEXT_STEPS.format(python=as_typed(sys.executable)))
    return 0


def ten_hellos(client: "Program", server: "Program") -> str:
    replies = [line for line in client.finish() if line.endswith("Hello -> World")]
    server.stop()
    check(len(replies) == 10, f"{len(replies)} of 10 replies arrived")
    return "ten times Hello, ten times World"


def local(program: "Program") -> str:
    """The endpoint that `program` says it listens on, as one to connect to from this machine."""
    endpoint = program.wait_for("Listening on ").removeprefix("Listening on ")
    return "tcp://127.0.0.1:" + endpoint.rpartition(":")[2]


def python(example: str) -> list[str | Path]:
    return [sys.executable, "-u", EXAMPLES / example]


def check(true: bool, otherwise: str) -> None:
    if not true:
        raise Failure(otherwise)


# --- the C programs -------------------------------------------------------------------------------------


def can_build_c() -> bool:
    return shutil.which("make") is not None and make_c("check").returncode == 0


def build_c(directory: Path) -> bool:
    result = make_c("all", f"BUILD={directory}")
    if result.returncode != 0:
        print(heading("The C programs do not build", RED))
        print(result.stdout)
    return result.returncode == 0


def c_has_curve(directory: Path) -> bool:
    """Whether this machine's libzmq encrypts. The program says so before it looks for a key, and finds none."""
    command = [directory / "curve_client", directory]
    return (
        "without CURVE" not in subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60).stderr
    )


def make_c(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Run from a Makefile, this make must not take itself for a part of that one.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")
    }
    return subprocess.run(
        ["make", "-C", EXAMPLES / "c", *arguments],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )


# --- programs on a stage --------------------------------------------------------------------------------


class Program:
    """One example in a process of its own. What it prints is shown at once, and kept."""

    def __init__(self, name: str, command: list[str | Path]) -> None:
        self.name = name
        self._lines: queue.Queue[str | None] = queue.Queue()  # None: no more
        self._seen: list[str] = []
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, beginning: str) -> str:
        """Return the first line that begins so; Failure after PATIENCE seconds."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failure(f"{self.name} did not say {beginning!r} within {PATIENCE} s") from None
            if line is None:
                raise Failure(f"{self.name} ended before it said {beginning!r}")
            if line.startswith(beginning):
                return line

    def finish(self) -> list[str]:
        """Wait until the program ends by itself, and return all that it printed."""
        status = self._wait()
        check(status == 0, f"{self.name} ended with status {status}")
        return self._seen

    def stop(self) -> None:
        """End the program as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        status = self._wait()
        check(
            status in (0, -signal.SIGINT) or os.name != "posix", f"{self.name} stopped with status {status}"
        )

    def kill(self) -> None:
        """Leave nothing behind, whatever happened."""
        self._process.kill()
        self._process.wait()
        self._reader.join(1)

    def _wait(self) -> int:
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {PATIENCE} s") from None
        self._reader.join(PATIENCE)
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                text = line.rstrip()
                sys.stdout.write(f"    {paint(f'{self.name:>10}', DIM)}  {text}\n")
                sys.stdout.flush()
                self._seen.append(text)
                self._lines.put(text)
        self._lines.put(None)


class Stage:
    """The programs of one scene."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs  # where the C programs are
        self._running: list[Program] = []

    def start(self, name: str, command: list[str | Path], *arguments: str) -> Program:
        with signals_held():  # one between the start and the append would leave the program behind
            program = Program(name, [*command, *arguments])
            self._running.append(program)
        return program

    def clear(self) -> None:
        with signals_held():
            for program in self._running:
                program.kill()


@contextmanager
def cleared_stage(programs: Path) -> Iterator[Stage]:
    stage = Stage(programs)
    try:
        yield stage
    finally:
        stage.clear()


@contextmanager
def signals_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait for the end of the block."""
    held: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.signal(number, lambda came, _: held.append(came)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for came in held:
            signal.raise_signal(came)


def play(number: int, title: str, scene: Callable[[Stage], str], programs: Path) -> bool:
    print(heading(f"{number}. {title}"))
    try:
        with cleared_stage(programs) as stage:
            outcome = scene(stage)
    except Failure as failure:
        print(f"    {paint('FAILED:', RED)} {failure}")
        return False
    print(f"    {paint('ok:', GREEN)} {outcome}")
    return True


# --- the look -------------------------------------------------------------------------------------------

BOLD, DIM, RED, GREEN = "1", "2", "1;31", "1;32"

NEXT_STEPS = """\
    Next: read examples/hello_server.py and examples/hello_client.py, and run them in two terminals:
        {python} examples/hello_server.py
        {python} examples/hello_client.py
    Then: examples/README.md for all the others, README.md, or "make test"."""


def heading(text: str, style: str = BOLD) -> str:
    return "\n" + paint(f"== {text}", style)


def as_typed(path: str) -> str:
    """The path as one types it in this directory."""
    return path.removeprefix(os.path.join(os.getcwd(), ""))


def paint(text: str, style: str) -> str:
    return f"\033[{style}m{text}\033[0m" if COLOUR else text


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
