from purezmq.sugar.frame import *
