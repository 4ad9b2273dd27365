from purezmq.eventloop.future import *
