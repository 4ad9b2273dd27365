from purezmq.auth.certs import *
