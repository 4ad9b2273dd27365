from purezmq.backend.select import *
