"""What the tests of security share: both ends, their keys, handlers, and what their monitors say."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic
from types import ModuleType
from typing import Any

PATIENCE = 5000  # ms
SILENCE = 150  # ms: how long nothing must come, after the thing that would have brought it

# zmq_curve(7): client and server, public and secret
CLIENT = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", b"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
SERVER = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
CLIENT_KEY = bytes.fromhex("bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518")

MECHANISMS = ["NULL", "PLAIN", "CURVE"]

Reply = Callable[[list[bytes]], list[bytes] | None]


def answer(
    status: bytes = b"200", user_id: bytes = b"joe", metadata: bytes = b"\5Hello\0\0\0\5World"
) -> Reply:
    """Return what a handler says to everybody."""
    return lambda request: [request[0], request[1], status, b"text", user_id, metadata]


class Handler(Thread):
    """A ZAP handler; `requests` are those it got, without a ROUTER's or DEALER's envelope."""

    def __init__(self, zmq: ModuleType, context: Any, reply: Reply, kind: str = "REP") -> None:
        super().__init__(daemon=True)
        self._zmq = zmq
        self._reply = reply
        self._envelope = {"REP": 0, "DEALER": 1, "ROUTER": 2}[kind]
        self.requests: list[list[bytes]] = []
        self.socket = context.socket(getattr(zmq, kind))
        self.socket.linger = 0
        self.socket.bind("inproc://zeromq.zap.01")
        self.control = context.socket(zmq.PAIR)
        self.control.bind(f"inproc://control-{id(self)}")
        self._controlled = context.socket(zmq.PAIR)
        self._controlled.connect(f"inproc://control-{id(self)}")
        self.start()

    def run(self) -> None:
        poller = self._zmq.Poller()
        poller.register(self.socket, self._zmq.POLLIN)
        poller.register(self._controlled, self._zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self._controlled in ready:
                break
            message = self.socket.recv_multipart()
            envelope, request = message[: self._envelope], message[self._envelope :]
            self.requests.append(request)
            reply = self._reply(request)
            if reply is None:
                break
            self.socket.send_multipart(envelope + reply)
        self.socket.close()
        self._controlled.close()

    def stop(self) -> None:
        with suppress(self._zmq.Again):  # it has ended by itself
            self.control.send(b"", self._zmq.DONTWAIT)
        self.join()
        self.control.close(0)


class Ends:
    """A server and a client."""

    def __init__(self, server: ModuleType, client: ModuleType) -> None:
        self.zmq = server
        self.client_zmq = client
        self._contexts = [server.Context(), client.Context()]
        self._handlers: list[Handler] = []
        self._sockets: list[Any] = []
        self._monitors: list[Monitor] = []

    def socket(self, side: int, kind: str) -> Any:
        """Open a socket of the server (0) or of the client (1)."""
        zmq = (self.zmq, self.client_zmq)[side]
        made = self._contexts[side].socket(getattr(zmq, kind))
        made.linger = 0
        made.rcvtimeo = made.sndtimeo = PATIENCE
        self._sockets.append(made)
        return made

    def handler(self, reply: Reply | None = None, kind: str = "REP", side: int = 0) -> Handler:
        """Start a ZAP handler in the server's context."""
        zmq = (self.zmq, self.client_zmq)[side]
        made = Handler(zmq, self._contexts[side], reply or answer(), kind)
        self._handlers.append(made)
        return made

    def pair(self, mechanism: str, kinds: str = "REP-REQ") -> tuple[Any, Any]:
        """Open a server and a client that can come in by this mechanism; nothing is bound yet."""
        server, client = (self.socket(side, kind) for side, kind in enumerate(kinds.split("-")))
        if mechanism == "NULL":
            server.zap_domain = b"home"
        elif mechanism == "PLAIN":
            server.plain_server = True
            client.plain_username, client.plain_password = b"joe", b"secret"
        else:
            server.curve_server = True
            server.curve_secretkey = SERVER[1]
            client.curve_serverkey = SERVER[0]
            client.curve_publickey, client.curve_secretkey = CLIENT
        return server, client

    def monitor(self, side: int, socket: Any) -> Monitor:
        """Watch a socket of the server (0) or of the client (1)."""
        made = Monitor((self.zmq, self.client_zmq)[side], socket)
        self._monitors.append(made)
        return made

    def close(self) -> None:
        for monitor in self._monitors:
            monitor.close()
        for made in self._sockets:
            made.close()
        for handler in self._handlers:
            handler.stop()
        for context in self._contexts:
            context.term()


class Monitor:
    """What happens to the connections of a socket."""

    def __init__(self, zmq: ModuleType, socket: Any) -> None:
        self._zmq = zmq
        self._watched = socket
        self._socket = socket.get_monitor_socket()
        self._receive = importlib.import_module(f"{zmq.__name__}.utils.monitor").recv_monitor_message

    def failure(self) -> tuple[str, int]:
        """Return the first event about a handshake that ended, and its value."""
        while self._socket.poll(PATIENCE):
            event = self._receive(self._socket)
            name = self._zmq.Event(event["event"]).name
            if name.startswith("HANDSHAKE"):
                return name, event["value"]
        raise AssertionError("no handshake has ended")

    def hears(self, name: str) -> bool:
        """Return whether this event comes; drop those before it."""
        while self._socket.poll(PATIENCE):
            if self._receive(self._socket)["event"] == self._zmq.Event[name]:
                return True
        return False

    def close(self) -> None:
        self._watched.disable_monitor()
        self._socket.close(0)


def link(server: Any, client: Any, address: str = "tcp://127.0.0.1:*") -> None:
    """Bind one end and connect the other."""
    server.bind(address)
    client.connect(server.last_endpoint.decode())


def eventually(attempt: Callable[[], object], refusal: type[Exception]) -> None:
    """Try until it is not refused any more."""
    last = monotonic() + PATIENCE / 1000
    while monotonic() < last:
        with suppress(refusal):
            attempt()
            return
    attempt()


def exchange(server: Any, client: Any) -> None:
    """Check that requests of all sizes are answered."""
    for request in ([b"hello"], [b""], [b"x" * 300, b"", b"y" * 70_000], [b"z" * 1_000_000]):
        client.send_multipart(request)
        got = server.recv_multipart()
        assert got[-len(request) :] == request
        server.send_multipart(got)
        assert client.recv_multipart() == request
