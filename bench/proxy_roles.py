"""The workloads with a proxy in a process of its own between their two ends.

The binder has the proxy's process started and connects to its back side; the endpoint that it announces is the
proxy's front side, so that the connectors are the plain roles wherever these connect.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from bench.conduct import Job, Line
from bench.roles import MEASURED, WARM, be_ready, clock, pass_on, receive_measured

Role = Callable[[ModuleType, Job, Line], None]


@contextmanager
def behind_proxy(job: Job, line: Line, front: str, back: str) -> Iterator[str]:
    """Run a proxy between these two types of sockets; announce its front side, give the endpoint of the back."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.proxy_roles", job.module, front, back],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # which closes its input, and so ends it
        assert process.stdout is not None
        line.say({"endpoint": process.stdout.readline().strip()})
        yield process.stdout.readline().strip()


def run_proxy(module: str, front: str, back: str) -> None:
    """Be that process: bind, tell where, and pass on until the input ends."""
    zmq = __import__(module)
    context = zmq.Context.instance()
    sockets = []
    for kind in (front, back):
        s = context.socket(getattr(zmq, kind))
        if kind in ("XSUB", "XPUB"):
            s.setsockopt(zmq.SNDHWM, 0)  # it drops at its HWM: without one every message arrives
            s.setsockopt(zmq.RCVHWM, 0)
        s.bind("tcp://127.0.0.1:*")
        print(s.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
        sockets.append(s)

    def end() -> None:
        sys.stdin.read()
        context.term()

    ending = threading.Thread(target=end)
    ending.start()
    try:
        zmq.proxy(*sockets)
    except zmq.ContextTerminated:
        for s in sockets:
            s.close(linger=0)
    ending.join()


def proxied_pull(zmq: ModuleType, job: Job, line: Line) -> None:
    with behind_proxy(job, line, "PULL", "PUSH") as endpoint, zmq.Context.instance().socket(zmq.PULL) as s:
        s.connect(endpoint)
        for _ in range(job.warm_up):
            s.recv()
        line.say({"ready": True})
        s.recv()
        start = clock()
        for _ in range(job.count - 1):
            s.recv()
        end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


def proxied_rep(zmq: ModuleType, job: Job, line: Line) -> None:
    with behind_proxy(job, line, "ROUTER", "DEALER") as endpoint, zmq.Context.instance().socket(zmq.REP) as s:
        s.connect(endpoint)
        for _ in range(job.warm_up):
            s.send(s.recv())
        line.say({"ready": True})
        for _ in range(job.count):
            s.send(s.recv())
        s.recv()  # after the last reply: the proxy has nothing left to pass on
    line.say({})


def proxied_sub(zmq: ModuleType, job: Job, line: Line) -> None:
    with behind_proxy(job, line, "XSUB", "XPUB") as endpoint, zmq.Context.instance().socket(zmq.SUB) as s:
        s.setsockopt(zmq.RCVHWM, 0)
        s.setsockopt(zmq.SUBSCRIBE, b"")
        s.connect(endpoint)
        for _ in range(job.warm_up):
            s.recv()
        line.say({"ready": True})
        start, end = receive_measured(s, job.count)
    line.say({"count": job.count - 1, "start": start, "end": end})


def proxied_pub(zmq: ModuleType, job: Job, line: Line) -> None:
    """Send warm-up messages until the subscriber has seen some, then the measured ones."""
    with zmq.Context.instance().socket(zmq.PUB) as s:
        s.setsockopt(zmq.SNDHWM, 0)
        s.connect(job.endpoint)
        line.say({"ready": True})
        go = threading.Event()
        threading.Thread(target=pass_on, args=(line, go), daemon=True).start()
        warm = WARM + b"x" * (job.size - 1)
        while not go.wait(0.001):
            for _ in range(5):
                s.send(warm)
        payload = MEASURED + b"x" * (job.size - 1)
        for _ in range(job.count):
            s.send(payload)
    line.say({})


def proxied_req(zmq: ModuleType, job: Job, line: Line) -> None:
    """As `req`; each trip is two hops there and two back."""
    payload = b"x" * job.size
    trips = []
    with zmq.Context.instance().socket(zmq.REQ) as s:
        s.connect(job.endpoint)
        for _ in range(job.warm_up):
            s.send(payload)
            s.recv()
        be_ready(line)
        for _ in range(job.count):
            start = clock()
            s.send(payload)
            s.recv()
            trips.append(clock() - start)
        s.send(b"")
    trips.sort()
    one_way = [trip / 2 * 1e6 for trip in trips]
    line.say({"p50": one_way[len(trips) * 50 // 100], "p99": one_way[len(trips) * 99 // 100]})


PROXY_ROLES: dict[str, Role] = {
    role.__name__: role for role in (proxied_pull, proxied_rep, proxied_req, proxied_sub, proxied_pub)
}

if __name__ == "__main__":
    run_proxy(*sys.argv[1:])
