"""A load-balancing broker of callbacks, in Tornado's style: what happens when a message comes. (ROUTER, ROUTER; inproc)

    client  REQ ───▶ ROUTER  broker  ROUTER ◀─── REQ  worker
    client  REQ ───▶                        ◀─── REQ  worker

python examples/guide/stream_lbbroker.py [CLIENTS [WORKERS]]      default: 10 3

It needs Tornado: pip install tornado. Clients and workers are those of lbbroker.py. A ZMQStream calls a function with
each message; while no worker is free, the frontend's has none, so that requests wait in their sockets.
"""

import asyncio
import sys
import threading
from collections import deque

from lbbroker import READY, ask, say, work

import purezmq as zmq
from purezmq.eventloop.zmqstream import ZMQStream


async def main(clients: str = "10", workers: str = "3") -> None:
    context = zmq.Context()
    try:
        with context.socket(zmq.ROUTER) as frontend, context.socket(zmq.ROUTER) as backend:
            frontend.bind("inproc://frontend")
            backend.bind("inproc://backend")
            for number in range(1, int(workers) + 1):
                threading.Thread(target=work, args=(context, number)).start()
            asking = [threading.Thread(target=ask, args=(context, n)) for n in range(1, int(clients) + 1)]
            for client in asking:
                client.start()
            await Balancer(frontend, backend, replies=int(clients)).served.wait()
            for client in asking:
                client.join()
            say(f"Served {clients} clients")
    finally:
        context.term()  # ends the workers, and waits until all have closed their sockets


class Balancer:
    """Passes requests to free workers, and replies to clients; `served` is set after so many."""

    def __init__(self, frontend: zmq.Socket, backend: zmq.Socket, replies: int) -> None:
        self.served = asyncio.Event()
        self._missing = replies
        self._free: deque[bytes] = deque()
        self._frontend = ZMQStream(frontend)
        self._backend = ZMQStream(backend)
        self._backend.on_recv(self._on_worker)

    def _on_worker(self, message: list[bytes]) -> None:
        worker, _, *message = message
        self._free.append(worker)
        self._frontend.on_recv(self._on_client)
        if message != [READY]:  # [client, "", reply]
            self._frontend.send_multipart(message)
            self._missing -= 1
            if not self._missing:
                self._frontend.flush()  # a stream sends when the loop comes to it
                self.served.set()

    def _on_client(self, message: list[bytes]) -> None:
        self._backend.send_multipart([self._free.popleft(), b"", *message])
        if not self._free:
            self._frontend.stop_on_recv()


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Stopped")
