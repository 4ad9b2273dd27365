"""The ends of PUB→SUB with many topics, and of a Poller over many sockets of which one has something.

Topics: PUB sends them by turns, and each is wanted by one SUB: the n-th topic by the SUB of number n modulo SUBs. So
there are as many subscriptions as topics, however many subscribers share them, and every message is delivered once.
"""

import threading
from types import ModuleType
from typing import Any

from bench.asyncio_roles import Role
from bench.conduct import Job, Line
from bench.roles import MEASURED, WARM, be_ready, bind, clock, pass_on

WIDTH = 6  # bytes of a topic; the next one tells warm-up from measured


def topic(number: int) -> bytes:
    return b"%06d" % number


def pub_topics(zmq: ModuleType, job: Job, line: Line) -> None:
    """Send each topic until somebody has seen all of them, then the measured messages."""
    filler = b"x" * (job.size - WIDTH - 1)
    warm, measured = (
        [topic(number) + kind + filler for number in range(job.topics)] for kind in (WARM, MEASURED)
    )
    with zmq.Context.instance().socket(zmq.PUB) as s:
        s.setsockopt(zmq.SNDHWM, 0)
        bind(zmq, s, job, line)
        line.say({"ready": True})
        go = threading.Event()
        threading.Thread(target=pass_on, args=(line, go), daemon=True).start()
        turn = 0
        while not go.wait(0.001):
            for _ in range(50):
                s.send(warm[turn % job.topics])
                turn += 1
        for number in range(job.count * job.sockets):
            s.send(measured[number % job.topics])
    line.say({})


def sub_topics(zmq: ModuleType, job: Job, line: Line) -> None:
    """This process's share of the subscribers, each with its share of the topics; several under a Poller."""
    context = zmq.Context.instance()
    poller = zmq.Poller()
    share = job.sockets // job.processes
    messages = job.count * job.sockets
    sockets, last, expected = [], [], 0
    for number in range(job.place * share, (job.place + 1) * share):
        s = context.socket(zmq.SUB)
        s.setsockopt(zmq.RCVHWM, 0)
        s.setsockopt(zmq.SNDHWM, 0)  # libzmq drops subscriptions beyond it
        mine = range(number, job.topics, job.sockets)
        for each in mine:
            s.setsockopt(zmq.SUBSCRIBE, topic(each))
        s.connect(job.endpoint)
        poller.register(s, zmq.POLLIN)
        rounds, rest = divmod(messages, job.topics)
        expected += rounds * len(mine) + len(range(number, rest, job.sockets))
        sockets.append(s)
        last.append(topic(mine[-1]))
    for s, end_of_mine in zip(sockets, last, strict=True):
        while s.recv()[:WIDTH] != end_of_mine:  # PUB gets the subscriptions in order: now it has all
            pass
    line.say({"ready": True})
    start, end = receive(zmq, poller, sockets, expected)
    for s in sockets:
        s.close()
    line.say({"count": expected - 1, "start": start, "end": end})


def receive(zmq: ModuleType, poller: Any, sockets: list[Any], count: int) -> tuple[float, float]:
    """Receive so many measured messages; return when the first and the last had come."""
    if len(sockets) == 1:
        (s,) = sockets
        while s.recv()[WIDTH : WIDTH + 1] != MEASURED:
            pass
        start = clock()
        for _ in range(count - 1):
            s.recv()
        return start, clock()
    start = 0.0
    while count:
        for s, _ in poller.poll():
            try:
                while True:
                    if s.recv(zmq.NOBLOCK)[WIDTH : WIDTH + 1] == MEASURED:
                        start = start or clock()
                        count -= 1
            except zmq.Again:
                continue
    return start, clock()


def pub_for_one(zmq: ModuleType, job: Job, line: Line) -> None:
    """Send what one of many sockets wants."""
    with zmq.Context.instance().socket(zmq.PUB) as s:
        s.setsockopt(zmq.SNDHWM, 0)
        bind(zmq, s, job, line)
        line.say({"ready": True})
        go = threading.Event()
        threading.Thread(target=pass_on, args=(line, go), daemon=True).start()
        while not go.wait(0.001):
            s.send(WARM)
        for _ in range(job.warm_up + job.count):
            s.send(MEASURED)
    line.say({})


def poll_one(zmq: ModuleType, job: Job, line: Line) -> None:
    """As many connected SUBs under a Poller as a message would have parts; the last one is sent everything."""
    context = zmq.Context.instance()
    context.set(zmq.MAX_SOCKETS, job.parts + 10)
    poller = zmq.Poller()
    sockets = [context.socket(zmq.SUB) for _ in range(job.parts)]
    for s in sockets:
        s.setsockopt(zmq.RCVHWM, 0)
        s.connect(job.endpoint)
        poller.register(s, zmq.POLLIN)
    active = sockets[-1]
    active.setsockopt(zmq.SUBSCRIBE, b"")
    active.recv()
    be_ready(line)

    def polls(count: int) -> None:
        for _ in range(count):
            ((s, _),) = poller.poll()
            s.recv()

    polls(job.warm_up)
    start = clock()
    polls(job.count)
    end = clock()
    for s in sockets:
        s.close()
    line.say({"count": job.count, "start": start, "end": end})


TOPIC_ROLES: dict[str, Role] = {
    role.__name__: role for role in (pub_topics, sub_topics, pub_for_one, poll_one)
}
