"""Small things that programs import from zmq.utils: keys as text, monitor events, JSON, strings."""
