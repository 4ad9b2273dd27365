"""The parts of docs/libzmq.md: what of libzmq is there. The rows are in libzmq_options.py and libzmq_rows.py.

What the code knows (numbers, values, defaults, who may set what, which types talk) is taken from the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from libzmq_options import CONTEXT_OPTIONS, SOCKET_OPTIONS, Refused
from libzmq_rows import (
    DEPARTURES,
    ERRORS,
    EVENTS,
    FUNCTIONS,
    PER_TYPE,
    PROPERTIES,
    PROTOCOL_ERRORS,
    SHARED,
    SOCKET_TYPES,
    VERSIONS,
    Row,
)

from purezmq.constants import Event, SocketOption, SocketType
from purezmq.core.context_options import CONTEXT_ROWS, ContextRow
from purezmq.core.options import OPTIONS, Option
from purezmq.core.patterns import SOCKET_TYPES as ALL_TYPES
from purezmq.core.patterns import pattern_for

TESTS = Path(__file__).parents[1] / "tests"
SOURCES = Path(__file__).parents[1] / "src" / "purezmq"
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def test_named(reference: str) -> tuple[Path, str]:
    """Return the file and the name of the test that "contracts/pair::pair_talks_both_ways" stands for."""
    file, _, name = reference.partition("::")
    folder, _, subject = file.rpartition("/")
    return TESTS / folder / f"test_{subject}.py", f"test_{name}"


def tests() -> list[str]:
    """Return every test that a row names."""
    rows = [
        row.test for table in (SHARED, PER_TYPE, FUNCTIONS, PROPERTIES, VERSIONS, DEPARTURES) for row in table
    ]
    rows += [row[-1] for table in (SOCKET_TYPES, ERRORS, EVENTS, PROTOCOL_ERRORS) for row in table.values()]
    rows += [row.test for row in SOCKET_OPTIONS.values() if not isinstance(row, Refused)]
    rows += [row.test for row in CONTEXT_OPTIONS.values()]
    return [row for row in rows if row]


def _link(reference: str) -> str:
    if not reference:
        return ""
    path, name = test_named(reference)
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{path.relative_to(TESTS)})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return re.sub(" +", " ", "\n".join(lines)) + "\n"


def _plain(rows: Iterable[Row]) -> str:
    return _table(("what", "here", "tested by"), ((row.name, row.here, _link(row.test)) for row in rows))


# -- options -----------------------------------------------------------------------------------------------------


def _range(low: int, high: int, lowest: int = _INT_MIN, highest: int = _INT_MAX) -> str:
    if low <= lowest and high >= highest:
        return "any"
    return f"{low} or more" if high >= highest else f"{low} to {high}"


def _values(option: Option) -> str:
    if not option.writable:
        return option.kind
    if option.kind == "bytes":
        return f"{_range(option.low, option.high, -1)} bytes" if option.high != _INT_MAX else "bytes"
    if option.kind == "int64":
        return f"int64, {_range(option.low, option.high, -(2**63), 2**63 - 1)}"
    return f"int, {_range(option.low, option.high)}"


def _default(option: Option) -> str:
    if option.computed or not option.readable:
        return ""
    return str(option.default) if isinstance(option.default, int) else "none"


def _access(row: Option | ContextRow) -> str:
    return ("get, " * row.readable + "set" * row.writable).removesuffix(", ")


def _types(option: Option) -> str:
    if len(option.types) == len(SocketType):
        return "all"
    return ", ".join(SocketType(number).name for number in sorted(option.types))


def _counts(option: Option) -> str:
    if not option.writable:
        return ""
    return "at once" if option.live else "later binds and connects"


def _marked(option: Option) -> str:
    return option.name + " (draft)" * (option.number >= SocketOption.ZAP_ENFORCE_DOMAIN)


@cache
def _sources() -> dict[str, str]:
    return {
        str(path.relative_to(SOURCES)): path.read_text()
        for path in sorted(SOURCES.rglob("*.py"))
        if path.name != "options.py"
    }


def read_in(option: Option) -> list[str]:
    """Return the files of the package where a socket reads this option."""
    if not option.field:
        return []
    return [name for name, text in _sources().items() if re.search(rf"options\.{option.field}\b", text)]


def _where(option: Option) -> str:
    return ", ".join(read_in(option)) or ("engine/socket_core.py" if option.computed else "")


def options() -> str:
    """Return the table of the socket options that work."""
    return _table(
        (
            "option",
            "#",
            "values",
            "default",
            "get, set",
            "sockets",
            "counts",
            "what it does",
            "in",
            "tested by",
        ),
        (
            (
                _marked(option),
                str(number),
                _values(option),
                _default(option),
                _access(option),
                _types(option),
                _counts(option),
                row.text,
                _where(option),
                _link(row.test),
            )
            for number, option in sorted(OPTIONS.items())
            if not isinstance(row := SOCKET_OPTIONS[option.name], Refused)
        ),
    )


def refused() -> str:
    """Return the table of the socket options that do not."""
    return _table(
        ("option", "#", "only value", "why"),
        (
            (
                _marked(option),
                str(number),
                str(option.default or "none") if option.readable else "none at all",
                row.reason,
            )
            for number, option in sorted(OPTIONS.items())
            if isinstance(row := SOCKET_OPTIONS[option.name], Refused)
        ),
    )


def context_options() -> str:
    """Return the table of the options of contexts."""
    return _table(
        ("option", "#", "values", "default", "get, set", "what it does", "tested by"),
        (
            (
                row.name,
                str(row.number),
                "" if not row.writable else f"int, {_range(row.low, row.high)}",
                str(row.default) if row.readable else "",
                _access(row),
                CONTEXT_OPTIONS[row.name].text,
                _link(CONTEXT_OPTIONS[row.name].test),
            )
            for row in CONTEXT_ROWS
        ),
    )


# -- the rest ----------------------------------------------------------------------------------------------------


def socket_types() -> str:
    """Return the table of socket types."""
    rows = []
    for kind in ALL_TYPES:
        pattern = pattern_for(kind)
        sends, receives, test = SOCKET_TYPES[kind.name]
        assert bool(sends) == pattern.can_send, kind
        assert bool(receives) == pattern.can_receive, kind
        draft = " (draft)" * (kind > SocketType.STREAM)
        peers = ", ".join(peer.name for peer in sorted(pattern.peers)) if pattern.streams else "udp"
        peers = "raw tcp" if kind == SocketType.STREAM else peers
        rows.append((kind.name + draft, str(int(kind)), peers, sends, receives, _link(test)))
    return _table(("type", "#", "talks with", "sends", "receives", "tested by"), rows)


def errors() -> str:
    """Return the table of errno values."""
    return _table(
        ("errno", "when", "tested by"), ((name, when, _link(test)) for name, (when, test) in ERRORS.items())
    )


def events() -> str:
    """Return the table of what a monitor tells."""
    return _table(
        ("event", "#", "value", "tested by"),
        ((name, f"{Event[name]:#x}", value, _link(test)) for name, (value, test) in EVENTS.items()),
    )


def protocol_errors() -> str:
    """Return the table of what comes with HANDSHAKE_FAILED_PROTOCOL."""
    return _table(
        ("PROTOCOL_ERROR_…", "#", "when", "tested by"),
        (
            (name, f"{Event[f'PROTOCOL_ERROR_{name}']:#x}", when, _link(test))
            for name, (when, test) in PROTOCOL_ERRORS.items()
        ),
    )


PARTS: dict[str, Callable[[], str]] = {
    "socket types": socket_types,
    "shared": lambda: _plain(SHARED),
    "per type": lambda: _plain(PER_TYPE),
    "options": options,
    "refused": refused,
    "context options": context_options,
    "functions": lambda: _plain(FUNCTIONS),
    "errors": errors,
    "properties": lambda: _plain(PROPERTIES),
    "events": events,
    "protocol errors": protocol_errors,
    "versions": lambda: _plain(VERSIONS),
    "departures": lambda: _plain(DEPARTURES),
}
