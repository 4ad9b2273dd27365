"""More of what real_software.py runs (--others): programs that are tried before a release, and not by CI."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from real_software_checks import PATIENCE, run

BIN = Path(sys.executable).parent


def ipyparallel() -> str:
    """A cluster of two engines maps, moves data, and is stopped."""
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=30) as client:
        squares = client.load_balanced_view().map_sync(lambda x: x * x, range(20))
        assert squares == [x * x for x in range(20)], squares
        client[:].push({"numbers": list(range(100_000))})
        assert [len(numbers) for numbers in client[:].pull("numbers", block=True)] == [100_000] * 2
    return "two engines"


def zerorpc() -> str:
    """A server under gevent answers calls, streams and raises; a slow answer outlasts the heartbeats."""
    return program(
        """
import gevent, zerorpc
class Service:
    def hello(self, name): return "Hello, " + name
    @zerorpc.stream
    def count(self, n): return iter(range(n))
    def fail(self): raise RuntimeError("as it should")
    def sleep(self): gevent.sleep(3)
server = zerorpc.Server(Service(), heartbeat=1)
server.bind("tcp://127.0.0.1:PORT")
serving = gevent.spawn(server.run)
client = zerorpc.Client(heartbeat=1)
client.connect("tcp://127.0.0.1:PORT")
assert client.hello("x") == "Hello, x"
assert list(client.count(100)) == list(range(100))
try:
    client.fail()
except zerorpc.RemoteError as reason:
    assert (reason.name, reason.msg) == ("RuntimeError", "as it should")
client.sleep()
jobs = [gevent.spawn(client.hello, str(n)) for n in range(50)]
gevent.joinall(jobs, raise_error=True)
assert [job.value for job in jobs] == [f"Hello, {n}" for n in range(50)]
client.close()
server.stop()
serving.join(5)
server.close()
""",
        "calls, a stream, an error, heartbeats",
    )


def aiozmq() -> str:
    """An RPC server and a pair of streams, over aiozmq's own use of FD and EVENTS."""
    import aiozmq
    import aiozmq.rpc
    import zmq

    class Handler(aiozmq.rpc.AttrHandler):
        @aiozmq.rpc.method
        def add(self, a: int, b: int) -> int:
            return a + b

    async def use() -> None:
        server = await aiozmq.rpc.serve_rpc(Handler(), bind="tcp://127.0.0.1:*")
        client = await aiozmq.rpc.connect_rpc(connect=next(iter(server.transport.bindings())))
        sums = await asyncio.gather(*(client.call.add(n, n) for n in range(100)))
        assert sums == [2 * n for n in range(100)], sums
        client.close()
        server.close()
        await client.wait_closed()
        await server.wait_closed()
        router = await aiozmq.create_zmq_stream(zmq.ROUTER, bind="tcp://127.0.0.1:*")
        dealer = await aiozmq.create_zmq_stream(zmq.DEALER, connect=next(iter(router.transport.bindings())))
        for n in range(100):
            dealer.write((b"a", b"%d" % n))
            router.write(await router.read())
            assert await dealer.read() == [b"a", b"%d" % n]
        dealer.close()
        router.close()

    asyncio.run(asyncio.wait_for(use(), PATIENCE))
    return "100 calls at once, 100 round trips"


def circus() -> str:
    """circusd keeps processes, and does what circusctl says."""
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as directory:
        ini = Path(directory) / "circus.ini"
        ini.write_text(
            f"[circus]\nendpoint = {endpoint}\npubsub_endpoint = tcp://127.0.0.1:{free_port()}\n"
            "[watcher:sleeper]\ncmd = sleep 600\nnumprocesses = 2\n"
        )
        with running("circusd", str(ini)) as daemon:

            def tell(*words: str) -> str:
                command = [BIN / "circusctl", "--endpoint", endpoint, *words]
                return subprocess.run(
                    command, capture_output=True, text=True, timeout=PATIENCE
                ).stdout.strip()

            eventually(lambda: tell("status", "sleeper") == "active")
            assert tell("numprocesses", "sleeper") == "2"
            tell("incr", "sleeper")
            eventually(lambda: tell("numprocesses", "sleeper") == "3")
            tell("quit")
            assert daemon.wait(PATIENCE) == 0
    return "started, asked, added to, stopped"


def locust() -> str:
    """A master and two workers, over zmq.green, share a load."""
    port = str(free_port())
    with tempfile.TemporaryDirectory() as directory:
        load = Path(directory) / "locustfile.py"
        load.write_text(
            "from locust import User, task, constant\n"
            "class Tester(User):\n"
            "    wait_time = constant(0.02)\n"
            "    @task\n"
            "    def fire(self):\n"
            "        self.environment.events.request.fire(request_type='x', name='y', response_time=1,"
            " response_length=1, exception=None, context={})\n"
        )
        command = [
            "--master",
            "--headless",
            "--users=4",
            "--spawn-rate=4",
            "--run-time=3s",
            "--expect-workers=2",
        ]
        worker = ("locust", "-f", str(load), "--worker", f"--master-port={port}")
        with (
            running("locust", "-f", str(load), *command, f"--master-bind-port={port}") as master,
            running(*worker) as one,
            running(*worker) as other,
        ):
            statuses = [process.wait(2 * PATIENCE) for process in (master, one, other)]
    assert statuses == [0, 0, 0], statuses
    return "a master and two workers"


def salt() -> str:
    """A minion does what its master is told."""
    ports = [free_port(), free_port()]
    with tempfile.TemporaryDirectory() as directory:
        for name, more in (
            ("master", "interface: 127.0.0.1\nauto_accept: True\nworker_threads: 2\n"),
            ("minion", "master: 127.0.0.1\nid: one\n"),
        ):
            root = Path(directory) / name
            root.mkdir()
            places = "".join(
                f"{key}: {root}/{key}\n" for key in ("root_dir", "pki_dir", "cachedir", "sock_dir")
            )
            ends = f"publish_port: {ports[0]}\nret_port: {ports[1]}\nmaster_port: {ports[1]}\n"
            (root / name).write_text(
                f"{places}{ends}log_file: {root}/log\npidfile: {root}/pid\nuser: root\n{more}"
            )
        config = str(Path(directory) / "master")
        with (
            running("salt-master", "-c", config),
            running("salt-minion", "-c", str(Path(directory) / "minion")),
        ):

            def tell(*words: str) -> str:
                command = [BIN / "salt", "-c", config, "-t", "10", "--out=txt", *words]
                return subprocess.run(
                    command, capture_output=True, text=True, timeout=2 * PATIENCE
                ).stdout.strip()

            eventually(lambda: tell("*", "test.ping") == "one: True", 3 * PATIENCE)
            assert tell("one", "test.echo", "text") == "one: text"
    return "a ping and an echo"


CHECKS: dict[str, Callable[[], str]] = {
    check.__name__: check for check in (ipyparallel, zerorpc, aiozmq, circus, locust, salt)
}


def program(text: str, done: str) -> str:
    """Run a program in a process of its own, with a free port for PORT; return `done` if it ends well."""
    command = [sys.executable, "-c", text.replace("PORT", str(free_port()))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE)
    assert ended.returncode == 0, ended.stderr
    return done


@contextmanager
def running(name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of this environment for as long as the block lasts."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([BIN / name, *arguments], stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def eventually(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"not within {patience} s"
        time.sleep(0.2)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(run(CHECKS, sys.argv[1:]))
