"""Every option × every socket type × a grid of values, of each Python type: ours answers what libzmq answers.

Libzmq is asked at run time. What it cannot answer because the wheel's is built without drafts was recorded from one
that has them. Where ours answers otherwise, DEPARTURES says why, and a test fails when that is no longer so.
"""

import functools
import json
import pathlib
import warnings
from collections.abc import Callable
from typing import NamedTuple

import pytest
import zmq as theirs

import purezmq as ours
from purezmq.core.context_options import CONTEXT_ROWS
from purezmq.core.options import OPTIONS

from .option_values import DRAFTS, NUMBERS, OTHERS, VALUES, answer, answers, names

pytestmark = pytest.mark.ours_only  # it asks both: once is enough

RECORD = json.loads(pathlib.Path(__file__).with_name("option_values_of_drafts.json").read_text())


class Difference(NamedTuple):
    """One answer of ours that is not libzmq's."""

    option: str
    type: str
    deed: str
    value: object
    ours: object
    theirs: object


class Departure(NamedTuple):
    """A rule that some differences keep, and why."""

    name: str
    covers: Callable[[Difference], bool]
    reason: str


def _refused(case):
    row = OPTIONS.get(theirs.SocketOption[case.option])
    return row is not None and not row.supported and (case.ours == "ZMQError 22" or case.ours == row.default)


def _reads_long_text(case):
    return case.theirs == "ZMQError 22" and isinstance(case.ours, bytes) and len(case.ours) >= 255


BUILT_IN = ("CURVE_", "GSSAPI_")  # or not
DEPARTURES = [
    Departure("refused", _refused, "what this engine does not do is refused, but for its default"),
    Departure(
        "long texts",
        lambda case: case.deed == "get" and _reads_long_text(case),
        "a text of 255 bytes or more can be read back: PyZMQ gives libzmq room for 255, with a NUL",
    ),
    Departure(
        "mechanisms that a libzmq is built without",
        lambda case: any(
            case.option.startswith(each) and not theirs.has(each[:-1].lower()) for each in BUILT_IN
        ),
        "PyZMQ's wheels are built without GSSAPI; tests/security/test_gssapi.py asks the system's libzmq",
    ),
    Departure(
        "ROUTER_NOTIFY",
        lambda case: case.option == "ROUTER_NOTIFY" and case.ours == "ZMQError 22" and case.theirs == 0,
        "it can be read where it can be set: of ROUTER and REP",
    ),
    Departure(
        "EVENTS of DISH",
        lambda case: (case.option, case.type, case.ours, case.theirs) == ("EVENTS", "DISH", 0, 2),
        "nothing can be sent: libzmq says that something can",
    ),
]


@functools.cache
def expected(option, kind):
    """Return libzmq's answers, as text."""
    recorded = next((given for kinds, given in RECORD.get(option, []) if kind in kinds), None)
    if not theirs.DRAFT_API:
        if recorded is not None:
            return recorded
        kind = kind if kind <= theirs.STREAM else theirs.PAIR  # the record has where drafts differ from it
    with theirs.Context() as context:
        return [repr(given) for _, _, given in answers(theirs, context, option, kind)]


@functools.cache
def differences(option):
    """Return where ours differs for this option."""
    found = []
    with ours.Context() as context, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # FD of thread-safe types
        for kind in ours.SocketType:
            mine = answers(ours, context, option, kind)
            for (deed, value, given), wanted in zip(mine, expected(option, kind), strict=True):
                if repr(given) != wanted:
                    found.append(Difference(option, kind.name, deed, value, given, _value(wanted)))
    return found


def _value(text):
    return eval(text, {"__builtins__": {}})  # our own repr() of int, bytes or str


@pytest.mark.parametrize("option", names(theirs))
def test_option_answers_what_libzmq_answers(option):
    unexplained = [case for case in differences(option) if not any(why.covers(case) for why in DEPARTURES)]
    assert not unexplained, unexplained[:5]


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda departure: departure.name)
def test_departure_is_one(departure):
    assert any(departure.covers(case) for option in names(theirs) for case in differences(option))


def test_record_has_every_draft_option():
    assert set(RECORD) >= DRAFTS


# -- contexts -----------------------------------------------------------------------------------------------

CONTEXT_NUMBERS = [-1, *range(12), 42, 70, 99]
CONTEXT_VALUES = [value for value in NUMBERS + OTHERS if value not in (4, 5)]

CONTEXT_DEPARTURES = {
    # PyZMQ takes a -1 that is an option's value for a failure of the call.
    (4, "get"): lambda mine, value: mine == -1,
    (9, "get"): lambda mine, value: mine == -1,
    # libzmq takes any CPU, and the process ends with the first thread if there is no such one.
    (7, "set"): lambda mine, value: mine == "ZMQError 22" and value > 8191,
}


@pytest.mark.parametrize("number", CONTEXT_NUMBERS)
def test_context_option_answers_what_libzmq_answers(number):
    for value in CONTEXT_VALUES:
        with ours.Context() as mine, theirs.Context() as other:  # without sockets: libzmq starts no threads
            for deed, arguments in (("get", ()), ("set", (value,)), ("get", ())):
                given = answer(getattr(mine, deed), number, *arguments)
                wanted = answer(getattr(other, deed), number, *arguments)
                departs = CONTEXT_DEPARTURES.get((number, deed), lambda *_: False)
                assert given == wanted or departs(given, value), (deed, value, given, wanted)


def test_every_context_option_has_a_row():
    named = set(theirs.ContextOption) | {theirs.IPV6, theirs.BLOCKY}
    assert {row.number for row in CONTEXT_ROWS} == {int(option) for option in named} | {10}


# -1 is tested elsewhere: PyZMQ leaks a context.
@pytest.mark.parametrize("io_threads", [0, 1, 2, 2**31 - 1, 2**31, -(2**31) - 1, True, None, "1", b"1"])
def test_io_threads_of_a_new_context(io_threads):
    def made(zmq):
        with zmq.Context(io_threads) as context:
            return context.get(zmq.IO_THREADS)

    assert answer(made, ours) == answer(made, theirs)


def test_values_are_of_every_kind():
    assert {type(value) for value in VALUES} >= {int, bytes, str, bool, float, type(None)}
