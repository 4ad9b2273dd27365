"""Brokers that lend one another their workers. (ROUTER, ROUTER; inproc inside a cluster, ipc between them)

    clients  REQ ───▶ ROUTER inproc ┐     ┌ ROUTER inproc ◀─── REQ  workers
                                    │ DC1 │
    DC2  ROUTER ───▶ ROUTER ipc ────┘     └──── ROUTER ───▶ ROUTER ipc  DC2
                     requests from others       requests to others

python examples/guide/peering2.py                    starts the clusters DC1, DC2 and DC3; Ctrl-C stops them
python examples/guide/peering2.py NAME PEER…         is the cluster NAME, and a peer of the others

A request is [client, "", task]. Each broker on its way puts in front where it came from, and takes it off the reply.
Here a request goes abroad by chance, one in five; peering3.py sends it where workers are free.
"""

import random
import sys
import threading
import time
from collections import deque
from contextlib import suppress

from peering1 import ipc, run_three_clusters

import purezmq as zmq

CLIENTS = 5
WORKERS = 3
READY = b"READY"


def main(name: str, *peers: str) -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        with (
            context.socket(zmq.ROUTER) as clients,
            context.socket(zmq.ROUTER) as workers,
            context.socket(zmq.ROUTER) as lenders,
            context.socket(zmq.ROUTER) as borrowers,
        ):
            clients.bind("inproc://clients")
            workers.bind("inproc://workers")
            lenders.routing_id = borrowers.routing_id = name.encode()  # peers address us by our name
            lenders.router_mandatory = 1  # a peer that is not there is an error, not a loss
            borrowers.bind(ipc(name, "cloud"))
            for peer in peers:
                lenders.connect(ipc(peer, "cloud"))
            for _ in range(WORKERS):
                threading.Thread(target=work, args=(context, name)).start()
            for number in range(1, CLIENTS + 1):
                threading.Thread(target=ask, args=(context, f"{name} client {number}")).start()
            route(clients, workers, lenders, borrowers, [peer.encode() for peer in peers])
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


def route(
    clients: zmq.Socket, workers: zmq.Socket, lenders: zmq.Socket, borrowers: zmq.Socket, peers: list[bytes]
) -> None:
    free: deque[bytes] = deque()
    poller = zmq.Poller()
    poller.register(workers, zmq.POLLIN)
    poller.register(lenders, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        # A reply, of a worker of ours or of a peer's: to a peer if it begins with a peer's name, else to a client.
        reply: list[bytes] = []
        if workers in ready:
            worker, _, *reply = workers.recv_multipart()
            free.append(worker)
            if reply == [READY]:
                reply = []
        elif lenders in ready:
            _, *reply = lenders.recv_multipart()
        if reply:
            (borrowers if reply[0] in peers else clients).send_multipart(reply)

        # A request, if somebody is free: first what peers ask for, which is never sent on to a third.
        if borrowers in ready and free:
            workers.send_multipart([free.popleft(), b"", *borrowers.recv_multipart()])
        elif clients in ready and free:
            request = clients.recv_multipart()
            if not (random.random() < 0.2 and borrowed(lenders, random.choice(peers), request)):
                workers.send_multipart([free.popleft(), b"", *request])
        for source in (borrowers, clients):
            poller.register(source, zmq.POLLIN if free else 0)  # 0: not now


def borrowed(lenders: zmq.Socket, peer: bytes, request: list[bytes]) -> bool:
    """Send a request to a peer, if that one is there."""
    try:
        lenders.send_multipart([peer, *request], zmq.DONTWAIT)
    except zmq.ZMQError as reason:
        if reason.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
            raise
        return False
    return True


def work(context: zmq.Context, cluster: str) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as worker:
        worker.connect("inproc://workers")
        worker.send(READY)
        while True:
            *envelope, task = worker.recv_multipart()
            time.sleep(random.uniform(0, 0.05))  # stands for real work
            worker.send_multipart([*envelope, b"%b done in %b" % (task, cluster.encode())])


def ask(context: zmq.Context, name: str) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.REQ) as client:
        client.connect("inproc://clients")
        number = 0
        while True:
            time.sleep(random.uniform(0, 0.5))
            number += 1
            client.send_string(f"task {number}")
            sys.stdout.write(f"{name}: {client.recv_string()}\n")  # one write: threads do not mix their lines


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            main(*sys.argv[1:])
        else:
            run_three_clusters(__file__)
    except KeyboardInterrupt:
        print("Stopped")
