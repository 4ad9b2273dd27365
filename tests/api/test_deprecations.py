"""What is deprecated in PyZMQ warns as it does there: the same category, at the same calls."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

# Each is run where zmq is PyZMQ, and where it is purezmq.
CASES = {
    "Stopwatch": "zmq.Stopwatch()",
    "Socket.socket_type": "zmq.Context.instance().socket(zmq.PUB).socket_type",
    "device": "zmq.device; zmq.sugar.device",
    "SyncContext": "zmq.SyncContext; zmq.SyncSocket",
    "asyncio.ZMQEventLoop": "import zmq.asyncio; zmq.asyncio.ZMQEventLoop().close()",
    "asyncio.install": "import zmq.asyncio; zmq.asyncio.install()",
    "asyncio.Socket(io_loop=)": """
import asyncio, zmq.asyncio
async def main():
    zmq.asyncio.Context.instance().socket(zmq.PUB, io_loop=asyncio.get_running_loop()).close()
asyncio.run(main())
""",
    "auth.asyncio(loop)": """
import zmq.auth.asyncio
zmq.auth.asyncio.AsyncioAuthenticator(zmq.Context.instance(), loop=object())
""",
    "auth.ioloop": "import zmq.auth.ioloop",
    "auth.ioloop(io_loop=)": """
import types, zmq.auth.ioloop
loop = types.SimpleNamespace(asyncio_loop=object())
zmq.auth.ioloop.IOLoopAuthenticator(zmq.Context.instance(), io_loop=loop)
""",
    "eventloop": "import zmq.eventloop",
    "eventloop.ioloop": "import zmq.eventloop.ioloop",
    "eventloop.ioloop.install": "import zmq.eventloop.ioloop; zmq.eventloop.ioloop.install()",
    "eventloop.future.Context(io_loop=)": """
import zmq.eventloop.future
zmq.eventloop.future.Context(io_loop=object()).term()
""",
    "eventloop.zmqstream(asyncio socket)": """
import asyncio, zmq.asyncio, zmq.eventloop.zmqstream
async def main():
    socket = zmq.asyncio.Context.instance().socket(zmq.PUB)
    try:
        zmq.eventloop.zmqstream.ZMQStream(socket)
    finally:
        socket.close()
asyncio.run(main())
""",
    "green": "import zmq.green",
    "green.eventloop.ioloop": "import zmq.green.eventloop.ioloop",
    "log": "import zmq.log.handlers",
    "ssh": "import zmq.ssh",
    "tests": "import zmq.tests",
    "utils.strtypes": "import zmq.utils.strtypes",
    "utils.strtypes.cast_bytes": "import zmq.utils.strtypes as types; types.cast_bytes('a'); types.b('a')",
    "utils.strtypes.cast_unicode": "import zmq.utils.strtypes as types; types.cast_unicode(b'a'); types.u(b'a')",
    "utils.garbage": "import zmq.utils.garbage",
    "socket that is not closed": "zmq.Context.instance().socket(zmq.PUB)",
    "context that is not closed": "zmq.Context()",
    "context left with open sockets": """
with zmq.Context() as context:
    socket = context.socket(zmq.PUB)
""",
}

# Runs each of the cases in a fork of a process that has imported zmq and nothing else of it.
PROGRAM = """
import gc, json, os, sys, warnings
{first}
import zmq

def run(code):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = "fine"
        try:
            exec(code, {{"zmq": zmq}})
        except Exception as error:
            outcome = type(error).__name__
        gc.collect()
    return [outcome, *(each.category.__name__ for each in caught)]

results = {{}}
for name, code in json.loads(sys.stdin.read()).items():
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, json.dumps(run(code)).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        results[name] = json.load(file)
    os.waitpid(child, 0)
print(json.dumps(results))
"""


def _outcomes(first: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM.format(first=first)],
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr
    outcomes: dict[str, list[str]] = json.loads(done.stdout)
    return outcomes


@pytest.fixture(scope="module")
def theirs() -> dict[str, list[str]]:
    return _outcomes("")


@pytest.fixture(scope="module")
def ours() -> dict[str, list[str]]:
    return _outcomes("import purezmq; purezmq.install_as_zmq()")


@pytest.mark.parametrize("case", CASES)
def test_warns_as_pyzmq_does(ours, theirs, case):
    assert set(ours[case]) == set(theirs[case])


@pytest.mark.filterwarnings("ignore:zmq.Stopwatch:DeprecationWarning")
def test_stopwatch_counts_microseconds(zmq):
    watch = zmq.Stopwatch()
    before = time.monotonic()
    watch.start()
    first, second = watch.stop(), watch.stop()
    assert type(first) is int
    assert 0 <= first <= second <= (time.monotonic() - before) * 1e6 + 1
