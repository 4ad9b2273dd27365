"""An exception at a chosen place in the engine, as a signal handler raises it.

CPython runs signal handlers where it checks for them: behind a call of something written in C, on entering a
function, and when jumping back. These are the opportunities; in the frames of this package they are counted.
"""

import dis
import sys

import purezmq

_PACKAGE = purezmq.__path__[0]
_CHECKS = ("CALL", "JUMP_BACKWARD", "RESUME")


class Interrupted(Exception):
    """What the signal handler raises."""


class Interrupter:
    """Within its block, the opportunity number `at` raises Interrupted in whatever runs; the first is 0."""

    def __init__(self, at):
        self.at = at
        self.count = 0
        self.where = None  # where it was raised; None: the block has fewer opportunities
        self._checked = set()  # frames whose last instruction was one that checks

    def __enter__(self):
        if sys.version_info[:2] == (3, 12):  # which looks for this when tracing begins, not later
            sys._getframe().f_trace_opcodes = True
        sys.settrace(self._enter)
        return self

    def __exit__(self, *raised):
        sys.settrace(None)

    def _enter(self, frame, event, argument):
        self._checked.discard(frame.f_back)  # what is called is no C function: nothing is checked behind it
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        self._checked.add(frame)
        return self._step

    def _step(self, frame, event, argument):
        if event == "opcode":
            if frame in self._checked:
                self._checked.discard(frame)
                self._opportunity(frame)
            if _checks(frame.f_code, frame.f_lasti):
                self._checked.add(frame)
        else:
            self._checked.discard(frame)
        return self._step

    def _opportunity(self, frame):
        self.count += 1
        if self.count > self.at:
            code = frame.f_code
            self.where = f"{code.co_filename.removeprefix(_PACKAGE)}:{frame.f_lineno} {code.co_name}"
            raise Interrupted(self.where)


def _checks(code, offset, _known={}):  # noqa: B006
    """Return whether the instruction is one behind which, or in which, signals are looked for."""
    if code not in _known:
        _known[code] = {
            place.offset for place in dis.get_instructions(code) if place.opname.startswith(_CHECKS)
        }
    return offset in _known[code]
