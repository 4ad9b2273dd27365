"""What ``import zmq`` finds on the path of a process that was started by one with the drop-in: purezmq.

From then on the finder does it.
"""

import sys
from importlib import import_module

from _purezmq_dropin import install

install()
del sys.modules["zmq"]
sys.modules["zmq"] = import_module("zmq")
