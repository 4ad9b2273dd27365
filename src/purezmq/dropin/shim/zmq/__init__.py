"""What ``import zmq`` finds on the path where no sitecustomize was run (``python -S``): it installs the finder."""

import sys
from importlib import import_module

from _purezmq_dropin import install

install()
del sys.modules["zmq"]
sys.modules["zmq"] = import_module("zmq")
