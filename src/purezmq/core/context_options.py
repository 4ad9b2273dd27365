"""Context options: one table, from number to default, range and who may do what with it.

Sources: zmq_ctx_set(3), zmq_ctx_get(3) and ctx.cpp of libzmq 4.3.5. tests/contracts/test_option_values.py pins every
default and range against PyZMQ.

Rules:

- libzmq has one number for two things (3: it reads SOCKET_LIMIT and writes THREAD_PRIORITY), so there are two tables.
- What a value does is up to the context; what an option means here that has I/O threads in libzmq says
  docs/libzmq.md.
"""

from __future__ import annotations

from purezmq import constants as zmq
from purezmq.errors import error

_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
_MAX_CPU = 8191  # Linux knows no more

ZERO_COPY_RECV = 10  # a draft of libzmq, which PyZMQ has no name for


class ContextRow:
    """One option: low and high bound what may be written. truth: any number but 0 counts as 1."""

    __slots__ = ("default", "high", "low", "name", "number", "readable", "truth", "writable")

    def __init__(
        self,
        number: int,
        name: str,
        default: int,
        low: int = 0,
        high: int = _INT_MAX,
        *,
        readable: bool = True,
        writable: bool = True,
        truth: bool = False,
    ) -> None:
        self.number = int(number)
        self.name = name
        self.default = default
        self.low = low
        self.high = high
        self.readable = readable
        self.writable = writable
        self.truth = truth


CONTEXT_ROWS = (
    ContextRow(zmq.IO_THREADS, "IO_THREADS", 1),
    ContextRow(zmq.MAX_SOCKETS, "MAX_SOCKETS", 1023, 1),
    ContextRow(zmq.SOCKET_LIMIT, "SOCKET_LIMIT", 65535, writable=False),
    ContextRow(zmq.THREAD_PRIORITY, "THREAD_PRIORITY", -1, readable=False),
    ContextRow(zmq.THREAD_SCHED_POLICY, "THREAD_SCHED_POLICY", -1),
    ContextRow(zmq.MAX_MSGSZ, "MAX_MSGSZ", _INT_MAX),
    ContextRow(zmq.MSG_T_SIZE, "MSG_T_SIZE", 64, writable=False),
    ContextRow(zmq.THREAD_AFFINITY_CPU_ADD, "THREAD_AFFINITY_CPU_ADD", 0, 0, _MAX_CPU, readable=False),
    ContextRow(zmq.THREAD_AFFINITY_CPU_REMOVE, "THREAD_AFFINITY_CPU_REMOVE", 0, 0, _MAX_CPU, readable=False),
    ContextRow(zmq.THREAD_NAME_PREFIX, "THREAD_NAME_PREFIX", 0, _INT_MIN),
    ContextRow(ZERO_COPY_RECV, "ZERO_COPY_RECV", 1, truth=True),
    ContextRow(zmq.IPV6, "IPV6", 0, truth=True),
    ContextRow(zmq.BLOCKY, "BLOCKY", 1, truth=True),
)

_READ = {row.number: row for row in CONTEXT_ROWS if row.readable}
_WRITE = {row.number: row for row in CONTEXT_ROWS if row.writable}

# What the background thread goes by.
THREAD_OPTIONS = frozenset(row.number for row in CONTEXT_ROWS if row.name.startswith("THREAD_"))


class ContextOptions:
    """The options of one context."""

    __slots__ = ("_values", "cpus")

    def __init__(self) -> None:
        self._values = {row.name: row.default for row in CONTEXT_ROWS}
        self.cpus: frozenset[int] = frozenset()  # of the background thread; none: the system's choice

    def __getitem__(self, name: str) -> int:
        return self._values[name]

    def set(self, number: int, value: int) -> None:
        """Check and store; ZMQError(EINVAL) for every refusal, as from libzmq."""
        row = _WRITE.get(number)
        if row is None:
            raise error(zmq.EINVAL, f"context option {number} cannot be set")
        if not row.low <= value <= row.high:
            allowed = f"{row.low} or more" if row.high == _INT_MAX else f"{row.low} to {row.high}"
            raise error(zmq.EINVAL, f"{row.name} takes {allowed}, not {value}")
        if number == zmq.THREAD_AFFINITY_CPU_ADD:
            self.cpus |= {value}
        elif number == zmq.THREAD_AFFINITY_CPU_REMOVE:
            if value not in self.cpus:
                raise error(zmq.EINVAL, f"CPU {value} was not added")
            self.cpus -= {value}
        else:
            self._values[row.name] = int(value != 0) if row.truth else int(value)

    def get(self, number: int) -> int:
        """Return one option; ZMQError(EINVAL): there is none, or it is write-only."""
        row = _READ.get(number)
        if row is None:
            raise error(zmq.EINVAL, f"context option {number} cannot be read")
        return self._values[row.name]
