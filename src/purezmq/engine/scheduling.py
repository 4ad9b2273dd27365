"""How the system runs a thread: CPUs, policy, priority, name. Linux; elsewhere the systems have other notions of it.

The context options THREAD_* are about libzmq's I/O threads. Here they are about the keeper, which is the only thread of
ours: the program's own threads, which do most of the I/O, belong to the program.
"""

from __future__ import annotations

import os
from threading import get_native_id

from purezmq.core.context_options import ContextOptions

_HIGHEST = -20  # as nice has it: libzmq knows no steps between this and the default


def schedule_this_thread(options: ContextOptions, name: str) -> list[str]:
    """Run the calling thread as the options say; return what the system refused, in words."""
    refused = []
    for what, apply in (
        ("THREAD_AFFINITY_CPU_ADD", _set_cpus),
        ("THREAD_SCHED_POLICY and THREAD_PRIORITY", _set_policy),
    ):
        try:
            apply(options)
        except (AttributeError, OSError) as reason:  # AttributeError: not on this system
            refused.append(f"{what}: {reason}")
    if options["THREAD_NAME_PREFIX"]:
        _rename(f"{options['THREAD_NAME_PREFIX']}/{name}")
    return refused


def _set_cpus(options: ContextOptions) -> None:
    if options.cpus:
        os.sched_setaffinity(0, options.cpus)  # 0: the calling thread, not the process


def _set_policy(options: ContextOptions) -> None:
    policy, priority = options["THREAD_SCHED_POLICY"], options["THREAD_PRIORITY"]
    if policy < 0 and priority < 0:
        return
    wanted = os.sched_getscheduler(0) if policy < 0 else policy
    real_time = wanted in (os.SCHED_FIFO, os.SCHED_RR)
    # Only these two have priorities, from 1 on; the others have niceness.
    os.sched_setscheduler(0, wanted, os.sched_param(max(priority, 1) if real_time else 0))
    if priority > 0 and not real_time:
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _HIGHEST)


def _rename(name: str) -> None:
    try:
        with open(f"/proc/self/task/{get_native_id()}/comm", "w") as comm:
            comm.write(name[:15])  # the kernel keeps no more
    except OSError:
        pass  # no Linux: a name is for people to read, and nothing depends on it
