"""Every order in which threads may take turns in the keeper's hand-shake and in the paths that take no lock.

The real methods of Keeper, SocketCore and Wakeup run in threads that take turns (tests/sim/interleaving.py) before
each line that touches what they share. INTERLEAVING_DEPTH in the environment adds to the bound of each test: with 1
it takes minutes.

Stand-ins are the poll object, the socket's loop, the clock, and locks (all of which ask the controller when they wait),
and a link that remembers what it was given.

After each schedule, when the keeper has nothing left to do but sleep for long:

- every message went out once, in its sender's order;
- a socket with something to drive is HOT, KEPT, or has a waiter;
- nobody sleeps who was to be woken: no thread is left waiting, and nothing is left in the keeper's deques.
"""

import linecache
import os
import re
import threading
from functools import cache, partial

import pytest

from purezmq.constants import ETERM, SocketOption, SocketType
from purezmq.core.pacing import STREAK
from purezmq.core.pipe import Pipe
from purezmq.engine import context as context_module
from purezmq.engine import driven_socket as driven_module
from purezmq.engine import inproc as inproc_module
from purezmq.engine import keeper as keeper_module
from purezmq.engine import socket_core as core_module
from purezmq.engine import wakeup as wakeup_module
from purezmq.engine.context import ContextCore
from purezmq.engine.keeper import Keeper
from purezmq.engine.loop import READ
from purezmq.errors import ZMQError
from tests.sim.interleaving import all_schedules

TRACED = {
    module.__file__ for module in (inproc_module, keeper_module, driven_module, core_module, wakeup_module)
}
# What threads share without a lock, and where they wait. A line without any of these may go on: whatever the others
# do meanwhile, they could as well have done before or after.
SHARED = re.compile(
    r"\.(hot|waiters|mark|line|line_mark|outbox|inbox|fluent|gather|gathering|attention|posted|lock)\b"
    r"|\._(sleeps_long|looks_by|claimed|errands|gathering|kept|pending|mailbox|doorbell|leader|followers|wakeup)\b|\.wakeup\."
    r"|\b(outbox|line|inbox|mailbox|direct|turn)\b(?! =)|\.poll\("
)
LONG = 60.0
DEPTH = int(os.environ.get("INTERLEAVING_DEPTH", "0"))
MOST_TICKS = 12
MOST_LOOKS = 200


@cache
def shared_lines(code):
    """Return the numbers of the lines of this function that touch what threads share."""
    if code.co_filename not in TRACED and code not in FRONT_END:
        return frozenset()
    numbers = {line for _, _, line in code.co_lines() if line}
    return frozenset(
        number for number in numbers if SHARED.search(linecache.getline(code.co_filename, number))
    )


# -- stand-ins ---------------------------------------------------------------------------------------------


class StagedLock:
    """A lock that the controller knows about."""

    def __init__(self, controller):
        self._controller = controller
        self._held = False

    def acquire(self, blocking=True, timeout=LONG):
        if timeout < LONG:
            self._controller.wait(lambda: True, long=False)
        if self._held and (not blocking or timeout < LONG):
            return False
        while self._held:
            self._controller.wait(lambda: not self._held)
        self._held = True
        return True

    def release(self):
        self._held = False

    def locked(self):
        return self._held

    def __enter__(self):
        self.acquire()

    def __exit__(self, *reason):
        self.release()


class Flag:
    """A wake-up without a descriptor."""

    def __init__(self):
        self.pending = False

    def set(self):
        self.pending = True

    def clear(self):
        self.pending = False

    def close(self):
        pass


class Ordered(dict):
    """A set that is walked over in the same order in every run."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)

    def difference_update(self, items):
        for item in items:
            self.discard(item)


class StagedLoop:
    """A loop with a wake-up, and one descriptor that is readable while `incoming` is set."""

    def __init__(self, stage):
        self._stage = stage
        self.wakeup = Flag()
        self.incoming = False
        self.looks = 0
        self.core = None
        self._fd = stage.number()
        stage.loops[self._fd] = self

    def time(self):
        return self._stage.now

    def fileno(self):
        return self._fd

    def idle(self):
        return False

    def next_deadline(self):
        return None

    def patience(self, deadline):
        return LONG

    def readable(self):
        return self.wakeup.pending or self.incoming

    def wait(self, timeout):
        if timeout:
            self._stage.controller.wait(self.readable)
        self.looks += 1
        assert self.looks < MOST_LOOKS, "the socket spins"
        return [(self._fd, READ)] if self.readable() else []

    def dispatch(self, ready):
        if self.incoming:
            self.incoming = False
            self.core.news = True
        woken = bool(ready) and self.wakeup.pending
        if woken:
            self.wakeup.clear()
        return woken

    def close(self):
        pass


class StagedPoll:
    """The keeper's poll: readable are its own wake-up, and the loops whose wake-up is set."""

    def __init__(self, stage):
        self._stage = stage
        self._registered = set()
        self.ticks = 0

    def register(self, fd, mask):
        self._registered.add(fd)

    def unregister(self, fd):
        self._registered.remove(fd)

    def _ready(self):
        return [(fd, READ) for fd in sorted(self._registered) if self._stage.readable(fd)]

    def poll(self, patience, most):
        stage = self._stage
        if not self._ready() and patience > 0:
            self.ticks += 1
            assert self.ticks < MOST_TICKS, "the keeper never comes to rest"
            long = patience > LONG
            stage.controller.wait(lambda: stage.ended() or bool(self._ready()), long)
            if not self._ready():
                stage.now += patience
                stage.keeper._stopping = long
        return self._ready()

    def close(self):
        pass


class Stage:
    """A keeper, and sockets in its context."""

    def __init__(self, controller, monkeypatch):
        self.controller = controller
        self.now = 100.0
        self.loops = {}
        self._numbers = iter(range(1_000_000, 2_000_000))
        monkeypatch.setattr(keeper_module, "new_poll", lambda: StagedPoll(self))
        monkeypatch.setattr(keeper_module, "monotonic", lambda: self.now)
        monkeypatch.setattr(wakeup_module, "os", self)
        for name in ("Lock", "new_lock"):
            monkeypatch.setattr(driven_module, name, lambda: StagedLock(controller))
        self._count = {}  # of each eventfd
        self.context = ContextCore(new_loop=lambda: StagedLoop(self), new_keeper=self._new_keeper)
        self.context.gathering = Ordered()
        self.given = []
        self.latest = 0.0  # when something was given

    # eventfd, for the real Wakeup
    EFD_NONBLOCK = EFD_CLOEXEC = 0

    def eventfd(self, value, flags):
        fd = self.number()
        self._count[fd] = value
        return fd

    def eventfd_write(self, fd, value):
        self._count[fd] += value

    def eventfd_read(self, fd):
        if not self._count[fd]:
            raise BlockingIOError
        self._count[fd] = 0

    def number(self):
        return next(self._numbers)

    def readable(self, fd):
        return bool(self._count[fd]) if fd in self._count else self.loops[fd].readable()

    def _new_keeper(self, name):
        self.keeper = Keeper(name)
        self.keeper._hot = Ordered()
        self.keeper._thread = threading.current_thread()  # it runs on this stage, as a task
        return self.keeper

    def ended(self):
        """Return whether the keeper alone is left."""
        return all(task.done for task in self.controller.tasks if task.name != "keeper")

    def socket(self, socket_type):
        core = self.context.socket(socket_type)
        core.loop.core = core
        return core

    def push(self):
        """Make a PUSH whose one peer takes everything."""
        core = self.socket(SocketType.PUSH)
        pipe = Pipe(TakesAll(core, self), core.options, 1000, 1000)
        pipe.link.pipe = pipe
        pipe.ready = True
        core.pattern.attach(pipe)
        core.settle()
        return core

    def run(self, *actions):
        """Play: the keeper, and these; then look whether all is well."""
        try:
            self.controller.run([*actions, ("keeper", self.keeper._run)])
            for core in self.context.sockets:
                assert not core.outbox, "left in the outbox, and nobody is going to look"
                assert core.kept or core.listed or core.waiters or not used(core), (
                    "neither HOT, KEPT nor HELD"
                )
            assert not self.keeper._claimed, "the keeper sleeps over a claim"
        finally:
            # Or a child that is forked later, and the end of the interpreter, would want to close what is not there.
            context_module._contexts.discard(self.context)


def used(core):
    """Return whether anybody has ever used the socket: an unused one is IDLE."""
    return core.hot or core.bytes_out or core.pattern.pipes


class TakesAll:
    """A link whose kernel takes everything at once."""

    def __init__(self, core, stage):
        self._core = core
        self._stage = stage
        self.pipe = None

    def send_one(self, outbox):
        self.pipe.outbox.append(outbox[0])
        del outbox[0]
        self.flush()
        return True

    def flush(self):
        messages = list(self.pipe.outbox)
        self.pipe.outbox.clear()
        self._stage.given += messages
        self._stage.latest = self._stage.now
        self._core.bytes_out += sum(map(len, messages))
        if b"question" in messages:
            self._core.loop.incoming = True  # its answer


def send(core, message):
    """Send as socket.py does."""
    if core.fluent:
        line = core.line
        if line is not None:
            line.append(message)
            if len(line) >= core.line_mark:
                core.flush_line()
            return
        outbox = core.outbox
        outbox.append(message)
        if len(outbox) >= core.mark:
            core.flush()
        return
    core.send(message)


def receive(core, count, received):
    """Receive so many as socket.py does: from the inbox, and by waiting where that is empty."""
    for _ in range(count):
        try:
            received.append(core.inbox.popleft())
            if core.attention:
                core.attend()
        except IndexError:
            received.append(core.receive())


FRONT_END = {send.__code__, receive.__code__}


def send_all(core, *messages):
    for message in messages:
        send(core, message)


def gather(stage, core):
    """Bring a socket to where its sends gather."""
    for number in range(10):
        core.outbox.append(b"early %d" % number)
        core.flush()
    assert core.mark > 1
    stage.given.clear()


def retire_to_keeper(stage, core):
    """Bring a socket into the keeper's custody."""
    core.flush()
    stage.keeper._take_claimed()
    core.hot = False
    stage.keeper._look(core)
    assert core.kept


@pytest.fixture
def explore(monkeypatch):
    """Run a scene, which is given a stage, under every schedule."""

    def run(scene, deviations):
        return all_schedules(
            lambda controller: scene(Stage(controller, monkeypatch)), deviations + DEPTH, shared_lines
        )

    return run


# -- scenes ------------------------------------------------------------------------------------------------


def test_no_message_stays_behind_when_gathering_ends(explore):
    def scene(stage):
        core = stage.push()
        gather(stage, core)
        stage.run(("sender", partial(send_all, core, b"1")))
        assert stage.given == [b"1"]

    assert explore(scene, 2) > 100


def test_messages_that_begin_to_gather_wait_for_one_short_tick_at_the_most(explore):
    def scene(stage):
        core = stage.push()
        for _ in range(STREAK):  # one fewer is enough: the first one comes after a long pause
            core.outbox.append(b"early")
            core.flush()
        stage.given.clear()
        stage.keeper._take_claimed()
        stage.keeper._looks_by = stage.now  # it begins with a look that is due
        times = []

        def send_two():
            send_all(core, b"1", b"2")
            times.append(stage.now)

        stage.run(("sender", send_two))
        assert stage.given == [b"1", b"2"]
        assert stage.latest <= times[0] + keeper_module.GATHERING_TICK + 1e-6

    assert explore(scene, 2) > 100


def test_claim_of_a_kept_socket_is_not_slept_over(explore):
    def scene(stage):
        core = stage.push()
        retire_to_keeper(stage, core)
        stage.run(("sender", partial(send_all, core, b"1")))
        assert stage.given == [b"1"]
        assert core.kept

    assert explore(scene, 2) > 100


def test_claims_of_two_sockets_at_once_are_both_seen(explore):
    def scene(stage):
        one, other = stage.push(), stage.push()
        retire_to_keeper(stage, one)
        stage.run(("one", one.flush), ("other", other.flush))
        assert one.kept
        assert other.kept

    assert explore(scene, 1) > 100


def test_two_senders_of_one_socket_leave_nothing_behind(explore):
    def scene(stage):
        core = stage.push()
        gather(stage, core)
        stage.run(("one", partial(send_all, core, b"1")), ("other", partial(send_all, core, b"2")))
        assert sorted(stage.given) == [b"1", b"2"]

    assert explore(scene, 1) > 100


def test_socket_that_is_closed_meanwhile_is_let_go(explore):
    def scene(stage):
        core = stage.push()
        retire_to_keeper(stage, core)
        stage.run(("closer", partial(core.close, 0)))
        assert core.finished
        assert not core.listed
        assert not core.kept

    assert explore(scene, 1) > 10


def test_close_by_a_finaliser_is_not_slept_over(explore):
    def scene(stage):
        core = stage.push()
        retire_to_keeper(stage, core)
        stage.run(("finaliser", core.close_later))
        assert core.finished

    assert explore(scene, 2) > 10


def never():
    """Attempt what does not come."""


def wait_for_eterm(core):
    with pytest.raises(ZMQError) as ended:
        core._wait_for(never, -1)
    assert ended.value.errno == ETERM


def test_what_one_thread_sends_does_not_wait_for_another_that_receives(explore):
    def scene(stage):
        core = stage.push()
        core.prepare_wait()  # a thread waits in this socket, and nothing comes for it
        gather(stage, core)
        stage.run(("sender", partial(send_all, core, b"1", b"2")))
        assert stage.given == [b"1", b"2"]

    assert explore(scene, 1) > 10


def test_waiter_is_woken_by_the_answer_to_what_another_thread_sends(explore):
    def scene(stage):
        core = stage.push()
        gather(stage, core)

        def answer_has_come():
            return b"question" in stage.given or None

        stage.run(
            ("receiver", lambda: core._wait_for(answer_has_come, -1)),
            ("sender", partial(send, core, b"question")),
        )

    assert explore(scene, 1) > 10


def test_termination_wakes_a_waiter_though_the_keeper_drives(explore):
    def scene(stage):
        core = stage.push()
        core.flush()  # in use: the keeper is about to look
        stage.run(("waiter", partial(wait_for_eterm, core)), ("terminator", core.terminate))

    assert explore(scene, 1) > 10


def test_termination_wakes_every_waiter(explore):
    def scene(stage):
        core = stage.push()
        retire_to_keeper(stage, core)
        waiters = [(name, partial(wait_for_eterm, core)) for name in ("one", "other")]
        stage.run(*waiters, ("terminator", core.terminate))

    assert explore(scene, 1) > 10


# -- inproc, where the peer is another thread --------------------------------------------------------------


def inproc_pair(stage):
    """Return a PUSH and a PULL that have met; the PUSH sends by its line."""
    pull, push = stage.socket(SocketType.PULL), stage.socket(SocketType.PUSH)
    pull.bind("inproc://there")
    push.connect("inproc://there")
    push.events()
    pull.events()
    push.events()
    push.send(b"early")
    assert pull.receive() == b"early"
    send(push, b"raises the mark")
    assert pull.receive() == b"raises the mark"
    return push, pull


def test_inproc_receiver_never_sleeps_over_a_message(explore):
    def scene(stage):
        push, pull = inproc_pair(stage)
        received = []
        stage.run(
            ("sender", partial(send_all, push, b"1", b"2")), ("receiver", partial(receive, pull, 2, received))
        )
        assert received == [b"1", b"2"]

    assert explore(scene, 1) > 50


def test_inproc_receiver_is_woken_though_the_sender_settles_meanwhile(explore):
    def scene(stage):
        push, pull = inproc_pair(stage)
        received = []

        def send_and_set():
            send(push, b"1")
            push.set(SocketOption.LINGER, 0)
            send(push, b"2")

        stage.run(("sender", send_and_set), ("receiver", partial(receive, pull, 2, received)))
        assert received == [b"1", b"2"]

    assert explore(scene, 1) > 50


def test_two_inproc_receivers_of_one_socket_are_both_served(explore):
    def scene(stage):
        push, pull = inproc_pair(stage)
        received = []
        receivers = [(name, partial(receive, pull, 1, received)) for name in ("one", "other")]
        stage.run(*receivers, ("sender", partial(send_all, push, b"1", b"2")))
        assert sorted(received) == [b"1", b"2"]

    assert explore(scene, 1) > 50


def test_full_inproc_sender_is_woken_when_there_is_room(explore):
    def scene(stage):
        pull, push = stage.socket(SocketType.PULL), stage.socket(SocketType.PUSH)
        for core, option in ((pull, SocketOption.RCVHWM), (push, SocketOption.SNDHWM)):
            core.set(option, 1)
        pull.bind("inproc://there")
        push.connect("inproc://there")
        for core in (push, pull, push):
            core.events()
        for message in (b"1", b"2"):
            push.send(message)
        received = []
        stage.run(("sender", partial(push.send, b"3")), ("receiver", partial(receive, pull, 3, received)))
        assert received == [b"1", b"2", b"3"]

    assert explore(scene, 1) > 50
