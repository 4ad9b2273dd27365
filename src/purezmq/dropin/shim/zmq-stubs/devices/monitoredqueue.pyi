from purezmq.devices.monitoredqueue import *
