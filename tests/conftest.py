"""What holds for every test: the memory that it took is given back, or nearly, and SIGINT is Ctrl-C."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

STATM = Path("/proc/self/statm")  # in pages: the second number is what is resident
MOST = 1024 * 1024 * 1024  # bytes; a message of 100 MB several times over is no leak

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell, which has its jobs ignore it; and so would all children.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def memory_stays_flat() -> Iterator[None]:
    """A thread or a queue that runs away is caught near the test it began in, not when the machine is full."""
    before = resident()
    yield
    grown = resident() - before
    assert grown < MOST, f"this test, or what an earlier one has left behind, took {grown >> 20} MB"


def resident() -> int:
    """Return how many bytes of memory this process takes; 0 where the system does not tell."""
    if not STATM.exists():
        return 0
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
