"""What the fault tests share: peers that may say anything, a bystander who notices, and measures.

Bytes are written out after RFC 23 and RFC 37; nothing of ours encodes them.
"""

import contextlib
import gc
import itertools
import logging
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import tracemalloc

PATIENCE = 10.0  # s: how long what must come may take on a busy machine
WINDOW = 0.15  # s: how long something is watched that must not happen, or that must not take a processor
ROOT = pathlib.Path(__file__).parent.parent.parent

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
GREETING = SIGNATURE + b"\x03\x01" + b"NULL" + bytes(16) + bytes(32)
_GREETING_SIZE = 64

MESSAGE, MORE, LONG, COMMAND, LONG_COMMAND = b"\x00", b"\x01", b"\x02", b"\x04", b"\x06"

_serial = itertools.count(1)


def prop(name, value):
    """Return one property of READY."""
    return bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value


def ready(socket_type, *more):
    """Return the frame with READY; `more` are encoded properties."""
    body = b"\x05READY" + prop(b"Socket-Type", socket_type) + b"".join(more)
    if len(body) > 255:
        return LONG_COMMAND + len(body).to_bytes(8, "big") + body
    return COMMAND + bytes((len(body),)) + body


def frame(payload, flags=MESSAGE):
    """Return a short frame."""
    return flags + bytes((len(payload),)) + payload


def announced(size, flags=LONG):
    """Return the header of a long frame."""
    return flags + size.to_bytes(8, "big")


def ping(ttl=0, context=b""):
    """Return the frame with PING."""
    return frame(b"\x04PING" + ttl.to_bytes(2, "big") + context, COMMAND)


def eventually(predicate, timeout=PATIENCE):
    """Return the first true value of predicate(), asked again and again; fail after timeout seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        assert time.monotonic() < deadline, f"{predicate} stayed false for {timeout} s"
        time.sleep(0.002)  # the pace of the polling, not what the test relies on


def dial(address):
    """Return a plain socket, connected to an endpoint."""
    scheme, _, where = address.partition("://")
    stream = socket.socket(socket.AF_UNIX if scheme == "ipc" else socket.AF_INET, socket.SOCK_STREAM)
    stream.settimeout(PATIENCE)
    host, _, port = where.rpartition(":")
    stream.connect(where if scheme == "ipc" else (host, int(port)))
    return stream


class Raw:
    """A peer whose every byte the test writes; waits up to PATIENCE."""

    def __init__(self, stream):
        self.stream = stream
        stream.settimeout(PATIENCE)
        if stream.family == socket.AF_INET:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def at(cls, address):
        """Connect to an endpoint."""
        return cls(dial(address))

    def say(self, data):
        """Send all of this; whether the other side is still there does not matter."""
        with contextlib.suppress(ConnectionError):
            self.stream.sendall(data)

    def shake_hands(self, socket_type=b"DEALER", *more):
        """Introduce ourselves, and wait until the other side has done so, too."""
        self.stream.sendall(GREETING + ready(socket_type, *more))
        assert self.hear(_GREETING_SIZE)[:1] == b"\xff"
        flags, size = self.hear(2)
        assert flags == COMMAND[0]
        assert self.hear(size).startswith(b"\x05READY")

    def hear(self, size):
        """Return exactly so many bytes."""
        data = b""
        while len(data) < size:
            piece = self.stream.recv(size - len(data))
            assert piece, f"the end after {data!r}"
            data += piece
        return data

    def closed_within(self, seconds):
        """Return whether the other side has closed, or does so in time; what it says is dropped."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.stream.settimeout(left)
                if not self.stream.recv(65536):
                    return True
        except TimeoutError:
            pass
        except ConnectionError:
            return True
        finally:
            self.stream.settimeout(PATIENCE)
        return False

    def ended(self):
        """Check that the other side closes."""
        assert self.closed_within(PATIENCE), "the connection was left open"

    def reset(self):
        """Close with a reset."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()

    def close(self):
        """Close."""
        self.stream.close()


class RawServer:
    """A server whose every byte the test writes."""

    def __init__(self):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"
        self._raws = []

    def accept(self, *handshake):
        """Return the next peer, after the handshake if READY's arguments are given; wait up to PATIENCE."""
        self._listening.settimeout(PATIENCE)
        raw = Raw(self._listening.accept()[0])
        self._raws.append(raw)
        if handshake:
            raw.shake_hands(*handshake)
        return raw

    def accepted_within(self, seconds):
        """Accept, close at once, and return how many came."""
        count = 0
        deadline = time.monotonic() + seconds
        while select.select([self._listening], [], [], max(deadline - time.monotonic(), 0))[0]:
            self._listening.accept()[0].close()
            count += 1
        return count

    def forget(self):
        """Close whom accept() returned."""
        for raw in self._raws:
            raw.close()
        self._raws.clear()

    def close(self):
        """Listen no more, and close whom accept() returned."""
        self.forget()
        self._listening.close()


class Victim:
    """A bound ROUTER that answers, and a friend of it, who must notice nothing of what others do to it."""

    def __init__(self, zmq, endpoint, **options):
        self.zmq = zmq
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        for name, value in {"linger": 0, "rcvtimeo": int(PATIENCE * 1000), **options}.items():
            self.socket.set(getattr(zmq, name.upper()), value)
        self.socket.bind(endpoint)
        self.address = self.socket.get(zmq.LAST_ENDPOINT).decode()
        self._friends_context = zmq.Context()
        self.friend = self._friends_context.socket(zmq.DEALER)
        for name in ("rcvtimeo", "sndtimeo"):
            self.friend.set(getattr(zmq, name.upper()), int(PATIENCE * 1000))
        self.friend.connect(self.address)
        self.strangers = []  # what others sent, as far as it came up
        self._raws = []
        self.exchange()

    def raw(self, *handshake):
        """Return a raw peer, which is closed with the victim; after its handshake if READY's arguments are given."""
        raw = Raw.at(self.address)
        self._raws.append(raw)
        if handshake:
            raw.shake_hands(*handshake)
        return raw

    def exchange(self):
        """Let the friend ask and be answered."""
        question = b"question %d" % next(_serial)
        self.friend.send(question)
        while (message := self.socket.recv_multipart())[1:] != [question]:
            self.strangers.append(message[1:])
        self.socket.send_multipart([message[0], b"answer to " + question])
        assert self.friend.recv() == b"answer to " + question

    def next_from_stranger(self):
        """Return the next message that is not the friend's."""
        return self.strangers.pop(0) if self.strangers else self.socket.recv_multipart()[1:]

    def close(self):
        """End both, and all raw peers."""
        for raw in self._raws:
            raw.close()
        self._friends_context.destroy(0)
        self.context.destroy(0)


class Log(logging.Handler):
    """What the logger "purezmq" said."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        text = record.getMessage()
        if ": " in text:  # something with a reason: not that a peer has come
            self.texts.append(text)

    def find(self, *words):
        """Return the records with all these words."""
        return [text for text in self.texts if all(word in text for word in words)]

    def says(self, *words):
        """Wait for a record with all these words."""
        try:
            return eventually(lambda: self.find(*words))
        except AssertionError:
            raise AssertionError(f"no record with {words}, but {self.texts[-20:]}") from None


class Background:
    """A function running in a thread; join() gives its result or raises what it raised."""

    def __init__(self, function, *arguments):
        self._function, self._arguments = function, arguments
        self._result = self._error = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._result = self._function(*self._arguments)
        except BaseException as error:  # handed to join()
            self._error = error

    @property
    def running(self):
        return self._thread.is_alive()

    def join(self):
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the thread still runs"
        if self._error is not None:
            raise self._error
        return self._result


# -- measures ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def memory_below(limit):
    """Check that never more than so many bytes are allocated at once beyond what there was."""
    gc.collect()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak} bytes at the peak"


@contextlib.contextmanager
def resident_below(limit):
    """As memory_below, by the system's account: coarser, but it does not slow down what allocates a lot."""
    gc.collect()
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")  # the peak is what there is now
    before = _status("VmRSS")
    yield
    grown = _status("VmHWM") - before
    assert grown < limit, f"{grown} bytes at the peak"


def _status(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))


def descriptors():
    """Return how many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


def idle(seconds=WINDOW):
    """Check that this process comes to need next to no processor time: nothing is to be done any more."""
    deadline = time.monotonic() + PATIENCE
    while True:
        begun = time.process_time()
        threading.Event().wait(seconds)
        spent = time.process_time() - begun
        if spent < seconds / 5:
            return
        assert time.monotonic() < deadline, f"{spent:.3f} s of processor time within {seconds} s"


# -- other processes ---------------------------------------------------------------------------------------


def in_child(module, function, *arguments):
    """Run module.function(*arguments) in a process of its own; arguments are str or int. It must print "fine"."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {module} import {function}; {function}(*{arguments!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
    )
    told = (done.stdout + done.stderr)[-4000:]
    assert done.returncode == 0, told
    assert done.stdout.split()[-1:] == ["fine"], told
