"""The ends of PUSH→PULL with content that is more than bytes: buffers that are not copied, JSON, Python objects."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from bench.asyncio_roles import Role
from bench.conduct import Job, Line
from bench.roles import be_ready, bound, clock, connected

RECORD = {
    "id": 12345,
    "name": "temperature",
    "unit": "K",
    "values": [293.15, 293.17, 293.2],
    "tags": {"room": "12b", "calibrated": True},
}


def pushing(send: Callable[[ModuleType, Job], Callable[[Any], object]], name: str) -> Role:
    """A PUSH that sends what `send` prepares: it returns what to call with the socket for each message."""

    def run(zmq: ModuleType, job: Job, line: Line) -> None:
        one = send(zmq, job)
        with connected(zmq, zmq.PUSH, job) as s:
            for _ in range(job.warm_up):
                one(s)
            be_ready(line)
            for _ in range(job.count):
                one(s)
        line.say({})

    run.__name__ = name
    return run


def pulling(one: Callable[[Any], object], name: str) -> Role:
    """A PULL that calls `one` with the socket for each message."""

    def run(zmq: ModuleType, job: Job, line: Line) -> None:
        with bound(zmq, zmq.PULL, job, line) as s:
            for _ in range(job.warm_up):
                one(s)
            line.say({"ready": True})
            one(s)
            start = clock()
            for _ in range(job.count - 1):
                one(s)
            end = clock()
        line.say({"count": job.count - 1, "start": start, "end": end})

    run.__name__ = name
    return run


def frames(zmq: ModuleType, job: Job) -> Callable[[Any], object]:
    payload = b"x" * job.size
    return lambda s: s.send(payload, copy=False)


def records(zmq: ModuleType, job: Job) -> Callable[[Any], object]:
    return lambda s: s.send_json(RECORD)


def arrays(zmq: ModuleType, job: Job) -> Callable[[Any], object]:
    import numpy

    array = numpy.arange(job.size // 8, dtype="float64")
    return lambda s: s.send_pyobj(array, protocol=5)


CONTENT_ROLES: dict[str, Role] = {
    role.__name__: role
    for role in (
        pushing(frames, "push_frames"),
        pulling(lambda s: memoryview(s.recv(copy=False)), "pull_frames"),
        pushing(records, "push_json"),
        pulling(lambda s: s.recv_json(), "pull_json"),
        pushing(arrays, "push_arrays"),
        pulling(lambda s: s.recv_pyobj(), "pull_arrays"),
    )
}
