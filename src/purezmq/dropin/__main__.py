"""Run a program with purezmq in PyZMQ's place.

    python -m purezmq.dropin PROGRAM [ARGUMENT…]
    python -m purezmq.dropin -m MODULE [ARGUMENT…]
    python -m purezmq.dropin -c CODE [ARGUMENT…]

PROGRAM is a file, or the name of an installed command that is written in Python, such as jupyter. The interpreter
starts anew, with the options it was given and PYTHONPATH changed, so that the program finds everything as if it had
been started directly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from purezmq.dropin import path_with_shim


def main(arguments: list[str]) -> int:
    """Replace this process by the program; return only what went wrong before, or where a process cannot."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
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
    program = _script(arguments[0])
    command = [sys.executable, *_interpreter_options(len(arguments)), program, *arguments[1:]]
    environ = {**os.environ, "PYTHONPATH": path_with_shim(os.environ.get("PYTHONPATH"))}
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(sys.executable, command, environ)
    return subprocess.call(command, env=environ)  # on Windows exec does not wait


def _script(program: str) -> str:
    """Return the file of an installed command that is written in Python; else the program as it was given."""
    found = None if os.path.exists(program) else shutil.which(program)
    if found is not None:
        with open(found, "rb") as file:
            first = file.readline(200)
        if first.startswith(b"#!") and b"python" in first:
            return found
    return program


def _interpreter_options(arguments: int) -> list[str]:
    """Return what stood between the interpreter and this module: ``-X dev``, ``-W error``."""
    before = sys.orig_argv[1 : len(sys.orig_argv) - arguments]
    return before[:-2] if before[-2:-1] == ["-m"] else before[:-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
