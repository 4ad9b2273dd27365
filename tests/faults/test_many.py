"""Very many connections, and no descriptors left."""

import errno
import gc
import logging
import os
import resource
import socket
import time
import tracemalloc

import pytest

import purezmq as zmq
from tests.faults.tools import (
    GREETING,
    PATIENCE,
    Background,
    Log,
    Raw,
    Victim,
    announced,
    descriptors,
    eventually,
    frame,
    idle,
    in_child,
    ready,
    resident_below,
)

MB = 2**20
HERE = "tests.faults.test_many"
SILENT = 2000
PER_PEER = 20_000  # bytes that an idle peer may cost


def listen_to_log():
    """In a child: return the log."""
    log = Log()
    logging.getLogger("purezmq").addHandler(log)
    logging.getLogger("purezmq").setLevel(logging.DEBUG)
    return log


# -- silence -----------------------------------------------------------------------------------------------


def test_two_thousand_silent_connections_are_ended_by_handshake_ivl():
    in_child(HERE, "silent_connections", 1500)


def test_two_thousand_silent_connections_may_stay():
    in_child(HERE, "silent_connections", 0)


def silent_connections(handshake_ivl):
    """In a child: connect, say nothing, and see what becomes of it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    allowed = 2 * SILENT + 100
    allowed = allowed if hard == resource.RLIM_INFINITY else min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    count = min(SILENT, (allowed - 100) // 2)
    log = listen_to_log()
    victim = Victim(zmq, "tcp://127.0.0.1:*", handshake_ivl=handshake_ivl, backlog=4096)
    before = descriptors()
    with resident_below(count * PER_PEER):
        silent = []
        for number in range(count):
            silent.append(Raw.at(victim.address))
            if number % 100 == 0:
                victim.exchange()
        if handshake_ivl:
            for raw in silent:
                raw.ended()
                if raw is silent[-1]:
                    victim.exchange()
        else:
            eventually(lambda: descriptors() == before + 2 * count)
            victim.exchange()
            idle()
    for raw in silent:
        raw.close()
    eventually(lambda: len(log.find("HANDSHAKE_FAILED")) == count)
    eventually(lambda: descriptors() == before)
    if handshake_ivl:
        assert len(log.find("HANDSHAKE_FAILED", f"HANDSHAKE_IVL, {handshake_ivl} ms")) == count
    victim.exchange()
    assert not log.find("DEALER ", "DISCONNECTED")
    victim.close()
    print("fine")


# -- no descriptors ----------------------------------------------------------------------------------------


def leave(count):
    """Let this process open so many descriptors more."""
    probe = os.dup(0)  # the lowest number that is free
    os.close(probe)
    assert probe == descriptors() - 1, "there are gaps"  # listing them takes one
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe + count, hard))


def test_accept_without_descriptors_waits_for_some():
    in_child(HERE, "accept_without_descriptors")


def accept_without_descriptors():
    """In a child: more peers come than there are descriptors for."""
    log = listen_to_log()
    victim = Victim(zmq, "tcp://127.0.0.1:*")
    streams = [socket.socket() for _ in range(10)]
    host, _, port = victim.address.removeprefix("tcp://").rpartition(":")
    leave(3)
    for stream in streams:
        stream.connect((host, int(port)))  # the kernel accepts: that takes no descriptor
    log.says("ACCEPT_FAILED", "Too many open files")
    victim.exchange()
    idle()
    eventually(lambda: len(log.find("ACCEPT_FAILED")) >= 2)
    begun, since = len(log.find("ACCEPT_FAILED")), time.monotonic()
    waiting = Background(victim.socket.poll, 300)  # driven by a caller, too
    begun_cpu = time.process_time()
    waiting.join()
    assert time.process_time() - begun_cpu < 0.1
    assert len(log.find("ACCEPT_FAILED")) - begun <= (time.monotonic() - since) / 0.1 + 1
    victim.exchange()
    raws = [Raw(stream) for stream in streams]
    for raw in raws:  # three at a time: who leaves makes room for the next
        raw.shake_hands(b"DEALER")
        raw.close()
    victim.exchange()
    assert not log.find("DEALER ", "DISCONNECTED")
    victim.close()
    print("fine")


def test_connect_without_descriptors_comes_up_later():
    in_child(HERE, "connect_without_descriptors")


def connect_without_descriptors():
    """In a child: connect while nothing is left, and go on when something is."""
    log = listen_to_log()
    context = zmq.Context()
    bound, client = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    bound.bind("tcp://127.0.0.1:*")
    bound.rcvtimeo = int(PATIENCE * 1000)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    leave(0)
    client.connect(bound.get(zmq.LAST_ENDPOINT).decode())
    client.send(b"patience")
    log.says("cannot connect", "Too many open files")
    idle()
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert bound.recv() == b"patience"
    context.destroy(0)
    print("fine")


@pytest.mark.parametrize("left", range(4))
def test_neither_context_nor_socket_without_descriptors(left):
    in_child(HERE, "make_without_descriptors", left)  # libzmq answers EMFILE, too, where it does not abort


def make_without_descriptors(left):
    """In a child: make contexts and sockets until it fails, and see that nothing was kept by the failures."""
    context = zmq.Context()
    context.socket(zmq.PULL).close()  # whatever is opened once, is open now
    kept = [zmq.Context() for _ in range(2)]
    before = descriptors()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    leave(left)
    refusals = []
    for _ in range(10):
        try:
            kept.append(zmq.Context())
            kept.append(kept[-1].socket(zmq.PULL))
        except zmq.ZMQError as refused:
            refusals.append(refused)
    assert refusals
    assert {refused.errno for refused in refusals} == {errno.EMFILE}
    assert all("ulimit -n" in str(refused) for refused in refusals)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    for made in reversed(kept):
        made.close() if isinstance(made, zmq.Socket) else made.term()
    context.term()
    gc.collect()
    eventually(lambda: descriptors() <= before)
    print("fine")


@pytest.mark.parametrize(
    "endpoint", ["tcp://127.0.0.1:*", "tcp://localhost:*", "tcp://lo:*", "ipc://*", "ipc://{}/s"]
)
@pytest.mark.parametrize("warm", [0, 1])
def test_bind_without_descriptors_says_so(tmp_path, endpoint, warm):
    in_child(HERE, "bind_without_descriptors", endpoint.format(tmp_path), warm)


def bind_without_descriptors(endpoint, warm):
    """In a child: bind with nothing left, also as the first of all binds, which would have to import its transport."""
    context = zmq.Context()
    bound = context.socket(zmq.PULL)
    if warm:
        bound.bind(endpoint)
        bound.unbind(bound.get(zmq.LAST_ENDPOINT))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    leave(0)
    try:
        bound.bind(endpoint)
    except zmq.ZMQError as refused:
        assert refused.errno == errno.EMFILE, refused
        assert "ulimit -n" in str(refused), refused
    else:
        raise AssertionError("bound without a descriptor")
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    bound.bind(endpoint)
    context.destroy(0)
    print("fine")


# -- again and again ---------------------------------------------------------------------------------------


ENDINGS = [
    (b"", Raw.close),
    (b"GET / HTTP/1.1\r\n\r\n", Raw.ended),
    (GREETING[:30], Raw.reset),
    (GREETING + ready(b"DEALER"), Raw.close),
    (GREETING + ready(b"DEALER") + frame(b"hello"), Raw.reset),
    (GREETING + ready(b"DEALER") + announced(2**20) + bytes(100_000), Raw.close),
    (GREETING + ready(b"PULL"), Raw.ended),
    (GREETING + ready(b"DEALER") + b"\xff" * 10, Raw.ended),
]


def test_two_hundred_comers_and_goers_leave_nothing(make_victim, no_log, endpoint):
    victim = make_victim(endpoint)

    def come_and_go(count):
        for number in range(count):
            said, leave = ENDINGS[number % len(ENDINGS)]
            raw = Raw.at(victim.address)
            raw.say(said)
            leave(raw)
            raw.close()
            if number % 10 == 0:
                victim.exchange()
        eventually(lambda: descriptors() == before)
        victim.exchange()
        victim.strangers.clear()
        gc.collect()

    before = descriptors()
    tracemalloc.start()
    try:
        come_and_go(80)
        flat = tracemalloc.get_traced_memory()[0]
        come_and_go(200)
        grown = tracemalloc.get_traced_memory()[0] - flat
    finally:
        tracemalloc.stop()
    # What is left for a while is a cancelled HANDSHAKE_IVL each, a quarter of a kilobyte.
    assert grown < 200 * 500, f"{grown} bytes"
    peers = victim.socket._core.pattern.pipes
    assert len(peers) == 1


def test_two_hundred_reconnections_leave_nothing(ctx, no_log, make_server):
    server = make_server()
    client = ctx.socket(zmq.DEALER)
    client.reconnect_ivl = 1
    client.connect(server.address)

    def leave(count):
        for number in range(count):
            said, go = [
                (b"", Raw.close),
                (GREETING[:30], Raw.reset),
                (GREETING + ready(b"ROUTER"), Raw.close),
            ][number % 3]
            raw = server.accept()
            raw.say(said)
            go(raw)
        server.forget()
        gc.collect()

    leave(50)
    before = descriptors()
    tracemalloc.start()
    try:
        leave(50)
        flat = tracemalloc.get_traced_memory()[0]
        leave(200)
        grown = tracemalloc.get_traced_memory()[0] - flat
    finally:
        tracemalloc.stop()
    assert grown < 200 * 500, f"{grown} bytes"
    eventually(lambda: descriptors() <= before + 1)
