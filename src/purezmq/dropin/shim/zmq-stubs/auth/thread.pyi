from purezmq.auth.thread import *
