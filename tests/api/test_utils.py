"""zmq.utils: jsonapi, strtypes, interop, win32, garbage; on both."""

from __future__ import annotations

import importlib
import sys
from threading import Event

import pytest


@pytest.fixture
def utility(zmq):
    """Returns a module of zmq.utils."""
    return lambda name: importlib.import_module(f"{zmq.__name__}.utils.{name}")


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, "é"]}, [], "text", 7, 0.5])
def test_json_comes_back_from_bytes_and_text(utility, value):
    json = utility("jsonapi")
    assert isinstance(json.dumps(value), bytes)
    assert json.loads(json.dumps(value)) == json.loads(json.dumps(value).decode()) == value


def test_json_passes_keywords_on(utility):
    json = utility("jsonapi")
    assert json.dumps({"b": 1, "a": 2}, sort_keys=True) == b'{"a": 2, "b": 1}'
    assert json.loads("1.5", parse_float=str) == "1.5"
    assert json.jsonmod.dumps(1) == "1"


def test_strtypes_cast_and_warn(utility):
    strtypes = utility("strtypes")
    with pytest.warns(DeprecationWarning, match="strtypes is deprecated") as warned:  # noqa: PT031
        assert strtypes.cast_bytes("é") == strtypes.b(b"\xc3\xa9") == strtypes.asbytes("é") == b"\xc3\xa9"
        assert strtypes.cast_unicode(b"\xe9", "latin1") == strtypes.u("é") == "é"
        assert strtypes.cast_bytes("é", "ascii", "ignore") == b""
    assert {warning.filename for warning in warned} == {__file__}
    assert (strtypes.bytes, strtypes.unicode, strtypes.basestring) == (bytes, str, (str,))


@pytest.mark.filterwarnings("ignore:zmq.utils.strtypes")
@pytest.mark.parametrize("name", ["cast_bytes", "cast_unicode"])
def test_strtypes_refuse_what_is_no_string(utility, name):
    with pytest.raises(TypeError, match="Expected unicode or bytes, got 5"):
        getattr(utility("strtypes"), name)(5)


def test_strtypes_names(utility):
    names = {"asbytes", "bytes", "unicode", "basestring", "b", "u", "cast_bytes", "cast_unicode"}
    assert set(utility("strtypes").__all__) == names


def test_address_is_a_number_or_a_pointer_of_cffi(utility):
    cast = utility("interop").cast_int_addr
    assert cast(12345) == 12345
    ffi = pytest.importorskip("cffi").FFI()
    assert cast(ffi.cast("void *", 12345)) == 12345


@pytest.mark.parametrize("wrong", ["5", None, 1.5])
def test_what_is_no_address_is_refused(utility, wrong):
    with pytest.raises(ValueError, match=r"Cannot cast .* to int"):
        utility("interop").cast_int_addr(wrong)


@pytest.mark.skipif(sys.platform == "win32", reason="there it does something")
def test_allow_interrupt_does_nothing_where_nothing_is_needed(utility):
    allow_interrupt = utility("win32").allow_interrupt
    for action in (None, pytest.fail):
        with allow_interrupt(action) as given:
            assert given is None


def test_garbage_list_sets_events(utility):
    garbage = utility("garbage")
    collector = garbage.GarbageCollector()
    data, event = bytearray(5), Event()
    key = collector.store(data, event)
    assert collector.refs[key] == (data, event)
    assert isinstance(garbage.gc, garbage.GarbageCollector)
    if hasattr(collector, "stop"):  # PyZMQ's has a thread
        collector.stop()
        return
    collector.remove(key)
    assert event.is_set()
    assert collector.refs == {}
    collector.remove(key)


def test_garbage_thread_can_be_asked_for(utility):
    thread = utility("garbage").gc.thread
    assert thread is None or thread.is_alive()
