from purezmq.error import *
