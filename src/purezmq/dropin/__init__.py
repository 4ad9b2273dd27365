"""The drop-in: programs that ``import zmq`` run on purezmq, unchanged.

Three ways to have it:

- ``python -m purezmq.dropin PROGRAM…`` runs one program (``__main__.py``);
- ``purezmq.install_as_zmq()`` switches over the running process;
- ``purezmq dropin enable`` switches over an environment (``environment.py``).

The finder in ``shim/`` does the work. ``shim`` goes to the front of the path, and of PYTHONPATH, which is how it gets
into child processes: there a sitecustomize installs the finder, or where that is not run, a package ``zmq`` does. Out
of its reach are children that ignore PYTHONPATH (``python -I``, another environment given to them); an environment
that is switched over has them, too.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

__all__ = ["SHIM", "install_as_zmq", "path_with_shim"]

SHIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim")


def install_as_zmq() -> None:
    """Make ``import zmq`` mean purezmq, in this process and in those that it starts. Call it before all imports.

    ImportError: PyZMQ is imported already; nothing is changed then.
    """
    finder = _finder()
    foreign = finder.foreign_modules()
    if foreign:
        where = getattr(sys.modules[foreign[0]], "__file__", None) or "an unknown place"
        raise ImportError(
            f"{foreign[0]} is imported already, from {where}: install purezmq as zmq before that"
        )
    finder.install()
    import_module("zmq")
    if SHIM not in sys.path:  # multiprocessing gives this list to children
        sys.path.insert(min(1, len(sys.path)), SHIM)  # the first is the program's own directory
    os.environ["PYTHONPATH"] = path_with_shim(os.environ.get("PYTHONPATH"))


def path_with_shim(path: str | None) -> str:
    """Return a PYTHONPATH with the shim in front."""
    others = [part for part in path.split(os.pathsep) if part != SHIM] if path else []
    return os.pathsep.join([SHIM, *others])


def _finder() -> Any:
    """Return the finder's module, which stands alone: the same one that children import."""
    name = "_purezmq_dropin"
    if name not in sys.modules:
        sys.path.insert(0, SHIM)
        try:
            import_module(name)
        finally:
            sys.path.remove(SHIM)
    return sys.modules[name]
