"""Majordomo, the broker: clients ask for a service by name, workers offer one. (ROUTER)

    mdclient  DEALER ───▶ ROUTER :5555  mdbroker
    mdworker  DEALER ───▶

python examples/guide/mdbroker.py [ENDPOINT [INTERVAL]]      default: tcp://*:5555 1

Start mdworker.py, some, and mdclient.py. One socket serves both sides: the second part of each message says which
protocol it speaks, see mdp.py. Requests for a service wait until a worker for it is free. Every INTERVAL seconds
the broker and free workers tell each other that they are there. Services whose name begins with "mmi." are the
broker's own (RFC 8): mmiecho.py asks which services there are.
"""

import sys
import time
from collections import defaultdict, deque

from mdp import CLIENT, DISCONNECT, HEARTBEAT, LIVENESS, READY, REPLY, REQUEST, WORKER, Message

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555", interval: str = "1") -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        socket.linger = 0
        socket.bind(endpoint)
        print(f"Listening on {socket.get_string(zmq.LAST_ENDPOINT)}")
        Broker(socket, float(interval)).run()


class Service:
    """What waits for one service: requests, or workers."""

    def __init__(self) -> None:
        self.requests: deque[Message] = deque()  # [client, "", body…]
        self.free: dict[bytes, float] = {}  # worker: when it is taken for dead; the longest free comes first


class Broker:
    def __init__(self, socket: zmq.Socket, interval: float) -> None:
        self._socket = socket
        self._interval = interval
        self._services: dict[bytes, Service] = defaultdict(Service)
        self._offers: dict[bytes, bytes] = {}  # worker: its service

    def run(self) -> None:
        beat_at = time.monotonic() + self._interval
        while True:
            if self._socket.poll(max(0, int(1000 * (beat_at - time.monotonic())))):
                sender, _, header, *rest = self._socket.recv_multipart()
                if header == CLIENT:
                    self._on_client(sender, *rest)
                elif header == WORKER:
                    self._on_worker(sender, *rest)
            now = time.monotonic()
            if now >= beat_at:
                beat_at = now + self._interval
                self._drop_dead_workers(now)
                for worker in self._free_workers():
                    self._socket.send_multipart([worker, b"", WORKER, HEARTBEAT])

    def _on_client(self, client: bytes, name: bytes, *body: bytes) -> None:
        if name.startswith(b"mmi."):
            self._socket.send_multipart([client, b"", CLIENT, name, self._manage(name, body)])
        else:
            self._services[name].requests.append([client, b"", *body])
            self._dispatch(name)

    def _on_worker(self, worker: bytes, command: bytes, *rest: bytes) -> None:
        if command == READY and worker not in self._offers:
            self._offers[worker] = rest[0]
            print(f"A worker for {rest[0].decode()} has come")
            self._set_free(worker)
        elif worker not in self._offers or command == READY:
            self._socket.send_multipart([worker, b"", WORKER, DISCONNECT])  # we know better: begin again
            self._forget(worker)
        elif command == REPLY:
            client, _, *body = rest
            self._socket.send_multipart([client, b"", CLIENT, self._offers[worker], *body])
            self._set_free(worker)
        elif command == HEARTBEAT:
            free = self._services[self._offers[worker]].free
            if worker in free:  # it may be one that was just given work
                free[worker] = self._deadline()
        elif command == DISCONNECT:
            self._forget(worker)

    def _set_free(self, worker: bytes) -> None:
        name = self._offers[worker]
        self._services[name].free[worker] = self._deadline()
        self._dispatch(name)

    def _dispatch(self, name: bytes) -> None:
        """Give requests that wait to workers that do."""
        service = self._services[name]
        while service.requests and service.free:
            worker = next(iter(service.free))
            del service.free[worker]
            self._socket.send_multipart([worker, b"", WORKER, REQUEST, *service.requests.popleft()])

    def _manage(self, name: bytes, body: tuple[bytes, ...]) -> bytes:
        """Answer what the broker itself is asked, with a code of RFC 8: 200 yes, 404 no, 501 do not know how."""
        if name != b"mmi.service" or not body:
            return b"501"
        return b"200" if body[0] in self._offers.values() else b"404"

    def _deadline(self) -> float:
        return time.monotonic() + LIVENESS * self._interval

    def _free_workers(self) -> list[bytes]:
        return [worker for service in self._services.values() for worker in service.free]

    def _drop_dead_workers(self, now: float) -> None:
        for worker in self._free_workers():
            if self._services[self._offers[worker]].free[worker] <= now:
                self._forget(worker)

    def _forget(self, worker: bytes) -> None:
        name = self._offers.pop(worker, None)
        if name is not None:
            self._services[name].free.pop(worker, None)
            print(f"A worker for {name.decode()} has gone")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
