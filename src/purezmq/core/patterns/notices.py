"""HELLO_MSG, DISCONNECT_MSG, HICCUP_MSG: messages sent, or delivered to the program, as peers come and go.

The rules, which are libzmq's (session_base.cpp, pipe.cpp):

- HELLO_MSG goes to a peer before anything else, each time a link comes up.
- DISCONNECT_MSG is delivered as if from the peer when the link of a peer is lost that had come to us.
- HICCUP_MSG is delivered as if from the peer when the link of a peer is lost that we had connected to.
- Whoever ends a link himself is told nothing. What counts is how the options stood at the bind or connect.
"""

from __future__ import annotations

from typing import ClassVar

from purezmq.core.patterns.pattern import Pattern
from purezmq.core.pipe import Pipe


class Noticing(Pattern):
    """Stands before another base, and sends and delivers its notices."""

    says_hello: ClassVar[bool] = True
    hears_disconnects: ClassVar[bool] = False
    hears_hiccups: ClassVar[bool] = False

    def ready(self, pipe: Pipe) -> None:
        super().ready(pipe)
        if pipe.options.hello_msg and not pipe.inproc:  # there it is said when the link is made
            pipe.outbox.appendleft(pipe.options.hello_msg)
            self.dirty.append(pipe)

    def lost(self, pipe: Pipe, accepted: bool) -> None:
        super().lost(pipe, accepted)
        if accepted and self.hears_disconnects:
            notice = pipe.options.disconnect_msg
        elif not accepted and self.hears_hiccups:
            notice = pipe.options.hiccup_msg
        else:
            notice = b""
        if notice:
            self.deliver(pipe, notice)

    def deliver(self, pipe: Pipe, notice: bytes) -> None:
        """Have the program receive this message as if the peer had sent it."""
        pipe.inbox.append(notice)
        pipe.own += 1
        self.arrived(pipe)
