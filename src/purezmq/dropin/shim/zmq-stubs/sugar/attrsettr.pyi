from purezmq.sugar.attrsettr import *
