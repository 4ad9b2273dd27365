"""Run by every interpreter that finds this directory on its path as it starts: install the finder.

Without it the path alone would lead to purezmq, and a program that puts PyZMQ's directory before it would get PyZMQ.
The sitecustomize that this one hides, if there is one, is run in its place.
"""

import sys

from _purezmq_dropin import SHIM, install

_path = list(sys.path)
_others = [directory for directory in _path if directory != SHIM]

if sys.version_info >= (3, 11):  # noqa: UP036  # children may be older
    install()
else:
    _path = _others  # purezmq does not run here: leave this interpreter its own zmq

_this = sys.modules.pop(__name__)
sys.path[:] = _others
try:
    import sitecustomize  # noqa: F401
except ImportError as error:
    if error.name != __name__:
        raise
    sys.modules[__name__] = _this
finally:
    sys.path[:] = _path
