"""Programs that gevent has patched work, whether they import purezmq first or patch first."""

import subprocess
import sys
from pathlib import Path

import pytest

import purezmq

PROGRAMS = (
    "blocking_sockets", "green_sockets", "threads_are_greenlets", "names_are_looked_up", "a_peer_comes_later",
    "the_end_is_waited_for", "trackers_are_waited_for", "monitors_are_read", "a_fork_goes_its_own_way",
)  # fmt: skip
ORDERS = ["before", "after", "never"]


def run(when, program, words=""):
    result = subprocess.run(
        [sys.executable, "-W", "error", Path(__file__).with_name("patched.py"), when, program],
        input=words, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "well\n"), result.stderr


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("when", ORDERS)
def test_program(when, program):
    if (when, program) == ("never", "threads_are_greenlets"):
        pytest.skip("they are not")
    run(when, program)


@pytest.mark.parametrize("when", ORDERS)
def test_messages_are_sent_at_exit(when):
    with purezmq.Context() as context, context.socket(purezmq.PULL) as pull:
        pull.rcvtimeo = 10_000
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        run(when, "messages_are_sent_at_exit", f"tcp://127.0.0.1:{port}\n")
        assert [pull.recv() for _ in range(1000)] == [b"%d" % number for number in range(1000)]
