"""Contract tests of socket semantics: libzmq, through PyZMQ, is the referee; purezmq must do the same."""
