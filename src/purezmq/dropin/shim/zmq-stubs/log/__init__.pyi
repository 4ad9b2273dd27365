from purezmq.log import *
