"""What PyZMQ consists of, as far as it can be purezmq's."""

from __future__ import annotations

import importlib
import pathlib
import types
import warnings

import zmq

# What only PyZMQ has.
NOT_OURS = {
    "zmq._typing": "private, and one name of typing's",
    "zmq.backend.cffi": "libzmq through CFFI",
    "zmq.backend.cython": "libzmq through Cython",
    "zmq.eventloop._deprecated": "cannot be imported in PyZMQ either",
}


def modules() -> list[str]:
    """Return the names of PyZMQ's modules but for those of NOT_OURS."""
    root = pathlib.Path(zmq.__file__).parent
    names = [".".join(["zmq", *path.relative_to(root).with_suffix("").parts]) for path in root.rglob("*.py")]
    return sorted(
        name.removesuffix(".__init__")
        for name in names
        if not any(f"{name}.".startswith(f"{each}.") for each in NOT_OURS)
    )


def quietly_import(name: str) -> types.ModuleType:
    """Import a module that may be deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)
