from purezmq.utils.win32 import *
