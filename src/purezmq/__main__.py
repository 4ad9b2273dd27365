"""The command ``purezmq``, and ``python -m purezmq``."""

from __future__ import annotations

import argparse
import sys

from purezmq.dropin import environment
from purezmq.version import PUREZMQ_VERSION


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="purezmq", description="ZeroMQ in pure Python.")
    parser.add_argument("--version", action="version", version=f"purezmq {PUREZMQ_VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    dropin = commands.add_parser(
        "dropin",
        help="put purezmq in PyZMQ's place in this environment",
        description="Put purezmq in PyZMQ's place, for every program of this Python environment. To run a single"
        " program: python -m purezmq.dropin PROGRAM",
    )
    dropin.add_argument("action", choices=["enable", "disable", "status"])
    options = parser.parse_args()
    try:
        print(getattr(environment, options.action)())
    except environment.CannotChange as reason:
        print(f"purezmq dropin: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
