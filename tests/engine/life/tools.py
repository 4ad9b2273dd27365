"""What these tests share: sockets that never wait long, children, and threads whose failure is the test's."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import purezmq as zmq

PATIENCE = 10  # s: what must happen happens by then, on a busy machine too


def make(context, kind, **options):
    """Return a socket with a time limit on every call, and options by name."""
    socket = context.socket(kind)
    for name, value in {"linger": 0, "rcvtimeo": 5000, "sndtimeo": 5000, **options}.items():
        setattr(socket, name, value)
    return socket


def bind(socket, endpoint="tcp://127.0.0.1:*"):
    """Bind and return where."""
    socket.bind(endpoint)
    return socket.get_string(zmq.LAST_ENDPOINT)


def linked(binder, connector, endpoint="tcp://127.0.0.1:*"):
    """Link two sockets and return them."""
    connector.connect(bind(binder, endpoint))
    return binder, connector


def eventually(predicate, seconds=PATIENCE):
    """Wait until predicate() is true, and return its value."""
    deadline = time.monotonic() + seconds
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"{predicate} stayed false for {seconds} s"
        time.sleep(0.002)  # the pace of the polling
    return value


class Background(threading.Thread):
    """A function in a thread; `result` waits for it, and raises what it raised."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self._function, self._arguments = function, arguments
        self._value = self._failure = None
        self.start()

    def run(self):
        try:
            self._value = self._function(*self._arguments)
        except BaseException as failure:
            self._failure = failure

    def result(self, seconds=PATIENCE):
        self.join(seconds)
        assert not self.is_alive(), "the thread hangs"
        if self._failure is not None:
            raise self._failure
        return self._value


class Child:
    """A process that runs a text; `{name}`s in it are filled in. It talks by print() and input()."""

    def __init__(self, text, **names):
        text = textwrap.dedent(text)
        for name, value in names.items():
            text = text.replace("{" + name + "}", str(value))
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._watchdog = threading.Timer(3 * PATIENCE, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def line(self):
        """Return the next line that it prints."""
        line = self._process.stdout.readline().strip()
        assert line, self._process.communicate()[1]
        return line

    def tell(self, line=""):
        """Answer its input()."""
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def signal_in_sleep(self, number=signal.SIGINT):
        """Send it a signal as soon as its main thread sleeps."""
        status = f"/proc/{self._process.pid}/task/{self._process.pid}/stat"
        eventually(lambda: open(status).read().rpartition(")")[2].split()[0] == "S")
        self._process.send_signal(number)

    def wait(self):
        """Return how it ends, the rest of what it prints, and its errors."""
        output, errors = self._process.communicate(timeout=2 * PATIENCE)
        return self._process.returncode, output.strip(), errors

    def kill(self):
        """End it, if it still runs."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.communicate()
        self._watchdog.join()
