"""ZeroMQ for gevent: ``import purezmq.green as zmq``. Calls that block, block only the calling greenlet."""

from __future__ import annotations

import purezmq
from purezmq import *  # noqa: F403
from purezmq.constants import *  # noqa: F403  # for mypy, which cannot read purezmq.__all__
from purezmq.green.core import _Context as Context
from purezmq.green.core import _Socket as Socket
from purezmq.green.device import device, proxy  # type: ignore[assignment]
from purezmq.green.poll import _Poller as Poller
from purezmq.green.poll import select, zmq_poll

__all__ = ["Context", "Socket", "Poller", "device", "proxy", "select", "zmq_poll"]
__all__ += [name for name in purezmq.__all__ if name not in __all__]
