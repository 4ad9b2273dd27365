"""Clusters that help each other out, and know whom to ask. (ROUTER, PUB, SUB, PUSH, PULL; inproc and ipc)

    requests and replies  as in peering2.py
    state                 DC1  PUB ipc ─── [DC1, free workers] ───▶ SUB  DC2, DC3
    what clients report   PUSH ───▶ PULL inproc  DC1

python examples/guide/peering3.py                    starts the clusters DC1, DC2 and DC3; Ctrl-C stops them
python examples/guide/peering3.py NAME PEER…         is the cluster NAME, and a peer of the others

Clients come in bursts, more than a cluster has workers. A request goes to a worker of our own if one is free, else to
a peer that has said that it has some. A broker says so whenever their number changes, and once a second.
"""

import random
import sys
import threading
import time
from collections import deque
from contextlib import suppress

from peering1 import ipc, run_three_clusters
from peering2 import READY, borrowed

import purezmq as zmq

CLIENTS = 10
WORKERS = 4
INTERVAL = 1000  # ms between two reports, if nothing changes


def main(name: str, *peers: str) -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        with Broker(context, name, peers) as broker:
            for _ in range(WORKERS):
                threading.Thread(target=work, args=(context, name)).start()
            for number in range(1, CLIENTS + 1):
                threading.Thread(target=ask, args=(context, f"{name} client {number}")).start()
            broker.run()
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


class Broker:
    """One cluster's broker: its sockets, its free workers, and what it knows of its peers'."""

    def __init__(self, context: zmq.Context, name: str, peers: tuple[str, ...]) -> None:
        self._name = name.encode()
        self._workers_free: deque[bytes] = deque()
        self._peers_free = {peer.encode(): 0 for peer in peers}
        self._published = -1

        self._clients = context.socket(zmq.ROUTER)
        self._workers = context.socket(zmq.ROUTER)
        self._lenders = context.socket(zmq.ROUTER)
        self._borrowers = context.socket(zmq.ROUTER)
        self._state = context.socket(zmq.PUB)
        self._states = context.socket(zmq.SUB)
        self._reports = context.socket(zmq.PULL)

        self._clients.bind("inproc://clients")
        self._workers.bind("inproc://workers")
        self._reports.bind("inproc://reports")
        self._lenders.routing_id = self._borrowers.routing_id = self._name
        self._lenders.router_mandatory = 1  # a peer that is not there is an error, not a loss
        self._borrowers.bind(ipc(name, "cloud"))
        self._state.bind(ipc(name, "state"))
        self._states.subscribe("")
        for peer in peers:
            self._lenders.connect(ipc(peer, "cloud"))
            self._states.connect(ipc(peer, "state"))

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        for socket in vars(self).values():
            if isinstance(socket, zmq.Socket):
                socket.close()

    def run(self) -> None:
        handlers = {
            self._workers: self._take_from_worker,
            self._lenders: self._take_from_lender,
            self._states: self._hear_state,
            self._reports: lambda: print(self._reports.recv_string()),
            self._borrowers: self._serve_borrower,
            self._clients: self._serve_client,
        }
        poller = zmq.Poller()
        for socket in handlers:
            poller.register(socket, zmq.POLLIN)
        while True:
            # What nobody can serve now stays in its socket.
            poller.register(self._borrowers, zmq.POLLIN if self._workers_free else 0)
            poller.register(self._clients, zmq.POLLIN if self._workers_free or self._lender() else 0)
            ready = poller.poll(INTERVAL)
            for socket, _ in ready:
                handlers[socket]()
            if not ready or len(self._workers_free) != self._published:
                self._published = len(self._workers_free)
                self._state.send_multipart([self._name, str(self._published).encode()])

    def _take_from_worker(self) -> None:
        worker, _, *reply = self._workers.recv_multipart()
        self._workers_free.append(worker)
        if reply != [READY]:
            self._send_reply(reply)

    def _take_from_lender(self) -> None:
        _, *reply = self._lenders.recv_multipart()
        self._send_reply(reply)

    def _send_reply(self, reply: list[bytes]) -> None:
        """Send it to the peer that it begins with, if it does; else it is for a client of ours."""
        (self._borrowers if reply[0] in self._peers_free else self._clients).send_multipart(reply)

    def _hear_state(self) -> None:
        peer, free = self._states.recv_multipart()
        self._peers_free[peer] = int(free)

    def _serve_borrower(self) -> None:
        if self._workers_free:
            self._give_to_worker(self._borrowers.recv_multipart())

    def _serve_client(self) -> None:
        """Give a client's request to a worker here, or else to a peer."""
        if self._workers_free:
            self._give_to_worker(self._clients.recv_multipart())
        elif peer := self._lender():
            request = self._clients.recv_multipart()
            if borrowed(self._lenders, peer, request):
                self._peers_free[peer] -= 1  # until we hear better
            else:
                self._peers_free[peer] = 0
                self._clients.send_multipart([*request, b"refused: %b went away" % peer])

    def _give_to_worker(self, request: list[bytes]) -> None:
        self._workers.send_multipart([self._workers_free.popleft(), b"", *request])

    def _lender(self) -> bytes | None:
        """Return the peer that has most free workers, as far as we know; None: no peer has any."""
        peer, free = max(self._peers_free.items(), key=lambda item: item[1], default=(b"", 0))
        return peer if free > 0 else None


def work(context: zmq.Context, cluster: str) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as worker:
        worker.connect("inproc://workers")
        worker.send(READY)
        while True:
            *envelope, task = worker.recv_multipart()
            time.sleep(random.uniform(0, 0.1))  # stands for real work
            worker.send_multipart([*envelope, b"%b done in %b" % (task, cluster.encode())])


def ask(context: zmq.Context, name: str) -> None:
    with (
        suppress(zmq.ContextTerminated),
        context.socket(zmq.REQ) as client,
        context.socket(zmq.PUSH) as report,
    ):
        client.connect("inproc://clients")
        report.connect("inproc://reports")
        number = 0
        while True:
            time.sleep(random.uniform(0, 1))
            for _ in range(random.randint(1, 12)):
                number += 1
                client.send_string(f"task {number}")
                if not client.poll(10_000):
                    report.send_string(f"{name}: lost task {number}")
                    return
                report.send_string(f"{name}: {client.recv_string()}")


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            main(*sys.argv[1:])
        else:
            run_three_clusters(__file__)
    except KeyboardInterrupt:
        print("Stopped")
