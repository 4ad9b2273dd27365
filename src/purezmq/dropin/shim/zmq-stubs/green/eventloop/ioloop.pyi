from purezmq.green.eventloop.ioloop import *
