"""Ten thousand strangers who say HELLO, then nothing: what they cost, and that an honest client comes in meanwhile."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from nacl import bindings as nacl

from purezmq.constants import SecurityMechanism, SocketType
from purezmq.core.connection import FAILED, HANDSHAKE, Connection
from purezmq.core.options import SocketOptions

from .stranger import CurveClient, frame
from .tools import Ends

MANY = 10_000
TRACED = 500  # of them, because tracing takes long
BYTES_EACH = 5_000  # of a Connection; measured: 3,940, of which 2,810 were there before the first byte came
# Of all, and of the stranger, in the same process; measured: 6,050, and 11,100 with a question to a handler.
RESIDENT_EACH = {"CURVE": 10_000, "PLAIN": 16_000}
PLAIN_HELLO = b"\x05HELLO\3joe\6secret"
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)

SERVER_PUBLIC, SERVER_SECRET = nacl.crypto_box_keypair()


def hello() -> bytes:
    """Return what all of them say: a HELLO is good for any number of connections."""
    return GREETING + frame(CurveClient(SERVER_PUBLIC, nacl.crypto_box_keypair()).hello())


def test_half_open_handshakes_cost_a_few_kilobytes_each_and_end_in_time():
    options = SocketOptions.for_type(SocketType.DEALER)
    options.mechanism = SecurityMechanism.CURVE
    options.curve_server = 1
    options.curve_publickey, options.curve_secretkey = SERVER_PUBLIC, SERVER_SECRET
    kinds = frozenset({SocketType.DEALER})
    said = hello()

    def half_open() -> Connection:
        ours = Connection(SocketType.DEALER, kinds, options, 0.0, announce_id=True, random=os.urandom)
        ours.incoming.append(said)
        ours.receive(0.0, 0)
        ours.outgoing.clear()  # the kernel has it
        return ours

    connections = [half_open() for _ in range(MANY - TRACED)]
    tracemalloc.start()
    try:
        connections += [half_open() for _ in range(TRACED)]
        each = tracemalloc.get_traced_memory()[0] / TRACED
        assert {ours.state for ours in connections} == {HANDSHAKE}
    finally:
        tracemalloc.stop()
    assert each < BYTES_EACH
    for ours in connections:
        assert ours.deadline() == options.handshake_ivl / 1000
        ours.tick(options.handshake_ivl / 1000)
        assert ours.state is FAILED
        assert not hasattr(ours, "_mechanism")


CROWD = """
import json, resource, socket, sys
from pathlib import Path
import purezmq as zmq

said, most, secret, public = bytes.fromhex(sys.argv[1]), int(sys.argv[2]), *map(bytes.fromhex, sys.argv[3:5])
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
count = min(most, (hard - 100) // 2 if hard != resource.RLIM_INFINITY else most)
strangers = []

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

def read(stranger, size):
    while size:
        size -= len(stranger.recv(size))

def bound(kind, endpoint="tcp://127.0.0.1:*", **options):
    made = context.socket(kind)
    made.linger = 0
    made.handshake_ivl = 0  # for as long as it takes to make the strangers
    for name, value in options.items():
        setattr(made, name, value)
    made.bind(endpoint)
    return made

def crowd(server, answer):
    address = "127.0.0.1", int(server.last_endpoint.decode().rpartition(":")[2])
    before = resident()
    while len(strangers) < count:
        some = [socket.create_connection(address, 20) for _ in range(min(50, count - len(strangers)))]
        for stranger in some:
            stranger.sendall(said)
        for stranger in some:
            read(stranger, answer)
        strangers.extend(some)
    print(json.dumps({"count": count, "each": (resident() - before) / count}))

def leave():
    for stranger in strangers:
        stranger.close()

context = zmq.Context()
"""

BY_CURVE = """
server = bound(zmq.REP, curve_server=True, curve_secretkey=secret)

def exchange(number):
    with context.socket(zmq.REQ) as client:
        client.linger = 0
        client.rcvtimeo = client.sndtimeo = 20_000
        client.curve_serverkey = public
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.connect(server.last_endpoint.decode())
        client.send(number)
        assert server.poll(20_000)
        assert server.recv() == number
        server.send(b"yes")
        assert client.recv() == b"yes"

exchange(b"before them")
crowd(server, 64 + 2 + 168)  # greeting and WELCOME: nothing more can be had without a key
exchange(b"among them")
leave()
exchange(b"after them")
context.destroy()
"""

BY_PLAIN = """
handler = bound(zmq.ROUTER, "inproc://zeromq.zap.01")  # which answers nobody
server = bound(zmq.REP, plain_server=True)
crowd(server, 64)
asked = [handler.recv_multipart()[-2:] for _ in range(count)]
assert asked == [[b"joe", b"secret"]] * count
handler.close()
for stranger in strangers:
    assert not stranger.recv(1)  # refused
leave()
context.destroy()
"""


@pytest.mark.parametrize("mechanism", ["CURVE", "PLAIN"])
def test_crowd_of_strangers_costs_little_and_keeps_nobody_out(mechanism):
    if not Path("/proc/self/statm").exists():
        pytest.skip("what a process takes is read from Linux's /proc")
    said = hello() if mechanism == "CURVE" else GREETING.replace(b"CURVE", b"PLAIN") + frame(PLAIN_HELLO)
    program, many = (CROWD + BY_CURVE, MANY) if mechanism == "CURVE" else (CROWD + BY_PLAIN, MANY // 3)
    done = subprocess.run(
        [sys.executable, "-c", program, said.hex(), str(many), SERVER_SECRET.hex(), SERVER_PUBLIC.hex()],
        capture_output=True,
        text=True,
        timeout=28,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["each"] < RESIDENT_EACH[mechanism], measured


def test_handshakes_that_stand_still_are_cleared_wherever_they_stopped(our_ends: Ends):
    server, client = our_ends.pair("CURVE")
    server.handshake_ivl = 300
    server.bind("tcp://127.0.0.1:*")
    port = int(server.last_endpoint.decode().rpartition(":")[2])
    public = bytes.fromhex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652")
    said = GREETING + frame(CurveClient(public, nacl.crypto_box_keypair()).hello())
    strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for number, stranger in enumerate(strangers):
        stranger.sendall(said[: len(said) - number * 2])
    client.connect(server.last_endpoint.decode())
    client.send(b"hello")
    assert server.recv() == b"hello"
    for stranger in strangers:
        stranger.settimeout(5)
        while stranger.recv(1000):
            pass  # until the server has closed it
        stranger.close()
    server.send(b"still there")
    assert client.recv() == b"still there"
