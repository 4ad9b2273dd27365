from purezmq.green.device import *
