"""allow_interrupt: run a function on Ctrl-C while a Windows program waits.

purezmq's own waits end by themselves on Ctrl-C. This is for programs that were written when they did not, and for
those that want to be told before KeyboardInterrupt is raised.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["allow_interrupt"]

_CTRL_C_EVENT = 0


class allow_interrupt:
    """Context manager: on Windows, Ctrl-C calls action() in a thread of the system's; elsewhere it does nothing.

    action: takes nothing, what it returns is ignored, and it must not raise.
    """

    def __init__(self, action: Callable[[], Any] | None = None) -> None:
        self._action = action
        self._handler: Any = None  # the system calls it: it must live as long as it is installed

    def __enter__(self) -> None:
        if sys.platform == "win32" and self._action is not None:
            self._install(self._action)

    def __exit__(self, *raised: object) -> None:
        if sys.platform == "win32" and self._handler is not None:
            self._set_handler(self._handler, False)
            self._handler = None

    if sys.platform == "win32":

        def _install(self, action: Callable[[], Any]) -> None:
            import ctypes
            from ctypes.wintypes import BOOL, DWORD

            def handle(event: int) -> bool:
                if event == _CTRL_C_EVENT:
                    action()
                return False  # not handled: Python's own handler comes next and raises KeyboardInterrupt

            handler = ctypes.WINFUNCTYPE(BOOL, DWORD)(handle)
            self._set_handler(handler, True)
            self._handler = handler

        def _set_handler(self, handler: Any, install: bool) -> None:
            import ctypes

            if not ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, install):
                raise ctypes.WinError()
