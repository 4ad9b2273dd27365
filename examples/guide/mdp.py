"""The Majordomo protocol, MDP/0.1 (RFC 7): its constants, a client, a worker. The programs md*.py use it.

    client  REQ or DEALER ─── ["", MDPC01, service, body…] ───▶ ROUTER  mdbroker
                          ◀── ["", MDPC01, service, body…] ────
    worker  DEALER        ─── ["", MDPW01, command, …] ──────▶
                          ◀── ["", MDPW01, command, …] ───────

python examples/guide/mdp.py      shows the messages of one request and its reply
"""

import time

import purezmq as zmq

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
LIVENESS = 3  # heartbeats that may be missing

Message = list[bytes]


class Client:
    """Asks for services: with ask() one after the other, or with send() and receive() many at once."""

    def __init__(self, context: zmq.Context, broker: str) -> None:
        self._context = context
        self._broker = broker
        self._connect()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, service: bytes, *body: bytes) -> None:
        self._socket.send_multipart([b"", CLIENT, service, *body])

    def receive(self, seconds: float = 1.0) -> Message | None:
        """Return the body of the next reply, whatever it is a reply to; None: none came in time."""
        if not self._socket.poll(int(seconds * 1000)):
            return None
        _, header, _, *body = self._socket.recv_multipart()
        assert header == CLIENT
        return body

    def ask(self, service: bytes, *body: bytes, tries: int = 3) -> Message | None:
        """Return the body of the reply to this request; None: none came, in as many seconds as tries."""
        for _ in range(tries):
            self.send(service, *body)
            reply = self.receive()
            if reply is not None:
                return reply
            self._socket.close()  # a reply that is late must not be taken for the next one
            self._connect()
        return None

    def _connect(self) -> None:
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.connect(self._broker)


class Worker:
    """Offers one service: receive() a request, then reply() to it, and so on.

    It says READY to the broker, exchanges heartbeats, and when the broker is silent connects again.
    """

    def __init__(self, context: zmq.Context, broker: str, service: bytes, interval: float = 1.0) -> None:
        self._context = context
        self._broker = broker
        self._service = service
        self._interval = interval  # seconds
        self._envelope: Message = []  # of the request that is being worked on
        self._connect()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._send(DISCONNECT)
        finally:  # the context may be terminated
            self._socket.close(linger=100)

    def receive(self) -> Message:
        """Wait for a request, and return its body."""
        while True:
            message = self._next()
            if message is None:
                self._socket.close()
                time.sleep(self._interval)
                self._connect()
                continue
            _, header, command, *rest = message
            assert header == WORKER
            if command == REQUEST:
                client, delimiter, *body = rest
                self._envelope = [client, delimiter]
                return body
            if command == DISCONNECT:
                self._socket.close()
                self._connect()

    def reply(self, *body: bytes) -> None:
        self._send(REPLY, *self._envelope, *body)
        self._alive()

    def _connect(self) -> None:
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.connect(self._broker)
        self._send(READY, self._service)
        self._alive()

    def _next(self) -> Message | None:
        """Return the next message, sending heartbeats meanwhile; None: the broker is silent."""
        while (now := time.monotonic()) < self._dead_at:
            if now >= self._beat_at:
                self._send(HEARTBEAT)
            elif self._socket.poll(int(1000 * (self._beat_at - now)) + 1):
                self._alive()
                return self._socket.recv_multipart()
        return None

    def _send(self, command: bytes, *rest: bytes) -> None:
        self._socket.send_multipart([b"", WORKER, command, *rest])
        self._beat_at = time.monotonic() + self._interval

    def _alive(self) -> None:
        """The broker has said something, or we were too busy to listen: count from now."""
        self._dead_at = time.monotonic() + LIVENESS * self._interval


def show(title: str, message: Message) -> None:
    print(f"{title:32} {message}")


if __name__ == "__main__":
    show("worker → broker", [b"", WORKER, READY, b"echo"])
    show("client → broker", [b"", CLIENT, b"echo", b"Hello"])
    show("broker → worker", [b"", WORKER, REQUEST, b"<client's id>", b"", b"Hello"])
    show("worker → broker", [b"", WORKER, REPLY, b"<client's id>", b"", b"Hello"])
    show("broker → client", [b"", CLIENT, b"echo", b"Hello"])
