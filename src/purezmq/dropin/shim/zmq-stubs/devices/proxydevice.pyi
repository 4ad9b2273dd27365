from purezmq.devices.proxydevice import *
