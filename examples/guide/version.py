"""Show the versions at work.

python examples/guide/version.py

Programs that need to know ask for these: the libzmq whose behaviour they get, and the PyZMQ whose API.
"""

import sys

import purezmq as zmq

if __name__ == "__main__":
    print(
        f"ZeroMQ {zmq.zmq_version()} behaviour, PyZMQ {zmq.pyzmq_version()} API, Python {sys.version.split()[0]}"
    )
    if zmq.zmq_version_info() >= (4, 2):
        print("New enough for everything in this folder")
