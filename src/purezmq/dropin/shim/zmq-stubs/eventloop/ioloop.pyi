from purezmq.eventloop.ioloop import *
