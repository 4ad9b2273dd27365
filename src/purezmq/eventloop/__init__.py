"""Sockets on tornado's event loop: callbacks (zmqstream) and futures (future)."""

from __future__ import annotations

from tornado.ioloop import IOLoop

__all__ = ["IOLoop"]
