"""An authenticator on Tornado's IOLoop. Deprecated: that loop is asyncio's, and so is AsyncioAuthenticator."""

from __future__ import annotations

import warnings
from typing import Any

import purezmq
from purezmq.auth.asyncio import AsyncioAuthenticator

__all__ = ["IOLoopAuthenticator"]

warnings.warn(
    "purezmq.auth.ioloop.IOLoopAuthenticator is deprecated: use purezmq.auth.asyncio.AsyncioAuthenticator",
    DeprecationWarning,
    stacklevel=2,
)


class IOLoopAuthenticator(AsyncioAuthenticator):
    """An AsyncioAuthenticator that takes an io_loop, and ignores it."""

    def __init__(
        self,
        context: purezmq.Context[Any] | None = None,
        encoding: str = "utf-8",
        log: Any = None,
        io_loop: Any = None,
    ) -> None:
        if io_loop is not None:
            warnings.warn(
                f"{type(self).__name__}(io_loop) is deprecated and ignored", DeprecationWarning, stacklevel=2
            )
        super().__init__(context, None, encoding, log)
