from purezmq.green.core import *
