from purezmq.green.poll import *
