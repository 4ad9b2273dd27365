"""Everything that touches the world: file descriptors, the clock, threads, name look-up.

It drives the sans-I/O core (purezmq.core) and knows nothing of the front ends above it, which only differ in how
they wait. Start reading at socket_core.py; what a transport is, is said in transports/__init__.py.
"""
