"""zmq.sugar.frame: Frame."""

from __future__ import annotations

from purezmq.frame import Frame, Message
from purezmq.sugar.attrsettr import AttributeSetter as AttributeSetter

__all__ = ["Frame", "Message"]
