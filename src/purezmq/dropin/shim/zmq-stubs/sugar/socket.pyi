from purezmq.sugar.socket import *
