"""Deprecated: tornado's loop and ZMQStream, under PyZMQ's old names."""

from __future__ import annotations

from purezmq.green.eventloop.ioloop import IOLoop

__all__ = ["IOLoop"]
