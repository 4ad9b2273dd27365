"""Exceptions out of signal handlers anywhere while something is told: the monitor goes on, and nothing hangs."""

import struct
import sys

import pytest

import purezmq as zmq
from purezmq.constants import Event
from purezmq.core.monitor import EndpointPair

from .interrupter import Interrupted, Interrupter

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="sys.settrace tells of opcodes only now and then"
)

HERE = EndpointPair.of_bind("tcp://127.0.0.1:5555")


def tell(socket, number):
    with socket._core.lock:
        socket._core.monitors.tell(Event.ACCEPTED, number, HERE)


def told(reader):
    """Return the numbers that have been told, as far as they are there."""
    numbers = []
    while reader.poll(0):
        numbers.append(struct.unpack("=HI", reader.recv_multipart()[0])[1])
    return numbers


def places(attempt):
    """Yield the number of each opportunity at which attempt(number) is interrupted, until there are no more."""
    number = 0
    while attempt(number):
        number += 1
    assert number


def test_told_events_arrive_whatever_interrupts_the_teller(ctx):
    with ctx.socket(zmq.PULL) as pull, pull.get_monitor_socket() as reader:

        def attempt(at):
            try:
                with Interrupter(at) as interrupter:
                    tell(pull, 1)
            except Interrupted:
                pass
            tell(pull, 2)
            numbers = told(reader)
            assert numbers in ([2], [1, 2], [1, 1, 2]), interrupter.where
            return interrupter.where

        places(attempt)


def test_monitor_goes_on_whatever_interrupts_its_reader(ctx):
    with ctx.socket(zmq.PULL) as pull, pull.get_monitor_socket() as reader:
        reader.rcvtimeo = 5000

        def attempt(at):
            tell(pull, 1)
            try:
                with Interrupter(at) as interrupter:
                    reader.recv_multipart()
            except Interrupted:
                pass
            tell(pull, 2)
            assert told(reader)[-1] == 2, interrupter.where
            return interrupter.where

        places(attempt)


@pytest.mark.parametrize("what", ["stats", "peers"])
def test_counters_may_be_read_whatever_interrupted_it(ctx, what):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind("inproc://counted")
        push.connect("inproc://counted")

        def attempt(at):
            try:
                with Interrupter(at) as interrupter:
                    getattr(pull, what)()
            except Interrupted:
                pass
            assert getattr(pull, what)()
            return interrupter.where

        places(attempt)
