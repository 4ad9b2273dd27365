from purezmq.log.__main__ import *
