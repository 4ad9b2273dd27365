from purezmq.devices import *
from purezmq.devices import basedevice as basedevice
from purezmq.devices import monitoredqueue as monitoredqueue
from purezmq.devices import monitoredqueuedevice as monitoredqueuedevice
from purezmq.devices import proxydevice as proxydevice
from purezmq.devices import proxysteerabledevice as proxysteerabledevice
