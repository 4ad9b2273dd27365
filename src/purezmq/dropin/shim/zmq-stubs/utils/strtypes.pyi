from purezmq.utils.strtypes import *
