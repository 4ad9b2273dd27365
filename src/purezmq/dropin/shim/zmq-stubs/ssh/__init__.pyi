from purezmq.ssh import *
from purezmq.ssh import forward as forward
from purezmq.ssh import tunnel as tunnel
