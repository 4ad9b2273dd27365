"""One side of a link, in a process of its own: it runs commands on the sockets of one implementation.

    python child.py MODULE FD

FD is one end of a multiprocessing.Pipe(). A command is (name, arguments), a method of Commands; its answer is
(True, result) or (False, (errno or None, traceback)).

- Sockets are numbers, types and options are names.
- A message is a list of parts. A part is bytes, or the number of bytes of a known pattern: those need not go
  through the pipe. What is received and is the pattern goes back as a number, so that what was sent can be compared
  with what came.
- No command waits longer than PATIENCE. Nothing but answers goes through the pipe; what anybody prints goes to stderr,
  where the parent looks for it.
"""

import errno
import faulthandler
import functools
import importlib
import os
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection

PATIENCE = 10  # seconds: how long what must happen may take on a busy machine
STUCK = 80  # ms without room: the sender is at HWM, and the buffers of the system are full too
PATTERN = bytes(range(2, 253))  # a prime number of them, so that a shift shows; not 0 and 1, which XSUB reads
SHORTEST = 64  # a part under this size goes through the pipe as it is


@functools.lru_cache(maxsize=1)
def pattern(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def expand(part):
    """Return the bytes that a part of a command stands for."""
    return pattern(part) if isinstance(part, int) else part


def shorten(part):
    """Return what stands for these bytes in an answer."""
    if len(part) < SHORTEST or part[:2] != PATTERN[:2]:
        return part
    return len(part) if part == pattern(len(part)) else b"NOT THE PATTERN: " + part[:SHORTEST]


class Commands:
    """What the parent may ask for."""

    def __init__(self, zmq):
        self._zmq = zmq
        self._sockets = []
        self._monitors = {}
        zmq.Context().destroy()  # whatever an implementation opens once and keeps
        self._idle = self._held()
        self._context = zmq.Context()

    # -- life ----------------------------------------------------------------------------------------------

    def reset(self):
        """Close everything and start anew. Return how many (descriptors, threads) are too many."""
        self._sockets.clear()
        self._monitors.clear()
        self._context.destroy(linger=0)
        left = self._left_over()
        self._context = self._zmq.Context()
        return left

    def _held(self):
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    def _left_over(self):
        def left():
            return tuple(now - then for now, then in zip(self._held(), self._idle, strict=True))

        self._eventually(lambda: max(left()) <= 0)
        return left()

    def _eventually(self, predicate):
        """Return whether it became true in time."""
        deadline = time.monotonic() + PATIENCE
        while not predicate():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)  # the pace of asking, not what anything relies on
        return True

    # -- sockets -------------------------------------------------------------------------------------------

    def open(self, kind, options):
        """Make a socket, set its options; return its number."""
        socket = self._context.socket(getattr(self._zmq, kind))
        limits = {"LINGER": 0, "RCVTIMEO": PATIENCE * 1000, "SNDTIMEO": PATIENCE * 1000, "RECONNECT_IVL": 10}
        for name, value in (limits | options).items():
            socket.set(getattr(self._zmq, name), value)
        self._sockets.append(socket)
        return len(self._sockets) - 1

    def bind(self, number, endpoint):
        """Bind, as soon as whoever had the address let go of it; return the address to connect to."""
        self._eventually(lambda: self._bound(number, endpoint))
        return self._sockets[number].get(self._zmq.LAST_ENDPOINT).decode()

    def _bound(self, number, endpoint):
        try:
            self._sockets[number].bind(endpoint)
        except self._zmq.ZMQError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
        return True

    def connect(self, number, endpoint):
        self._sockets[number].connect(endpoint)

    def unbind(self, number, endpoint):
        self._sockets[number].unbind(endpoint)

    def disconnect(self, number, endpoint):
        self._sockets[number].disconnect(endpoint)

    def close(self, number, linger=0):
        """Close a socket. What it has bound may be taken for some moments yet."""
        self._monitors.pop(number, None)
        self._sockets[number].close(linger)

    def set(self, number, option, value):
        self._sockets[number].set(getattr(self._zmq, option), value)

    # -- traffic -------------------------------------------------------------------------------------------

    def send(self, number, *messages):
        socket = self._sockets[number]
        for message in messages:
            socket.send_multipart([expand(part) for part in message])

    def receive(self, number, count=1):
        """Receive this many messages."""
        return [self._receive(self._sockets[number]) for _ in range(count)]

    def receive_until(self, number, last):
        """Receive up to this message; return what came before it."""
        messages = []
        while not messages or messages[-1] != last:
            messages += self.receive(number)
        return messages[:-1]

    def _receive(self, socket):
        return [shorten(part) for part in socket.recv_multipart()]

    def poll(self, number, event, milliseconds):
        """Return whether there is POLLIN or POLLOUT within this time."""
        return bool(self._sockets[number].poll(milliseconds, getattr(self._zmq, event)))

    def echo(self, number, count):
        """Send this many messages back to where they came from; return them."""
        socket = self._sockets[number]
        messages = []
        for _ in range(count):
            parts = socket.recv_multipart()
            socket.send_multipart(parts)
            messages.append([shorten(part) for part in parts])
        return messages

    def converse(self, number, window, messages):
        """Send messages and receive as many answers, with at most a window of them under way; return them."""
        answers = []
        for start in range(0, len(messages), window):
            part = messages[start : start + window]
            self.send(number, *part)
            answers += self.receive(number, len(part))
        return answers

    def send_and_receive(self, number, messages, count):
        """Send and receive, whichever is possible, until both are done; return what came."""
        zmq, socket = self._zmq, self._sockets[number]
        outgoing, incoming = list(reversed(messages)), []
        deadline = time.monotonic() + PATIENCE
        while outgoing or len(incoming) < count:
            wanted = (zmq.POLLOUT if outgoing else 0) | (zmq.POLLIN if len(incoming) < count else 0)
            events = socket.poll(1000 * (deadline - time.monotonic()), wanted)
            if not events:
                raise TimeoutError(f"{len(outgoing)} not sent, {len(incoming)} of {count} came")
            if events & zmq.POLLIN:
                incoming.append(self._receive(socket))
            if events & zmq.POLLOUT:
                socket.send_multipart([expand(part) for part in outgoing.pop()], zmq.DONTWAIT)
        return incoming

    def fill(self, number, message, *envelope):
        """Send numbered messages until there is no room, and none comes; return how many went."""
        socket = self._sockets[number]
        rest = [expand(part) for part in message]
        count = 0
        while socket.poll(STUCK, self._zmq.POLLOUT):
            socket.send_multipart([*envelope, b"%d" % count, *rest], self._zmq.DONTWAIT)
            count += 1
        return count

    def properties(self, number, *names):
        """Receive a message; return these properties of its last part, None for what it has not."""
        frame = self._sockets[number].recv_multipart(copy=False)[-1]
        return [self._property(frame, name) for name in names]

    def _property(self, frame, name):
        try:
            return frame.get(name)
        except self._zmq.ZMQError as error:
            if error.errno != errno.EINVAL:
                raise
            return None

    # -- libzmq's monitor ----------------------------------------------------------------------------------

    def watch(self, number):
        """Start to note what happens to the connections of this socket."""
        self._monitors[number] = self._sockets[number].get_monitor_socket()

    def happens(self, number, event, milliseconds):
        """Return whether this event comes within this time."""
        deadline = time.monotonic() + milliseconds / 1000
        while (left := deadline - time.monotonic()) > 0:
            if self._next_event(number, left * 1000) == event:
                return True
        return False

    def _next_event(self, number, milliseconds):
        from zmq.utils.monitor import recv_monitor_message

        monitor = self._monitors[number]
        if not monitor.poll(milliseconds):
            return None
        return self._zmq.Event(recv_monitor_message(monitor)["event"]).name


def serve(commands, pipe):
    """Answer commands until the parent hangs up."""
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer = True, getattr(commands, name)(*arguments)
        except Exception as error:  # the parent raises it
            answer = False, (getattr(error, "errno", None), traceback.format_exc())
        pipe.send(answer)


if __name__ == "__main__":
    faulthandler.enable()  # SIGABRT shows what every thread does
    with Connection(int(sys.argv[2])) as parent:
        serve(Commands(importlib.import_module(sys.argv[1])), parent)
    os._exit(0)  # whatever the last command left open
