from purezmq.sugar.version import *
