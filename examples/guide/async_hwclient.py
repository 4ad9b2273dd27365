"""Hello World in asyncio, the client: three conversations at once, in one thread. (REQ)

    async_hwclient  REQ ───▶ REP :5555  hwserver
                    REQ ───▶
                    REQ ───▶

python examples/guide/async_hwclient.py [ENDPOINT]      default: tcp://localhost:5555

Start async_hwserver.py, or hwserver.py.
"""

import asyncio
import sys

import purezmq as zmq
from purezmq.asyncio import Context


async def main(endpoint: str = "tcp://localhost:5555") -> None:
    with Context() as context:
        print(f"Asking {endpoint}")
        await asyncio.gather(*(talk(context, endpoint, name) for name in ("Ann", "Bob", "Cem")))


async def talk(context: Context, endpoint: str, name: str) -> None:
    with context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a server to take the last request
        client.connect(endpoint)
        for number in range(1, 6):
            await client.send_string("Hello")
            print(f"{name} {number}: Hello {await client.recv_string()}")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Stopped")
