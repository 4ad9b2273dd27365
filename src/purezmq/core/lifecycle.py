"""Lifecycles: a transition table as data, and the one way to move in it."""

from __future__ import annotations

from collections.abc import Mapping


class Lifecycle:
    """The state of one thing; a hop that its table does not have is our bug."""

    __slots__ = ("_transitions", "state")

    def __init__(self, transitions: Mapping[str, set[str]], state: str) -> None:
        self._transitions = transitions
        self.state = state

    def move(self, state: str) -> None:
        """Go to `state`, which the table must allow from here."""
        assert state in self._transitions[self.state], f"no way from {self.state} to {state}"
        self.state = state
