"""Devices: proxies that run in the background, in a thread or a process of their own.

device = ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
device.bind_in("tcp://*:5559")
device.bind_out("tcp://*:5560")
device.start()
"""

from __future__ import annotations

from purezmq.devices.basedevice import Device, ProcessDevice, ThreadDevice
from purezmq.devices.monitoredqueue import monitored_queue
from purezmq.devices.monitoredqueuedevice import MonitoredQueue, ProcessMonitoredQueue, ThreadMonitoredQueue
from purezmq.devices.proxydevice import ProcessProxy, Proxy, ThreadProxy
from purezmq.devices.proxysteerabledevice import ProcessProxySteerable, ProxySteerable, ThreadProxySteerable

__all__ = [
    "Device",
    "ThreadDevice",
    "ProcessDevice",
    "Proxy",
    "ThreadProxy",
    "ProcessProxy",
    "ProxySteerable",
    "ThreadProxySteerable",
    "ProcessProxySteerable",
    "monitored_queue",
    "MonitoredQueue",
    "ThreadMonitoredQueue",
    "ProcessMonitoredQueue",
]
