"""Finding a transport by its scheme."""

from errno import EPROTONOSUPPORT

import pytest

from purezmq.engine import transports
from purezmq.engine.transports import ipc, tcp, transport_for
from purezmq.errors import ZMQError


def test_scheme_is_the_name_of_the_file():
    assert transport_for("tcp") is tcp.transport
    assert transport_for("ipc") is ipc.transport
    assert (tcp.transport.scheme, ipc.transport.scheme) == ("tcp", "ipc")


@pytest.mark.parametrize(
    "scheme", ["foo", "TCP", "__init__", "_x", "os.path", "tcp.socket", "", "a b", "../tcp", "1"]
)
def test_unknown_scheme_is_refused(scheme):
    with pytest.raises(ZMQError) as raised:
        transport_for(scheme)
    assert raised.value.errno == EPROTONOSUPPORT


def test_refusal_lists_what_there_is():
    with pytest.raises(ZMQError, match=r"there is no transport 'foo', but .*inproc, ipc, .*tcp"):
        transport_for("foo")


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(transports, "__path__", [*transports.__path__, str(tmp_path)])
    monkeypatch.setattr(transports, "_found", {})
    return tmp_path


def test_new_file_is_a_new_transport(folder):
    (folder / "pigeon.py").write_text("transport = 'coo'")
    assert transport_for("pigeon") == "coo"
    with pytest.raises(ZMQError, match="pigeon"):
        transport_for("foo")


def test_transport_that_misses_a_module_says_which(folder):
    (folder / "owl.py").write_text("import no_such_module_of_the_owl")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_of_the_owl"):
        transport_for("owl")
