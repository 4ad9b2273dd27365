"""zmq.sugar.poll: Poller and select()."""

from __future__ import annotations

from purezmq.constants import POLLERR as POLLERR
from purezmq.constants import POLLIN as POLLIN
from purezmq.constants import POLLOUT as POLLOUT
from purezmq.poller import Poller, select
from purezmq.poller import zmq_poll as zmq_poll

__all__ = ["Poller", "select"]
