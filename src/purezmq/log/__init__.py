"""Logging over PUB sockets: `handlers` publishes, ``python -m purezmq.log`` shows what is published."""
