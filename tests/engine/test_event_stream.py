"""socket.monitor_events(): what happens to connections as values, in threads and in asyncio."""

from __future__ import annotations

import asyncio
import socket as plain
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import purezmq as zmq
from purezmq.constants import Event
from purezmq.core.monitor import EndpointPair
from purezmq.engine.event_stream import KEPT
from purezmq.engine.signals import new_signal

TIMEOUT = 5000  # ms


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = TIMEOUT
    yield context
    context.destroy(linger=0)


@pytest.fixture
def router(context: zmq.Context) -> Any:
    socket = context.socket(zmq.ROUTER)
    socket.bind("tcp://127.0.0.1:*")
    return socket


def tell(socket: Any, number: int) -> None:
    with socket._core.lock:
        socket._core.monitors.tell(Event.ACCEPTED, number, EndpointPair.of_bind("tcp://127.0.0.1:5555"))


def test_event_has_the_peers_routing_id_and_properties(router, context):
    with router.monitor_events() as events:
        dealer = context.socket(zmq.DEALER)
        dealer.routing_id = b"who"
        dealer.connect(router.last_endpoint)
        accepted, ready = events.next(TIMEOUT), events.next(TIMEOUT)
        dealer.close()
        gone = events.next(TIMEOUT)
    assert [event.event for event in (accepted, ready, gone)] == [
        Event.ACCEPTED,
        Event.HANDSHAKE_SUCCEEDED,
        Event.DISCONNECTED,
    ]
    assert accepted.routing_id == b""
    assert accepted.properties == {}
    assert ready.routing_id == gone.routing_id == b"who"
    assert ready.properties["Socket-Type"] == b"DEALER"
    assert gone.value == accepted.value
    assert gone.endpoint == router.last_endpoint.decode()
    assert gone.endpoints.remote.startswith("tcp://127.0.0.1:")
    assert gone.reason == "the peer closed the connection"


def test_event_says_why_a_handshake_failed(router):
    with router.monitor_events(Event.HANDSHAKE_FAILED_PROTOCOL) as events:
        port = int(router.last_endpoint.decode().rpartition(":")[2])
        with plain.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00PLAIN" + bytes(47))
            event = events.next(TIMEOUT)
    assert event.value == zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    assert "PLAIN" in event.reason


def test_only_events_in_the_mask_are_told(router):
    with router.monitor_events(Event.CLOSED) as events:
        tell(router, 1)
        router.unbind(router.last_endpoint)
        assert events.next(0).event is Event.CLOSED


def test_next_raises_again_when_nothing_happens(router):
    with router.monitor_events() as events, pytest.raises(zmq.Again):
        events.next(0)


def test_iteration_waits_and_ends_with_the_socket(router):
    events = router.monitor_events()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(list, events)
        tell(router, 1)
        router.close()
        assert [event.event for event in found.result(TIMEOUT / 1000)] == [Event.ACCEPTED, Event.CLOSED]


def test_iteration_ends_with_the_context(context):
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    with ThreadPoolExecutor(2) as pool:
        found = pool.submit(list, pull.monitor_events())
        terminating = pool.submit(context.term)
        assert found.result(TIMEOUT / 1000) == []
        pull.close()
        terminating.result(TIMEOUT / 1000)


def test_iteration_ends_when_the_stream_is_closed(router):
    events = router.monitor_events()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(list, events)
        events.close()
        assert found.result(TIMEOUT / 1000) == []
    events.close()
    tell(router, 1)
    assert list(events) == []


def test_closed_socket_tells_nothing_more(router):
    router.close()
    with pytest.raises(zmq.ZMQError):
        router.monitor_events()


def test_several_streams_and_a_monitor_hear_the_same(router):
    with (
        router.monitor_events() as one,
        router.monitor_events() as other,
        router.get_monitor_socket() as reader,
    ):
        tell(router, 5)
        assert one.next(0) == other.next(0)
        assert reader.poll(TIMEOUT)


def test_stream_that_nobody_reads_keeps_the_newest(router):
    with router.monitor_events() as events:
        for number in range(3 * KEPT):
            tell(router, number)
        assert events.lost == 2 * KEPT
        assert [events.next(0).value for _ in range(KEPT)] == list(range(2 * KEPT, 3 * KEPT))


def test_task_awaits_events_and_their_end(router):
    async def collect() -> list[int]:
        thread = threading.Thread(target=happen)
        thread.start()
        found = [event.value async for event in events]
        thread.join()
        return found

    def happen() -> None:
        for number in range(3):
            tell(router, number)
        events.close()

    events = router.monitor_events()
    assert asyncio.run(collect()) == [0, 1, 2]


def test_tasks_share_a_stream(router):
    async def share() -> list[int]:
        tasks = [asyncio.create_task(anext(events)) for _ in range(3)]
        await asyncio.sleep(0)
        for number in range(3):
            tell(router, number)
        return [event.value for event in await asyncio.wait_for(asyncio.gather(*tasks), TIMEOUT / 1000)]

    with router.monitor_events() as events:
        assert sorted(asyncio.run(share())) == [0, 1, 2]


def test_cancelled_task_takes_no_event(router):
    async def cancel() -> int:
        task = asyncio.create_task(anext(events))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        tell(router, 7)
        return int((await anext(events)).value)

    with router.monitor_events() as events:
        assert asyncio.run(cancel()) == 7
        assert events._wakers == []


def test_event_loop_that_has_gone_does_no_harm(router):
    async def leave() -> None:
        events._wakers.append(new_signal().ring)

    with router.monitor_events() as events:
        asyncio.run(leave())
        tell(router, 1)
        assert events.next(0).value == 1
