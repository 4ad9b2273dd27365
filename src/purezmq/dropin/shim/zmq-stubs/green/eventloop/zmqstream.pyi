from purezmq.green.eventloop.zmqstream import *
