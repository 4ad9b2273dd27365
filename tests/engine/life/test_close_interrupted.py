"""Exceptions out of signal handlers anywhere in close(): the socket closes all the same, and term() does not hang.

`with` calls close() once, and a program that was interrupted in it has nothing left to close by.
"""

import sys
import threading

import pytest

import purezmq as zmq

from .interrupter import Interrupted, Interrupter

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="sys.settrace tells of opcodes only now and then"
)

SECONDS_TO_END = 10


def linked(ctx, binder, connector, scheme):
    """Return a socket that has bound and one that has connected; what was sent is partly received."""
    bound, connected = ctx.socket(binder), ctx.socket(connector)
    bound.bind(f"{scheme}://closing" if scheme == "inproc" else f"{scheme}://127.0.0.1:*")
    connected.connect(bound.last_endpoint.decode().rstrip("\0"))
    connected.send(b"\x01first")
    bound.recv()
    connected.send(b"second")
    return bound, connected


CASES = {
    "bound, tcp": ((zmq.ROUTER, zmq.DEALER), "tcp", 0),
    "connected, tcp": ((zmq.XPUB, zmq.XSUB), "tcp", 1),
    "bound, inproc": ((zmq.PULL, zmq.PUSH), "inproc", 0),
    "connected, inproc": ((zmq.PAIR, zmq.PAIR), "inproc", 1),
}


@pytest.mark.parametrize("types, scheme, which", CASES.values(), ids=CASES)
def test_socket_closes_whatever_interrupts_close(types, scheme, which):
    def attempt(at):
        ctx = zmq.Context()
        ctx.linger = 0
        sockets = linked(ctx, *types, scheme)
        try:
            with Interrupter(at) as interrupter:
                sockets[which].close()
        except Interrupted:
            pass
        sockets[1 - which].close()
        term = threading.Thread(target=ctx.term, daemon=True)
        term.start()
        term.join(SECONDS_TO_END)
        assert not term.is_alive(), interrupter.where
        return interrupter.where

    number = 1  # at 0 close() has not yet begun
    while attempt(number):
        number += 1
    assert number > 1
