"""The sans-I/O core: values in, values out.

No sockets, no clock, no threads and no randomness of its own: bytes, ``now`` and random bytes come in as
arguments; bytes, events and a deadline come out. Imports nothing above it, only purezmq.errors and
purezmq.constants.
"""
