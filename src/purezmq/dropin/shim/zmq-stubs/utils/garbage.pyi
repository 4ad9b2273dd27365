from purezmq.utils.garbage import *
