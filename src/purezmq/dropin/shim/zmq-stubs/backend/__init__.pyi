from purezmq.backend import *
from purezmq.backend import select as select
