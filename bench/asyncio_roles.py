"""The ends of the asyncio workloads: as in bench.roles, but awaited."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

from bench.conduct import Job, Line
from bench.roles import be_ready, bind, clock, one_way_percentiles

Role = Callable[[ModuleType, Job, Line], None]
AwaitedRole = Callable[[ModuleType, Any, Job, Line], Coroutine[Any, Any, None]]


def on_a_loop(role: AwaitedRole, uvloop: bool = False) -> Role:
    """Make a role of a coroutine function, which gets a context of the implementation's asyncio module, too.

    uvloop: it runs on uvloop's loop, and its name ends so.
    """

    def run(zmq: ModuleType, job: Job, line: Line) -> None:
        async def main() -> None:
            context = importlib.import_module(f"{zmq.__name__}.asyncio").Context()
            await role(zmq, context, job, line)
            context.destroy()

        if uvloop:
            importlib.import_module("uvloop").run(main())
        else:
            asyncio.run(main())

    run.__name__ = f"{role.__name__}_uvloop" if uvloop else role.__name__
    return run


async def async_push(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    payload = b"x" * job.size
    with context.socket(zmq.PUSH) as s:
        s.connect(job.endpoint)
        for _ in range(job.warm_up):
            await s.send(payload)
        be_ready(line)
        for _ in range(job.count):
            await s.send(payload)
    line.say({})


async def async_pull(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    with context.socket(zmq.PULL) as s:
        bind(zmq, s, job, line)
        for _ in range(job.warm_up):
            await s.recv()
        line.say({"ready": True})
        await s.recv()
        start = clock()
        for _ in range(job.count - 1):
            await s.recv()
        end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


async def async_req(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    payload = b"x" * job.size
    trips = []
    with context.socket(zmq.REQ) as s:
        s.connect(job.endpoint)
        for _ in range(job.warm_up):
            await s.send(payload)
            await s.recv()
        be_ready(line)
        for _ in range(job.count):
            start = clock()
            await s.send(payload)
            await s.recv()
            trips.append(clock() - start)
    line.say(one_way_percentiles(trips))


async def async_rep(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    with context.socket(zmq.REP) as s:
        bind(zmq, s, job, line)
        for _ in range(job.warm_up):
            await s.send(await s.recv())
        line.say({"ready": True})
        for _ in range(job.count):
            await s.send(await s.recv())
    line.say({})


async def async_dealers(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    """Many clients, each with a task of its own that sends and waits for the echo."""
    payload = b"x" * job.size
    context.set(zmq.MAX_SOCKETS, job.sockets + 10)

    async def trips(s: Any, count: int) -> None:
        for _ in range(count):
            await s.send(payload)
            await s.recv()

    sockets = [context.socket(zmq.DEALER) for _ in range(job.sockets)]
    for s in sockets:
        s.connect(job.endpoint)
    await asyncio.gather(*(trips(s, job.warm_up) for s in sockets))
    be_ready(line)
    start = clock()
    await asyncio.gather(*(trips(s, job.count) for s in sockets))
    end = clock()
    for s in sockets:
        s.close()
    line.say({"count": job.count * len(sockets), "start": start, "end": end})


async def async_waiters(zmq: ModuleType, context: Any, job: Job, line: Line) -> None:
    """Many sockets, each with a task of its own that waits; all of them get a message, again and again."""
    payload = b"x" * job.size
    context.set(zmq.MAX_SOCKETS, 2 * job.sockets + 10)
    pulls = [context.socket(zmq.PULL) for _ in range(job.sockets)]
    pushes = [context.socket(zmq.PUSH) for _ in range(job.sockets)]
    for number, s in enumerate(pulls):
        s.bind(f"inproc://waiter-{number}")
        pushes[number].connect(f"inproc://waiter-{number}")

    async def take(s: Any, count: int) -> None:
        for _ in range(count):
            await s.recv()

    async def rounds(count: int) -> None:
        tasks = [asyncio.create_task(take(s, count)) for s in pulls]
        await asyncio.sleep(0)
        for _ in range(count):
            for s in pushes:
                await s.send(payload)
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    line.say({"endpoint": "inproc://waiter-0"})
    await rounds(job.warm_up)
    be_ready(line)
    start = clock()
    await rounds(job.count)
    end = clock()
    for s in (*pulls, *pushes):
        s.close()
    line.say({"count": job.count * job.sockets, "start": start, "end": end})


def onlooker(zmq: ModuleType, job: Job, line: Line) -> None:
    """The far end of a measurement that one role makes alone."""
    be_ready(line)
    line.say({})


ASYNCIO_ROLES: dict[str, Role] = {
    role.__name__: role
    for role in (
        *map(on_a_loop, (async_push, async_pull, async_req, async_rep, async_dealers, async_waiters)),
        *(on_a_loop(role, uvloop=True) for role in (async_push, async_pull, async_req, async_rep)),
        onlooker,
    )
}
