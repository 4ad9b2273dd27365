"""Freelance, model three: know which servers are alive, and ask one of these. (ROUTER)

    flclient3  ROUTER ───▶ ROUTER  flserver3, several of them, each at its own endpoint
               pings, every half a second

python examples/guide/flclient3.py [SERVER…]      default: tcp://localhost:5555 tcp://localhost:5556

Start flserver3.py, some: "flserver3.py tcp://*:5556". Stop one: its requests go to the others. A server's routing id is
its endpoint, so the client can address it as soon as it is connected; before, a ROUTER drops what is sent to it.
"""

import sys
import time

import purezmq as zmq

REQUESTS = 100
PING_INTERVAL = 0.5  # seconds
LIFE = 4 * PING_INTERVAL  # a server that is silent for so long is taken for dead
PATIENCE = 5.0  # seconds for each request


def main(*servers: str) -> None:
    servers = servers or ("tcp://localhost:5555", "tcp://localhost:5556")
    with zmq.Context() as context, Freelance(context, servers) as client:
        print(f"Asking {' and '.join(servers)}")
        begin = time.monotonic()
        for number in range(1, REQUESTS + 1):
            server = client.ask(number)
            if server is None:
                print(f"Nobody replied to request {number}: giving up")
                return
            print(f"Request {number}: reply from {server}")
        print(f"{REQUESTS} requests took {(time.monotonic() - begin) * 1000:.0f} ms")


class Freelance:
    """A client of several servers, each addressed by its endpoint."""

    def __init__(self, context: zmq.Context, servers: tuple[str, ...]) -> None:
        self._heard = {
            server.encode(): 0.0 for server in servers
        }  # when each was heard last; the next to ask first
        self._ping_at = time.monotonic()
        self._socket = context.socket(zmq.ROUTER)
        self._socket.linger = 0
        for server in servers:
            self._socket.connect(server)

    def __enter__(self) -> "Freelance":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, number: int) -> str | None:
        """Return the server that replied; None: none did."""
        deadline = time.monotonic() + PATIENCE
        asked_at, asked = 0.0, b""
        while (now := time.monotonic()) < deadline:
            if now >= self._ping_at:
                self._ping_at = now + PING_INTERVAL
                for server in self._heard:
                    self._socket.send_multipart([server, b"PING"])
            if now >= asked_at + LIFE and (asked := self._next_alive(now)):
                self._socket.send_multipart([asked, b"ASK", str(number).encode()])
                asked_at = now
            if self._socket.poll(max(0, int(1000 * (self._ping_at - now))) + 1):
                server, kind, *rest = self._socket.recv_multipart()
                self._heard[server] = time.monotonic()
                if kind == b"OK" and int(rest[0]) == number:
                    return server.decode()
        return None

    def _next_alive(self, now: float) -> bytes:
        """Return a server that was heard lately, each in turn; b"": there is none."""
        for server, heard in list(self._heard.items()):
            self._heard[server] = self._heard.pop(server)  # to the end
            if now < heard + LIFE:
                return server
        return b""


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
