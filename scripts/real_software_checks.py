"""What real_software.py runs in its environment. Each check is a user's session with a program; it says what it saw."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 30  # s for a kernel's answer on a busy machine
SLEEPS = "import time\nprint('begun', flush=True)\ntime.sleep(600)"


def kernel() -> str:
    """A kernel is started, executes, streams output, asks for input, is interrupted, and shut down."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=PATIENCE)
    try:

        def run(code: str, **kwargs: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            seen: list[dict[str, Any]] = []
            reply = client.execute_interactive(code, output_hook=seen.append, timeout=PATIENCE, **kwargs)
            return reply["content"], seen

        reply, seen = run("import zmq; zmq.Socket.__module__")
        results = [message["content"] for message in seen if message["msg_type"] == "execute_result"]
        [name] = [result["data"]["text/plain"] for result in results]
        assert name.startswith(f"'{os.environ['ON']}."), f"the kernel runs on {name}"

        reply, seen = run("for number in range(1000): print(number, flush=True)")
        output = "".join(message["content"]["text"] for message in seen if message["msg_type"] == "stream")
        assert output.split() == [str(number) for number in range(1000)], output[:200]

        reply, seen = run("1 / 0")
        assert (reply["status"], reply["ename"]) == ("error", "ZeroDivisionError"), reply

        reply, seen = run("input('?')", allow_stdin=True, stdin_hook=lambda message: client.input("typed"))
        assert any("typed" in str(message["content"].get("data")) for message in seen), seen

        request = client.execute(SLEEPS)
        while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        begun = time.monotonic()
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=PATIENCE)
        took = time.monotonic() - begun
        assert reply["parent_header"]["msg_id"] == request
        assert reply["content"]["ename"] == "KeyboardInterrupt", reply["content"]
        assert client.hb_channel.is_beating()
    finally:
        client.stop_channels()
        begun = time.monotonic()
        manager.shutdown_kernel()
    assert not manager.is_alive()
    return f"interrupted in {took * 1000:.0f} ms, shut down in {time.monotonic() - begun:.1f} s"


def transports() -> str:
    """Kernels are reached over ipc, and over tcp with CURVE."""
    from jupyter_client.manager import KernelManager

    for options in ({"transport": "ipc"}, {"transport_encryption": "required"}):
        manager = KernelManager(**options)
        manager.start_kernel()
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE)
            reply = client.execute_interactive("pass", timeout=PATIENCE)
            assert reply["content"]["status"] == "ok", reply["content"]
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
    return "ipc, and tcp with CURVE"


def kernels_at_once() -> str:
    """Four kernels run in one asyncio program."""
    from jupyter_client.manager import start_new_async_kernel

    async def use(number: int) -> str:
        manager, client = await start_new_async_kernel(startup_timeout=PATIENCE)
        try:
            reply = await client.execute_interactive(
                "pass", user_expressions={"square": f"{number} ** 2"}, timeout=PATIENCE
            )
        finally:
            client.stop_channels()
            await manager.shutdown_kernel()
        answer: str = reply["content"]["user_expressions"]["square"]["data"]["text/plain"]
        return answer

    async def use_all() -> list[str]:
        return await asyncio.gather(*map(use, range(4)))

    answers = asyncio.run(use_all())
    assert answers == ["0", "1", "4", "9"], answers
    return "each answered"


def notebook() -> str:
    """A notebook runs through nbclient, and one with a mistake stops there."""
    import nbclient
    import nbformat

    cell = nbformat.v4.new_code_cell
    good = nbformat.v4.new_notebook(cells=[cell("x = 6 * 7\nprint(x)"), cell("x")])
    nbclient.NotebookClient(good, timeout=PATIENCE).execute()
    assert good.cells[0].outputs[0].text == "42\n"
    assert good.cells[1].outputs[0].data["text/plain"] == "42"
    bad = nbformat.v4.new_notebook(cells=[cell("1 / 0"), cell("print('not reached')")])
    try:
        nbclient.NotebookClient(bad, timeout=PATIENCE).execute()
    except nbclient.exceptions.CellExecutionError as reason:
        assert reason.ename == "ZeroDivisionError"
    assert bad.cells[1].outputs == []
    return "two cells, and a mistake"


def server() -> str:
    """jupyter_server starts a kernel for a browser, passes its messages to a web socket, interrupts and deletes it."""
    with tempfile.TemporaryDirectory() as directory:
        command = [
            sys.executable,
            "-m",
            "jupyter_server",
            "--no-browser",
            "--allow-root",
            "--ServerApp.port=0",
        ]
        command += ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={directory}"]
        environ = {**os.environ, "JUPYTER_RUNTIME_DIR": directory, "JUPYTER_CONFIG_DIR": directory}
        with (Path(directory) / "log").open("w+") as log:
            process = subprocess.Popen(command, env=environ, stderr=log)
            try:
                asyncio.run(asyncio.wait_for(_browse(Path(directory)), 3 * PATIENCE))
            finally:
                process.terminate()
                status = process.wait(PATIENCE)
                log.seek(0)
                text = log.read()
        assert status == 0, status
        assert "Traceback" not in text, text
    return "started, executed, interrupted and deleted a kernel"


async def _browse(directory: Path) -> None:
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest
    from tornado.websocket import websocket_connect

    while not (found := list(directory.glob("jpserver-*.json"))) or not found[0].stat().st_size:
        await asyncio.sleep(0.05)
    url = json.loads(found[0].read_text())["url"] + "api/kernels"

    def request(path: str = "", **kwargs: Any) -> HTTPRequest:
        return HTTPRequest(url + path, headers={"Authorization": "token secret"}, **kwargs)

    http = AsyncHTTPClient()
    place = "/" + json.loads((await http.fetch(request(method="POST", body="{}"))).body)["id"]
    channels = request(f"{place}/channels")
    channels.url = channels.url.replace("http", "ws", 1)
    socket = await websocket_connect(channels)

    async def send(code: str) -> None:
        header = {
            "msg_id": code,
            "username": "",
            "session": "s",
            "msg_type": "execute_request",
            "version": "5.3",
        }
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "allow_stdin": False,
            "user_expressions": {},
        }
        await socket.write_message(json.dumps({**message, "content": content}))

    async def content_of(kind: str) -> dict[str, Any]:
        while True:
            text = await asyncio.wait_for(socket.read_message(), PATIENCE)
            assert text is not None, "the server closed the web socket"
            message = json.loads(text)
            if message["msg_type"] == kind:
                content: dict[str, Any] = message["content"]
                return content

    await send("print(6 * 7)")
    assert (await content_of("stream"))["text"] == "42\n"
    assert (await content_of("execute_reply"))["status"] == "ok"
    await send(SLEEPS)
    assert (await content_of("stream"))["text"] == "begun\n"
    await http.fetch(request(f"{place}/interrupt", method="POST", body=""))
    assert (await content_of("execute_reply"))["ename"] == "KeyboardInterrupt"
    socket.close()
    await http.fetch(request(place, method="DELETE"))


CHECKS: dict[str, Callable[[], str]] = {
    check.__name__: check for check in (kernel, transports, kernels_at_once, notebook, server)
}


def run(checks: dict[str, Callable[[], str]], names: list[str]) -> int:
    """Run checks, all or the named ones; return the exit status."""
    import zmq

    if not zmq.Socket.__module__.startswith(f"{os.environ['ON']}."):
        print(f"zmq is {zmq.__file__}")
        return 1
    failed = 0
    for name in names or checks:
        begun = time.monotonic()
        try:
            text = checks[name]()
        except Exception:
            traceback.print_exc()
            text = "FAILED"
            failed += 1
        print(f"{time.monotonic() - begun:5.1f} s  {name}: {text}", flush=True)
    print(f"{failed} of {len(names or checks)} programs failed" if failed else "All programs run")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(CHECKS, sys.argv[1:]))
