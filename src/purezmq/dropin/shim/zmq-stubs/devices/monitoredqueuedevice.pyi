from purezmq.devices.monitoredqueuedevice import *
