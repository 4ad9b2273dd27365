from purezmq.utils.interop import *
