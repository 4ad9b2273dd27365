"""One child process of a measurement: `python -m bench.worker JOB`, started by bench.children.

It speaks JSON lines on stdin and stdout. A child that has not ended when its time is up prints where
each thread stands and exits; so nothing outlives the run, even if the run itself was killed.
"""

import faulthandler
import functools
import importlib
import json
import os
import resource
import sys
import threading
import traceback
from dataclasses import replace
from types import ModuleType

from bench.asyncio_roles import ASYNCIO_ROLES
from bench.conduct import Fields, Job, Line, ThreadLine, conduct, merge
from bench.curve_roles import CURVE_ROLES
from bench.loop_roles import LOOP_ROLES
from bench.proxy_roles import PROXY_ROLES
from bench.roles import ROLES as BLOCKING_ROLES

ROLES = {**BLOCKING_ROLES, **ASYNCIO_ROLES, **CURVE_ROLES, **LOOP_ROLES, **PROXY_ROLES}
DESCRIPTORS = 16_384  # 1,000 sockets in one process take a few descriptors each


class StandardLine:
    """The conductor is the parent process."""

    def say(self, fields: Fields) -> None:
        print(json.dumps(fields), flush=True)

    def hear(self) -> Fields:
        fields: Fields = json.loads(sys.stdin.readline())
        return fields


def main() -> None:
    fields = json.loads(sys.argv[1])
    job = Job(**{**fields, "roles": tuple(fields["roles"]), "cpus": tuple(fields["cpus"])})
    faulthandler.dump_traceback_later(job.timeout, exit=True)
    raise_descriptor_limit()
    if job.cpus:
        os.sched_setaffinity(0, job.cpus)
    try:
        perform(job)
    except BaseException:
        # A failed measurement must not linger over its unsent messages.
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def perform(job: Job) -> None:
    zmq = importlib.import_module(job.module)
    if len(job.roles) == 1:
        ROLES[job.roles[0]](zmq, job, StandardLine())
    else:
        StandardLine().say(conduct_threads(zmq, job))
    zmq.Context.instance().term()


def conduct_threads(zmq: ModuleType, job: Job) -> Fields:
    """Run the two roles of an inproc measurement in two threads of this process."""
    binder, connector = job.roles
    results = conduct(
        functools.partial(start_thread, zmq, binder, job),
        lambda endpoint: start_thread(zmq, connector, replace(job, endpoint=endpoint)),
        connectors=1,
    )
    return merge(results)


def start_thread(zmq: ModuleType, role: str, job: Job) -> Line:
    line = ThreadLine()

    def run() -> None:
        try:
            ROLES[role](zmq, job, line.other)
        except Exception as error:
            line.other.fail(error)

    threading.Thread(target=run, name=role, daemon=True).start()
    return line


def raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
