"""A program of ours sends and ends: LINGER, which is infinite by default, sees to it that everything arrives.

For a receiver that is not there, term() waits as long as LINGER says. A program that just ends does not wait for it
without LINGER above 0: it might never end. Nor do most with PyZMQ.
"""

import socket
import subprocess
import sys
import time

import pytest

from .child import PATIENCE
from .links import assert_same

MANY = 1000
BEGIN = """
import sys, purezmq as zmq
socket = zmq.Context().socket(zmq.PUSH)
"""
SEND = """
for number in range({count}):
    socket.send_multipart([b"%d" % number, bytes({size})])
"""
JUST_ENDS = {  # statement, exit code
    "falls off its end": ("", 0),
    "calls sys.exit": ("sys.exit(3)", 3),
    "dies of an exception": ("1 / 0", 1),
    "is interrupted": ("raise KeyboardInterrupt", -2),
    "closes the socket": ("socket.close()", 0),
    "drops the socket": ("del socket", 0),
}
TERMS = {
    "terms the context": ("socket.close(); socket.context.term()", 0),
    "destroys the context": ("socket.context.destroy()", 0),
}
ENDS = JUST_ENDS | TERMS


@pytest.fixture
def program():
    """Start a program of ours; what still runs at the end of the test is killed."""
    running = []

    def start(text):
        process = subprocess.Popen(
            [sys.executable, "-c", text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


def connecting(address, end="", count=MANY, size=100):
    return f"{BEGIN}socket.connect({address!r})\n{SEND.format(count=count, size=size)}\n{end}"


def numbered(count, size=100):
    return [[b"%d" % number, bytes(size)] for number in range(count)]


@pytest.mark.parametrize("end", ENDS)
def test_everything_arrives_whichever_way_the_program_ends(theirs, wire, program, end):
    pull = theirs.open("PULL")
    statement, code = ENDS[end]
    process = program(connecting(pull.bind(wire.any()), statement))
    assert_same(pull.receive(MANY), numbered(MANY))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == code


@pytest.mark.parametrize("end", ENDS)
def test_program_waits_for_a_receiver_that_comes_later(theirs, tcp, program, end):
    address = tcp.absent()
    statement, code = ENDS[end]
    linger = "socket.linger = 10_000\n" if end in JUST_ENDS else ""
    process = program(connecting(address, f"{linger}print('sent', flush=True)\n{statement}", count=10))
    assert process.stdout.readline() == b"sent\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    pull = theirs.open("PULL")
    pull.bind(address)
    assert_same(pull.receive(10), numbered(10))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == code


@pytest.mark.parametrize("end", JUST_ENDS)
def test_program_that_just_ends_does_not_wait_for_nobody(tcp, program, end):
    statement, code = ENDS[end]
    process = program(connecting(tcp.absent(), statement, count=10))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == code


@pytest.mark.parametrize("end", TERMS)
def test_program_without_linger_terms_at_once(tcp, program, end):
    statement, code = ENDS[end]
    process = program(connecting(tcp.absent(), f"socket.linger = 0\n{statement}", count=10))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == code


@pytest.mark.parametrize("count, size", [(1, 0), (1, 64 * 2**20), (3, 2**20)])
def test_few_messages_arrive_before_the_handshake_could_be_done(theirs, wire, program, count, size):
    pull = theirs.open("PULL")
    process = program(connecting(pull.bind(wire.any()), count=count, size=size))
    assert [(number, len(body)) for number, body in pull.receive(count)] == [
        (b"%d" % number, size) for number in range(count)
    ]
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_more_than_the_receiver_takes_at_once_arrives(theirs, wire, program):
    pull = theirs.open("PULL", RCVHWM=10, RCVBUF=20_000)
    process = program(connecting(pull.bind(wire.any()), count=200, size=20_000))
    assert_same(pull.receive(200), numbered(200, 20_000))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_program_that_binds_sends_and_ends_loses_nothing(theirs, wire, program):
    text = f"""{BEGIN}
socket.bind({wire.any()!r})
print(socket.last_endpoint.decode(), flush=True)
{SEND.format(count=MANY, size=100)}"""
    process = program(text)
    pull = theirs.open("PULL")
    pull.connect(process.stdout.readline().decode().strip())
    assert_same(pull.receive(MANY), numbered(MANY))
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_large_message_arrives_at_a_receiver_that_takes_its_time(tcp, program):
    size = 20 * 2**20
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        program(connecting(f"tcp://127.0.0.1:{server.getsockname()[1]}", count=1, size=size))
        stream, _ = server.accept()
    with stream:
        stream.settimeout(PATIENCE)
        greet(stream)
        came = 0
        while chunk := stream.recv(size // 40):
            came += len(chunk)
            time.sleep(0.04)  # the pace of the receiver: it is not done within a second
        assert came > size


def greet(stream):
    """Be a PULL, and take notice of nothing."""
    stream.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(16) + bytes(32))
    stream.sendall(b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04PULL")
