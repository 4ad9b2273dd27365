"""The ends of the workloads on other loops: ZMQStreams on tornado's, greenlets on gevent's hub."""

import importlib
from types import ModuleType
from typing import Any

from bench.asyncio_roles import Role
from bench.conduct import Job, Line
from bench.roles import be_ready, bind, clock

IN_FLIGHT = 100  # requests that stream_dealer_ahead sends before it waits for a reply


class Streaming:
    """A tornado loop, and one ZMQStream on it."""

    def __init__(self, zmq: ModuleType, socket_type: int) -> None:
        from tornado.ioloop import IOLoop

        self.socket = zmq.Context.instance().socket(socket_type)
        zmqstream = importlib.import_module(f"{zmq.__name__}.eventloop.zmqstream")
        self.io_loop = IOLoop(make_current=True)
        self.stream = zmqstream.ZMQStream(self.socket, self.io_loop)

    def run(self) -> None:
        self.io_loop.start()

    def stop(self) -> None:
        self.io_loop.stop()

    def close(self) -> None:
        self.stream.close()
        self.io_loop.close()


def stream_pull(zmq: ModuleType, job: Job, line: Line) -> None:
    streaming = Streaming(zmq, zmq.PULL)
    bind(zmq, streaming.socket, job, line)
    left = job.warm_up
    start = 0.0

    def count(parts: list[bytes]) -> None:
        nonlocal left, start
        if not start:
            start = clock()
        left -= 1
        if not left:
            streaming.stop()

    streaming.stream.on_recv(count)
    streaming.run()
    line.say({"ready": True})
    left, start = job.count, 0.0
    streaming.run()
    end = clock()
    streaming.close()
    line.say({"count": job.count - 1, "start": start, "end": end})


def stream_router(zmq: ModuleType, job: Job, line: Line) -> None:
    """Send everything back, as a Jupyter kernel answers its client."""
    streaming = Streaming(zmq, zmq.ROUTER)
    bind(zmq, streaming.socket, job, line)
    stream = streaming.stream
    left = 0

    def echo(parts: list[bytes]) -> None:
        nonlocal left
        stream.send_multipart(parts)
        left -= 1
        if not left:
            streaming.io_loop.add_callback(finish)  # behind the last send

    def finish() -> None:
        stream.flush()
        streaming.stop()

    stream.on_recv(echo)
    for count in (job.warm_up, job.count):
        left = count
        streaming.run()
        if count is job.warm_up:
            line.say({"ready": True})
    streaming.close()
    line.say({})


def stream_dealer(zmq: ModuleType, job: Job, line: Line) -> None:
    """One client with one request in flight."""
    _dealer(zmq, job, line, 1)


def stream_dealer_ahead(zmq: ModuleType, job: Job, line: Line) -> None:
    """One client that sends many requests ahead of the replies."""
    _dealer(zmq, job, line, IN_FLIGHT)


def _dealer(zmq: ModuleType, job: Job, line: Line, ahead: int) -> None:
    payload = b"x" * job.size
    streaming = Streaming(zmq, zmq.DEALER)
    streaming.socket.connect(job.endpoint)
    stream = streaming.stream
    unsent = unanswered = 0

    def answered(parts: list[bytes]) -> None:
        nonlocal unsent, unanswered
        unanswered -= 1
        if unsent:
            unsent -= 1
            stream.send(payload)
        elif not unanswered:
            streaming.stop()

    def trips(count: int) -> None:
        nonlocal unsent, unanswered
        unanswered = count
        unsent = max(count - ahead, 0)
        for _ in range(count - unsent):
            stream.send(payload)
        streaming.run()

    stream.on_recv(answered)
    trips(job.warm_up)
    be_ready(line)
    start = clock()
    trips(job.count)
    end = clock()
    streaming.close()
    line.say({"count": job.count, "start": start, "end": end})


def green_pull(zmq: ModuleType, job: Job, line: Line) -> None:
    green = importlib.import_module(f"{zmq.__name__}.green")
    with green.Context.instance().socket(zmq.PULL) as s:
        bind(zmq, s, job, line)
        for _ in range(job.warm_up):
            s.recv()
        line.say({"ready": True})
        s.recv()
        start = clock()
        for _ in range(job.count - 1):
            s.recv()
        end = clock()
    line.say({"count": job.count - 1, "start": start, "end": end})


def green_dealers(zmq: ModuleType, job: Job, line: Line) -> None:
    """Many clients, each with a greenlet of its own that sends and waits for the echo."""
    import gevent

    context = importlib.import_module(f"{zmq.__name__}.green").Context.instance()
    payload = b"x" * job.size
    sockets = [context.socket(zmq.DEALER) for _ in range(job.sockets)]
    for s in sockets:
        s.connect(job.endpoint)

    def trips(s: Any, count: int) -> None:
        for _ in range(count):
            s.send(payload)
            s.recv()

    def all_trips(count: int) -> None:
        gevent.joinall([gevent.spawn(trips, s, count) for s in sockets], raise_error=True)

    all_trips(job.warm_up)
    be_ready(line)
    start = clock()
    all_trips(job.count)
    end = clock()
    for s in sockets:
        s.close()
    line.say({"count": job.count * len(sockets), "start": start, "end": end})


LOOP_ROLES: dict[str, Role] = {
    role.__name__: role
    for role in (stream_pull, stream_router, stream_dealer, stream_dealer_ahead, green_pull, green_dealers)
}
