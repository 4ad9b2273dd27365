"""pyomq's asyncio, with ZeroMQ's default LINGER."""

from typing import Any

import pyomq.asyncio
from pyomq import LINGER


class Context(pyomq.asyncio.Context):  # type: ignore[misc]
    def socket(self, *args: Any, **kwargs: Any) -> Any:
        s = super().socket(*args, **kwargs)
        s.setsockopt(LINGER, -1)
        return s

    def set(self, option: int, value: int) -> None:
        """Nothing here limits the number of sockets."""
