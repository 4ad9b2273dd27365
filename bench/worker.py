"""One child process of a measurement: `python -m bench.worker JOB`, started by bench.children.

It speaks JSON lines on stdin and stdout. A child that has not ended when its time is up prints where
each thread stands and exits; so nothing outlives the run, even if the run itself was killed.
"""

import faulthandler
import importlib
import json
import os
import resource
import sys
import threading
import traceback
from dataclasses import replace
from types import ModuleType

from bench.asyncio_roles import ASYNCIO_ROLES, Role
from bench.conduct import Fields, Job, Line, Metered, ThreadLine, conduct, merge
from bench.connection_roles import CONNECTION_ROLES
from bench.content_roles import CONTENT_ROLES
from bench.curve_roles import CURVE_ROLES
from bench.loop_roles import LOOP_ROLES
from bench.proxy_roles import PROXY_ROLES
from bench.roles import ROLES as BLOCKING_ROLES
from bench.topic_roles import TOPIC_ROLES

ROLES = {
    **BLOCKING_ROLES,
    **ASYNCIO_ROLES,
    **CONNECTION_ROLES,
    **CONTENT_ROLES,
    **CURVE_ROLES,
    **LOOP_ROLES,
    **PROXY_ROLES,
    **TOPIC_ROLES,
}
DESCRIPTORS = 16_384  # 10,000 connections take one each, 1,000 sockets a few


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
        role(zmq, job.roles[0])(zmq, job, Metered(StandardLine()))
    else:
        StandardLine().say(conduct_threads(zmq, job))
    zmq.Context.instance().term()


def role(zmq: ModuleType, name: str) -> Role:
    """A role as a rival plays it itself, or as everybody does."""
    own: dict[str, Role] = getattr(zmq, "ROLES", {})
    return own.get(name) or ROLES[name]


def conduct_threads(zmq: ModuleType, job: Job) -> Fields:
    """Run the two roles of an inproc measurement in two threads of this process."""
    binder, connector = job.roles
    results = conduct(
        lambda: start_thread(zmq, binder, job, metered=True),
        lambda endpoint: start_thread(zmq, connector, replace(job, endpoint=endpoint)),
        connectors=1,
    )
    return merge(results)


def start_thread(zmq: ModuleType, name: str, job: Job, metered: bool = False) -> Line:
    line = ThreadLine()
    far_end: Line = Metered(line.other) if metered else line.other

    def run() -> None:
        try:
            role(zmq, name)(zmq, job, far_end)
        except Exception as error:
            line.other.fail(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return line


def raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
