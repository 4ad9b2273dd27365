"""Run a program with purezmq in PyZMQ's place.

    python -m purezmq.dropin PROGRAM [ARGUMENT…]
    python -m purezmq.dropin -m MODULE [ARGUMENT…]
    python -m purezmq.dropin -c CODE [ARGUMENT…]

The interpreter starts anew, with the options it was given and PYTHONPATH changed, so that the program finds
everything as if it had been started directly.
"""

from __future__ import annotations

import os
import subprocess
import sys

from purezmq.dropin import path_with_shim


def main(arguments: list[str]) -> int:
    """Replace this process by the program; return only what went wrong before, or where a process cannot."""
    if not arguments or (arguments[0] in ("-m", "-c") and len(arguments) < 2):
        print(
            "usage: python -m purezmq.dropin PROGRAM… | -m MODULE… | -c CODE…",
            file=sys.stderr,
        )
        return 2
    if sys.flags.ignore_environment:
        print(
            "purezmq.dropin: python -E and -I hide PYTHONPATH, which leads to the drop-in; leave them out",
            file=sys.stderr,
        )
        return 2
    command = [sys.executable, *_interpreter_options(len(arguments)), *arguments]
    environ = {**os.environ, "PYTHONPATH": path_with_shim(os.environ.get("PYTHONPATH"))}
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(sys.executable, command, environ)
    return subprocess.call(command, env=environ)  # on Windows exec does not wait


def _interpreter_options(arguments: int) -> list[str]:
    """Return what stood between the interpreter and this module: ``-X dev``, ``-W error``."""
    before = sys.orig_argv[1 : len(sys.orig_argv) - arguments]
    return before[:-2] if before[-2:-1] == ["-m"] else before[:-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
