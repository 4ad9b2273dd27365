from purezmq.sugar.context import *
