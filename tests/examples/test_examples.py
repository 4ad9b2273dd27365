"""Every example runs as a reader would run it: as a program of its own, and prints what it should."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import system_libzmq

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ANY_PORT = "tcp://127.0.0.1:*"
PATIENCE = 30  # seconds for a program that ends by itself

Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start programs, named by their path under examples/ or absolutely; none outlives the test."""
    programs: list[subprocess.Popen[str]] = []

    def start(program: str | Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        path = EXAMPLES / program
        command = [sys.executable, "-u", path] if path.suffix == ".py" else [path]
        process = subprocess.Popen(
            [*command, *arguments],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,  # so that what a program started can be ended, and counted, with it
        )
        programs.append(process)
        return process

    yield start
    for process in programs:
        end_session(process)


def test_every_example_is_named_in_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.rglob("*.py"))
    examples = [path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".c")]
    names = [path.stem if path.suffix == ".c" else path.name for path in examples]
    assert examples
    assert [name for name in names if f'{name}"' not in tests] == []


def test_hello_client_gets_ten_replies_from_hello_server(launch: Launch) -> None:
    server = launch("hello_server.py", ANY_PORT)
    assert_ten_hellos(launch("hello_client.py", endpoint(server)))
    assert stop(server) == ["Received Hello"] * 10 + ["Stopped"]
    assert server.returncode == 0


def test_hello_client_waits_for_a_server_that_starts_later(launch: Launch, unused_port: int) -> None:
    address = f"tcp://127.0.0.1:{unused_port}"
    client = launch("hello_client.py", address)
    assert line(client) == f"Connecting to {address}"
    launch("hello_server.py", address)
    assert_ten_hellos(client)


def test_hello_server_says_that_a_port_is_taken_and_takes_another(launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        server = launch("hello_server.py", taken)
        assert line(server) == f"{taken} is taken: taking another free port"
        address = endpoint(server)
        assert address != taken
        assert_ten_hellos(launch("hello_client.py", address))


def test_subscribers_receive_their_topic_and_all_of_it(launch: Launch) -> None:
    publisher = launch("pubsub/publisher.py", ANY_PORT)
    address = endpoint(publisher)
    weather = launch("pubsub/subscriber.py", "weather", address)
    sport = launch("pubsub/subscriber.py", "sport", address)
    assert finish(weather)[1:] == [
        "weather: sunny",
        "weather: clouds",
        "weather: rain",
        "weather: thunder",
        "weather: sunny again",
    ]
    assert finish(sport)[1:] == [
        "sport: kick-off",
        "sport: 1:0",
        "sport: 1:1",
        "sport: 2:1",
        "sport: final whistle",
    ]
    assert finish(publisher)[-1] == "Published everything"


def test_subscriber_to_the_empty_prefix_receives_every_topic(launch: Launch) -> None:
    publisher = launch("pubsub/publisher.py", ANY_PORT)
    news = finish(launch("pubsub/subscriber.py", "", endpoint(publisher)))[1:]
    assert news[:2] == ["weather: sunny", "sport: kick-off"]
    assert len(news) == 10


def test_pipeline_collects_the_result_of_every_task(launch: Launch) -> None:
    sink = launch("pipeline/sink.py", ANY_PORT)
    ventilator = launch("pipeline/ventilator.py", ANY_PORT)
    ends = endpoint(ventilator), endpoint(sink)
    workers = [launch("pipeline/worker.py", name, *ends) for name in ("ann", "bob")]
    assert finish(ventilator) == ["Dealt 40 tasks, each 50 ms of work"]
    collected, *shares = finish(sink)
    assert collected.startswith("Collected 40 results in ")
    assert sum(int(share.rpartition(" ")[2]) for share in shares) == 40
    for worker in workers:
        assert stop(worker)[-1] == "Stopped"


def test_c_client_gets_ten_replies_from_hello_server(launch: Launch, c_programs: Path) -> None:
    server = launch("hello_server.py", ANY_PORT)
    assert_ten_hellos(launch(c_programs / "client", endpoint(server)))


def test_hello_client_gets_ten_replies_from_c_server(launch: Launch, c_programs: Path) -> None:
    server = launch(c_programs / "server", ANY_PORT)
    assert_ten_hellos(launch("hello_client.py", endpoint(server)))


def test_demo_shows_every_scene_and_leaves_no_process(launch: Launch) -> None:
    demo = launch("demo.py")
    output = finish(demo)
    assert [text for text in output if "FAILED" in text or "\033" in text] == []
    assert sum(text.strip().startswith("ok: ") for text in output) >= 4
    assert any(text.startswith("== All ") for text in output)
    assert processes_left(demo) is False


def test_demo_talks_with_c_programs_in_both_directions(launch: Launch, c_programs: Path) -> None:
    output = "\n".join(finish(launch("demo.py")))
    assert "ok: a C program on libzmq asks, purezmq answers" in output
    assert "ok: purezmq asks, a C program on libzmq answers" in output
    assert ("ok: a C program on libzmq asks with CURVE" in output) == system_libzmq.has("curve")


def test_demo_says_how_to_get_a_c_compiler_where_there_is_none(launch: Launch) -> None:
    output = finish(launch("demo.py", CC="no-such-compiler"))
    assert any("apt-get install gcc make pkg-config libzmq3-dev" in text for text in output)
    assert any(text.startswith("== All 4 scenes went well") for text in output)


def test_demo_fails_where_an_example_fails(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "purezmq.py").write_text("raise ImportError('broken on purpose')")
    demo = launch("demo.py", PYTHONPATH=str(tmp_path), CC="no-such-compiler")
    output, _ = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert "== 4 of 4 scenes FAILED" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_that_is_interrupted_leaves_no_process(launch: Launch, number: signal.Signals) -> None:
    demo = launch("demo.py")
    while "Listening on" not in line(demo):
        pass
    demo.send_signal(number)
    demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 128 + number
    assert processes_left(demo) is False


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def assert_ten_hellos(client: subprocess.Popen[str]) -> None:
    assert finish(client)[-10:] == [f"{number:2}. Hello -> World" for number in range(1, 11)]


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = process.stdout.readline()
    assert text, "the program ended"
    return text.rstrip()


def endpoint(server: subprocess.Popen[str]) -> str:
    return line(server).removeprefix("Listening on ")


def finish(process: subprocess.Popen[str]) -> list[str]:
    """Wait until the program ends by itself and well; return the lines not read yet."""
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    return output.splitlines()


def stop(process: subprocess.Popen[str]) -> list[str]:
    """End the program as Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    return finish(process)


def end_session(process: subprocess.Popen[str]) -> None:
    if processes_left(process):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def processes_left(process: subprocess.Popen[str]) -> bool:
    """Whether the program, or anything that it started, still exists (as a zombie, too)."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
