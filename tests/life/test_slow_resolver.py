"""Names that take for ever to be looked up: connect(), close() and term() return, and other sockets go on."""

import _thread
import threading

import pytest

import purezmq as zmq
from purezmq.engine.unpatched import socket as sockets


@pytest.fixture
def slow(monkeypatch):
    """Hold up the look-up of slow.invalid until the test lets it go; return the two events: begun, go on."""
    real = sockets.getaddrinfo
    begun, go_on = threading.Event(), threading.Event()

    def getaddrinfo(host, port, family=0, kind=0, protocol=0, flags=0):
        if host == b"slow.invalid" and not flags & sockets.AI_NUMERICHOST:
            begun.set()
            assert go_on.wait(10)
            host = b"127.0.0.1"
        return real(host, port, family, kind, protocol, flags)

    monkeypatch.setattr(sockets, "getaddrinfo", getaddrinfo)
    yield begun, go_on
    go_on.set()
    for thread in threading.enumerate():
        if "resolver" in thread.name:
            thread.join(10)


@pytest.fixture
def ctx():
    with zmq.Context() as context:
        yield context
        context.destroy(linger=0)


def test_connect_returns_and_the_messages_follow(ctx, slow):
    begun, go_on = slow
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint.decode().replace("127.0.0.1", "slow.invalid"))
        assert begun.wait(10)
        push.send(b"queued", zmq.DONTWAIT)
        assert pull.poll(20) == 0
        go_on.set()
        pull.rcvtimeo = 5000
        assert pull.recv() == b"queued"


def test_the_name_of_a_proxy_holds_nobody_up(ctx, slow):
    begun, _ = slow
    with ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        push.socks_proxy = b"slow.invalid:1080"
        push.connect("tcp://127.0.0.1:5555")
        assert begun.wait(10)


def test_close_and_term_do_not_wait(slow):
    begun, _ = slow
    context = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.connect("tcp://slow.invalid:5555")
    assert begun.wait(10)
    push.close(linger=0)
    context.term()


def test_a_call_that_waits_is_interrupted(ctx, slow):
    begun, _ = slow

    def interrupt():
        assert begun.wait(10)
        _thread.interrupt_main()

    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.immediate = 1
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            req.connect("tcp://slow.invalid:5555")
            req.send(b"waits for the peer")
        req.disconnect("tcp://slow.invalid:5555")


def test_other_sockets_go_on(ctx, slow):
    begun, _ = slow
    with ctx.socket(zmq.PUSH) as stuck, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        stuck.linger = 0
        stuck.connect("tcp://slow.invalid:5555")
        assert begun.wait(10)
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint.decode())
        push.send(b"x")
        pull.rcvtimeo = 5000
        assert pull.recv() == b"x"
