"""Monitor sockets beyond libzmq's contract: who is woken, what waits, what is bounded, what version 2 says."""

from __future__ import annotations

import asyncio
import errno
import select
import socket as plain
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import purezmq as zmq
from purezmq.constants import Event
from purezmq.core.monitor import EndpointPair
from purezmq.utils.monitor import parse_monitor_message, recv_monitor_message

TIMEOUT = 5000  # ms
HWM = 1000  # of the monitor's sending side, and of its reader by default


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = TIMEOUT
    yield context
    context.destroy(linger=0)


@pytest.fixture
def pull(context: zmq.Context) -> Any:
    return context.socket(zmq.PULL)


def tell(socket: Any, *numbers: int) -> None:
    """Have these descriptors be told as accepted."""
    with socket._core.lock:
        for number in numbers:
            socket._core.monitors.tell(Event.ACCEPTED, number, EndpointPair.of_bind("tcp://127.0.0.1:5555"))


def value(message: list[bytes]) -> int:
    event, number = struct.unpack("=HI", message[0])
    assert event == zmq.EVENT_ACCEPTED
    return int(number)


def values(reader: Any) -> list[int]:
    """Return what has been told as accepted, as far as it is there."""
    found = []
    while reader.poll(0):
        found.append(value(reader.recv_multipart()))
    return found


def event_of(message: list[bytes]) -> Event:
    return Event(int.from_bytes(message[0][:2], "little"))


# -- who is woken ------------------------------------------------------------------------------------------


def knock(socket: Any) -> None:
    """Connect to a bound socket, and hang up."""
    host, _, port = socket.last_endpoint.decode().removeprefix("tcp://").rpartition(":")
    plain.create_connection((host, int(port)), TIMEOUT / 1000).close()


def test_recv_is_woken_by_what_happens_to_a_socket_that_nobody_drives(pull):
    pull.bind("tcp://127.0.0.1:*")
    with pull.get_monitor_socket() as reader, ThreadPoolExecutor(1) as pool:
        for _ in range(5):
            waiting = pool.submit(reader.recv_multipart)
            knock(pull)
            assert event_of(waiting.result(TIMEOUT / 1000)) is Event.ACCEPTED
            assert event_of(reader.recv_multipart()) is Event.HANDSHAKE_FAILED_NO_DETAIL
            assert event_of(reader.recv_multipart()) is Event.DISCONNECTED


def test_poller_is_woken(pull):
    pull.bind("tcp://127.0.0.1:*")
    with pull.get_monitor_socket() as reader:
        poller = zmq.Poller()
        poller.register(reader, zmq.POLLIN)
        poller.register(pull, zmq.POLLIN)
        knock(pull)
        assert poller.poll(TIMEOUT) == [(reader, zmq.POLLIN)]


def test_fd_becomes_readable(pull):
    pull.bind("tcp://127.0.0.1:*")
    with pull.get_monitor_socket() as reader:
        poll = select.poll()
        poll.register(reader.FD, select.POLLIN)
        assert not reader.get(zmq.EVENTS) & zmq.POLLIN
        knock(pull)
        assert poll.poll(TIMEOUT)
        assert reader.get(zmq.EVENTS) & zmq.POLLIN


def test_asyncio_is_woken_at_the_fd(pull):
    async def wait(reader: Any) -> list[bytes]:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(reader.FD, ready.set)
        try:
            while not reader.get(zmq.EVENTS) & zmq.POLLIN:
                ready.clear()
                knock(pull)
                await asyncio.wait_for(ready.wait(), TIMEOUT / 1000)
        finally:
            loop.remove_reader(reader.FD)
        return reader.recv_multipart()  # type: ignore[no-any-return]

    pull.bind("tcp://127.0.0.1:*")
    with pull.get_monitor_socket() as reader:
        assert event_of(asyncio.run(wait(reader))) is Event.ACCEPTED


# -- what waits, and how much ------------------------------------------------------------------------------


def test_events_come_in_order_and_all(pull):
    with pull.get_monitor_socket() as reader:
        tell(pull, *range(2 * HWM))
        assert values(reader) == list(range(2 * HWM))


def test_reader_that_does_not_read_misses_some_in_the_middle(pull):
    with pull.get_monitor_socket() as reader:
        tell(pull, *range(10 * HWM))
        first = [value(reader.recv_multipart()) for _ in range(2 * HWM)]
        assert first == list(range(2 * HWM))
        assert values(reader) == list(range(9 * HWM, 10 * HWM))
        tell(pull, 7)
        assert values(reader) == [7]


def test_events_that_wait_come_as_soon_as_there_is_room(pull, context):
    pull.monitor("inproc://slow")
    with context.socket(zmq.PAIR) as reader:
        reader.rcvhwm = 1
        reader.connect("inproc://slow")
        tell(pull, *range(HWM + 50))
        assert [value(reader.recv_multipart()) for _ in range(HWM + 50)] == list(range(HWM + 50))


def test_events_without_a_reader_wait_for_the_first(pull, context):
    pull.monitor("inproc://nobody-yet")
    tell(pull, *range(HWM + 10))
    with context.socket(zmq.PAIR) as reader:
        reader.connect("inproc://nobody-yet")
        assert values(reader) == list(range(10, HWM + 10))


def test_last_word_is_said_to_a_reader_that_has_no_room(pull):
    with pull.get_monitor_socket() as reader:
        tell(pull, *range(4 * HWM))
        pull.disable_monitor()
        messages = []
        while reader.poll(0):
            messages.append(reader.recv_multipart())
        assert event_of(messages[-1]) is Event.MONITOR_STOPPED
        assert value(messages[-2]) == 4 * HWM - 1


def test_reader_may_be_followed_by_another(pull, context):
    pull.monitor("inproc://one-after-another")
    for number in range(3):
        with context.socket(zmq.PAIR) as reader:
            reader.connect("inproc://one-after-another")
            tell(pull, number)
            assert value(reader.recv_multipart()) == number


def test_reader_that_writes_is_not_heard_and_takes_no_room(pull):
    with pull.get_monitor_socket() as reader:
        with pytest.raises(zmq.Again):
            for _ in range(10 * HWM):
                reader.send(b"hello?", zmq.DONTWAIT)
        tell(pull, 1)
        assert value(reader.recv_multipart()) == 1


# -- its life ----------------------------------------------------------------------------------------------


def test_name_is_free_as_soon_as_the_monitor_is_gone(pull, context):
    for _ in range(3):
        pull.monitor("inproc://again")
    pull.monitor(None)
    other = context.socket(zmq.PAIR)
    other.bind("inproc://again")


def test_closed_monitor_socket_is_replaced(pull):
    pull.get_monitor_socket().close()
    with pull.get_monitor_socket() as reader:
        tell(pull, 1)
        assert value(reader.recv_multipart()) == 1


def test_reader_outlives_the_socket(pull):
    with pull.get_monitor_socket() as reader:
        tell(pull, 1)
        pull.close()
        assert value(reader.recv_multipart()) == 1
        assert event_of(reader.recv_multipart()) is Event.MONITOR_STOPPED


def test_socket_that_lingers_is_monitored_to_its_end(context, pull):
    push = context.socket(zmq.PUSH)
    push.linger, push.reconnect_ivl = -1, 10
    with push.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED) as reader:
        with plain.create_server(("127.0.0.1", 0)) as server:
            endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
            push.connect(endpoint)
            push.send(b"unsent")
            push.close()
            server.accept()[0].close()
            assert event_of(reader.recv_multipart()) is Event.DISCONNECTED
        pull.bind(endpoint)
        assert pull.recv() == b"unsent"
        assert event_of(reader.recv_multipart()) is Event.MONITOR_STOPPED


def test_term_ends_the_wait_for_an_event(context):
    pull = context.socket(zmq.PULL)
    reader = pull.get_monitor_socket()

    def wait() -> None:
        try:
            with pytest.raises(zmq.ContextTerminated):
                reader.recv_multipart()
                reader.recv_multipart()
        finally:
            reader.close()
            pull.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        context.term()
        waiting.result(TIMEOUT / 1000)


def test_socket_may_read_its_own_events(context):
    pair = context.socket(zmq.PAIR)
    pair.monitor("inproc://self")
    pair.connect("inproc://self")
    pair.bind("tcp://127.0.0.1:*")
    assert event_of(pair.recv_multipart()) is Event.LISTENING


def test_two_sockets_may_monitor_in_a_ring(context):
    one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    one.monitor("inproc://one")
    other.monitor("inproc://other")
    other.connect("inproc://one")
    one.connect("inproc://other")

    def work(socket: Any) -> None:
        for _ in range(50):
            socket.bind("tcp://127.0.0.1:*")
            socket.unbind(socket.last_endpoint)
            socket.recv_multipart()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, one), pool.submit(work, other)]:
            done.result(TIMEOUT / 1000)


def test_monitors_may_come_and_go_while_things_happen(pull, context):
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            pull.bind("tcp://127.0.0.1:*")
            pull.unbind(pull.last_endpoint)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            for _ in range(30):
                with pull.get_monitor_socket() as reader:
                    assert event_of(reader.recv_multipart()) in (Event.LISTENING, Event.CLOSED)
        finally:
            over.set()
        working.result(TIMEOUT / 1000)


# -- version 2 ---------------------------------------------------------------------------------------------


@pytest.fixture
def version_2(pull: Any, context: zmq.Context) -> Callable[..., Any]:
    """Returns version_2(type, reader's type): a reader of pull's events in version 2."""

    def start(
        monitor_type: int = zmq.PAIR, reader_type: int = zmq.PAIR, events: int = zmq.EVENT_ALL_V2
    ) -> Any:
        pull.monitor_versioned("inproc://version-2", events, socket_type=monitor_type)
        reader = context.socket(reader_type)
        reader.connect("inproc://version-2")
        return reader

    return start


def number(frame: bytes) -> int:
    assert len(frame) == 8
    return int(struct.unpack("=Q", frame)[0])


def test_version_2_tells_both_endpoints(pull, version_2):
    reader = version_2()
    pull.bind("tcp://127.0.0.1:*")
    here = pull.last_endpoint
    event, count, _, local, remote = reader.recv_multipart()
    assert (number(event), number(count), local, remote) == (zmq.EVENT_LISTENING, 1, here, b"")
    host, _, port = here.decode().removeprefix("tcp://").rpartition(":")
    with plain.create_connection((host, int(port))) as peer:
        event, _, _, local, remote = reader.recv_multipart()
        assert number(event) == zmq.EVENT_ACCEPTED
        assert (local, remote) == (here, b"tcp://127.0.0.1:%d" % peer.getsockname()[1])


def test_version_2_is_parsed(pull, version_2):
    reader = version_2()
    pull.bind("tcp://127.0.0.1:*")
    here = pull.last_endpoint
    told = recv_monitor_message(reader)
    assert told.pop("values") == [told.pop("value")]
    assert told == {"event": Event.LISTENING, "endpoint": here, "local": here, "remote": b""}
    pull.unbind(here)
    assert recv_monitor_message(reader)["event"] is Event.CLOSED
    pull.disable_monitor()
    stopped = {"event": Event.MONITOR_STOPPED, "value": 0, "values": [0], "endpoint": b""}
    assert recv_monitor_message(reader) == {**stopped, "local": b"", "remote": b""}


@pytest.mark.parametrize("frames", [[bytes(8)] * 3 + [b""] * 2, [bytes(8), b"short", bytes(8), b"", b""]])
def test_what_is_like_version_2_is_refused(frames):
    with pytest.raises(RuntimeError):
        parse_monitor_message(frames)


def test_version_2_by_push_is_shared_by_its_readers(pull, context, version_2):
    readers = [version_2(zmq.PUSH, zmq.PULL), context.socket(zmq.PULL)]
    readers[1].connect("inproc://version-2")
    tell(pull, 0, 1, 2, 3)
    shares = [[number(reader.recv_multipart()[2]) for _ in range(2)] for reader in readers]
    assert sorted(map(sorted, shares)) == [[0, 2], [1, 3]]


def test_version_2_by_pub_is_subscribed_by_event(pull, version_2):
    reader = version_2(zmq.PUB, zmq.SUB)
    reader.subscribe(struct.pack("=Q", zmq.EVENT_CLOSED))
    pull.bind("tcp://127.0.0.1:*")
    pull.unbind(pull.last_endpoint)
    assert number(reader.recv_multipart()[0]) == zmq.EVENT_CLOSED
    assert not reader.poll(0)


def test_pipes_stats_tell_what_is_queued(pull, context, version_2):
    reader = version_2(events=zmq.EVENT_PIPES_STATS)
    pull.bind("tcp://127.0.0.1:*")
    push = context.socket(zmq.PUSH)
    push.connect(pull.last_endpoint)
    for _ in range(3):
        push.send(b"queued")
    assert pull.poll(TIMEOUT)
    inbound = 0
    while inbound < 3:  # they may come in several reads
        pull.get(zmq.EVENTS)
        pull.monitor_pipe_stats()
        event, count, outbound, waiting, local, remote = reader.recv_multipart()
        assert (number(event), number(count), number(outbound)) == (zmq.EVENT_PIPES_STATS, 2, 0)
        assert local == pull.last_endpoint
        assert remote.startswith(b"tcp://127.0.0.1:")
        inbound = number(waiting)
    assert inbound == 3


def test_pipes_stats_of_a_peer_that_is_not_there_yet_tell_where_it_should_be(context):
    push = context.socket(zmq.PUSH)
    push.connect("tcp://127.0.0.1:1")
    push.send(b"queued")
    push.monitor_versioned("inproc://stats", zmq.EVENT_PIPES_STATS)
    reader = context.socket(zmq.PAIR)
    reader.connect("inproc://stats")
    push.monitor_pipe_stats()
    assert reader.recv_multipart()[2:] == [struct.pack("=Q", 1), bytes(8), b"", b"tcp://127.0.0.1:1"]


def test_pipes_stats_need_a_monitor_that_takes_them(pull):
    for start in (lambda: None, pull.get_monitor_socket):
        start()
        with pytest.raises(zmq.ZMQError) as caught:
            pull.monitor_pipe_stats()
        assert caught.value.errno == errno.EINVAL
    pull._monitor_socket.close()


def test_pipes_stats_need_peers(pull, version_2):
    version_2()
    with pytest.raises(zmq.Again):
        pull.monitor_pipe_stats()


@pytest.mark.parametrize(
    "options", [{"version": 3}, {"version": 0}, {"socket_type": zmq.PULL}, {"socket_type": -1}]
)
def test_bad_version_or_type_is_refused(pull, options):
    with pytest.raises(zmq.ZMQError) as caught:
        pull.monitor_versioned("inproc://bad", zmq.EVENT_ALL, **options)
    assert caught.value.errno == errno.EINVAL


def test_forked_child_says_nothing_to_the_parents_reader(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        """
import os, purezmq as zmq
with zmq.Context() as context, context.socket(zmq.PULL) as pull, pull.get_monitor_socket() as reader:
    with pull.monitor_events() as events:
        child = os.fork()
        if child == 0:
            for use in (pull.monitor_events, pull.disable_monitor, pull.stats, reader.recv):
                try:
                    use()
                except zmq.ZMQError as reason:
                    assert reason.errno == zmq.ENOTSOCK
                else:
                    os._exit(1)
            events.close(), pull.close(), reader.close()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        pull.bind("tcp://127.0.0.1:*")
        assert events.next(5000).event == zmq.EVENT_LISTENING
        assert reader.poll(5000)
        assert int.from_bytes(reader.recv_multipart()[0][:2], "little") == zmq.EVENT_LISTENING
        assert not reader.poll(0)
"""
    )
    done = subprocess.run([sys.executable, program], timeout=30, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
