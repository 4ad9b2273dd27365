from purezmq.curve_keygen import *
