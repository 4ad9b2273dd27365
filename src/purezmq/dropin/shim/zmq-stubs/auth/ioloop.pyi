from purezmq.auth.ioloop import *
