from purezmq.decorators import *
