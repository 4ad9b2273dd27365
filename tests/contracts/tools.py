"""What the contract tests share: sockets over one transport, and bounded waits."""

import errno
import itertools
import socket as plain
import threading
import time
from contextlib import contextmanager

import pytest

PATIENCE = 5000  # ms: how long a message that must come may take on a busy machine
SILENCE = 60  # ms: how long a socket is watched when nothing can be sent after the thing that must not come

_serial = itertools.count(1)


def unique(prefix="name"):
    """Return a name no other test in this process has used."""
    return f"{prefix}-{next(_serial)}"


def eventually(predicate, timeout=PATIENCE / 1000):
    """Return the first true value of predicate(), asked again and again; fail after timeout seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        assert time.monotonic() < deadline, f"{predicate} stayed false for {timeout} s"
        time.sleep(0.002)  # the pace of the polling, not what the test relies on


@contextmanager
def refused(zmq, code):
    """Check that the block raises ZMQError with this errno."""
    with pytest.raises(zmq.ZMQError) as caught:
        yield
    assert caught.value.errno == code, caught.value


def silent(socket, ms=SILENCE):
    """Return whether nothing can be received for a short while."""
    return not socket.poll(ms)


def take(socket, count):
    """Receive this many whole messages; single-part ones as bytes, others as lists."""
    messages = (socket.recv_multipart() for _ in range(count))
    return [parts[0] if len(parts) == 1 else parts for parts in messages]


def drain(zmq, socket):
    """Receive all messages that are there now."""
    messages = []
    while socket.poll(0):
        messages += take(socket, 1)
    return messages


def fill(zmq, socket, message=b"fill", most=100_000):
    """Send until the socket would block; return how many messages it took."""
    parts = message if isinstance(message, list) else [message]
    for count in range(most):
        try:
            socket.send_multipart(parts, zmq.DONTWAIT)
        except zmq.Again:
            return count
    return most


def attend(zmq, *sockets):
    """Let each socket take note of what its inproc peers told it. libzmq does so now and then, and here."""
    for socket in sockets:
        socket.get(zmq.EVENTS)


def exchange(req, rep, request=b"question", reply=b"answer"):
    """Check that a request gets its reply."""
    req.send(request)
    assert rep.recv() == request
    rep.send(reply)
    assert req.recv() == reply


def settle(publisher, *subscribers):
    """Wait until every subscription these SUB sockets made so far is in force at the publisher."""
    for subscriber in subscribers:
        token = b"\xff" + unique("settle").encode()
        subscriber.subscribe(token)
        while not subscriber.poll(5):
            publisher.send(token)
        publisher.send_multipart([token, b"end"])
        while subscriber.recv_multipart() != [token, b"end"]:
            pass
        subscriber.unsubscribe(token)


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

    def join(self, timeout=PATIENCE / 1000):
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the thread still runs"
        if self._error is not None:
            raise self._error
        return self._result


class Net:
    """Sockets of one context, over one transport, that never wait longer than PATIENCE."""

    def __init__(self, zmq, context, transport, folder):
        self.zmq, self.context, self.transport, self._folder = zmq, context, transport, folder
        self._sockets = []  # a socket that nobody holds is closed by the collector, messages and all

    def endpoint(self):
        """Return a fresh endpoint to bind."""
        if self.transport == "tcp":
            return "tcp://127.0.0.1:*"
        if self.transport == "ipc":
            return f"ipc://{self._folder}/{unique('s')}"
        return f"inproc://{unique('in')}"

    def absent(self):
        """Return an address where nobody listens, and where bind_again() can."""
        if self.transport != "tcp":
            return self.endpoint()
        with plain.create_server(("127.0.0.1", 0)) as server:
            return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    def socket(self, kind, **options):
        """Return a socket with its options set before it binds or connects."""
        socket = self.context.socket(kind)
        for name, value in {"linger": 0, "rcvtimeo": PATIENCE, "sndtimeo": PATIENCE, **options}.items():
            socket.set(getattr(self.zmq, name.upper()), value)
        self._sockets.append(socket)
        return socket

    def bind(self, kind, **options):
        """Return a bound socket and the address to connect to."""
        socket = self.socket(kind, **options)
        socket.bind(self.endpoint())
        return socket, address_of(self.zmq, socket)

    def bind_again(self, kind, address, **options):
        """Return a socket bound to this very address, as soon as whoever had it let go."""
        socket = self.socket(kind, **options)
        eventually(lambda: self._bound(socket, address))
        return socket

    def _bound(self, socket, address):
        try:
            socket.bind(address)
        except self.zmq.ZMQError as error:
            assert error.errno == errno.EADDRINUSE, error
            return False
        return True

    def connect(self, kind, *addresses, **options):
        """Return a socket connected to these addresses, in this order."""
        socket = self.socket(kind, **options)
        for address in addresses:
            socket.connect(address)
        return socket

    def link(self, connector, binder):
        """Return a socket of each type, the first connected to the second."""
        bound, address = self.bind(binder)
        return self.connect(connector, address), bound


def address_of(zmq, socket):
    """Return LAST_ENDPOINT as text."""
    return socket.get(zmq.LAST_ENDPOINT).decode()
