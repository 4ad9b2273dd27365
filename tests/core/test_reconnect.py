"""Back-off: the numbers, and that PyZMQ's are the same."""

import socket

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from purezmq import constants
from purezmq.core.options import SocketOptions
from purezmq.core.reconnect import Backoff

LATEST = 1 - 2**-53  # the greatest value of random.random()


def backoff(ivl, longest=0):
    options = SocketOptions.for_type(constants.DEALER)
    options.reconnect_ivl = ivl
    options.reconnect_ivl_max = longest
    return Backoff(options)


def their_intervals(ivl, longest, count):
    """Return the first milliseconds that PyZMQ waits; fewer if it gives up."""
    events = zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_CLOSED | zmq.EVENT_MONITOR_STOPPED
    intervals = []
    with zmq.Context() as context, context.socket(zmq.DEALER) as theirs, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        theirs.linger = 0
        theirs.reconnect_ivl = ivl
        theirs.reconnect_ivl_max = longest
        with theirs.get_monitor_socket(events) as monitor:
            theirs.connect(f"tcp://127.0.0.1:{nobody.getsockname()[1]}")
            while len(intervals) < count:
                event = recv_monitor_message(monitor)
                if event["event"] == zmq.EVENT_CONNECT_RETRIED:
                    intervals.append(event["value"])
                elif event["event"] == zmq.EVENT_CLOSED and ivl <= 0:
                    theirs.close()  # it has failed once, and comes to an end without another word
                elif event["event"] == zmq.EVENT_MONITOR_STOPPED:
                    break
    return intervals


def test_interval_is_ivl_and_a_random_part_of_as_much():
    ours = backoff(100)
    assert [ours.next(0.0), ours.next(0.5), ours.next(LATEST), ours.next(0.0)] == [0.1, 0.15, 0.199, 0.1]


def test_theirs_is_random_in_the_same_range():
    assert all(5 <= interval < 10 for interval in their_intervals(5, 0, 5))


@pytest.mark.parametrize(
    "ivl, longest, intervals",
    [
        (2, 9, [2, 4, 8, 9, 9]),
        (3, 3, [3, 3, 3]),
        (50, 7, [7, 7, 7]),  # the manual page says that 7 is ignored
        (1, 8, [1, 2, 4, 8, 8]),
    ],
)
def test_interval_doubles_up_to_ivl_max_as_theirs(ivl, longest, intervals):
    ours = backoff(ivl, longest)
    assert [ours.next(LATEST) for _ in intervals] == [interval / 1000 for interval in intervals]
    assert their_intervals(ivl, longest, len(intervals)) == intervals


@pytest.mark.parametrize("ivl", [-1, 0])
@pytest.mark.parametrize("longest", [0, 100])
def test_without_ivl_there_is_no_other_try_as_theirs(ivl, longest):
    assert backoff(ivl, longest).next(0.5) is None
    assert their_intervals(ivl, longest, 1) == []


def test_reset_starts_over():
    ours = backoff(100, 1000)
    assert [ours.next(0.0), ours.next(0.0)] == [0.1, 0.2]
    ours.reset()
    assert [ours.next(0.0), ours.next(0.0)] == [0.1, 0.2]


def test_interval_stays_within_an_int():
    assert backoff(2**31 - 1).next(LATEST) == (2**31 - 1) / 1000
    longest = backoff(2**30, 2**31 - 1)
    assert [longest.next(0.0), longest.next(0.0)] == [2**30 / 1000, (2**31 - 1) / 1000]
