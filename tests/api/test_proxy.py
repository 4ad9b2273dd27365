"""proxy() and device(), on both."""

from __future__ import annotations

import threading

import pytest


@pytest.fixture
def run(zmq):
    """Runs a proxy in a thread until its context ends."""
    threads = []

    def run(context, *sockets, function=None):
        def work():
            with pytest.raises(zmq.ContextTerminated):
                (function or zmq.proxy)(*sockets)
            for socket in sockets:
                if isinstance(socket, zmq.Socket):
                    socket.close(linger=0)

        thread = threading.Thread(target=work)
        threads.append(thread)
        thread.start()

    yield run
    for thread in threads:
        thread.join()


@pytest.fixture
def world(zmq):
    """A context, and a function that makes its sockets; ended before the proxy's thread is waited for."""
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = 5000
    made = []

    def make(kind, *, bind="", connect=""):
        socket = context.socket(getattr(zmq, kind))
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        made.append(socket)
        return socket

    make.context = context
    make.done = lambda: ([socket.close(linger=0) for socket in made if not socket.closed], context.term())
    return make


def test_proxy_passes_both_ways_and_captures(zmq, run, world):
    inside = [world.context.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.bind(f"inproc://{place}")
    run(world.context, *inside)
    client, worker = world("REQ", connect="inproc://0"), world("REP", connect="inproc://1")
    captured = world("PULL", connect="inproc://2")
    for number in range(10):
        client.send_multipart([b"%d" % number, b"x"])
        assert worker.recv_multipart() == [b"%d" % number, b"x"]
        worker.send(b"reply")
        assert client.recv() == b"reply"
        assert captured.recv_multipart()[1:] == [b"", b"%d" % number, b"x"]
        assert captured.recv_multipart()[1:] == [b"", b"reply"]
    world.done()


def test_device_streams_many_messages_in_order(zmq, run, world):
    inside = [world.context.socket(zmq.PULL), world.context.socket(zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.bind(f"inproc://{place}")
    run(world.context, zmq.STREAMER, *inside, function=zmq.device)
    source, sink = world("PUSH", connect="inproc://0"), world("PULL", connect="inproc://1")

    def send():
        for number in range(5000):
            source.send(b"%d" % number)

    thread = threading.Thread(target=send)
    thread.start()
    assert [int(sink.recv()) for _ in range(5000)] == list(range(5000))
    thread.join()
    world.done()


def test_proxy_takes_no_more_than_the_other_side_has_room_for(zmq, run, world):
    inside = [world.context.socket(zmq.PULL), world.context.socket(zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.rcvhwm = socket.sndhwm = 5
        socket.bind(f"inproc://{place}")
    run(world.context, *inside)
    source = world("PUSH")
    source.sndhwm = 5
    source.connect("inproc://0")
    source.sndtimeo = 200
    sent = 0
    with pytest.raises(zmq.Again):
        while sent < 1000:
            source.send(b"x")
            sent += 1
    assert sent < 100
    sink = world("PULL", connect="inproc://1")
    assert [sink.recv() for _ in range(sent)] == [b"x"] * sent
    world.done()


def test_proxy_of_one_socket_answers_with_what_it_receives(zmq, run, world):
    echo = world.context.socket(zmq.REP)
    echo.bind("inproc://0")
    run(world.context, echo, echo)
    client = world("REQ", connect="inproc://0")
    for number in range(3):
        client.send(b"%d" % number)  # of several parts libzmq gets EFSM
        assert client.recv() == b"%d" % number
    world.done()


@pytest.mark.parametrize("place", range(3))
def test_proxy_refuses_what_is_no_socket(zmq, context, place):
    sockets = [context.socket(zmq.PAIR) for _ in range(3)]
    sockets[place] = 5
    with pytest.raises(TypeError):
        zmq.proxy(*sockets)
