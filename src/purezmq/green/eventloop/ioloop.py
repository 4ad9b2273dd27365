"""Deprecated: see purezmq.eventloop.ioloop."""

from __future__ import annotations

from purezmq.eventloop.ioloop import *  # noqa: F403
