from purezmq._future import *
