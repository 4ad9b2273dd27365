"""Public methods and functions take the same parameters as PyZMQ's."""

from __future__ import annotations

import inspect

import pytest
import zmq as theirs

import purezmq as ours

CLASSES = ["Socket", "Context", "Frame", "MessageTracker", "Poller"]
FUNCTIONS = [
    "proxy", "device", "select", "zmq_poll", "has", "curve_keypair", "curve_public", "strerror", "zmq_errno",
    "zmq_version", "zmq_version_info", "pyzmq_version", "pyzmq_version_info", "get_includes", "get_library_dirs",
]  # fmt: skip

# PyZMQ's methods that later issues bring.
NOT_YET = {
    "Socket": set(),
    "Context": set(),
    "Frame": set(),
}

# With us these are attributes of instances.
OF_INSTANCES = {"Socket": {"context", "copy_threshold"}}

# Cython gives these no names, or other ones, for parameters that nobody passes by name.
UNNAMED = {"Frame.__init__"}


def _methods(cls: type) -> list[str]:
    return [
        name
        for name in dir(cls)
        if (not name.startswith("_") or name == "__init__") and callable(getattr(cls, name))
    ]


def _parameters(function: object) -> list[tuple[str, object, object]]:
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in inspect.signature(function).parameters.values()
    ]


METHODS = [
    (cls, name)
    for cls in CLASSES
    for name in _methods(getattr(theirs, cls))
    if name not in NOT_YET.get(cls, ()) and f"{cls}.{name}" not in UNNAMED
]


@pytest.mark.parametrize("cls, name", METHODS)
def test_method_takes_the_same_parameters(cls, name):
    assert _parameters(getattr(getattr(ours, cls), name)) == _parameters(getattr(getattr(theirs, cls), name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_takes_the_same_parameters(name):
    assert _parameters(getattr(ours, name)) == _parameters(getattr(theirs, name))


@pytest.mark.parametrize("cls", CLASSES)
def test_only_the_names_to_come_are_missing(cls):
    missing = {name for name in dir(getattr(theirs, cls)) if not name.startswith("_")}
    missing -= OF_INSTANCES.get(cls, set())
    assert missing - set(dir(getattr(ours, cls))) == NOT_YET.get(cls, set())
