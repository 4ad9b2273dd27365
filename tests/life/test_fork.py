"""fork: the sockets stay the parent's. The child gives its copies back at once, and starts anew."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from errno import EFAULT, ENOTSOCK, ENOTSUP
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

import purezmq as ours
from purezmq.engine.wakeup import Wakeup

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

PATIENCE = 20  # s
PROC = Path("/proc/self/fd")

Run = Callable[[Any], Any]  # gets the child's end of a pipe; what it returns is sent through it


class Child:
    """A fork of this process."""

    def __init__(self, run: Run) -> None:
        self.link, childs = Pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.link.close()
                childs.send(run(childs))
                os._exit(0)
            except BaseException as reason:
                childs.send(repr(reason))
            finally:
                os._exit(1)
        childs.close()

    def said(self) -> Any:
        """What the child said next."""
        assert self.link.poll(PATIENCE), "the child hangs"
        return self.link.recv()

    def end(self) -> None:
        """Wait until it is gone; it must have been told all it waits for."""
        assert self.link.poll(PATIENCE), "the child hangs"
        with pytest.raises(EOFError):
            self.link.recv()
        os.waitpid(self.pid, 0)
        self.pid = 0

    def kill(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.link.close()


@pytest.fixture
def fork() -> Iterator[Callable[[Run], Child]]:
    children = []

    def start(run: Run) -> Child:
        children.append(Child(run))
        return children[-1]

    yield start
    for child in children:
        child.kill()


@pytest.fixture
def context() -> Iterator[ours.Context]:
    context = ours.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture(params=["tcp", "ipc", "inproc"])
def endpoint(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    known = {"tcp": "tcp://127.0.0.1:*", "ipc": f"ipc://{tmp_path}/s", "inproc": "inproc://fork"}
    return known[request.param]


@pytest.fixture
def absent() -> Iterator[str]:
    """An endpoint where nobody answers, and nobody else can listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def make(context: ours.Context, socket_type: int) -> Any:
    made = context.socket(socket_type)
    made.sndtimeo = made.rcvtimeo = PATIENCE * 1000
    return made


def link(context: ours.Context, endpoint: str) -> tuple[Any, Any]:
    """Two sockets between which a message has gone each way."""
    one, other = make(context, ours.DEALER), make(context, ours.DEALER)
    one.bind(endpoint)
    other.connect(one.get_string(ours.LAST_ENDPOINT))
    exchange(one, other)
    return one, other


def exchange(one: Any, other: Any) -> None:
    for number in range(10):
        one.send(b"to %d" % number)
        other.send(b"fro %d" % number)
    for number in range(10):
        assert other.recv() == b"to %d" % number
        assert one.recv() == b"fro %d" % number


def refusal(operation: Callable[[], Any]) -> int | str:
    try:
        return f"went through: {operation()!r}"
    except ours.ZMQError as refused:
        return refused.errno


def own_traffic(context: ours.Context) -> bytes:
    """Send and receive in a context that was made after the fork."""
    pull, push = make(context, ours.PULL), make(context, ours.PUSH)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    push.send(b"by the child")
    received: bytes = pull.recv()
    context.destroy(linger=0)
    return received


# -- the child ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "touch",
    [
        lambda inherited: inherited.send(b"x"),
        lambda inherited: inherited.send(b"x", ours.DONTWAIT),
        lambda inherited: inherited.recv(),
        lambda inherited: inherited.get(ours.EVENTS),
        lambda inherited: inherited.get(ours.FD),
        lambda inherited: inherited.set(ours.LINGER, 0),
        lambda inherited: inherited.bind("tcp://127.0.0.1:*"),
        lambda inherited: inherited.connect("inproc://nobody"),
        lambda inherited: ours.zmq_poll([(inherited, ours.POLLIN)], 1000),
    ],
    ids=["send", "send-dontwait", "recv", "events", "fd", "set", "bind", "connect", "zmq_poll"],
)
def test_inherited_socket_answers_enotsock(context, endpoint, fork, touch) -> None:
    inherited, _ = link(context, endpoint)
    assert fork(lambda _: refusal(lambda: touch(inherited))).said() == ENOTSOCK


def test_poll_of_an_inherited_socket_answers_as_that_of_a_closed_one(context, endpoint, fork) -> None:
    inherited, _ = link(context, endpoint)
    # PyZMQ's Socket.poll has an errno of its own for it.
    assert fork(lambda _: (inherited.closed, refusal(lambda: inherited.poll(1000)))).said() == (True, ENOTSUP)


def test_socket_in_which_another_thread_waits_answers_enotsock(context, endpoint, fork) -> None:
    inherited, peer = link(context, endpoint)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(inherited.recv)
        child = fork(lambda _: refusal(inherited.recv))
        assert child.said() == ENOTSOCK
        peer.send(b"for the parent")
        assert waiting.result(PATIENCE) == b"for the parent"


def test_inherited_context_makes_no_socket(context, fork) -> None:
    link(context, "inproc://fork")
    assert fork(lambda _: refusal(lambda: context.socket(ours.PUSH))).said() == EFAULT


def test_instance_is_new_in_the_child(fork) -> None:
    parents = ours.Context.instance()
    link(parents, "inproc://fork")

    def look(_: Any) -> tuple[bool, bool]:
        childs = ours.Context.instance()
        link(childs, "inproc://fork")
        return childs is parents, childs is ours.Context.instance()

    try:
        assert fork(look).said() == (False, True)
        assert ours.Context.instance() is parents
    finally:
        parents.destroy(linger=0)


def test_instance_in_the_child_does_not_hang_if_another_thread_was_making_one(fork) -> None:
    with ours.Context._instance_lock:  # as such a thread has it
        child = fork(lambda _: own_traffic(ours.Context.instance()))
        assert child.said() == b"by the child"


def test_context_made_in_the_child_works(context, endpoint, fork) -> None:
    link(context, endpoint)
    assert fork(lambda _: own_traffic(ours.Context())).said() == b"by the child"


@pytest.mark.skipif(not PROC.exists(), reason="needs /proc")
def test_child_gives_every_descriptor_back(endpoint, absent, fork) -> None:
    before = set(os.listdir(PROC))
    context = ours.Context()
    try:
        inherited, _ = link(context, endpoint)
        assert inherited.fd
        dialling = context.socket(ours.PUSH)
        dialling.connect(absent)

        def kept(childs: Any) -> set[str]:
            return set(os.listdir(PROC)) - before - {str(childs.fileno())}

        # What the child still has is listdir's own descriptor, if anything: it is closed by now.
        child = fork(lambda childs: [name for name in kept(childs) if (PROC / name).exists()])
        assert child.said() == []
    finally:
        context.destroy(linger=0)


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="needs eventfd")
def test_wakeup_closed_before_the_fork_closes_nobody_elses_descriptor_in_the_child() -> None:
    # The child abandons a socket again that a thread of the parent was just closing.
    wakeup = Wakeup()
    number = wakeup.fileno()
    wakeup.close()
    reading, writing = os.pipe()
    try:
        assert number in (reading, writing)
        wakeup.close()
        os.write(writing, b"open")
        assert os.read(reading, 4) == b"open"
    finally:
        os.close(reading)
        os.close(writing)


# -- the parent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        lambda context, inherited: None,
        lambda context, inherited: inherited.close(),
        lambda context, inherited: inherited.close(linger=0),
        lambda context, inherited: context.term(),
        lambda context, inherited: context.destroy(linger=0),
    ],
    ids=["nothing", "close", "close-linger", "term", "destroy"],
)
def test_traffic_of_the_parent_goes_on(context, endpoint, fork, end) -> None:
    one, other = link(context, endpoint)

    def run(childs: Any) -> str:
        end(context, one)
        childs.send("ended")
        return str(childs.recv())

    child = fork(run)
    exchange(one, other)
    assert child.said() == "ended"
    exchange(one, other)
    child.link.send("go")
    assert child.said() == "go"
    child.end()
    exchange(one, other)


def test_nothing_is_lost_or_doubled_when_forking_amid_traffic(context, endpoint, fork) -> None:
    one, other = link(context, endpoint)
    count = 20_000

    def send() -> None:
        for number in range(count):
            one.send(b"%d" % number)

    def receive() -> list[bytes]:
        return [other.recv() for _ in range(count)]

    with ThreadPoolExecutor(2) as pool:
        sending, receiving = pool.submit(send), pool.submit(receive)
        forks = 0
        while forks < 5 or (not receiving.done() and forks < 100):
            child = fork(lambda _: (refusal(lambda: one.send(b"x")), own_traffic(ours.Context())))
            assert child.said() == (ENOTSOCK, b"by the child")
            child.end()
            forks += 1
        sending.result(PATIENCE)
        assert receiving.result(PATIENCE) == [b"%d" % number for number in range(count)]


def test_peer_sees_the_parent_close_although_the_child_lives(context, fork) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        dealer = make(context, ours.DEALER)
        dealer.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
    with peer:
        peer.settimeout(PATIENCE)
        assert peer.recv(1) == b"\xff"
        child = fork(lambda childs: childs.send("here") or childs.recv())
        assert child.said() == "here"
        dealer.close(linger=0)
        while peer.recv(1000):
            pass
        child.link.send("go")
        assert child.said() == "go"


def test_address_is_free_when_the_parent_unbinds_although_the_child_lives(context, fork) -> None:
    bound = make(context, ours.PULL)
    bound.bind("tcp://127.0.0.1:*")
    address = bound.get_string(ours.LAST_ENDPOINT)
    child = fork(lambda childs: childs.send("here") or childs.recv())
    assert child.said() == "here"
    bound.unbind(address)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), PATIENCE)


# -- whole programs: the child runs its exit handlers ------------------------------------------------------


def run(program: str, *arguments: str) -> str:
    """Run a program that may fork, and return what it wrote; all its processes are killed if it hangs."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


CHILD_EXITS = """
import os, sys, purezmq as zmq
context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
pull.rcvtimeo = 10_000
pull.bind(sys.argv[1])
push.connect(sys.argv[1])
push.send(b"before")
assert pull.recv() == b"before"
child = os.fork()
if child == 0:
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
push.send(b"on the old connection")
print(pull.recv().decode())
late = context.socket(zmq.PUSH)
late.connect(sys.argv[1])
late.send(b"on a new connection")
print(pull.recv().decode())
"""

POOL = """
import multiprocessing, os, purezmq as zmq

def work(task):
    context = zmq.Context()
    with context.socket(zmq.REQ) as req:
        req.rcvtimeo = 10_000
        req.connect(task[0])
        req.send(b"%d" % task[1])
        answer = req.recv()
    context.term()
    return int(answer)

context = zmq.Context()
rep = context.socket(zmq.REP)
rep.rcvtimeo = 10_000
rep.bind("tcp://127.0.0.1:*")
address = rep.get_string(zmq.LAST_ENDPOINT)
with multiprocessing.get_context("fork").Pool(3) as pool:
    answers = pool.map_async(work, [(address, number) for number in range(20)], chunksize=1)
    for _ in range(20):
        rep.send(b"%d" % (int(rep.recv()) * 2))
    print(answers.get(10))
    pool.close()
    pool.join()
"""


def test_exit_of_the_child_leaves_ipc_file_and_connections(tmp_path) -> None:
    said = run(CHILD_EXITS, f"ipc://{tmp_path}/s").splitlines()
    assert said == ["on the old connection", "on a new connection"]


def test_pool_workers_with_contexts_of_their_own_talk_to_the_parent() -> None:
    assert run(POOL).strip() == str([number * 2 for number in range(20)])
