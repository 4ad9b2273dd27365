from purezmq.auth import *
from purezmq.auth import base as base
from purezmq.auth import certs as certs
