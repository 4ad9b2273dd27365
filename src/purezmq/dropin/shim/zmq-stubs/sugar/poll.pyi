from purezmq.sugar.poll import *
