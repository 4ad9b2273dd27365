"""PyZMQ's own front end on our engine, as one side of a run: `python -m bench run --ours bench.backend`."""

import os
import sys

os.environ["PYZMQ_BACKEND"] = "purezmq.backend"
import zmq

del os.environ["PYZMQ_BACKEND"]  # the conductor imports us, too, and its other children are PyZMQ's
sys.modules[__name__] = zmq
