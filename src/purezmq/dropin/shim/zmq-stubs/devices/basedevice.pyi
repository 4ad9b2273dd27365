from purezmq.devices.basedevice import *
