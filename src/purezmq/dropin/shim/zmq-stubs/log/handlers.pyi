from purezmq.log.handlers import *
