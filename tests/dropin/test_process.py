"""purezmq.install_as_zmq(): in the process that calls it."""

from __future__ import annotations


def test_zmq_is_purezmq(python):
    assert python("""
import sys, purezmq, zmq
print(zmq is purezmq, sys.modules["zmq"] is purezmq, zmq.Context is purezmq.Context)
""") == ["True True True"]


def test_submodules_are_the_same_objects(python):
    assert python("""
import sys, zmq, zmq.asyncio, zmq.sugar.socket
import zmq.utils.jsonapi
from zmq.error import ZMQError
import purezmq.sugar.socket, purezmq.asyncio, purezmq.utils.jsonapi, purezmq.error
for name in ("asyncio", "sugar", "sugar.socket", "utils.jsonapi", "error"):
    print(sys.modules[f"zmq.{name}"] is sys.modules[f"purezmq.{name}"])
print(zmq.sugar.socket is purezmq.sugar.socket, zmq.sugar.socket.Socket is zmq.Socket, ZMQError is zmq.ZMQError)
""") == ["True"] * 5 + ["True True True"]


def test_modules_keep_their_own_specs(python):
    assert python("""
import importlib, zmq, zmq.sugar.socket as module
print(zmq.__spec__.name, module.__spec__.name, module.__name__, module.__package__)
print(importlib.reload(module) is module)
""") == ["purezmq purezmq.sugar.socket purezmq.sugar.socket purezmq.sugar", "True"]


def test_module_that_is_not_there_is_not_found(python):
    assert python("""
import importlib.util
print(importlib.util.find_spec("zmq.nothing"), importlib.util.find_spec("zmq.asyncio").name)
try:
    import zmq.nothing
except ModuleNotFoundError as error:
    print(error.name)
""") == ["None zmq.asyncio", "zmq.nothing"]


def test_pickle_made_with_pyzmq_loads(python):
    # pickle.dumps((zmq.sugar.socket.Socket, zmq.error.Again, zmq.PUB), 4) with PyZMQ
    assert python("""
import pickle, zmq
made = (b"\\x80\\x04(\\x8c\\x10zmq.sugar.socket\\x8c\\x06Socket\\x93\\x8c\\x09zmq.error\\x8c\\x05Again\\x93"
        b"\\x8c\\x0dzmq.constants\\x8c\\x0aSocketType\\x93K\\x01\\x85Rt.")
print(pickle.loads(made) == (zmq.Socket, zmq.Again, zmq.PUB))
print(pickle.loads(pickle.dumps(zmq.PUB)) is zmq.PUB)
""") == ["True", "True"]


def test_distribution_pyzmq_is_there_in_the_version_it_stands_in_for(python):
    assert python("""
import importlib.metadata as metadata, zmq
print(metadata.version("pyzmq") == zmq.__version__ == zmq.pyzmq_version())
print([found.version for found in metadata.distributions(name="pyzmq")][0])
print(metadata.requires("pyzmq"))
""") == ["True", "27.3.0", "['purezmq']"]


def test_calling_it_twice_does_no_harm(python):
    assert python("""
import os, sys
before = [list(sys.meta_path), list(sys.path), dict(os.environ)]
purezmq.install_as_zmq()
print(before == [list(sys.meta_path), list(sys.path), dict(os.environ)])
""") == ["True"]


def test_program_keeps_the_first_place_on_the_path(python):
    assert python("import sys; print(repr(sys.path[0]), sys.path[1] == purezmq.dropin.SHIM)") == ["'' True"]


def test_pyzmq_imported_before_is_an_error_and_changes_nothing(run):
    done = run(
        "-c",
        """
import os, sys
import zmq, zmq.asyncio, purezmq
before = [list(sys.meta_path), list(sys.path), dict(os.environ)]
try:
    purezmq.install_as_zmq()
except ImportError as error:
    print(error)
print(before == [list(sys.meta_path), list(sys.path), dict(os.environ)], sys.modules["zmq"] is zmq)
""",
    )
    message, unchanged = done.stdout.splitlines()
    assert message.startswith("zmq is imported already, from ")
    assert unchanged == "True True"
