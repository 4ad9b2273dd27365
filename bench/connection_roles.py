"""The ends of the workloads about connections: many on one socket, the first message of a new one, sockets at rest."""

import time
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.asyncio_roles import Role
from bench.conduct import Job, Line
from bench.roles import be_ready, bind, bound, clock, connected, one_way_percentiles, resident_kilobytes

ACTIVE_SHARE = 100  # one connection of so many sends once all are there
RUN = 100  # messages that one of those sends before it is the turn of the next
# Connections that may wait to be accepted; of more than the default, 100, the rest tries again a second later.
BACKLOG = 4096


def crowded_pull(zmq: ModuleType, job: Job, line: Line) -> None:
    """PULL in three steps: one connection; then the others come; then some of them send.

    Says how long they took to come, in seconds from the first connect() of `crowd` to the last one's message; what each
    of them took of memory; the rate of the third step, and its share of the first's.
    """

    def receive(count: int) -> float:
        """Return the messages per second."""
        s.recv()
        start = clock()
        for _ in range(count - 1):
            s.recv()
        return (count - 1) / (clock() - start)

    with zmq.Context.instance().socket(zmq.PULL) as s:
        s.setsockopt(zmq.BACKLOG, BACKLOG)
        bind(zmq, s, job, line)
        for _ in range(job.warm_up):
            s.recv()
        be_ready(line)
        alone = receive(job.count)
        before = resident_kilobytes()
        be_ready(line)
        begin = float(s.recv())
        for _ in range(job.parts - 1):
            begin = min(begin, float(s.recv()))
        end = clock()
        each = (resident_kilobytes() - before) / job.parts
        be_ready(line)
        together = receive(job.count)
    line.say({"time": end - begin, "rss": each, "share": together / alone, "rate": together})


def crowd(zmq: ModuleType, job: Job, line: Line) -> None:
    """As many connections as `parts`, all from one PUSH, but those that are going to send: a PUSH each."""
    payload = b"x" * job.size
    context = zmq.Context.instance()
    with connected(zmq, zmq.PUSH, job) as alone:
        for _ in range(job.warm_up):
            alone.send(payload)
        be_ready(line)
        for _ in range(job.count):
            alone.send(payload)
        be_ready(line)
    active: list[Any] = [context.socket(zmq.PUSH) for _ in range(max(job.parts // ACTIVE_SHARE, 1))]
    idle = context.socket(zmq.PUSH)
    begin = b"%.9f" % clock()
    for s in active:
        s.connect(job.endpoint)
        s.send(begin)
    for _ in range(job.parts - len(active)):
        idle.connect(job.endpoint)
    for _ in range(job.parts - len(active)):
        idle.send(begin)  # by turns: each of them gets one
    be_ready(line)
    for turn in range(job.count):
        active[turn // RUN % len(active)].send(payload)
    for s in (*active, idle):
        s.close()
    line.say({})


def echo(zmq: ModuleType, job: Job, line: Line) -> None:
    """Answer one request of each client."""
    with bound(zmq, zmq.REP, job, line) as s:
        for _ in range(job.warm_up):
            s.send(s.recv())
        line.say({"ready": True})
        for _ in range(job.count):
            s.send(s.recv())
    line.say({})


def comer(zmq: ModuleType, job: Job, line: Line) -> None:
    """A new REQ each time: made, connected, its first message sent and answered."""
    payload = b"x" * job.size
    trips = []
    for _ in range(job.warm_up):
        with connected(zmq, zmq.REQ, job) as s:
            s.send(payload)
            s.recv()
    be_ready(line)
    for _ in range(job.count):
        start = clock()
        with connected(zmq, zmq.REQ, job) as s:
            s.send(payload)
            s.recv()
            trips.append(2 * (clock() - start))  # all of it
    line.say({"p50": one_way_percentiles(trips)["p50"]})


def resting_sockets(zmq: ModuleType, job: Job, line: Line) -> None:
    """Sockets that were used and rest, their connections open: how often the library's threads wake up in a second."""
    context = zmq.Context.instance()
    sockets = [context.socket(zmq.DEALER) for _ in range(job.sockets)]
    for s in sockets:
        s.connect(job.endpoint)
        s.send(b"hello")
        s.recv()
    time.sleep(1)
    before = switches()
    time.sleep(1)
    wakeups = switches() - before - 1  # one is this thread's own
    be_ready(line)
    for s in sockets:
        s.send(b"goodbye")
        s.recv()
        s.close()
    line.say({"wakeups": max(wakeups, 0)})


def switches() -> int:
    """How often the threads of this process have given up the processor to wait (Linux only)."""
    found = 0
    for task in Path("/proc/self/task").iterdir():
        status = (task / "status").read_text()
        found += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    return found


CONNECTION_ROLES: dict[str, Role] = {
    role.__name__: role for role in (crowded_pull, crowd, echo, comer, resting_sockets)
}
