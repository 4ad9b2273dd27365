"""The two sides of a link, ours and theirs, as the tests see them: processes, and sockets in them."""

import itertools
import os
import signal
import socket as plain
import subprocess
import sys
import tempfile
import time
from multiprocessing import Pipe
from pathlib import Path

from .child import PATIENCE

MODULES = {"ours": "purezmq", "theirs": "zmq"}
PROGRAM = Path(__file__).with_name("child.py")
LONGEST = 3 * PATIENCE  # seconds for a command, which may consist of some waits


class RemoteError(Exception):
    """A command failed in the child; the text is the child's traceback."""

    def __init__(self, errno, text):
        super().__init__(text)
        self.errno = errno


class Side:
    """A process that runs one implementation, "ours" or "theirs". It starts with the first command."""

    def __init__(self, implementation):
        self.implementation = implementation
        self._process = self._pipe = None
        self._running = None  # the command that has not been answered
        self._errors = tempfile.TemporaryFile()

    @property
    def pid(self):
        return self._process.pid

    def open(self, kind, **options):
        """Make a socket of this type; options are set before it binds or connects."""
        return Remote(self, self.call("open", kind, options))

    def call(self, name, *arguments):
        """Run a command; return its result."""
        return self.begin(name, *arguments).result()

    def begin(self, name, *arguments):
        """Start a command and do not wait for it; one at a time."""
        assert self._running is None, f"{self._running!r} has not been answered"
        if self._process is None:
            self._start()
        self._pipe.send((name, arguments))
        self._running = name
        return Pending(self, name)

    def _start(self):
        self._pipe, childs_end = Pipe()
        with childs_end:
            number = childs_end.fileno()
            command = [sys.executable, PROGRAM, MODULES[self.implementation], str(number)]
            self._process = subprocess.Popen(
                command, pass_fds=[number], stdin=subprocess.DEVNULL, stdout=self._errors, stderr=self._errors
            )

    def answer(self, name, timeout):
        """Return what the child answers; end it if it does not."""
        try:
            if self._pipe.poll(timeout):
                answer = self._pipe.recv()
                self._running = None
                return answer
            problem = f"no answer to {name!r} for {timeout} s"
        except (EOFError, ConnectionResetError):
            problem = f"died of {name!r}"
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGABRT)
        self._end()
        raise AssertionError(f"{self.implementation}: {problem}\n{self._printed()}")

    def busy(self, timeout):
        """Return whether the command that runs still runs after this time in seconds."""
        return not self._pipe.poll(timeout)

    def reset(self):
        """Close what a test left; check that it is closed, and that the child had nothing to complain of."""
        if self._running is not None:
            self.kill()  # the test failed in the midst of it
        if self._process is None:
            return
        left, printed = self.call("reset"), self._printed()
        if max(left) > 0 or printed:
            self.kill()  # so that only one test fails
        assert max(left) <= 0, f"{self.implementation}: (descriptors, threads) left over: {left}"
        assert not printed, f"{self.implementation} printed:\n{printed}"

    def kill(self):
        """End the process without a good-bye. The next command starts another one."""
        self._signal(signal.SIGKILL)
        self._end()

    def freeze(self):
        """Stop the process and all of its threads where they are."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def stop(self):
        """Let the process end."""
        if self._process is not None:
            self._pipe.close()
            try:
                self._process.wait(PATIENCE)
            finally:
                self._signal(signal.SIGKILL)
                self._end()
        self._errors.close()

    def _signal(self, number):
        self._process.send_signal(number)  # does nothing to a process that has ended

    def _end(self):
        self._process.wait(PATIENCE)
        self._pipe.close()
        self._process = self._pipe = self._running = None

    def _printed(self):
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace")
        self._errors.seek(0)
        self._errors.truncate()
        return text


class Pending:
    """A command that runs in the child."""

    def __init__(self, side, name):
        self._side, self._name = side, name

    def result(self, timeout=LONGEST):
        """Wait for the command; return its result or raise what it raised."""
        succeeded, result = self._side.answer(self._name, timeout)
        if not succeeded:
            raise RemoteError(*result)
        return result

    def runs(self, seconds):
        """Return whether the command has not ended after this time."""
        return self._side.busy(seconds)


class Remote:
    """A socket in a child. Each command of child.py that takes a socket is a method: remote.send(message)."""

    def __init__(self, side, number):
        self.side, self._number = side, number

    def __getattr__(self, name):
        return lambda *arguments: self.side.call(name, self._number, *arguments)

    def begin(self, name, *arguments):
        """Start a command and do not wait for it."""
        return self.side.begin(name, self._number, *arguments)

    def take(self, count=1):
        """Receive messages; single parts without their list."""
        return [parts[0] if len(parts) == 1 else parts for parts in self.receive(count)]


class Wire:
    """Fresh addresses of one transport."""

    def __init__(self, transport, folder):
        self.transport, self._folder = transport, folder
        self._serial = itertools.count(1)

    def any(self):
        """Return an endpoint to bind."""
        if self.transport == "tcp":
            return "tcp://127.0.0.1:*"
        return f"ipc://{self._folder}/{next(self._serial)}"

    def absent(self):
        """Return an address where nobody listens yet."""
        if self.transport != "tcp":
            return self.any()
        with plain.create_server(("127.0.0.1", 0)) as server:
            return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def eventually(predicate, timeout=PATIENCE):
    """Return the first true value of predicate(), asked again and again; fail after timeout seconds."""
    deadline = time.monotonic() + timeout
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"{predicate} stayed false for {timeout} s"
    return value


def settle(publisher, *subscribers):
    """Wait until every subscription that these made so far is in force at the publisher, a PUB or XPUB."""
    for number, subscriber in enumerate(subscribers):
        token = b"\xff%d of %d" % (number, os.getpid())
        subscriber.set("SUBSCRIBE", token)
        tell(publisher, subscriber, [token])
        subscriber.set("UNSUBSCRIBE", token)


def tell(publisher, subscriber, token):
    """Send until the subscriber, who must have subscribed to it, hears it; take all of it away again."""
    eventually(lambda: publisher.send(token) or subscriber.poll("POLLIN", 5))
    publisher.send([*token, b"last"])
    subscriber.receive_until([*token, b"last"])
