from purezmq.eventloop.zmqstream import *
