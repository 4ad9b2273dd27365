"""Which tests of PyZMQ's suite need not pass on purezmq, and why. docs/compatibility.md shows this table."""

from __future__ import annotations

from typing import NamedTuple

EVERY_WAY = ("import", "dropin", "backend")


class Waiver(NamedTuple):
    """One test, by file and name, in all its parametrizations."""

    test: str
    reason: str
    ways: tuple[str, ...] = EVERY_WAY


WAIVERS: list[Waiver] = [
    Waiver("test_cython::test_cython", "Cython modules call libzmq itself, which is not there"),
]
