"""Every name and number of zmq.constants, compared with the installed PyZMQ."""

from __future__ import annotations

import enum

import pytest
from zmq import constants as theirs

from purezmq import constants as ours

ENUMS = sorted(
    name
    for name, thing in vars(theirs).items()
    if isinstance(thing, enum.EnumMeta) and thing.__module__ == theirs.__name__
)


def test_all_lists_the_same_names() -> None:
    assert sorted(ours.__all__) == sorted(theirs.__all__)


@pytest.mark.parametrize("name", theirs.__all__)
def test_module_level_name_is_the_same(name: str) -> None:
    our, their = getattr(ours, name), getattr(theirs, name)
    assert repr(our) == repr(their)
    if isinstance(their, int):
        assert int(our) == int(their)
        assert our is type(our)[our.name]


@pytest.mark.parametrize("name", ENUMS)
def test_enum_has_the_same_members(name: str) -> None:
    our, their = getattr(ours, name), getattr(theirs, name)
    assert [base.__name__ for base in our.__mro__] == [base.__name__ for base in their.__mro__]
    assert {member: our[member].value for member in our.__members__} == {
        member: their[member].value for member in their.__members__
    }


@pytest.mark.parametrize("name", ENUMS)
def test_aliases_are_shown_by_the_same_name(name: str) -> None:
    our, their = getattr(ours, name), getattr(theirs, name)
    for member in their.__members__:
        assert repr(our[member]) == repr(their[member])
        assert str(our[member]) == str(their[member])


@pytest.mark.parametrize("option", theirs.SocketOption.__members__)
def test_option_has_the_same_c_type(option: str) -> None:
    our = ours.SocketOption[option]._opt_type
    their = theirs.SocketOption[option]._opt_type
    assert (our.name, our.value) == (their.name, their.value)


@pytest.mark.parametrize("flags", ["PollEvent", "Flag", "Event"])
@pytest.mark.parametrize("number", [0, 1, 3, 7, 0x18, 0xFFFF, 0x1FFFF])
def test_combined_flags_are_shown_the_same(flags: str, number: int) -> None:
    our, their = getattr(ours, flags)(number), getattr(theirs, flags)(number)
    assert repr(our) == repr(their)


def test_module_level_name_is_the_member_itself() -> None:
    assert ours.POLLIN is ours.PollEvent.POLLIN
    assert ours.EVENT_CONNECTED is ours.Event.CONNECTED
    assert ours.IDENTITY is ours.ROUTING_ID
    assert ours.NOBLOCK is ours.DONTWAIT


def test_member_is_found_by_its_number() -> None:
    assert ours.SocketOption(5) is ours.ROUTING_ID
    assert ours.SocketType(6) is ours.ROUTER
    assert ours.Errno(156384763) is ours.EFSM
