"""Fuzz target: one Connection against any bytes.

The invariant, for every input and every way of cutting it up:

- no call raises;
- `receive` returns at most `limit` items, each bytes, a list of bytes, or a Command;
- `failed` is set at most once, and nothing comes after it;
- what comes out is not more than what went in; what is queued to be sent has a bound;
- where the input is cut, and how small the limit is, changes nothing about what comes out.

Run it with atheris (``python fuzz/fuzz_connection.py corpus/``) for as long as you like;
tests/faults/test_fuzz_connection.py runs `check` with hypothesis.
"""

from __future__ import annotations

import sys

from purezmq.constants import SocketType
from purezmq.core.connection import FAILED, Connection
from purezmq.core.message import Command, Message
from purezmq.core.options import SocketOptions

GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x01NULL" + bytes(48)
READY = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB"

# Greeting, READY, one PONG and one PING.
_MOST_OUTGOING = 64 + 100 + 30 + 30


def check(received: bytes, plan: bytes) -> None:
    """Assert the invariant for these bytes; `plan` says how to cut them and what the limits are."""
    whole, at_once = _run(received, b"")
    pieces, in_pieces = _run(received, plan)
    assert whole == pieces, "the cuts changed what was received"
    assert (at_once.failed is None) == (in_pieces.failed is None), "the cuts changed whether it failed"


def _run(received: bytes, plan: bytes) -> tuple[list[Message | Command], Connection]:
    options = SocketOptions.for_type(SocketType.XPUB)
    options.maxmsgsize = 300 if len(received) % 2 else -1
    connection = Connection(
        SocketType.XPUB,
        frozenset({SocketType.SUB}),
        options,
        0.0,
        announce_id=False,
    )
    items: list[Message | Command] = []
    step = 0
    while received:
        size = plan[step % len(plan)] + 1 if plan else len(received)
        limit = size % 7 if plan else 1 << 30
        step += 1
        connection.incoming.append(received[:size])
        received = received[size:]
        items += _receive(connection, limit, float(step))
        while connection.held:
            items += _receive(connection, limit + 1, float(step))
        assert sum(map(len, connection.outgoing)) <= _MOST_OUTGOING
        connection.deadline()
        connection.gathers()
    return items, connection


def _receive(connection: Connection, limit: int, now: float) -> list[Message | Command]:
    before = connection.failed
    taken = sum(map(len, connection.incoming))
    items = connection.receive(now, limit)
    assert not connection.incoming or taken == 0
    assert len(items) <= limit
    for item in items:
        assert isinstance(item, bytes | Command) or all(isinstance(part, bytes) for part in item)
    if before is not None:
        assert connection.failed is before
        assert not items
    assert (connection.failed is None) == (connection.state != FAILED)
    return items


def main() -> None:
    """Let atheris look for inputs that break the invariant."""
    import atheris  # an optional tool: pip install atheris

    def one_input(fuzzed: bytes) -> None:
        size = fuzzed[0] if fuzzed else 0
        plan, received = fuzzed[1 : 1 + size % 16], fuzzed[1 + size % 16 :]
        check(GREETING + READY + received if size & 0x80 else received, plan)

    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
