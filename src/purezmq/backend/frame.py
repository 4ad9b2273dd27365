"""The backend's Frame: ours, with PyZMQ's trackers and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import purezmq.frame
from purezmq.backend._errors import translating
from purezmq.utils.garbage import gc

if TYPE_CHECKING:
    from purezmq.core.message import Part
    from purezmq.core.pipe import Peer

__all__ = ["Frame", "Message"]


class Frame(purezmq.frame.Frame):
    """One part of a message; PyZMQ's layer adds its repr, and option attributes."""

    __slots__ = ()

    # Its layer looks options up in __setattr__, which takes a microsecond for each of our slots. Frames have none
    # that can be set.
    __setattr__ = object.__setattr__

    def __init__(
        self,
        data: Any = None,
        track: bool = False,
        copy: bool | None = None,
        copy_threshold: int | None = None,
    ) -> None:
        import zmq

        if copy_threshold is None:
            copy_threshold = zmq.COPY_THRESHOLD
        super().__init__(data, track, copy, copy_threshold)
        if self._lease is not None:
            from zmq.utils.garbage import gc as theirs

            theirs.refs = gc.refs  # type: ignore[assignment]  # where programs look for the buffers in use
        self._use_trackers_of_pyzmq(track)

    def _use_trackers_of_pyzmq(self, track: bool) -> None:
        if not track:
            return
        import zmq

        event = self.tracker_event
        self.tracker = zmq._FINISHED_TRACKER if event is None else zmq.MessageTracker(event)  # type: ignore[assignment]

    get = translating(purezmq.frame.Frame.get)
    set = translating(purezmq.frame.Frame.set)

    @classmethod
    def _received(
        cls,
        part: Part,
        more: bool,
        peer: Peer | None,
        track: bool,
        address: tuple[int, bytes] | None = None,
    ) -> Frame:
        frame = super()._received(part, more, peer, track, address)
        assert isinstance(frame, Frame)
        frame._use_trackers_of_pyzmq(track)
        return frame


Message = Frame
