"""What context options do. What values they take is in test_option_values.py."""

import errno
import logging
import os

import pytest

from .tools import eventually, refused

ZERO_COPY_RECV = 10  # PyZMQ has no name for it


def test_max_sockets_bounds_the_open_sockets(zmq, ctx):
    ctx.set(zmq.MAX_SOCKETS, 2)
    first, second = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    with refused(zmq, errno.EMFILE):
        ctx.socket(zmq.PAIR)
    first.close()
    eventually(lambda: _made(zmq, ctx))  # libzmq counts a socket until its own threads let go
    second.close()


def _made(zmq, ctx):
    try:
        ctx.socket(zmq.PAIR).close()
    except zmq.ZMQError:
        return False
    return True


def test_ipv6_and_blocky_are_defaults_of_sockets_made_from_then_on(zmq, ctx):
    with ctx.socket(zmq.PUSH) as former:
        ctx.set(zmq.IPV6, 1)
        ctx.set(zmq.BLOCKY, 0)
        with ctx.socket(zmq.PUSH) as latter:
            assert (former.ipv6, former.linger) == (0, -1)
            assert (latter.ipv6, latter.linger) == (1, 0)


def test_max_msgsz_limits_nothing(zmq, ctx, inproc):
    ctx.set(zmq.MAX_MSGSZ, 1)
    one, other = inproc.link(zmq.PAIR, zmq.PAIR)
    other.send(b"longer than one byte")
    assert one.recv() == b"longer than one byte"


@pytest.mark.parametrize("on", [0, 1])
def test_zero_copy_recv_changes_no_message(zmq, ctx, tcp, on):
    ctx.set(ZERO_COPY_RECV, on)
    push, pull = tcp.link(zmq.PUSH, zmq.PULL)
    for size in (0, 33, 34, 8192, 100_000):
        push.send(bytes(size))
        assert pull.recv() == bytes(size)


def test_inproc_needs_no_io_threads(zmq, ctx, inproc):
    ctx.set(zmq.IO_THREADS, 0)
    one, other = inproc.link(zmq.PAIR, zmq.PAIR)
    other.send(b"hello")
    assert one.recv() == b"hello"


@pytest.mark.ours_only  # libzmq: EMTHREAD
def test_tcp_needs_no_io_threads_either(zmq, ctx, tcp):
    ctx.set(zmq.IO_THREADS, 0)
    push, pull = tcp.link(zmq.PUSH, zmq.PULL)
    push.send(b"hello")
    assert pull.recv() == b"hello"


# -- the background thread: libzmq's are its I/O threads, ours is the keeper -----------------------------------


def _new_threads(before):
    return [task for task in os.listdir("/proc/self/task") if task not in before]


def _name(task):
    try:
        with open(f"/proc/self/task/{task}/comm") as comm:
            return comm.read().strip()
    except OSError:
        return ""  # it has just ended


def test_thread_options_reach_the_background_thread(zmq, ctx, tcp):
    before = os.listdir("/proc/self/task")
    cpu = min(os.sched_getaffinity(0))
    ctx.set(zmq.THREAD_AFFINITY_CPU_ADD, cpu)
    ctx.set(zmq.THREAD_SCHED_POLICY, os.SCHED_BATCH)
    ctx.set(zmq.THREAD_NAME_PREFIX, 42)
    tcp.bind(zmq.PULL)

    def scheduled():
        return [
            task
            for task in _new_threads(before)
            if _name(task).startswith("42/")
            and os.sched_getaffinity(int(task)) == {cpu}
            and os.sched_getscheduler(int(task)) == os.SCHED_BATCH
        ]

    eventually(scheduled)


def test_cpu_that_was_not_added_cannot_be_removed(zmq, ctx):
    ctx.set(zmq.THREAD_AFFINITY_CPU_ADD, 0)
    ctx.set(zmq.THREAD_AFFINITY_CPU_REMOVE, 0)
    with refused(zmq, errno.EINVAL):
        ctx.set(zmq.THREAD_AFFINITY_CPU_REMOVE, 0)


@pytest.mark.ours_only  # libzmq ends the process
def test_what_the_system_refuses_the_background_thread_is_logged(zmq, ctx, caplog):
    ctx.set(zmq.THREAD_AFFINITY_CPU_ADD, 8191)
    eventually(lambda: "THREAD_AFFINITY_CPU_ADD" in caplog.text)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.ours_only  # libzmq wants it to be set before the first socket
def test_priority_of_the_background_thread_can_be_set_at_any_time(zmq, ctx, tcp, caplog):
    tcp.bind(zmq.PULL)
    before = os.listdir("/proc/self/task")
    ctx.set(zmq.THREAD_PRIORITY, 1)
    ctx.set(zmq.THREAD_NAME_PREFIX, 7)

    def raised_or_refused():
        tasks = [task for task in before if _name(task).startswith("7/")]
        return any(os.getpriority(os.PRIO_PROCESS, int(task)) == -20 for task in tasks) or caplog.records

    eventually(raised_or_refused)


# -- and an option of sockets that is about threads --------------------------------------------------------------


@pytest.mark.ours_only  # libzmq: EMTHREAD, if the I/O thread is not there
def test_affinity_hinders_nothing(zmq, ctx, tcp):
    pull, address = tcp.bind(zmq.PULL, affinity=1 << 62)
    tcp.connect(zmq.PUSH, address, affinity=2).send(b"hello")
    assert pull.recv() == b"hello"
