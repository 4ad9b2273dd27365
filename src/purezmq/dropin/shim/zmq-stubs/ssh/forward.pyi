from purezmq.ssh.forward import *
