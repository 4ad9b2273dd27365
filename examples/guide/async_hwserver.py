"""Hello World in asyncio, the server: it does something else, too, while it waits. (REP)

    hwclient  REQ ──── "Hello" ───▶ REP :5555  async_hwserver
                  ◀─── "World" ────

python examples/guide/async_hwserver.py [ENDPOINT]      default: tcp://*:5555

Start async_hwclient.py, or hwclient.py: it makes no difference which of the two sides is asynchronous.
"""

import asyncio
import sys

import purezmq as zmq
from purezmq.asyncio import Context, Socket


async def main(endpoint: str = "tcp://*:5555") -> None:
    with Context() as context, context.socket(zmq.REP) as server:
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(answer(server))
            tasks.create_task(tick())


async def answer(server: Socket) -> None:
    while True:
        request = await server.recv_string()
        print(f"Received {request}")
        await server.send_string("World")


async def tick() -> None:
    """Stand for everything else that the program has to do."""
    while True:
        print("Tick")
        await asyncio.sleep(1)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Stopped")
