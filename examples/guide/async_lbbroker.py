"""A load-balancing broker in asyncio: one task a direction, a queue between them. (ROUTER, ROUTER; inproc)

    client  REQ ───▶ ROUTER  broker  ROUTER ◀─── REQ  worker
    client  REQ ───▶                        ◀─── REQ  worker

python examples/guide/async_lbbroker.py [CLIENTS [WORKERS]]      default: 10 3

Compare lbbroker.py. Where that one tells the poller when to listen to the clients, this one awaits a free worker.
"""

import asyncio
import sys

import purezmq as zmq
from purezmq.asyncio import Context, Socket

READY = b"READY"


async def main(clients: str = "10", workers: str = "3") -> None:
    with Context() as context, context.socket(zmq.ROUTER) as frontend, context.socket(zmq.ROUTER) as backend:
        frontend.bind("inproc://frontend")
        backend.bind("inproc://backend")
        free: asyncio.Queue[bytes] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:  # whatever happens, it waits until its tasks have ended
            background = [
                group.create_task(pass_requests(frontend, backend, free)),
                group.create_task(pass_replies(frontend, backend, free)),
                *(group.create_task(work(context, number)) for number in range(1, int(workers) + 1)),
            ]
            await asyncio.gather(*(ask(context, number) for number in range(1, int(clients) + 1)))
            print(f"Served {clients} clients")
            for task in background:
                task.cancel()


async def pass_requests(frontend: Socket, backend: Socket, free: asyncio.Queue[bytes]) -> None:
    while True:
        worker = await free.get()
        await backend.send_multipart([worker, b"", *await frontend.recv_multipart()])


async def pass_replies(frontend: Socket, backend: Socket, free: asyncio.Queue[bytes]) -> None:
    while True:
        worker, _, *message = await backend.recv_multipart()
        free.put_nowait(worker)
        if message != [READY]:  # [client, "", reply]
            await frontend.send_multipart(message)


async def work(context: Context, number: int) -> None:
    with context.socket(zmq.REQ) as worker:
        worker.connect("inproc://backend")
        await worker.send(READY)
        while True:
            client, _, request = await worker.recv_multipart()
            print(f"Worker {number}: {request.decode()}")
            await worker.send_multipart([client, b"", f"done by worker {number}".encode()])


async def ask(context: Context, number: int) -> None:
    with context.socket(zmq.REQ) as client:
        client.connect("inproc://frontend")
        await client.send_string(f"a job for client {number}")
        print(f"Client {number}: {await client.recv_string()}")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Stopped")
