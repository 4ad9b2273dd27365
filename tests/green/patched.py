"""Programs that gevent patches, before or after they import purezmq: ``python patched.py WHEN PROGRAM``."""

import faulthandler
import os
import sys
import threading

faulthandler.dump_traceback_later(20, exit=True)

when, program = sys.argv[1:]
if when == "after":
    import purezmq
    import purezmq.green
if when != "never":
    from gevent import monkey

    monkey.patch_all()

import gevent  # noqa: E402

import purezmq as zmq  # noqa: E402
import purezmq.green as green  # noqa: E402

ticks = []


def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.001)


def ticking(call):
    """Return what a call returns; other greenlets must run meanwhile."""
    before = len(ticks)
    result = call()
    assert len(ticks) > before, "nobody else ran"
    return result


def connected(context, binder, connector, endpoint="tcp://127.0.0.1:*"):
    bound, peer = context.socket(binder), context.socket(connector)
    bound.bind(endpoint)
    peer.connect(bound.last_endpoint.decode())
    return bound, peer


def blocking_sockets():
    """Sockets that block their thread work, and the keeper drives them while the program sleeps."""
    with zmq.Context() as context:
        push, pull = connected(context, zmq.PUSH, zmq.PULL)
        with push, pull:
            for number in range(100):
                push.send(b"%d" % number)
            assert [pull.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]
        pub, sub = connected(context, zmq.XPUB, zmq.SUB)
        with pub, sub:
            sub.subscribe(b"")
            while not pub.poll(0):
                ticking(lambda: gevent.sleep(0.005))
            assert pub.recv() == b"\x01"


def green_sockets():
    with green.Context() as context:
        for endpoint in ("tcp://127.0.0.1:*", "ipc://*", "inproc://patched"):
            rep, req = connected(context, zmq.REP, zmq.REQ, endpoint)
            with rep, req:
                assert ticking(lambda: req.poll(20)) == 0  # noqa: B023
                serving = gevent.spawn(lambda: [rep.send(rep.recv()) for _ in range(20)])  # noqa: B023
                for number in range(20):
                    req.send(b"%d" % number)
                    assert req.recv() == b"%d" % number
                serving.get()


def threads_are_greenlets():
    """threading.Thread is patched: two of them talk by green sockets."""
    with green.Context() as context:
        rep, req = connected(context, zmq.REP, zmq.REQ)
        with rep, req:
            serving = threading.Thread(target=lambda: rep.send(rep.recv()))
            serving.start()
            req.send(b"x")
            assert ticking(req.recv) == b"x"
            serving.join()


def names_are_looked_up():
    with green.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        push.connect(f"tcp://localhost:{port}")
        push.send(b"x")
        assert ticking(pull.recv) == b"x"


def a_peer_comes_later():
    with green.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        address = pull.last_endpoint.decode()
        pull.unbind(address)
        push.connect(address)
        sending = gevent.spawn(push.send, b"x")
        ticking(lambda: gevent.sleep(0.02))
        while True:
            try:
                pull.bind(f"tcp://127.0.0.1:{port}")
                break
            except zmq.ZMQError:
                gevent.sleep(0.01)
        assert pull.recv() == b"x"
        sending.get()


def the_end_is_waited_for():
    context = green.Context()
    push, pull = connected(context, zmq.PUSH, zmq.PULL)
    receiving = gevent.spawn(pull.recv)
    gevent.sleep(0)

    def close():
        try:
            receiving.get()
            raise AssertionError("nothing was sent")
        except zmq.ContextTerminated:
            ticking(lambda: gevent.sleep(0.005))
            pull.close()
            push.close()

    closing = gevent.spawn(close)
    ticking(context.term)
    closing.get()


def trackers_are_waited_for():
    with green.Context() as context:
        push, pull = connected(context, zmq.PUSH, zmq.PULL)
        with push, pull:
            content = bytearray(10_000_000)
            receiving = gevent.spawn(pull.recv)
            tracker = push.send(content, copy=False, track=True)
            tracker.wait(10)
            assert tracker.done
            assert receiving.get() == content


def monitors_are_read():
    with green.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        monitor = pull.get_monitor_socket()
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        events = set()
        while zmq.EVENT_HANDSHAKE_SUCCEEDED not in events:
            first, _ = monitor.recv_multipart()
            events.add(int.from_bytes(first[:2], "little"))
        pull.disable_monitor()
        monitor.close()


def a_fork_goes_its_own_way():
    """The child has contexts of its own; the parent's greenlets, which it inherits, wait in vain."""
    with green.Context() as context:
        push, pull = connected(context, zmq.PUSH, zmq.PULL)
        with push, pull:
            receiving = gevent.spawn(pull.recv)
            gevent.sleep(0)
            child = os.fork()
            if child == 0:
                green_sockets()
                assert pull.closed
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            push.send(b"x")
            assert receiving.get() == b"x"


def messages_are_sent_at_exit():
    """Unsent messages for a connected peer go out when the program ends (the test reads them)."""
    push = green.Context.instance().socket(zmq.PUSH)
    push.connect(sys.stdin.readline().strip())
    for number in range(1000):
        push.send(b"%d" % number)


ticker = gevent.spawn(tick)
gevent.sleep(0)
globals()[program]()
ticker.kill()
print("well")
