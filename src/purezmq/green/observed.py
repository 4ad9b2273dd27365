"""What waits for peers, subscribers and events in greenlets."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

from gevent.event import Event
from gevent.hub import get_hub

from purezmq.engine.event_stream import EventStream
from purezmq.errors import Again
from purezmq.green.station import within
from purezmq.observed import _ALL, Goal, Observed

__all__ = ["GreenEventStream", "GreenObserved"]


class GreenEventStream(EventStream):
    """An iterator of events that blocks only the calling greenlet."""

    def _turn(self) -> tuple[Callable[[], object], Callable[[float], bool]]:
        signal = _Signal()
        return signal.ring, signal.wait


class GreenObserved(Observed):
    """What waits, blocks only the calling greenlet."""

    def monitor_events(self, events: int = _ALL) -> GreenEventStream:
        """Return an iterator over what happens from now on; see Observed."""
        return GreenEventStream(self._core, index(events))

    def wait_for_peers(self, count: int = 1, timeout: int | None = None) -> None:
        """Wait until so many peers are connected; see the blocking Socket's."""
        _wait_until(self._goal_of_peers(count), timeout)

    def wait_for_subscribers(self, topic: bytes | str, count: int = 1, timeout: int | None = None) -> None:
        """Wait until a message that begins with this topic would go to so many; see the blocking Socket's."""
        _wait_until(self._goal_of_subscribers(topic, count), timeout)


def _wait_until(goal: Goal, timeout: int | None) -> None:
    """Wait until the goal is reached, looking whenever something has happened to the socket."""
    signal = _Signal()

    def look() -> None:
        while not goal.is_reached():
            signal.wait(-1)
            signal.clear()

    goal.core.add_watcher(signal, polls=False)
    try:
        within(-1 if timeout is None else timeout, look)
    except Again:
        raise goal.missed() from None
    finally:
        goal.core.remove_watcher(signal)


class _Signal:
    """Wakes a greenlet from any thread (engine's Watcher)."""

    def __init__(self) -> None:
        self._hub = get_hub()
        self._event: Any = Event()
        self.clear = self._event.clear

    def ring(self) -> bool:
        loop = self._hub.loop
        if loop is None:  # the hub was destroyed
            return False
        loop.run_callback_threadsafe(self._event.set)
        return True

    def wait(self, seconds: float) -> bool:
        """Sleep until rung, for up to so many seconds, -1: no limit; return whether it was."""
        presence = (
            self._hub.loop.async_()
        )  # or the hub, seeing nothing that could end the wait, would raise LoopExit
        presence.start(self._event.set)
        try:
            return bool(self._event.wait(None if seconds < 0 else seconds))
        finally:
            presence.stop()
            presence.close()
