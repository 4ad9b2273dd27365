"""ZeroMQ for gevent: ``import purezmq.green as zmq``. Calls that block, block only the calling greenlet."""

from __future__ import annotations

import purezmq
from purezmq import *  # noqa: F403
from purezmq.green.core import _Context as Context  # noqa: F401
from purezmq.green.core import _Socket as Socket  # noqa: F401
from purezmq.green.device import device, proxy  # type: ignore[assignment]  # noqa: F401
from purezmq.green.poll import _Poller as Poller  # noqa: F401
from purezmq.green.poll import select, zmq_poll  # noqa: F401

__all__ = list(purezmq.__all__)
