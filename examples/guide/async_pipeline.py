"""Divide and conquer in asyncio: ventilator, workers and sink as tasks of one program. (PUSH, PULL; inproc)

    ventilate  PUSH ───▶ PULL  work  PUSH ───▶ PULL  collect
                    ───▶ PULL  work  PUSH ───▶

python examples/guide/async_pipeline.py [TASKS [WORKERS]]      default: 50 5

It is taskvent.py, taskwork.py and tasksink.py. The workers wait here, as for a disk or a network; for what computes,
use processes, and tcp or ipc instead of inproc.
"""

import asyncio
import random
import sys
import time

import purezmq as zmq
from purezmq.asyncio import Context, Socket


async def main(tasks: str = "50", workers: str = "5") -> None:
    with Context() as context, context.socket(zmq.PUSH) as dealer, context.socket(zmq.PULL) as results:
        dealer.bind("inproc://tasks")
        results.bind("inproc://results")
        async with asyncio.TaskGroup() as group:  # whatever happens, it waits until its tasks have ended
            working = [group.create_task(work(context, f"worker {n}")) for n in range(1, int(workers) + 1)]
            begin = time.monotonic()
            total, _ = await asyncio.gather(ventilate(dealer, int(tasks)), collect(results, int(tasks)))
            print(f"{total} ms of work took {(time.monotonic() - begin) * 1000:.0f} ms")
            for worker in working:
                worker.cancel()


async def ventilate(dealer: Socket, tasks: int) -> int:
    """Deal the tasks; return the milliseconds that they take."""
    durations = [random.randint(1, 20) for _ in range(tasks)]
    for milliseconds in durations:
        await dealer.send_string(str(milliseconds))
    return sum(durations)


async def work(context: Context, name: str) -> None:
    with context.socket(zmq.PULL) as tasks, context.socket(zmq.PUSH) as results:
        tasks.connect("inproc://tasks")
        results.connect("inproc://results")
        while True:
            milliseconds = int(await tasks.recv_string())
            await asyncio.sleep(milliseconds / 1000)
            await results.send_string(f"{name}: {milliseconds} ms")


async def collect(results: Socket, tasks: int) -> None:
    for _ in range(tasks):
        print(await results.recv_string())


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Stopped")
