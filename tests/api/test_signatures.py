"""Every module, name and method of PyZMQ is there, and takes the same parameters: one test a module.

The differences that are meant are listed below with their reasons; what is listed and does not differ is a failure.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
import typing
from collections.abc import Iterator

import pytest

from tests.pyzmq_modules import modules, quietly_import

# What differs on purpose: names, methods, or whole classes. For modules see tests/pyzmq_modules.py.
DIFFERENCES = {
    "zmq.backend.first": "a loop's variable",
    "zmq.backend.second": "a loop's variable",
    "zmq.sugar.context.ContextBase": "libzmq's context, which Context extends in PyZMQ",
    "zmq.sugar.frame.FrameBase": "libzmq's message, which Frame extends in PyZMQ",
    "zmq.sugar.socket.SocketBase": "libzmq's socket, which Socket extends in PyZMQ",
    "zmq.asyncio.Socket.get": "is Socket.get, whose parameter is called option",
    "zmq.eventloop.future.Socket.get": "is Socket.get, whose parameter is called option",
    "zmq.asyncio.Socket.send": "names two more parameters, which PyZMQ takes as **kwargs",
    "zmq.eventloop.future.Socket.send": "names two more parameters, which PyZMQ takes as **kwargs",
    "zmq.eventloop.future.Context.__init__": "names its parameters, which PyZMQ takes as *args, **kwargs",
    "zmq.log.__main__.main": "can be given arguments",
    "zmq.ssh.forward.ForwardServer.__init__": "listens for one target only",
    "zmq.tests.BaseZMQTestCase.test_timeout_seconds": "for PyZMQ's own tests",
    "zmq.tests.PollZMQTestCase.test_timeout_seconds": "for PyZMQ's own tests",
    "zmq.utils.garbage.GarbageCollector.__init__": "nothing is collected through a context",
    "zmq.utils.garbage.GarbageCollector.context": "nothing is collected through a context",
    "zmq.utils.garbage.GarbageCollector.is_alive": "no thread",
    "zmq.utils.garbage.GarbageCollector.start": "no thread",
    "zmq.utils.garbage.GarbageCollector.stop": "no thread",
    "zmq.utils.garbage.GarbageCollector.url": "no thread to talk to",
    "zmq.utils.garbage.GarbageCollectorThread": "no thread",
}

# Attributes of instances in purezmq.
OF_INSTANCES = {
    "Socket": {"context", "copy_threshold"},
    "AuthenticationThread": {"poller"},
    "ThreadAuthenticator": {"pipe_endpoint"},
}

_DUNDERS = (
    "__init__",
    "__enter__",
    "__exit__",
    "__copy__",
    "__getitem__",
    "__len__",
    "__contains__",
    "__dir__",
)

# Which submodules are there as attributes once a package is imported, as in PyZMQ.
ATTRIBUTES = {
    "zmq": ["backend", "constants", "error", "sugar", "utils"],
    "zmq.auth": ["base", "certs"],
    "zmq.backend": ["select"],
    "zmq.devices": [
        "basedevice", "monitoredqueue", "monitoredqueuedevice", "proxydevice", "proxysteerabledevice"
    ],
    "zmq.green": ["core", "device", "poll"],
    "zmq.green.eventloop": ["ioloop"],
    "zmq.ssh": ["forward", "tunnel"],
    "zmq.sugar": ["attrsettr", "context", "frame", "poll", "socket", "stopwatch", "tracker", "version"],
    "zmq.utils": ["interop", "jsonapi"],
}  # fmt: skip


def _ours(name: str) -> types.ModuleType:
    return quietly_import("purezmq" + name.removeprefix("zmq"))


def _public(module: types.ModuleType) -> Iterator[str]:
    """What programs may import from a module: what it lists or defines. zmq.sugar and zmq.error leak more."""
    listed = getattr(module, "__all__", ())
    for name, value in vars(module).items():
        where = getattr(value, "__module__", "") or ""
        if name in listed:
            yield name
        elif name.startswith("_") or name == "TYPE_CHECKING" or isinstance(value, typing.TypeVar):
            continue
        elif isinstance(value, types.ModuleType):
            continue  # test_package_has_its_modules_as_attributes
        elif where in ("", module.__name__) or (
            where.startswith("zmq") and module.__name__.startswith(("zmq.sugar", "zmq.error"))
        ):
            yield name


def _members(cls: type) -> Iterator[str]:
    for name in dir(cls):
        if not name.startswith("_") or (
            name in _DUNDERS and getattr(cls, name) is not getattr(object, name, None)
        ):
            yield name


def _parameters(function: object) -> list[tuple[str, object, object]] | None:
    """Return names, kinds and defaults; None if there is no telling."""
    try:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    found = [
        (
            "" if parameter.kind is parameter.POSITIONAL_ONLY else parameter.name,
            parameter.kind,
            getattr(parameter.default, "__name__", parameter.default),
        )
        for parameter in parameters
    ]
    # What Cython says of a constructor
    return None if [name for name, _, _ in found] in (["", "args", "kwargs"], ["args", "kwargs"]) else found


def _compare_functions(path: str, theirs: object, ours: object) -> Iterator[str]:
    expected = _parameters(theirs)
    if expected is not None and expected != _parameters(ours):
        yield f"{path}: {inspect.signature(theirs)} is {inspect.signature(ours)}"  # type: ignore[arg-type]


def _compare(path: str, theirs: object, ours: object) -> Iterator[str]:
    """Yield "path: what differs"."""
    if isinstance(theirs, type):
        if not isinstance(ours, type):
            yield f"{path}: a class is {ours!r}"
            return
        for name in _members(theirs):
            if name in OF_INSTANCES.get(theirs.__name__, ()):
                continue
            if not hasattr(ours, name):
                yield f"{path}.{name}: missing"
            elif name == "__init__" or (name not in _DUNDERS and callable(getattr(theirs, name))):
                yield from _compare_functions(f"{path}.{name}", getattr(theirs, name), getattr(ours, name))
    elif isinstance(theirs, types.FunctionType | types.BuiltinFunctionType):
        yield from _compare_functions(path, theirs, ours)


def _differences(name: str) -> Iterator[str]:
    theirs, ours = quietly_import(name), _ours(name)
    missing = set(getattr(theirs, "__all__", ())) - set(getattr(ours, "__all__", ()))
    yield from (f"{name}.{each}: not in __all__" for each in missing)
    for each in _public(theirs):
        if not hasattr(ours, each):
            yield f"{name}.{each}: missing"
            continue
        value = getattr(theirs, each)
        if getattr(value, "__module__", None) == name or name == "zmq":
            yield from _compare(f"{name}.{each}", value, getattr(ours, each))


def _path(difference: str) -> str:
    return difference.partition(":")[0]


@pytest.mark.parametrize("name", modules())
def test_module_has_all_names_and_parameters(name):
    assert [each for each in _differences(name) if _path(each) not in DIFFERENCES] == []


def test_every_difference_listed_is_one():
    assert set(DIFFERENCES) <= {_path(each) for name in modules() for each in _differences(name)}


@pytest.mark.parametrize("module", ["zmq", "purezmq"])
@pytest.mark.parametrize("package", ATTRIBUTES)
def test_package_has_modules_as_attributes(package, module):
    name = module + package.removeprefix("zmq")
    program = f"""
import {name} as package
names = dir(package)
print(*(name for name in {ATTRIBUTES[package]} if name in names and hasattr(package, name)))
"""
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
    assert found.stdout.split() == ATTRIBUTES[package], found.stderr
