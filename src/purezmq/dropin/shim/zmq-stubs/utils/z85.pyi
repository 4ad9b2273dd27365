from purezmq.utils.z85 import *
