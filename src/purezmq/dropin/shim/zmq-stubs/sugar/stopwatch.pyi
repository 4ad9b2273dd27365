from purezmq.sugar.stopwatch import *
