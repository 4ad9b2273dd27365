from purezmq.auth.base import *
