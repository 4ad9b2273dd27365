from purezmq.eventloop import *
