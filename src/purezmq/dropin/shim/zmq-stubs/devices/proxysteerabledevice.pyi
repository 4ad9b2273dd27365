from purezmq.devices.proxysteerabledevice import *
