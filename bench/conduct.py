"""Who speaks when in one measurement.

A *role* (the PUSH that sends, the PULL that counts, …) runs in a child process or, for inproc, in a
thread. It talks with its conductor over a `Line`, always in this order:

    binder     → {"endpoint": …}     it has bound; only now are the connectors started
    each role  → {"ready": true}     connected and warmed up, nothing of the warm-up is left on the way
    each role  ← {"go": true}        roles that only answer need not listen to it
    …                                these two again, for workloads of several steps: equally often for all roles
    each role  → its result          {} or numbers; what they mean is in `merge`

So nothing is queued before the clock starts, and every role knows how many messages it will see:
no measurement needs a time-out of its own to end.
"""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Fields = dict[str, Any]

SPAN = ("count", "start", "end")


@dataclass(frozen=True, slots=True)
class Job:
    """What one child is told to do; travels as JSON. Two roles mean two threads over inproc."""

    module: str
    roles: tuple[str, ...]
    endpoint: str  # to bind to, or to connect to
    size: int  # bytes of one part
    count: int  # messages or round trips measured, per socket
    warm_up: int  # the same before the clock starts
    sockets: int  # of the connecting side, in all its processes together
    parts: int  # of one message
    topics: int  # that PUB sends by turns
    processes: int  # of the connecting side
    place: int  # of this one among them
    cpus: tuple[int, ...]  # the child may run on; empty: all
    timeout: float  # seconds; then the child ends itself


class Line(Protocol):
    """One end of the talk between a role and its conductor."""

    def say(self, fields: Fields, /) -> None: ...

    def hear(self) -> Fields:
        """Wait for the next words of the other end. Raises when it has failed."""


class ThreadLine:
    """A line between two threads; `other` is its far end."""

    def __init__(self, other: "ThreadLine | None" = None) -> None:
        self._heard: queue.SimpleQueue[Fields | Exception] = queue.SimpleQueue()
        self.other: ThreadLine = other or ThreadLine(self)

    def say(self, fields: Fields) -> None:
        self.other._heard.put(fields)

    def fail(self, error: Exception) -> None:
        """Let the other end raise `error` where it listens."""
        self.other._heard.put(error)

    def hear(self) -> Fields:
        heard = self._heard.get()
        if isinstance(heard, Exception):
            raise heard
        return heard


class Metered:
    """A line of a role that adds to its result the CPU time, user and system, its process took since it was ready."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begin = 0.0

    def say(self, fields: Fields) -> None:
        if "ready" in fields:
            self._begin = time.process_time()
        elif "endpoint" not in fields:
            fields = {**fields, "cpu": time.process_time() - self._begin}
        self._line.say(fields)

    def hear(self) -> Fields:
        return self._line.hear()


def conduct(
    start_binder: Callable[[], Line], start_connector: Callable[[str], Line], connectors: int
) -> list[Fields]:
    """Run one measurement and return what each role said at its end."""
    binder = start_binder()
    endpoint = binder.hear()["endpoint"]
    lines = [binder, *(start_connector(endpoint) for _ in range(connectors))]
    while True:
        said = [line.hear() for line in lines]
        if not all("ready" in fields for fields in said):
            return said
        for line in lines:
            line.say({"go": True})


def merge(results: list[Fields]) -> dict[str, float]:
    """Turn what the roles said into values by metric name.

    Spans (`count` deliveries between `start` and `end`, seconds of the machine-wide monotonic clock)
    become one "rate": all deliveries over the time from the first start to the last end; "cpu", seconds, is that of
    all processes. Every other number is said by one role only and is a value as it stands.
    """
    spans = [result for result in results if "count" in result]
    values: dict[str, float] = {}
    for result in results:
        for name, value in result.items():
            if name == "cpu":
                values[name] = values.get(name, 0.0) + value
            elif name not in SPAN:
                values[name] = float(value)
    if spans:
        elapsed = max(span["end"] for span in spans) - min(span["start"] for span in spans)
        values["rate"] = sum(span["count"] for span in spans) / elapsed
    return values
