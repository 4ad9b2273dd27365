"""The ends of the CURVE workloads: the plain roles, in contexts whose sockets encrypt.

The server lets every client in: what is measured is the encryption, not a handler in Python.
"""

import logging
from collections.abc import Callable
from types import ModuleType

from bench.conduct import Job, Line
from bench.roles import be_ready, bound, clock, connected, pull, push, rep, req

Role = Callable[[ModuleType, Job, Line], None]

# The test keys of zmq_curve(7): public and secret
CLIENT = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", b"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
SERVER = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"


def serve(zmq: ModuleType) -> None:
    """Have the sockets to come be servers."""
    logging.getLogger("purezmq").setLevel(logging.ERROR)  # that everybody may come in is meant
    context = zmq.Context.instance()
    context.curve_server = 1
    context.curve_secretkey = SERVER[1]


def come(zmq: ModuleType) -> None:
    """Have the sockets to come be clients."""
    context = zmq.Context.instance()
    context.curve_publickey, context.curve_secretkey = CLIENT
    context.curve_serverkey = SERVER[0]


def curve_pull(zmq: ModuleType, job: Job, line: Line) -> None:
    serve(zmq)
    pull(zmq, job, line)


def curve_push(zmq: ModuleType, job: Job, line: Line) -> None:
    come(zmq)
    push(zmq, job, line)


def curve_rep(zmq: ModuleType, job: Job, line: Line) -> None:
    serve(zmq)
    rep(zmq, job, line)


def curve_req(zmq: ModuleType, job: Job, line: Line) -> None:
    come(zmq)
    req(zmq, job, line)


def curve_greeter(zmq: ModuleType, job: Job, line: Line) -> None:
    """Hear once from each peer that comes."""
    serve(zmq)
    with bound(zmq, zmq.PULL, job, line) as s:
        for _ in range(job.warm_up):
            s.recv()
        line.say({"ready": True})
        s.recv()
        start = clock()
        for _ in range(job.count - 1):
            s.recv()
        end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


def curve_comers(zmq: ModuleType, job: Job, line: Line) -> None:
    """Connect, send one message and leave, one peer after the other; none waits for the one before it."""
    come(zmq)

    def visit() -> None:
        with connected(zmq, zmq.PUSH, job) as s:
            s.send(b"")

    for _ in range(job.warm_up):
        visit()
    be_ready(line)
    for _ in range(job.count):
        visit()
    line.say({})


CURVE_ROLES: dict[str, Role] = {
    role.__name__: role
    for role in (curve_pull, curve_push, curve_rep, curve_req, curve_greeter, curve_comers)
}
