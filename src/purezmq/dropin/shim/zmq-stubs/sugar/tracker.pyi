from purezmq.sugar.tracker import *
