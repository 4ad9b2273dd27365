"""pyomq with ZeroMQ's default LINGER: its own, 0, forgets what is unsent when a socket is closed."""

from typing import Any

import pyomq
from pyomq import *  # noqa: F403  # all the rest as it is
from pyomq import LINGER

__version__: str = pyomq.pyomq_version()


class Context(pyomq.Context):  # type: ignore[misc]
    def socket(self, *args: Any, **kwargs: Any) -> Any:
        s = super().socket(*args, **kwargs)
        s.setsockopt(LINGER, -1)
        return s

    def set(self, option: int, value: int) -> None:
        """Nothing here limits the number of sockets."""


MAX_SOCKETS = 2
