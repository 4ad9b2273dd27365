from purezmq.constants import *
