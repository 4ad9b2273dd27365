from purezmq.ssh.tunnel import *
