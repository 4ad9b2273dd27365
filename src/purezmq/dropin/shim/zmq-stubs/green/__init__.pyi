from purezmq import *
from purezmq.constants import *
from purezmq.green import *
from purezmq.green import core as core
from purezmq.green import device as device
from purezmq.green import poll as poll
