from purezmq.green.eventloop import *
from purezmq.green.eventloop import ioloop as ioloop
