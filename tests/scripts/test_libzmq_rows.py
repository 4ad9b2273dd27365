"""docs/libzmq.md has a row for everything, and every row a test that there is."""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path

import pytest

import purezmq
from purezmq.constants import Errno, Event, SocketOption, SocketType
from purezmq.core.context_options import CONTEXT_ROWS
from purezmq.core.options import OPTIONS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import libzmq_options as options  # noqa: E402
import libzmq_page as page  # noqa: E402
import libzmq_rows as rows  # noqa: E402


@functools.cache
def functions(path: Path) -> set[str]:
    """Return the names of the functions and methods of a file that has them."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, defined)}


@pytest.mark.parametrize("reference", sorted(set(page.tests())))
def test_named_test_exists(reference):
    path, name = page.test_named(reference)
    assert path.is_file()
    assert name in functions(path)


def test_every_option_has_a_row_and_every_row_an_option():
    assert sorted(options.SOCKET_OPTIONS) == sorted(option.name for option in OPTIONS.values())
    assert sorted(options.CONTEXT_OPTIONS) == sorted(row.name for row in CONTEXT_ROWS)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_what_is_refused_is_said_to_be(option):
    assert isinstance(options.SOCKET_OPTIONS[option.name], options.Refused) == (not option.supported)


def test_every_socket_type_error_and_event_has_a_row():
    assert set(rows.SOCKET_TYPES) == {kind.name for kind in SocketType}
    assert set(rows.ERRORS) >= {error.name for error in Errno}
    assert set(rows.EVENTS) == {
        event.name
        for event in Event
        if event.name.isupper() and event < Event.PROTOCOL_ERROR_ZMTP_UNSPECIFIED
    }


def test_every_protocol_error_has_a_row_and_a_test_that_knows_it():
    prefix = "PROTOCOL_ERROR_"
    assert {prefix + name for name in rows.PROTOCOL_ERRORS} == {
        event for event in Event.__members__ if event.startswith(prefix)
    }
    for name, (_, reference) in rows.PROTOCOL_ERRORS.items():
        assert not reference or prefix + name in page.test_named(reference)[0].read_text(), name


READ_BACK_ONLY = {"AFFINITY", "THREAD_SAFE"}


def test_every_stored_option_is_read_where_it_has_its_effect():
    ignored = {option.name for option in OPTIONS.values() if option.field and not page.read_in(option)}
    assert ignored == READ_BACK_ONLY


def test_every_name_in_the_rows_is_one_of_ours():
    called = {name for row in rows.FUNCTIONS for name in re.findall(r"`(?:\w+\.)?(\w+)\(", row.here)}
    owners = (purezmq, purezmq.Socket, purezmq.Context, purezmq.Frame)
    assert not {name for name in called if not any(hasattr(owner, name) for owner in owners)}
    assert len(called) > 10


def test_every_option_number_is_libzmqs():
    assert all(SocketOption(number).name == option.name for number, option in OPTIONS.items())
