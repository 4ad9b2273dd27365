"""ZMQStream, for sockets of purezmq.green."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.ioloop import IOLoop

from purezmq.eventloop import zmqstream

if TYPE_CHECKING:
    from purezmq.socket import Socket

__all__ = ["ZMQStream"]


class ZMQStream(zmqstream.ZMQStream):
    """See purezmq.eventloop.zmqstream.ZMQStream."""

    def __init__(self, socket: Socket[Any], io_loop: IOLoop | None = None) -> None:
        super().__init__(socket, io_loop=io_loop or IOLoop.instance())
