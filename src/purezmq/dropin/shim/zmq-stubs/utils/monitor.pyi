from purezmq.utils.monitor import *
