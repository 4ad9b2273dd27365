from purezmq.tests import *
