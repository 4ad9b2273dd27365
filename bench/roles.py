"""What the two ends of each workload do, in plain blocking PyZMQ calls with default arguments.

`zmq` is the implementation under measurement, `zmq` or `purezmq`: nothing here asks which. Each role
keeps to the order of words in `bench.conduct`. Contexts are `Context.instance()`, so that the two
threads of an inproc measurement share one; the worker terminates it.
"""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.conduct import Fields, Job, Line

# Machine-wide on Linux, macOS and Windows: moments of two processes can be compared.
clock = time.perf_counter

WARM, MEASURED = b"w", b"m"  # the first byte of what PUB sends


def push(zmq: ModuleType, job: Job, line: Line) -> None:
    payload = b"x" * job.size
    with connected(zmq, zmq.PUSH, job) as s:
        for _ in range(job.warm_up):
            s.send(payload)
        be_ready(line)
        for _ in range(job.count):
            s.send(payload)
    line.say({})


def pull(zmq: ModuleType, job: Job, line: Line) -> None:
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


def push_parts(zmq: ModuleType, job: Job, line: Line) -> None:
    message = [b"x" * job.size] * job.parts
    with connected(zmq, zmq.PUSH, job) as s:
        for _ in range(job.warm_up):
            s.send_multipart(message)
        be_ready(line)
        for _ in range(job.count):
            s.send_multipart(message)
    line.say({})


def pull_parts(zmq: ModuleType, job: Job, line: Line) -> None:
    with bound(zmq, zmq.PULL, job, line) as s:
        for _ in range(job.warm_up):
            s.recv_multipart()
        line.say({"ready": True})
        s.recv_multipart()
        start = clock()
        for _ in range(job.count - 1):
            s.recv_multipart()
        end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


def req(zmq: ModuleType, job: Job, line: Line) -> None:
    payload = b"x" * job.size
    trips = []
    with connected(zmq, zmq.REQ, job) as s:
        for _ in range(job.warm_up):
            s.send(payload)
            s.recv()
        be_ready(line)
        for _ in range(job.count):
            start = clock()
            s.send(payload)
            s.recv()
            trips.append(clock() - start)
    line.say(one_way_percentiles(trips))


def one_way_percentiles(trips: list[float]) -> Fields:
    """Percentiles of half the round trips, µs."""
    trips.sort()
    one_way = [trip / 2 * 1e6 for trip in trips]
    return {"p50": one_way[len(trips) * 50 // 100], "p99": one_way[len(trips) * 99 // 100]}


def busy_req(zmq: ModuleType, job: Job, line: Line) -> None:
    """REQ in a process where another thread computes."""
    done = threading.Event()

    def compute() -> None:
        number = 0
        while not done.is_set():
            for _ in range(10_000):
                number = (number * 3 + 1) % 1_000_003

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        req(zmq, job, line)
    finally:
        done.set()
        thread.join()


def rep(zmq: ModuleType, job: Job, line: Line) -> None:
    with bound(zmq, zmq.REP, job, line) as s:
        for _ in range(job.warm_up):
            s.send(s.recv())
        line.say({"ready": True})
        for _ in range(job.count):
            s.send(s.recv())
    line.say({})


def ping(zmq: ModuleType, job: Job, line: Line) -> None:
    payload = b"x" * job.size
    trips = []
    with connected(zmq, zmq.PAIR, job) as s:
        for _ in range(job.warm_up):
            s.send(payload)
            s.recv()
        be_ready(line)
        for _ in range(job.count):
            start = clock()
            s.send(payload)
            s.recv()
            trips.append(clock() - start)
    line.say(one_way_percentiles(trips))


def pong(zmq: ModuleType, job: Job, line: Line) -> None:
    with bound(zmq, zmq.PAIR, job, line) as s:
        for _ in range(job.warm_up):
            s.send(s.recv())
        line.say({"ready": True})
        for _ in range(job.count):
            s.send(s.recv())
    line.say({})


def pub(zmq: ModuleType, job: Job, line: Line) -> None:
    """Send warm-up messages until every subscriber has seen some, then the measured ones."""
    with zmq.Context.instance().socket(zmq.PUB) as s:
        s.setsockopt(zmq.SNDHWM, 0)  # PUB drops at its HWM: without one every message arrives
        bind(zmq, s, job, line)
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


def pass_on(line: Line, go: threading.Event) -> None:
    line.hear()
    go.set()


def sub(zmq: ModuleType, job: Job, line: Line) -> None:
    """This process's share of the subscribers; each takes what is queued whenever the Poller names it."""
    context = zmq.Context.instance()
    poller = zmq.Poller()
    sockets = [context.socket(zmq.SUB) for _ in range(job.sockets // job.processes)]
    for s in sockets:
        s.setsockopt(zmq.RCVHWM, 0)
        s.setsockopt(zmq.SUBSCRIBE, b"")
        s.connect(job.endpoint)
        poller.register(s, zmq.POLLIN)
        for _ in range(job.warm_up):
            s.recv()
    line.say({"ready": True})
    if len(sockets) == 1:
        start, end = receive_measured(sockets[0], job.count)
    else:
        start, end = poll_measured(zmq, poller, job.count * len(sockets))
    for s in sockets:
        s.close()
    line.say({"count": job.count * len(sockets) - 1, "start": start, "end": end})


def receive_measured(s: Any, count: int) -> tuple[float, float]:
    while s.recv()[:1] != MEASURED:
        pass
    start = clock()
    for _ in range(count - 1):
        s.recv()
    return start, clock()


def poll_measured(zmq: ModuleType, poller: Any, count: int) -> tuple[float, float]:
    start = 0.0
    while count:
        for s, _ in poller.poll():
            try:
                while True:
                    if s.recv(zmq.NOBLOCK)[:1] == MEASURED:
                        start = start or clock()
                        count -= 1
            except zmq.Again:
                continue
    return start, clock()


def router(zmq: ModuleType, job: Job, line: Line) -> None:
    with bound(zmq, zmq.ROUTER, job, line) as s:
        for _ in range(job.warm_up * job.sockets):
            s.send_multipart(s.recv_multipart())
        line.say({"ready": True})
        for _ in range(job.count * job.sockets):
            s.send_multipart(s.recv_multipart())
    line.say({})


def dealer(zmq: ModuleType, job: Job, line: Line) -> None:
    """One client, sending and receiving in turn."""
    payload = b"x" * job.size
    with connected(zmq, zmq.DEALER, job) as s:
        for _ in range(job.warm_up):
            s.send(payload)
            s.recv()
        be_ready(line)
        start = clock()
        for _ in range(job.count):
            s.send(payload)
            s.recv()
        end = clock()
    line.say({"count": job.count, "start": start, "end": end})


def dealers(zmq: ModuleType, job: Job, line: Line) -> None:
    """Many clients under one Poller, each keeping one request in flight."""
    payload = b"x" * job.size
    context = zmq.Context.instance()
    context.set(zmq.MAX_SOCKETS, job.sockets + 10)
    poller = zmq.Poller()
    sockets = [context.socket(zmq.DEALER) for _ in range(job.sockets)]
    for s in sockets:
        s.connect(job.endpoint)
        poller.register(s, zmq.POLLIN)
        for _ in range(job.warm_up):
            s.send(payload)
            s.recv()
    be_ready(line)
    start = clock()
    for s in sockets:
        s.send(payload)
    replies = job.count * len(sockets)
    requests = replies - len(sockets)
    while replies:
        for s, _ in poller.poll():
            s.recv()
            replies -= 1
            if requests:
                s.send(payload)
                requests -= 1
    end = clock()
    for s in sockets:
        s.close()
    line.say({"count": job.count * len(sockets), "start": start, "end": end})


def idle_socket(zmq: ModuleType, job: Job, line: Line) -> None:
    """Growth of a process with a context that makes one socket, connects it and proves it with one echo."""
    zmq.Context.instance()
    before = resident_kilobytes()
    with connected(zmq, zmq.DEALER, job) as s:
        s.send(b"hello")
        s.recv()
        grown = resident_kilobytes() - before
        be_ready(line)
    line.say({"rss": grown})


def idle_peers(zmq: ModuleType, job: Job, line: Line) -> None:
    """Growth, per peer, of a ROUTER that has heard once from each of its peers."""
    with zmq.Context.instance().socket(zmq.ROUTER) as s:
        before = resident_kilobytes()
        bind(zmq, s, job, line)
        for _ in range(job.sockets):
            s.recv_multipart()
        grown = resident_kilobytes() - before
        line.say({"ready": True})
        line.hear()
    line.say({"rss": grown / job.sockets})


def idle_dealers(zmq: ModuleType, job: Job, line: Line) -> None:
    context = zmq.Context.instance()
    sockets = [context.socket(zmq.DEALER) for _ in range(job.sockets)]
    for s in sockets:
        s.connect(job.endpoint)
        s.send(b"hello")
    be_ready(line)
    for s in sockets:
        s.close()
    line.say({})


def resident_kilobytes() -> float:
    """Resident memory of this process once it is at rest (Linux only)."""
    time.sleep(0.2)  # background threads finish what the last message left them
    gc.collect()
    status = Path("/proc/self/status").read_text()
    kibibytes = int(status.partition("VmRSS:")[2].split()[0])
    return kibibytes * 1.024


def connected(zmq: ModuleType, socket_type: int, job: Job) -> Any:
    s = zmq.Context.instance().socket(socket_type)
    s.connect(job.endpoint)
    return s


def bound(zmq: ModuleType, socket_type: int, job: Job, line: Line) -> Any:
    s = zmq.Context.instance().socket(socket_type)
    bind(zmq, s, job, line)
    return s


def bind(zmq: ModuleType, s: Any, job: Job, line: Line) -> None:
    s.bind(job.endpoint)
    line.say({"endpoint": s.getsockopt_string(zmq.LAST_ENDPOINT)})


def be_ready(line: Line) -> None:
    line.say({"ready": True})
    line.hear()


ROLES: dict[str, Callable[[ModuleType, Job, Line], None]] = {
    role.__name__: role
    for role in (
        push, pull, push_parts, pull_parts, req, busy_req, rep, ping, pong, pub, sub,
        router, dealer, dealers, idle_socket, idle_peers, idle_dealers,
    )
}  # fmt: skip
